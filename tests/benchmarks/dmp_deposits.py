"""Deposits in the DMP: the destination against bare httpx that posts the same multipart bytes to the same stand-in.

Ours begins with a document: metadata, signature of the lot, assertion, message, answer. The floor's messages are made
before, by the same client with nobody at the other end, for the stand-in takes each assertion and each document once.
Both have one connection, which is used again. The stand-in is a process of its own (`dmp_deposits.py FOLDER`, until its
standard input ends).
"""

from __future__ import annotations

import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from dui_bridge.connectors.dmp import client as client_module
from dui_bridge.connectors.dmp import destination as destination_module
from dui_bridge.connectors.dmp import exchange as exchange_module
from dui_bridge.connectors.dmp import lots as lots_module
from dui_bridge.connectors.dmp.destination import DmpDestination
from dui_bridge.errors import AnswerLost
from dui_bridge.model.exchange import Answer, BuiltDocument
from dui_bridge.sandbox.dmp import DmpServer
from dui_bridge.sandbox.pki import Pki
from tests.cda_dossiers import IDS
from tests.cda_dossiers import built as built_cda
from tests.dmp_site import site_client, site_destination, site_pki
from tests.dmp_world import built, context

_PDF = 100_000
"""Bytes of the PDF of a document."""
_TURN = 10
"""By turns of so many: what a machine that others use does from one second to the next falls on both."""
_SERIES = ("ours", "floor", "ours_cpu", "floor_cpu")

STEPS: dict[str, tuple[tuple[Any, str], ...]] = {
    "metadata": (
        (destination_module, "parse_outline"),
        (destination_module, "document_entry"),
        (lots_module, "check"),
        (lots_module, "to_objects"),
    ),
    "signature of the lot": ((destination_module, "canonical_digest"), (lots_module, "sign_lot")),
    "assertion": ((exchange_module, "signed_vihf"),),
    "message": (
        (client_module, "provide_and_register"),
        (exchange_module, "secured_envelope"),
        (exchange_module, "MtomRequest"),
    ),
    "TLS, HTTP and the DMP": ((exchange_module, "exchange"),),
    "answer": ((exchange_module, "open_envelope"), (client_module, "read_registry_response")),
}
"""Where the time of a deposit may go: the functions of each step, where they are called."""

Message = tuple[bytes, dict[str, str]]


def measure_deposits(deposits: int, rounds: int) -> dict[str, Any]:
    """Seconds of each round, wall and processor, ours and the floor's by turns; and the steps of one more round."""
    with tempfile.TemporaryDirectory(prefix="dui-bridge-bench-") as folder:
        pki = site_pki(Path(folder) / "pki")
        documents = _documents()
        answer: dict[str, Any] = {"deposits": deposits, **{name: [] for name in _SERIES}}
        with _stand_in(pki, Path(folder) / "dmp") as url, closing(site_destination(site_client(pki, url))) as to:
            with _bare(pki, url) as post:
                _send(to, next(documents))
                post(*_messages(pki, url, [next(documents)]))
                for _ in range(rounds):
                    spent = dict.fromkeys(_SERIES, 0.0)
                    for start in range(0, deposits, _TURN):
                        some = min(_TURN, deposits - start)
                        _note(spent, "ours", partial(_send, to), list(islice(documents, some)))
                        _note(spent, "floor", post, _messages(pki, url, list(islice(documents, some))))
                    for name, seconds in spent.items():
                        answer[name].append(seconds)
            answer["steps"] = _steps(to, list(islice(documents, deposits)))
    return answer


def _note(spent: dict[str, float], name: str, work: Callable[[Any], None], ready: list[Any]) -> None:
    cpu, wall = time.process_time(), time.perf_counter()
    for one in ready:
        work(one)
    spent[name] += time.perf_counter() - wall
    spent[f"{name}_cpu"] += time.process_time() - cpu


def _documents() -> Iterator[BuiltDocument]:
    """Documents of their own ids, without end."""
    pdf = bytes(range(256)) * (_PDF // 256)
    for number in count(1):
        yield built(built_cda(ids=replace(IDS, unique_id=f"{IDS.unique_id}.{number}"), pdf=pdf))


def _send(to: DmpDestination, one: BuiltDocument) -> None:
    if to.send(to.prepare(one, context())).answer is not Answer.DELIVERED:
        raise ValueError("the stand-in did not take it")


def _messages(pki: Pki, url: str, documents: list[BuiltDocument]) -> list[Message]:
    """What is posted for each document: body and headers."""
    kept: list[Message] = []

    def keep(request: httpx.Request) -> httpx.Response:
        kept.append((request.read(), {"Content-Type": request.headers["Content-Type"]}))
        raise httpx.ReadError("kept")

    opened = site_client(pki, url)
    opened.line.http.close()
    nobody = replace(opened, line=replace(opened.line, http=httpx.Client(transport=httpx.MockTransport(keep))))
    with closing(site_destination(nobody, asks=False)) as to:
        for one in documents:
            with suppress(AnswerLost):
                to.send(to.prepare(one, context()))
    return kept


@contextmanager
def _bare(pki: Pki, url: str) -> Iterator[Callable[[Message], None]]:
    tls = ssl.create_default_context(cafile=str(pki.ca))
    tls.load_cert_chain(pki.dmp.certificate, pki.dmp.key)
    with httpx.Client(verify=tls, trust_env=False) as http:

        def post(message: Message) -> None:
            answer = http.post(f"{url}/repository", content=message[0], headers=message[1]).raise_for_status()
            if b"ResponseStatusType:Success" not in answer.content:
                raise ValueError("the stand-in did not take it")

        yield post


def _steps(to: DmpDestination, documents: list[BuiltDocument]) -> dict[str, float]:
    """Milliseconds of processor of one deposit, by step; `whole` and what is left of it, too."""
    spent: Counter[str] = Counter(dict.fromkeys(STEPS, 0.0))  # in the order of the table

    def timed(step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **more: Any) -> Any:
            started = time.process_time()
            try:
                return function(*words, **more)
            finally:
                spent[step] += time.process_time() - started

        return call

    places = [(step, module, name, getattr(module, name)) for step, all_ in STEPS.items() for module, name in all_]
    try:
        for step, module, name, function in places:
            setattr(module, name, timed(step, function))
        timed("whole", lambda: [_send(to, one) for one in documents])()
    finally:
        for _, module, name, function in places:
            setattr(module, name, function)
    spent["rest"] = 2 * spent["whole"] - spent.total()
    return {step: seconds / len(documents) * 1000 for step, seconds in spent.items()}


@contextmanager
def _stand_in(pki: Pki, folder: Path) -> Iterator[str]:
    words = [sys.executable, __file__, str(pki.folder), str(folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise ValueError("the stand-in has no pipes")
        yield process.stdout.readline().strip()
        process.stdin.close()


def _serve(pki: str, folder: str) -> None:
    with DmpServer(Pki(Path(pki)), Path(folder)) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
