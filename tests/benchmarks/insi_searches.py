"""Searches at INSi: the client against bare httpx that posts the same bytes to the same stand-in, connections reused.

The stand-in is a process of its own (`insi_searches.py FOLDER`, until its standard input ends): beside the client it
would take the client's share of the interpreter.
"""

from __future__ import annotations

import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from dui_bridge.connectors.insi import InsiSettings
from dui_bridge.connectors.insi.messages import SEARCH, Logiciel, Stamp, search_request
from dui_bridge.connectors.insi.opening import open_service
from dui_bridge.connectors.wire.certificates import Pkcs12
from dui_bridge.connectors.wire.soap import content_type
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.model.insi import Demande
from dui_bridge.model.profile import SANDBOX_STRUCTURE, Profile
from dui_bridge.sandbox.insi import IDAM, InsiServer
from dui_bridge.sandbox.pki import PASSWORD, Pki, make_pki

_PERSON = Demande("ADRUN", ("ZOE",), "F", "1975-12-31")
_ID = UUID("8d4c5b0a-6d0e-4f5c-9a55-3f0f7a6f2b11")


def measure_searches(searches: int, rounds: int) -> dict[str, Any]:
    """Searches a second, ours and the floor's, by turns."""
    with tempfile.TemporaryDirectory(prefix="dui-bridge-bench-") as folder:
        pki = make_pki(Path(folder), names=("client-insi-auto", "server"))
        with _stand_in(pki) as url, _ours(pki, url) as search, _bare(pki, url) as post:
            answer: dict[str, Any] = {"searches": searches, "ours": [], "floor": []}
            for _ in range(rounds):
                answer["ours"].append(_rate(search, searches))
                answer["floor"].append(_rate(post, searches))
            return answer


def _rate(call: Callable[[], None], times: int) -> float:
    call()
    started = time.perf_counter()
    for _ in range(times):
        call()
    return times / (time.perf_counter() - started)


@contextmanager
def _ours(pki: Pki, url: str) -> Iterator[Callable[[], None]]:
    service = open_service(
        InsiSettings(url=url),
        Profile.SANDBOX,
        Pkcs12(pki.insi_auto.pkcs12, PASSWORD),
        Trust((pki.ca,)),
        idam=IDAM,
        nom="BENCH",
        version="1",
        instance=_ID,
        crl=(pki.crl,),
    )

    def search() -> None:
        if service.search(_PERSON).individu is None:
            raise ValueError("nobody was found")

    try:
        yield search
    finally:
        service.close()


@contextmanager
def _bare(pki: Pki, url: str) -> Iterator[Callable[[], None]]:
    context = ssl.create_default_context(cafile=str(pki.ca))
    context.load_cert_chain(pki.insi_auto.certificate, pki.insi_auto.key)
    stamp = Stamp(_ID, _ID, _ID, datetime.now(UTC))
    body = search_request(_PERSON, Logiciel(IDAM, "BENCH", "1", _ID, SANDBOX_STRUCTURE), stamp)
    headers = {"Content-Type": content_type(SEARCH)}
    with httpx.Client(verify=context, trust_env=False) as client:

        def post() -> None:
            client.post(url, content=body, headers=headers).raise_for_status()

        yield post


@contextmanager
def _stand_in(pki: Pki) -> Iterator[str]:
    words = [sys.executable, __file__, str(pki.folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise ValueError("the stand-in has no pipes")
        yield process.stdout.readline().strip()
        process.stdin.close()


def _serve(folder: str) -> None:
    with InsiServer(Pki(Path(folder))) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    _serve(sys.argv[1])
