"""Mails with a document of 1 MB: the destination against bare smtplib that hands over the same bytes, over the same TLS.

Ours begins with a document: metadata, archive, mail, answer; `handed_over` is the last part alone. The floor's mails are
made before. Each has one connection, which is used again. The stand-in is a process of its own (`mail_sending.py
FOLDER…`, until its standard input ends).
"""

from __future__ import annotations

import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from dui_bridge.connectors.mssante.destination import MailPrepared, MssanteDestination
from dui_bridge.connectors.mssante.opening import tls_context
from dui_bridge.connectors.mssante.settings import MssanteSettings
from dui_bridge.model.exchange import Answer, BuiltDocument
from dui_bridge.sandbox.mssante import MssanteServer
from dui_bridge.sandbox.pki import MAILBOX, Pki, make_pki
from tests.cda_dossiers import IDS
from tests.cda_dossiers import built as built_cda
from tests.mail_world import DOCTOR, NOW, SENDER, built, certificates, context, destination

_PDF = 1_000_000
"""Bytes of the PDF of a document, once in the archive and once beside it."""
_CLIENT = "client-mss"


def measure_mails(mails: int, rounds: int) -> dict[str, Any]:
    """Mails a second of each round, ours and the floor's by turns."""
    answer: dict[str, Any] = {"mails": mails, "ours": [], "handed_over": [], "floor": []}
    with tempfile.TemporaryDirectory(prefix="dui-bridge-bench-") as folder:
        pki = make_pki(Path(folder) / "pki", names=(_CLIENT, "server"))
        documents = _documents()
        with _stand_in(pki, Path(folder) / "mss") as port, closing(_ours(pki, port)) as to, _bare(pki, port) as hand:
            for _ in range(rounds):
                chosen = [next(documents) for _ in range(mails)]
                answer["ours"].append(_rate(chosen, lambda one: _send(to, to.prepare(one, context()))))
                made = [to.prepare(next(documents), context()) for _ in range(mails)]
                answer["handed_over"].append(_rate(made, lambda one: _send(to, one)))
                answer["floor"].append(_rate(made, hand))
    return answer


def _rate(items: list[Any], work: Callable[[Any], object]) -> float:
    started = time.perf_counter()
    for one in items:
        work(one)
    return len(items) / (time.perf_counter() - started)


def _documents() -> Iterator[BuiltDocument]:
    """Documents of their own ids, without end."""
    pdf = Random(1).randbytes(_PDF)
    for number in count(1):
        ids = replace(IDS, unique_id=f"{IDS.unique_id}.{number}")
        yield replace(built(built_cda(ids=ids, pdf=pdf), pdf=pdf), ids=ids)


def _ours(pki: Pki, port: int) -> MssanteDestination:
    sender = replace(SENDER, address=MAILBOX)
    limits = {"longest": 60, "per_connection": 1000}
    return destination(pki, port, client=_CLIENT, sender=sender, crl=True, timeout=60, smtp=limits)


def _send(to: MssanteDestination, one: MailPrepared) -> None:
    if to.send(one).answer is not Answer.DELIVERED:
        raise ValueError("the stand-in did not take it")


@contextmanager
def _bare(pki: Pki, port: int) -> Iterator[Callable[[MailPrepared], None]]:
    tls = tls_context(MssanteSettings(host="localhost"), certificates(pki, _CLIENT, crl=True), now=NOW)
    with smtplib.SMTP("localhost", port, "bench") as smtp:
        smtp.starttls(context=tls)
        smtp.ehlo()
        smtp.docmd("AUTH", "EXTERNAL =")
        yield lambda one: smtp.sendmail(MAILBOX, [DOCTOR], one.mail.data) and None


@contextmanager
def _stand_in(pki: Pki, folder: Path) -> Iterator[int]:
    words = [sys.executable, __file__, str(pki.folder), str(folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise ValueError("the stand-in has no pipes")
        yield int(process.stdout.readline())
        process.stdin.close()


def _serve(pki: str, folder: str) -> None:
    with MssanteServer(Pki(Path(pki)), Path(folder), reports=False) as server:
        sys.stdout.write(f"{server.smtp[1]}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
