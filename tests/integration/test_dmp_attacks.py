"""What must never happen with the DMP, tried against its stand-in: by cut connections, strange documents, loud logs."""

from __future__ import annotations

import hashlib
import logging
import random
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from dui_bridge.connectors.dmp.destination import DmpDestination, DmpPrepared
from dui_bridge.connectors.dmp.errors import NotYetVisible
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.errors import AnswerLost, DuiBridgeError, Retry
from dui_bridge.model.exchange import Answer
from dui_bridge.sandbox.dmp import FAULTS, Cut, Transaction, Trouble, Wrong
from dui_bridge.sandbox.pki import Pki
from dui_bridge.xds.entries import DocumentEntry, Mask
from dui_bridge.xds.vocabulary import APPROVED, DEPRECATED
from tests.cda_dossiers import IDS
from tests.cda_dossiers import built as built_cda
from tests.dmp_site import Site, open_site, site_client, site_destination, site_pki
from tests.dmp_world import AUTOMATE, DOCTOR, SECRET, built, context, professional
from tests.xds_deposits import cda, entry, ins

FIRST = entry().unique_id
CUTS = [Trouble(one, cut=cut) for one in (Transaction.DEPOSIT, Transaction.QUERY, Transaction.EXISTS) for cut in Cut]
OTHERS = [
    *(Trouble(Transaction.DEPOSIT, error=code) for code in ("XDSRegistryBusy", "XDSRegistryNotAvailable")),
    *(Trouble(Transaction.DEPOSIT, error=code, partial=True) for code in ("XDSRegistryError", "XDSRepositoryBusy")),
    *(Trouble(Transaction.DEPOSIT, status=status) for status in (429, 502, 503, 504)),
    Trouble(Transaction.DEPOSIT, wrong=Wrong.RELATES_TO),
    Trouble(Transaction.QUERY, status=502),
]
AUTHOR = replace(
    professional(DOCTOR),
    caller=replace(professional(DOCTOR).caller, national_id=(entry().authors[0].person or "").split("^")[0]),
)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return site_pki(tmp_path_factory.mktemp("pki"))


@cache
def version(number: int, replaces: str | None = None) -> bytes:
    """A document of its own uniqueId, the first or the next of another."""
    ids = replace(IDS, unique_id=oid(number))
    return built_cda(ids=ids if replaces is None else replace(ids, version=2, replaces=replaces, replaces_version=1))


def oid(number: int) -> str:
    return f"{FIRST}{number}"


def registered(site: Site, unique_id: str) -> DocumentEntry:
    """A document as its structure finds it."""
    located = site.own.locate(unique_id, ins(), AUTOMATE)
    assert located is not None
    assert located.entry is not None
    return located.entry


def settled(to: DmpDestination, prepared: DmpPrepared) -> Answer:
    """As a worker delivers: what may have been taken is asked for, and never sent before the DMP says that it has not."""
    for _ in range(50):
        try:
            return to.send(prepared).answer
        except Retry:
            continue
        except AnswerLost:
            if (answer := resolved(to, prepared)) is not Answer.ABSENT:
                return answer
    raise AssertionError("it never came through")


def resolved(to: DmpDestination, prepared: DmpPrepared) -> Answer:
    while True:
        try:
            return to.resolve(prepared).answer
        except Retry:
            continue


# --- no loss, no duplicate -------------------------------------------------------------------------------------------


def test_no_sequence_of_cuts_loses_a_document_or_deposits_it_twice(pki: Pki, tmp_path: Path) -> None:
    """Documents and their next versions, with a failure before most of them, some after another."""
    chance = random.Random(7)
    with open_site(pki, tmp_path) as site:
        data = [version(number, oid(number - 1) if number % 2 else None) for number in range(12)]
        for number in range(12):
            site.server.troubles.add(*(replace(chance.choice(CUTS + OTHERS)) for _ in range(chance.randrange(3))))
            earlier = oid(number - 1) if number % 2 else None
            prepared = site.to.prepare(built(data[number]), context(replaces=earlier))
            assert settled(site.to, prepared) in {Answer.DELIVERED, Answer.ALREADY_THERE}
        assert site.kept() == {oid(number): data[number] for number in range(12)}
        assert site.server.store.count() == 12
        there = [site.server.store.document(oid(number)) for number in range(12)]
        assert [one and one.status for one in there] == [DEPRECATED, APPROVED] * 6


