"""What is sealed opens only where it stood, whole, and with its key."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journal_site import AT, delivery_of, record, start_run

from dui_bridge.journal.store import Journal
from dui_bridge.journal.vault import LARGE, DataKey, Unsealable, Vault

CHUNK = 64 * 1024
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(bytes(range(32)), tmp_path / "spool")


@given(clear=st.binary(max_size=200), place=st.text(max_size=40))
def test_what_was_sealed_opens_in_its_place(clear: bytes, place: str) -> None:
    key = DataKey(bytes(32))

    assert key.open(place, key.seal(place, clear)) == clear


def test_nothing_is_sealed_twice_alike() -> None:
    key = DataKey(bytes(32))

    assert key.seal("t:c:1", b"Martin") != key.seal("t:c:1", b"Martin")


@pytest.mark.parametrize("place", ["t:c:2", "t:d:1", "u:c:1"])
def test_a_value_moved_to_another_place_does_not_open(place: str) -> None:
    key = DataKey(bytes(32))

    with pytest.raises(Unsealable):
        key.open(place, key.seal("t:c:1", b"Martin"))


@pytest.mark.parametrize("at", [0, 1, 12, 13, -1])
def test_a_changed_byte_is_seen(at: int) -> None:
    key = DataKey(bytes(32))
    sealed = bytearray(key.seal("t:c:1", b"Martin"))
    sealed[at] ^= 1

    with pytest.raises(Unsealable):
        key.open("t:c:1", bytes(sealed))


@pytest.mark.parametrize("length", [0, 1, 13, 28])
def test_a_value_that_was_cut_off_does_not_open(length: int) -> None:
    key = DataKey(bytes(32))

    with pytest.raises(Unsealable):
        key.open("t:c:1", key.seal("t:c:1", b"Martin")[:length])


def test_the_key_of_a_dossier_opens_with_the_master_key_and_the_dossier_that_it_was_made_for(vault: Vault) -> None:
    wrapped, key = vault.make_key("atlas:1")

    assert vault.key("atlas:1", wrapped).open("p", key.seal("p", b"Martin")) == b"Martin"
    with pytest.raises(Unsealable):
        vault.key("atlas:2", wrapped)
    with pytest.raises(Unsealable):
        Vault(b"another key, but of thirty-two bytes", Path()).key("atlas:1", wrapped)


@pytest.mark.parametrize("size", SIZES)
def test_a_file_gives_back_what_was_written(vault: Vault, tmp_path: Path, size: int) -> None:
    key, clear = DataKey(bytes(32)), os.urandom(size)

    vault.write(key, "name", clear)

    file = tmp_path / "spool" / "name"
    assert vault.read(key, "name") == clear
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert size < 32 or clear[:32] not in file.read_bytes()


def _cut(sealed: bytes) -> bytes:
    return sealed[: 1 + 2 * (CHUNK + 16)]


def _swap(sealed: bytes) -> bytes:
    step = CHUNK + 16
    return sealed[:1] + sealed[1 + step : 1 + 2 * step] + sealed[1 : 1 + step] + sealed[1 + 2 * step :]


@pytest.mark.parametrize(
    "harm", [_cut, _swap, lambda sealed: sealed[:-1], lambda sealed: b"", lambda sealed: sealed + bytes(20)]
)
def test_a_file_whose_chunks_are_missing_moved_or_added_does_not_open(vault: Vault, tmp_path: Path, harm) -> None:
    key, file = DataKey(bytes(32)), tmp_path / "spool" / "name"
    vault.write(key, "name", os.urandom(3 * CHUNK))
    file.write_bytes(harm(file.read_bytes()))

    with pytest.raises(Unsealable):
        vault.read(key, "name")


def test_a_file_under_the_name_of_another_does_not_open(vault: Vault, tmp_path: Path) -> None:
    key = DataKey(bytes(32))
    vault.write(key, "one", b"x" * 10)
    (tmp_path / "spool" / "one").rename(tmp_path / "spool" / "two")

    with pytest.raises(Unsealable):
        vault.read(key, "two")


def test_the_payloads_of_two_documents_cannot_be_exchanged(folder: Path, journal: Journal) -> None:
    one, two = record(journal, "PP-1", data=b"<one/>"), record(journal, "PP-2", data=b"<two/>")
    with sqlite3.connect(folder / "journal.sqlite") as database:
        bodies = [row[0] for row in database.execute("SELECT body FROM payload ORDER BY id")]
        for payload, body in ((1, bodies[1]), (2, bodies[0])):
            database.execute("UPDATE payload SET body = ? WHERE id = ?", (body, payload))
    database.close()

    for version in (one, two):
        assert journal.deliveries.sendable(delivery_of(journal, version)) is None


def test_bytes_that_are_not_those_that_were_checked_are_never_given(folder: Path, journal: Journal) -> None:
    version = record(journal)
    with sqlite3.connect(folder / "journal.sqlite") as database:
        database.execute("UPDATE payload SET sha256 = ?", (hashlib.sha256(b"other").hexdigest(),))
    database.close()

    assert journal.deliveries.sendable(delivery_of(journal, version)) is None


def test_a_large_body_stands_in_the_spool_and_comes_back(folder: Path, journal: Journal) -> None:
    pdf = os.urandom(LARGE + 1)
    version = record(journal, pdf=pdf)

    sendable = journal.deliveries.sendable(delivery_of(journal, version))

    assert sendable is not None
    assert sendable.built.pdf == pdf
    assert len(list((folder / "spool").iterdir())) == 1


@pytest.mark.parametrize("harm", [lambda file: file.unlink(), lambda file: os.truncate(file, CHUNK)])
def test_a_large_body_that_was_lost_or_cut_off_is_damage(folder: Path, journal: Journal, harm) -> None:
    version = record(journal, pdf=os.urandom(LARGE + 1))
    (file,) = (folder / "spool").iterdir()
    harm(file)

    assert journal.deliveries.sendable(delivery_of(journal, version)) is None


def test_an_erased_dossier_is_known_and_nothing_of_it_can_be_read(journal: Journal) -> None:
    delivery = delivery_of(journal, record(journal))
    dossier = journal.dossiers.known("atlas", "U-1")
    assert dossier is not None

    journal.keeping.erase(dossier.id, AT)

    erased = journal.dossiers.known("atlas", "U-1")
    case = journal.deliveries.case(delivery)
    assert erased is not None
    assert (erased.erased, erased.number, erased.facts) == (True, "", {})
    assert case is not None
    assert (case.number, case.usager, case.document) == ("", {}, {})
    assert journal.deliveries.sendable(delivery) is None


def test_an_erased_dossier_that_is_read_again_gets_a_new_key(journal: Journal) -> None:
    old = delivery_of(journal, record(journal))
    dossier = journal.dossiers.known("atlas", "U-1")
    assert dossier is not None
    journal.keeping.erase(dossier.id, AT)

    new = delivery_of(journal, record(journal, "PP-2"))

    again = journal.dossiers.known("atlas", "U-1")
    assert again is not None
    assert (again.id, again.number, again.erased) == (dossier.id, "D-U-1", False)
    assert journal.deliveries.sendable(new) is not None
    forgotten = journal.deliveries.case(old)
    assert forgotten is not None
    assert forgotten.document == {}
    assert journal.deliveries.sendable(old) is None


def test_nothing_personal_stands_in_clear_in_the_files(folder: Path, key: bytes) -> None:
    with Journal.open(folder, key) as journal:
        start_run(journal)
        record(journal, usager="U-Melusine", data=b"<patient>Lacroix</patient>", pdf=b"Lacroix" * LARGE)

        written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())

    assert b"010000024" in written
    for clear in (b"Melusine", b"Lacroix", "Lefèvre".encode()):
        assert clear not in written
