"""The matrix of rights: what it does not allow never leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dui_bridge.connectors.dmp.client import DmpClient
from dui_bridge.connectors.dmp.context import Acting
from dui_bridge.connectors.dmp.errors import NotAllowed, NotOwn
from dui_bridge.connectors.dmp.lots import make_lot
from dui_bridge.connectors.dmp.rights import RIGHTS, Access, Right, Transaction, access_of
from dui_bridge.connectors.wire.vihf import Role
from dui_bridge.data.codes import codes, rows
from dui_bridge.xds.entries import Author, Mask
from tests.dmp_world import AUTOMATE, DOCTOR, EDUCATOR, FINESS, NOW, TAKEN, Dmp, client, professional
from tests.xds_deposits import entry, ins, registered
from tests.xds_signer import signer

G15, G16 = "1.2.250.1.71.1.2.7", "1.2.250.1.71.1.2.8"
OTHERS = replace(
    registered(),
    authors=(Author(institutions=("CHU^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1750000018",)),),
)


def _deposit(dmp: DmpClient, acting: Acting) -> None:
    lot = make_lot(entry(), b"<x/>", acting.author, dmp.practice, signer(), at=NOW)
    dmp.deposit(lot, ins(), acting)


CALLS: dict[Transaction, Callable[[DmpClient, Acting], object]] = {
    Transaction.EXISTS: lambda dmp, acting: dmp.exists(ins(), acting),
    Transaction.FEED: _deposit,
    Transaction.SEARCH: lambda dmp, acting: dmp.search(ins(), acting),
    Transaction.LOOK_UP: lambda dmp, acting: dmp.locate("1.2", ins(), acting),
    Transaction.READ: lambda dmp, acting: dmp.retrieve(OTHERS, ins(), acting, into=None),  # type: ignore[arg-type]
    Transaction.MASK: lambda dmp, acting: dmp.mask(OTHERS, (), ins(), acting),
    Transaction.MAKE_VISIBLE: lambda dmp, acting: dmp.make_visible(OTHERS, Mask.PATIENT, ins(), acting),
    Transaction.DELETE: lambda dmp, acting: dmp.delete(OTHERS, ins(), acting),
    Transaction.ARCHIVE: lambda dmp, acting: dmp.archive(OTHERS, ins(), acting),
}
WHO = {
    Access.STRUCTURE: AUTOMATE,
    Access.PROFESSIONAL: professional(DOCTOR),
    Access.OTHER: professional(EDUCATOR),
}


def test_every_transaction_is_tried() -> None:
    assert set(CALLS) == set(Transaction)
    assert {access: access_of(acting.caller) for access, acting in WHO.items()} == {one: one for one in Access}


@pytest.mark.parametrize(
    ("access", "transaction", "right"),
    [
        (access, one, right)
        for access in Access
        for one in Transaction
        if (right := RIGHTS[access].get(one, Right.NO)) is not Right.YES
    ],
)
def test_what_the_matrix_does_not_allow_is_refused_before_anything_leaves(
    access: Access, transaction: Transaction, right: Right
) -> None:
    dmp = Dmp([TAKEN])
    with pytest.raises(NotAllowed if right is Right.NO else NotOwn):
        CALLS[transaction](client(dmp), WHO[access])
    assert dmp.asked == []


@pytest.mark.parametrize(
    ("system", "code", "reads"),
    [
        (G15, "10", True),
        (G15, "60", True),
        (G15, "94", True),
        (G15, "26", False),
        (G15, "35", False),
        (G15, "ZZ", False),
        (G15, "", False),
        (G16, "10", False),
        ("1.2.250.1.71.4.2.5", "10", False),
    ],
)
def test_only_the_professions_of_the_table_read(system: str, code: str, reads: bool) -> None:
    caller = professional((Role(code, system, "Médecin"), *DOCTOR)).caller

    assert access_of(caller) is (Access.PROFESSIONAL if reads else Access.OTHER)


def test_the_table_has_each_profession_of_the_value_set_and_no_other() -> None:
    tables = {"G15": G15, "G16": G16}
    known = {tuple(code.split("_")) for code in codes("professions") if code[:3] in tables and "/" not in code}

    assert {(row["systeme"], row["code"]) for row in rows("dmp_professions")} == {
        (tables[t], code) for t, code in known
    }


def test_who_tells_no_profession_is_nobody_of_health() -> None:
    assert access_of(professional(()).caller) is Access.OTHER


def test_the_structure_feeds_and_looks_up_and_neither_searches_nor_reads() -> None:
    allowed = {one for one, right in RIGHTS[Access.STRUCTURE].items() if right is not Right.NO}
    assert allowed == {Transaction.EXISTS, Transaction.FEED, Transaction.LOOK_UP, Transaction.DELETE}


@pytest.mark.parametrize("acting", [AUTOMATE, professional(EDUCATOR)])
def test_a_document_of_the_own_structure_may_be_deleted(acting: Acting) -> None:
    own = (Author(institutions=(f"Foyer^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1{FINESS}",)),)
    dmp = Dmp([TAKEN])
    client(dmp).delete(replace(registered(), authors=own), ins(), acting)
    assert dmp.actions == ["UpdateDocumentSet"]