def test_two_processes_with_the_same_document_make_one_deposit(pki: Pki, tmp_path: Path) -> None:
    with open_site(pki, tmp_path) as site, ThreadPoolExecutor(2) as threads:
        with closing(site_destination(site_client(pki, site.server.url))) as other:
            answers = list(threads.map(lambda to: settled(to, to.prepare(built(), context())), [site.to, other]))
        assert set(answers) == {Answer.ALREADY_THERE, Answer.DELIVERED}
        assert (site.server.store.count(), site.kept()) == (1, {FIRST: cda()})


# --- the bytes that were checked -------------------------------------------------------------------------------------

HEAD, _, BODY = cda().partition(b"<ClinicalDocument")
STRANGE: dict[str, bytes] = {
    "carriage returns": cda().replace(b"><", b">\r\n<"),
    "a byte order mark": b"\xef\xbb\xbf" + cda(),
    "comments and instructions around": HEAD + b"<!-- <a> --><?x y?><ClinicalDocument" + BODY + b"\r\n<!--b-->\n\n",
    "another encoding": cda().decode().replace("UTF-8", "ISO-8859-1", 1).encode("iso-8859-1", "xmlcharrefreplace"),
    "what looks like a boundary": cda().replace(
        b"</title>", b"\r\n--uuid-\r\nContent-ID: &lt;root&gt;\r\n\r\n</title>", 1
    ),
    "what looks like an end": cda() + b"\r\n\r\n",
}


def test_a_document_is_kept_and_read_back_byte_for_byte_whatever_it_looks_like(pki: Pki, tmp_path: Path) -> None:
    """The stand-in verifies hash, size and the digest of the signed lot by itself."""
    with open_site(pki, tmp_path / "dmp") as site:
        for number, (name, data) in enumerate(STRANGE.items()):
            strange = data.replace(FIRST.encode(), oid(number).encode())
            assert site.to.send(site.to.prepare(built(strange), context())).answer is Answer.DELIVERED, name
            assert site.kept()[oid(number)] == strange
            found = registered(site, oid(number))
            assert (found.hash, found.size) == (hashlib.sha1(strange).hexdigest(), len(strange))
            read = site.own.retrieve(found, ins(), professional(DOCTOR), tmp_path / oid(number))
            assert read.path.read_bytes() == strange


# --- who is not to see a document ------------------------------------------------------------------------------------


def test_masks_are_in_the_metadata_and_never_in_the_document(pki: Pki, tmp_path: Path) -> None:
    with open_site(pki, tmp_path) as site:
        hidden = context(masks=frozenset({Mask.PATIENT, Mask.LEGAL_REPRESENTATIVES}), released_by="Dr Max Libre")
        assert site.to.send(site.to.prepare(built(), hidden)).answer is Answer.DELIVERED
        assert site.kept() == {FIRST: cda()}
        assert not any(mask.encode() in cda() for mask in Mask)
        sent = (tmp_path / f"{FIRST}.metadata.xml").read_bytes()
        assert {mask for mask in Mask if mask.encode() in sent} >= {Mask.PATIENT, Mask.LEGAL_REPRESENTATIVES}
        assert b"Max Libre" not in sent


def test_to_show_a_document_to_some_lifts_nothing_that_hides_it_from_others(pki: Pki, tmp_path: Path) -> None:
    both = frozenset({Mask.PROFESSIONALS, Mask.LEGAL_REPRESENTATIVES})
    with open_site(pki, tmp_path) as site:

        def now() -> DocumentEntry:
            return registered(site, FIRST)

        site.to.send(site.to.prepare(built(), context(masks=both)))
        assert now().masks == both
        site.own.make_visible(now(), Mask.PATIENT, ins(), AUTHOR)
        assert now().masks == both
        site.own.mask(now(), [], ins(), AUTHOR)
        assert now().masks == {Mask.LEGAL_REPRESENTATIVES}
        site.own.mask(now(), [Mask.PROFESSIONALS], ins(), AUTHOR)
        site.own.make_visible(now(), Mask.LEGAL_REPRESENTATIVES, ins(), AUTHOR)
        assert now().masks == {Mask.PROFESSIONALS}


