"""Mails that were damaged or made to harm: none crashes the reader, none costs it much, none writes a file."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from random import Random

import pytest

from dui_bridge.connectors.mssante.decode import decode
from dui_bridge.connectors.mssante.reading import read_mail
from dui_bridge.connectors.mssante.receipts import Answering, answer
from dui_bridge.pipeline.inbox.arrivals import arrival
from dui_bridge.pipeline.inbox.laying import laid_files, name_of
from dui_bridge.pipeline.inbox.records import Decision
from dui_bridge.pipeline.reports.mail_message import mail_lines
from tests.fuzzing import COUNT, assert_bounded, fuzzed, mutant
from tests.inbox_world import HERS, judged
from tests.mss_mails import (
    ERROR,
    KO,
    SUBJECT,
    bounce,
    delivery,
    disposition,
    file,
    mail,
    recipient,
    text,
    with_documents,
)
from tests.shared import shared_path
from tests.xdm_archives import archive, packed, unpacked

pytestmark = pytest.mark.real

SAFE = re.compile(r"[0-9a-z.-]{3,80}\.(?:pdf|xml|json)")
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
OURS = Answering("pont-dui@esms.mssante.fr", "ESMS", "NIL-42", "dui-bridge 1.0")
PIECES = (
    b'Content-Type: multipart/mixed; boundary="',
    b"--edge\r\n",
    b"--edge--",
    b"\r\n\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"=?utf-8?b?w6k=?= ",
    b"=?x-unknown?q?=ED=A0=80?=",
    b"=?utf-7?q?+2AA-?=",
    b"filename*0*=utf-8''%ff; filename*1=\"",
    b"Content-Transfer-Encoding: base64\r\n",
    b"902^" * 50,
    b"<" * 200,
    b'a="' * 200,
    b"\r\n " * 100,
    b"Original-Recipient: rfc822;" + b"a@" * 100,
)


@cache
def seeds() -> tuple[bytes, ...]:
    """Each kind of mail, and those that are published or recorded."""
    automatic = "automatic-action/MDN-sent-automatically; processed"
    shared = shared_path()
    samples = () if shared is None else sorted((shared / "reference" / "mssante" / "mail").iterdir())
    return (
        with_documents(),
        delivery(recipient("failed", "5.1.1", "smtp; 550 5.1.1 no") * 3),
        disposition(f"{automatic}/error", f"Error: {ERROR}", headers={"Subject": KO + SUBJECT}),
        bounce("Undelivered Mail Returned to Sender", "messagerie fermée"),
        mail({}, text("x"), file("é.pdf", b"%PDF", "application/pdf")),
        *(one.read_bytes() for one in samples),
    )


def mails(random: Random) -> bytes:
    """A damaged mail; now and then one with hostile pieces, repeated, or only of such pieces."""
    data = random.choice(seeds())
    for _ in range(random.randrange(4)):
        at = random.randrange(len(data) + 1)
        data = data[:at] + random.choice(PIECES) * random.choice((1, 1, 3, 100)) + data[at:]
    if random.randrange(20) == 0:
        data = b"".join(random.choice(PIECES) * random.randrange(1, 100) for _ in range(50))
    return mutant(data, random)


def read(data: bytes) -> None:
    """All that is done with a mail: read, told, answered."""
    told, findings = decode(data)
    assert told["kind"] in {"xdm", "dsn", "mdn", "integration_error", "bounce", "other"}
    for line in mail_lines(told, "fr"):
        line.encode()
    for one in findings:
        one.line("fr").encode()
    sent = answer(read_mail(data), data, "906", OURS, NOW) if told["kind"] == "xdm" else None
    assert sent is None or sent.data.count(b"\r\nBcc:") <= data.count(b"Bcc:")


def test_no_mail_crashes_the_reader_or_costs_it_a_second_200_mb_or_a_file() -> None:
    seen = fuzzed(read, mails)

    assert seen.inputs == COUNT
    assert_bounded(seen)


def documents(random: Random) -> bytes:
    """A mail with documents whose CDA or metadata are damaged, in a whole archive and a whole mail."""
    files = [
        (name, mutant(data, random) if random.randrange(2) else data) for name, data in unpacked(archive()).items()
    ]
    return with_documents(zip=packed(files, method=random.choice((0, 8))))


def take(data: bytes) -> None:
    """All that is done with documents that came, but for laying them."""
    given = arrival(read_mail(data), mailbox=OURS.mailbox, at=NOW)
    found = judged(given)
    assert (found.code != "") is (found.decision is Decision.REFUSED)
    if found.decision is Decision.FILED:
        assert found.person is HERS
    for one in found.documents:
        for name in laid_files(one, HERS, given, name_of(one.document.unique_id)):
            assert SAFE.fullmatch(name)


def test_no_document_crashes_the_inbox_or_goes_to_another_dossier_or_outside() -> None:
    seen = fuzzed(take, documents, COUNT // 4)

    assert seen.inputs == COUNT // 4
    assert_bounded(seen)
