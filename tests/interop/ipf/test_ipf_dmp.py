"""The client and the destination of the DMP, as the pipeline uses them, with a registry that we did not write: IPF.

Deposits are the structure's (mode INDIRECTE), questions a named doctor's (AIR); IPF reads no assertion.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dui_bridge.connectors.dmp import DmpSettings
from dui_bridge.connectors.dmp.client import DmpClient
from dui_bridge.connectors.dmp.destination import DmpDestination, DmpPrepared
from dui_bridge.connectors.dmp.errors import ReplacedMeanwhile
from dui_bridge.connectors.dmp.opening import Certificates, open_client, open_dmp
from dui_bridge.connectors.wire.certificates import Pkcs12
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.connectors.wire.tls_errors import RefusedCertificate
from dui_bridge.model.exchange import Answer
from dui_bridge.model.profile import Profile
from dui_bridge.sandbox.pki import PASSWORD
from dui_bridge.xds.entries import DocumentEntry, Mask
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, DEPRECATED
from tests.dmp_world import AUTOMATE, SOFTWARE, STRUCTURE, SYSTEM, built, context, professional
from tests.ipf_exchanges import oid
from tests.ipf_peer import REPOSITORY_ID, Ipf
from tests.java_harness import ABSENT, PRESENT
from tests.xds_deposits import cda, entry, ins

pytestmark = [pytest.mark.real, pytest.mark.skipif(not PRESENT, reason=ABSENT)]
DOCTOR = professional()


def settings(ipf: Ipf) -> DmpSettings:
    # The existence of a DMP (TD0.2) is a question to another service, which is no XDS registry.
    return DmpSettings(base=f"{ipf.tls_url}/", ask_existence=False)


def certificates(ipf: Ipf, client: str = "client-dmp") -> Certificates:
    own, seal = (Pkcs12(ipf.pki.holder(one).pkcs12, PASSWORD) for one in (client, "sign-dmp"))
    return Certificates(own, seal, Trust((ipf.pki.ca,)))


@pytest.fixture
def to(ipf: Ipf) -> Iterator[DmpDestination]:
    opened = open_dmp(settings(ipf), Profile.SANDBOX, certificates(ipf), SOFTWARE, [STRUCTURE], system=SYSTEM)
    with closing(opened):
        yield opened


@pytest.fixture
def own(ipf: Ipf) -> Iterator[DmpClient]:
    opened = open_client(settings(ipf), Profile.SANDBOX, certificates(ipf), SOFTWARE, system=SYSTEM)
    with closing(opened.line.http):
        yield opened


def prepared(to: DmpDestination, unique_id: str, *, title: bytes = b"", replaces: str | None = None) -> DmpPrepared:
    """A document of this uniqueId; with a title, other bytes."""
    data = cda().replace(entry().unique_id.encode(), unique_id.encode())
    if title:
        data = data.replace(b"</title>", title + b"</title>", 1)
    return to.prepare(built(data), context(replaces=replaces))


def listed(own: DmpClient, *statuses: str) -> dict[str, str | None]:
    """What a doctor's search gives: uniqueId and SHA-1, without the signatures of lots."""
    entries = own.search(ins(), DOCTOR, statuses=statuses).contents.entries
    return {one.unique_id: one.hash for one in entries if one.title != "Source"}


def test_a_document_is_deposited_searched_located_and_retrieved(
    to: DmpDestination, own: DmpClient, tmp_path: Path
) -> None:
    one = prepared(to, oid())
    assert to.resolve(one).answer is Answer.ABSENT
    assert to.send(one).answer is Answer.DELIVERED
    assert to.resolve(one).answer is Answer.ALREADY_THERE
    assert listed(own, APPROVED)[one.entry.unique_id] == one.entry.hash
    located = own.locate(one.entry.unique_id, ins(), AUTOMATE)
    assert located is not None
    assert located.entry is not None
    assert (located.entry.id, located.entry.repository_id) == (located.entry_uuid, REPOSITORY_ID)
    read = own.retrieve(located.entry, ins(), DOCTOR, tmp_path / "read.xml")
    assert read.path.read_bytes() == one.built.data
    assert (read.size, read.sha1) == (one.built.size, hashlib.sha1(one.built.data).hexdigest())


def test_a_new_version_replaces_the_one_that_is_there(to: DmpDestination, own: DmpClient) -> None:
    first, second = oid(), oid()
    to.send(prepared(to, first))
    outcome = to.send(prepared(to, second, replaces=first))
    assert (outcome.answer, outcome.findings) == (Answer.DELIVERED, ())
    assert {first, second} & listed(own, APPROVED).keys() == {second}
    assert first in listed(own, DEPRECATED)


def test_a_replaced_version_is_not_replaced_again(to: DmpDestination, own: DmpClient) -> None:
    """The registry says that the entry is deprecated: looked up again, it is so still, and nothing is deposited."""
    first, second, third = oid(), oid(), oid()
    to.send(prepared(to, first))
    to.send(prepared(to, second, replaces=first))
    one = prepared(to, third, replaces=first)
    with pytest.raises(ReplacedMeanwhile):
        to.send(one)
    assert third not in listed(own, APPROVED)


def test_a_second_deposit_is_settled_as_the_first(to: DmpDestination, own: DmpClient) -> None:
    unique_id = oid()
    assert to.send(prepared(to, unique_id)).answer is Answer.DELIVERED
    assert to.send(prepared(to, unique_id)).answer is Answer.ALREADY_THERE
    other = to.send(prepared(to, unique_id, title=b" bis"))
    assert (other.answer, other.code) == (Answer.REFUSED, "XDSNonIdenticalHash")
    assert listed(own, APPROVED)[unique_id] == prepared(to, unique_id).entry.hash


def test_a_document_is_masked_shown_archived_taken_back_and_deleted(to: DmpDestination, own: DmpClient) -> None:
    unique_id = oid()
    to.send(prepared(to, unique_id))

    def now() -> DocumentEntry:
        located = own.locate(unique_id, ins(), AUTOMATE)
        assert located is not None
        assert located.entry is not None
        return located.entry

    own.mask(now(), [Mask.PROFESSIONALS], ins(), DOCTOR)
    assert (now().masks, now().version) == ({Mask.PROFESSIONALS}, "2")
    own.mask(now(), [], ins(), DOCTOR)
    assert (now().masks, now().version) == (frozenset(), "3")
    own.archive(now(), ins(), DOCTOR)
    assert now().status == ARCHIVED
    own.unarchive(now(), ins(), DOCTOR)
    assert now().status == APPROVED
    own.delete(now(), ins(), AUTOMATE)
    assert own.locate(unique_id, ins(), AUTOMATE) is None


def test_a_certificate_of_another_authority_deposits_nothing(ipf: Ipf) -> None:
    """Java's alert says that it is not known, and not why."""
    opened = open_dmp(
        settings(ipf), Profile.SANDBOX, certificates(ipf, "client-other-ca"), SOFTWARE, [STRUCTURE], system=SYSTEM
    )
    with closing(opened), pytest.raises(RefusedCertificate):
        opened.send(prepared(opened, oid()))