def test_under_a_secret_connection_only_what_the_representatives_do_not_see_is_deposited(
    pki: Pki, tmp_path: Path
) -> None:
    with open_site(pki, tmp_path) as site:
        shown = site.to.send(site.to.prepare(built(), context(secret_access=True)))
        assert (shown.answer, [one.rule.id for one in shown.findings]) == (Answer.REFUSED, ["XDS-763"])
        hidden = context(masks=frozenset({Mask.LEGAL_REPRESENTATIVES}), secret_access=True)
        assert site.to.send(site.to.prepare(built(), hidden)).answer is Answer.DELIVERED


def test_a_new_version_is_hidden_from_whomever_the_earlier_one_is(pki: Pki, tmp_path: Path) -> None:
    """The pipeline knows nothing of a mask that a professional set in the DMP: the registry does."""
    with open_site(pki, tmp_path) as site:
        site.to.send(site.to.prepare(built(), context()))
        site.own.mask(site.entries()[0], [Mask.PROFESSIONALS], ins(), AUTHOR)
        site.to.send(site.to.prepare(built(version(2, FIRST)), context(replaces=FIRST)))
        assert registered(site, oid(2)).masks == {Mask.PROFESSIONALS}


def test_a_new_version_of_what_the_patient_does_not_see_yet_needs_somebody_to_release_it(
    pki: Pki, tmp_path: Path
) -> None:
    with open_site(pki, tmp_path) as site:
        hidden = context(masks=frozenset({Mask.PATIENT}), released_by="Dr Max Libre")
        site.to.send(site.to.prepare(built(), hidden))
        newer = built(version(2, FIRST))
        outcome = site.to.send(site.to.prepare(newer, context(replaces=FIRST)))
        assert (outcome.answer, outcome.findings[0].rule.id) == (Answer.REFUSED, NotYetVisible.code)
        assert len(site.kept()) == 1
        site.to.send(site.to.prepare(newer, context(replaces=FIRST, released_by="Dr Max Libre")))
        assert registered(site, oid(2)).masks == {Mask.PATIENT}


# --- secrets ---------------------------------------------------------------------------------------------------------


def everything(site: Site, into: Path) -> None:
    """Deposits, questions, a retrieve and updates."""
    prepared = site.to.prepare(built(), context())
    site.to.send(prepared)
    site.to.resolve(prepared)
    (found,) = site.entries()
    site.own.retrieve(found, ins(), professional(DOCTOR), into)
    site.own.mask(found, [Mask.PROFESSIONALS], ins(), AUTHOR)
    site.own.delete(registered(site, FIRST), ins(), AUTOMATE)


def test_neither_a_secret_nor_a_person_is_logged_captured_or_told(
    pki: Pki, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Given the loudest logs, a capture, and every failure, then nothing of these is in any of them."""
    caplog.set_level(logging.DEBUG)
    told: list[str] = []

    def does(what: Callable[[], object]) -> None:
        try:
            told.append(repr(what()))
        except DuiBridgeError as error:
            told.extend((error.message("fr"), error.message("en"), repr(error), traceback.format_exc()))

    troubles = [
        *CUTS[:5],
        *OTHERS,
        *(Trouble(fault=name) for name in FAULTS),
        *(
            Trouble(error=code, context=f"patient {entry().patient_id}")
            for code in ("XDSUnknownPatientId", "XDSRegistryError")
        ),
    ]
    capture = Capture(tmp_path / "capture")
    with open_site(pki, tmp_path / "dmp", capture=capture) as site:
        does(lambda: everything(site, tmp_path / "read"))
        prepared = site.to.prepare(built(version(1)), context())
        told.extend((repr(prepared), repr(site.to), repr(site.own)))
        for trouble in troubles:
            site.server.troubles.add(replace(trouble))
            does(lambda: site.to.send(prepared))
    captured = [one.name.encode() + one.read_bytes() for one in sorted((tmp_path / "capture").iterdir())]
    seen = b"".join([*captured, caplog.text.encode(), *(one.encode() for one in told)])
    assert len(captured) > 60
    assert b"Action" in seen
    keys = [pki.holder(one).key.read_text().splitlines()[1] for one in ("client-dmp", "sign-dmp")]
    person = [ins().matricule, ins().matricule[:13], *entry().source_patient_info]
    for secret in (SECRET, *keys, *person, "USAG", "LACAZE"):
        assert secret.encode() not in seen, secret
