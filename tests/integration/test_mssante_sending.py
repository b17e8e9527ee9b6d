"""Mails of the bridge at the stand-in of an operator: what arrives there, and what each of its bad days does to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from dui_bridge.connectors.mssante import errors
from dui_bridge.connectors.mssante.destination import MssanteDestination
from dui_bridge.connectors.ports import Addressee as Recipient
from dui_bridge.connectors.wire.tls_errors import RefusedAuthority
from dui_bridge.errors import DuiBridgeError
from dui_bridge.model.exchange import Answer
from dui_bridge.sandbox.mssante import TOKEN, Auth, Correspondent, Mailbox, MssanteServer, Step, Taken, Trouble
from dui_bridge.sandbox.pki import MAILBOX, PASSWORD, Pki, make_pki
from tests.mail_world import DOCTOR, SENDER, built, context, destination
from tests.xds_deposits import ins

OURS = replace(SENDER, address=MAILBOX)
OTHER = "autre-esms@esms.mssante.fr"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), names=["client-mss", "client-other-ca", "server"])


@pytest.fixture(scope="module")
def running(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MssanteServer]:
    with MssanteServer(pki, tmp_path_factory.mktemp("mss"), mailboxes=(Mailbox(), Mailbox(OTHER))) as server:
        yield server


@pytest.fixture
def server(running: MssanteServer) -> MssanteServer:
    running.post.correspondents.clear()
    return running


@pytest.fixture
def taken(server: MssanteServer) -> Callable[[], list[Taken]]:
    """What it has taken since the test began."""
    before = len(server.taken)
    return lambda: server.taken[before:]


def opened(pki: Pki, server: MssanteServer, **more: object) -> closing[MssanteDestination]:
    given = {"client": "client-mss", "sender": OURS, "crl": True, **more}
    return closing(destination(pki, server.smtp[1], **given))  # type: ignore[arg-type]


def test_a_mail_to_a_professional_is_kept_byte_for_byte_with_what_asks_for_reports(
    pki: Pki, server: MssanteServer, taken: Callable[[], list[Taken]]
) -> None:
    with opened(pki, server) as to:
        prepared = to.prepare(built(), context())
        assert to.send(prepared).answer is Answer.DELIVERED
    (one,) = taken()
    assert one.content == prepared.mail.data
    assert (one.envid, one.ret, one.recipients[0].orcpt) == (
        prepared.mail.message_id,
        "HDRS",
        f"rfc822;{DOCTOR}",
    )


def test_a_mail_to_the_usager_arrives_at_the_address_of_the_ins(
    pki: Pki, server: MssanteServer, taken: Callable[[], list[Taken]]
) -> None:
    with opened(pki, server, audience="usager") as to:
        assert to.send(to.prepare(built(), context())).answer is Answer.DELIVERED
    assert [one.address for one in taken()[0].recipients] == [f"{ins().matricule}@patient.mssante.fr"]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Trouble(Step.GREETING, answer="421 4.3.2 plus tard"), errors.Busy),
        (Trouble(Step.GREETING, cut=True), errors.Unreachable),
        (Trouble(Step.STARTTLS, answer="454 4.7.0 plus tard"), errors.Busy),
        (Trouble(Step.HANDSHAKE, cut=True), errors.Unreachable),
        (Trouble(Step.AUTH, answer="454 4.7.0 plus tard"), errors.Busy),
        (Trouble(Step.MAIL, answer="451 4.3.0 plus tard"), errors.Busy),
        (Trouble(Step.RCPT, answer="450 4.2.1 plus tard"), errors.Busy),
        (Trouble(Step.END, answer="452 4.3.1 plus tard"), errors.Busy),
    ],
)
def test_what_was_not_taken_leaves_at_the_next_try_and_once(
    pki: Pki, server: MssanteServer, taken: Callable[[], list[Taken]], trouble: Trouble, kind: type[DuiBridgeError]
) -> None:
    server.troubles.add(trouble)
    with opened(pki, server) as to:
        prepared = to.prepare(built(), context())
        with pytest.raises(kind):
            to.send(prepared)
        assert to.send(prepared).answer is Answer.DELIVERED
    assert [one.content for one in taken()] == [prepared.mail.data]


def test_a_cut_in_the_middle_of_the_data_loses_nothing(
    pki: Pki, server: MssanteServer, taken: Callable[[], list[Taken]]
) -> None:
    """Whether it is known not to be taken depends on how much of it the machine had passed on."""
    server.troubles.add(Trouble(Step.DATA, cut=True))
    with opened(pki, server) as to:
        prepared = to.prepare(built(), context())
        with pytest.raises((errors.Unreachable, errors.MaybeSent)):
            to.send(prepared)
        assert taken() == []
        assert to.send(prepared).answer is Answer.DELIVERED
    assert [one.content for one in taken()] == [prepared.mail.data]


@pytest.mark.parametrize("kept", [False, True])
def test_after_the_data_without_an_answer_nobody_knows_and_the_id_stays(
    pki: Pki, server: MssanteServer, taken: Callable[[], list[Taken]], kept: bool
) -> None:
    server.troubles.add(Trouble(Step.END, cut=True, kept=kept))
    with opened(pki, server) as to:
        prepared = to.prepare(built(), context())
        with pytest.raises(errors.MaybeSent):
            to.send(prepared)
        assert to.resolve(prepared) is None
        to.send(to.prepare(built(), context()))
    assert {one.envid for one in taken()} == {prepared.mail.message_id}
    assert len(taken()) == 1 + kept


def test_refusals_of_the_operator_are_told_in_its_codes(
    pki: Pki, server: MssanteServer, taken: Callable[[], list[Taken]]
) -> None:
    server.post.correspondents[DOCTOR] = Correspondent(DOCTOR, refusal="550 5.1.1 inconnu")
    with opened(pki, server, domains=["mssante.fr", "test"]) as to:
        unknown = to.send(to.prepare(built(), context()))
        outside = to.send(to.prepare(built(), context(recipients=(Recipient("dr@hors-liste.test"),))))
    assert [(one.answer, one.code, one.findings[0].rule.id) for one in (unknown, outside)] == [
        (Answer.REFUSED, "550 5.1.1", "MSS-020"),
        (Answer.REFUSED, "550 5.1.2", "MSS-021"),
    ]
    assert taken() == []


def test_a_mail_beyond_the_size_of_the_server_is_refused_before_its_data(pki: Pki, server: MssanteServer) -> None:
    with opened(pki, server, max_megabytes=40) as to:
        outcome = to.send(to.prepare(built(pdf=bytes(20_000_000)), context()))
    assert (outcome.answer, outcome.findings[0].rule.id) == (Answer.REFUSED, "MSS-016")


def test_a_certificate_of_another_authority_and_another_sender_are_refused(pki: Pki, server: MssanteServer) -> None:
    with opened(pki, server, client="client-other-ca") as to, pytest.raises((RefusedAuthority, errors.Unreachable)):
        to.send(to.prepare(built(), context()))
    with opened(pki, server, sender=replace(OURS, address=OTHER)) as to, pytest.raises(errors.SenderRefused):
        to.send(to.prepare(built(), context()))


def test_one_certificate_may_open_several_mailboxes(
    pki: Pki, server: MssanteServer, taken: Callable[[], list[Taken]]
) -> None:
    named = {OTHER: {"user": OTHER}}
    with opened(pki, server, sender=replace(OURS, address=OTHER), mailboxes=named) as to:
        assert to.send(to.prepare(built(), context())).answer is Answer.DELIVERED
    assert taken()[0].sender == OTHER


@pytest.mark.parametrize(
    ("auth", "client", "secret"),
    [(Auth.NONE, "client-mss", ""), (Auth.LOGIN, "client-mss", PASSWORD), (Auth.XOAUTH2, None, TOKEN)],
)
def test_every_way_to_open_a_mailbox_works_and_a_wrong_secret_does_not(
    pki: Pki, tmp_path_factory: pytest.TempPathFactory, auth: Auth, client: str | None, secret: str
) -> None:
    with MssanteServer(pki, tmp_path_factory.mktemp("mss"), auth=auth) as server:
        given = {"auth": auth.value, "client": client}
        with opened(pki, server, secret=lambda: secret, **given) as to:
            assert to.send(to.prepare(built(), context())).answer is Answer.DELIVERED
        if secret:
            with opened(pki, server, secret=lambda: "faux", **given) as to, pytest.raises(errors.AuthRefused):
                to.send(to.prepare(built(), context()))


def test_who_is_refused_keeps_nobody_else_from_getting_it(
    pki: Pki, server: MssanteServer, taken: Callable[[], list[Taken]]
) -> None:
    gone = "parti@medecin.mssante.fr"
    server.post.correspondents[gone] = Correspondent(gone, refusal="550 5.1.1 Boite inconnue")
    with opened(pki, server) as to:
        prepared = to.prepare(built(), context(recipients=(Recipient(gone), Recipient(DOCTOR))))
        outcome = to.send(prepared)
    assert [(one.address, one.code) for one in outcome.untaken] == [(gone, "550 5.1.1")]
    (one,) = taken()
    assert (one.content, [to.address for to in one.recipients]) == (prepared.mail.data, [DOCTOR])
