"""Searches at the stand-in of INSi over mutual TLS: the persons of the conformity tests, faults, certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from dui_bridge.connectors.insi import InsiSettings
from dui_bridge.connectors.insi import errors as insi_errors
from dui_bridge.connectors.insi.client import InsiService
from dui_bridge.connectors.insi.echelle import End
from dui_bridge.connectors.insi.messages import Logiciel
from dui_bridge.connectors.insi.opening import open_service
from dui_bridge.connectors.insi.parcours import Parcours, climb
from dui_bridge.connectors.wire import tls_errors
from dui_bridge.connectors.wire.certificates import Pem, Pkcs12
from dui_bridge.connectors.wire.http import client
from dui_bridge.connectors.wire.tls import Trust, client_context
from dui_bridge.errors import DuiBridgeError
from dui_bridge.ins.invented import invented_matricule
from dui_bridge.ins.preflight import Envoi
from dui_bridge.model.insi import Demande
from dui_bridge.model.profile import SANDBOX_STRUCTURE, Profile
from dui_bridge.sandbox.insi import IDAM, InsiServer, Number, Person, Trouble
from dui_bridge.sandbox.pki import PASSWORD, Holder, Pki, make_pki

INSTANCE = UUID("ff67308e-039f-4158-9dcc-0a08a20ba35c")
ADRUN = Demande("ADRUN", ("ZOE",), "F", "1975-12-31")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def injected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("injected")


@pytest.fixture(scope="module")
def server(pki: Pki, injected: Path) -> Iterator[InsiServer]:
    jean = Person(
        nom_naissance="VASSEUR",
        premier_prenom="JEAN PIERRE",
        prenoms="JEAN PIERRE MARC",
        sexe="M",
        date_naissance="1950-05-05",
        lieu_naissance="63220",
        number=Number(invented_matricule("M", 1950, 5, "63220"), "1.2.250.1.213.1.4.8"),
    )
    with InsiServer(pki, persons=[jean], folder=injected) as server:
        yield server


@pytest.fixture
def service(pki: Pki, server: InsiServer) -> Iterator[InsiService]:
    opened = _open(pki, server, pki.insi_auto)
    yield opened
    opened.close()


def _open(pki: Pki, server: InsiServer, holder: Holder, idam: str = IDAM) -> InsiService:
    return open_service(
        InsiSettings(url=server.url, timeout=2),
        Profile.SANDBOX,
        Pkcs12(holder.pkcs12, PASSWORD),
        Trust((pki.ca,)),
        crl=[pki.crl],
        idam=idam,
        nom="MONDUI",
        version="2.3",
        instance=INSTANCE,
    )


def _search(service: InsiService, envoi: Envoi) -> Parcours:
    return climb(service, envoi, now=lambda: datetime.now(UTC), traced=lambda call: None)


@pytest.mark.parametrize(
    ("envoi", "calls", "matricule"),
    [
        (Envoi("D'ARTAGNAN DE L'HERAULT", ("PIERRE-ALAIN",), "M", "2001-06-17", None), 1, "101066322075460"),
        (Envoi("ADRTROIS", ("TOUSSAINT",), "M", "1960-01-01", None), 1, "160012B02077713"),
        (Envoi("DE VINCI", ("LEONARDO", "PIERO"), "M", "2014-02-01", "63220"), 3, "114026322083356"),
        (Envoi("TCHITCHI", ("OLA", "CATARINA", "BELLA"), "F", "1936-06-21", None), 2, "236066322083656"),
        (Envoi("VASSEUR", ("JEAN", "PIERRE"), "M", "1950-05-05", None), 3, invented_matricule("M", 1950, 5, "63220")),
    ],
    ids=["2.03 characters", "2.03 Corsica", "2.06 place", "2.07 one by one", "joined"],
)
def test_the_persons_of_the_conformity_tests_are_found(
    service: InsiService, envoi: Envoi, calls: int, matricule: str
) -> None:
    ended = _search(service, envoi)
    assert ended.individu is not None
    assert (ended.end, len(ended.calls), ended.individu.actif.matricule15) == (End.FOUND, calls, matricule)


def test_former_numbers_come_with_the_person(service: InsiService) -> None:
    found = service.search(Demande("ECETINSI", ("PIERRE-ALAIN",), "M", "2009-07-14")).individu
    assert found is not None
    assert [former.matricule15 for former in found.historique] == ["209076322083439", "209066322012355"]


def test_nobody_is_found_after_every_given_name(service: InsiService) -> None:
    ended = _search(service, Envoi("HOUILLES", ("PIERRE", "PAUL", "JACQUES"), "M", "1993-01-27", None))
    assert (ended.end, len(ended.calls)) == (End.NONE, 4)


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Trouble("insi_102"), insi_errors.TechnicalError),
        (Trouble("siram_40"), insi_errors.Unavailable),
        (Trouble("siram_100"), insi_errors.SoftwareRefused),
        (Trouble("unknown"), insi_errors.FaultUnknown),
        (Trouble(status=403, body=b"<html>proxy</html>"), insi_errors.NotTheService),
        (Trouble(status=503, body=b"<html>maintenance</html>"), insi_errors.Unanswered),
        (Trouble(cut=True), insi_errors.Unanswered),
    ],
    ids=lambda value: value.fault or str(value.status or "cut") if isinstance(value, Trouble) else "",
)
def test_trouble_is_told_apart_and_the_next_search_succeeds(
    service: InsiService, server: InsiServer, trouble: Trouble, expected: type[DuiBridgeError]
) -> None:
    server.troubles.add(replace(trouble, nom_naissance="ADRUN"))
    with pytest.raises(DuiBridgeError) as caught:
        service.search(ADRUN)
    assert type(caught.value) is expected
    assert service.search(ADRUN).individu is not None


def test_an_answer_may_be_injected_for_a_search(service: InsiService, injected: Path) -> None:
    assert service.search(Demande("NESSI", ("RUTH",), "F", "1977-07-14")).code == "00"
    envelope = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><RESULTAT '
        'xmlns="http://www.cnamts.fr/INSiResultat"><CR><CodeCR>01</CodeCR><LibelleCR>Aucune</LibelleCR></CR>'
        "</RESULTAT></s:Body></s:Envelope>"
    )
    (injected / "NESSI_RUTH.xml").write_text(envelope)
    assert service.search(Demande("NESSI", ("RUTH",), "F", "1977-07-14")).libelle == "Aucune"


def test_the_certificate_for_started_calls_is_let_in(pki: Pki, server: InsiServer) -> None:
    service = _open(pki, server, pki.insi_manu)
    assert service.search(ADRUN).individu is not None
    assert server.calls[-1].certificate == "INSI-MANU"
    service.close()


def test_an_unknown_authorisation_number_is_refused(pki: Pki, server: InsiServer) -> None:
    service = _open(pki, server, pki.insi_auto, idam="AUTRE")
    with pytest.raises(insi_errors.IdamUnknown):
        service.search(ADRUN)
    service.close()


def test_a_certificate_of_another_name_is_refused_here_and_there(pki: Pki, server: InsiServer) -> None:
    wrong = pki.holder("client-wrong-name")
    with pytest.raises(insi_errors.CertificateName):
        _open(pki, server, wrong)
    with pytest.raises(insi_errors.CertificateLevel):
        _bare(pki, server, Pkcs12(wrong.pkcs12, PASSWORD)).search(ADRUN)
    assert server.calls[-1].answer == "desir_560"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("client-revoked", tls_errors.RefusedRevoked), ("client-other-ca", tls_errors.RefusedAuthority)],
)
def test_a_bad_certificate_ends_the_handshake(
    pki: Pki, server: InsiServer, name: str, expected: type[DuiBridgeError]
) -> None:
    calls = len(server.calls)
    service = _open(pki, server, pki.holder(name))
    with pytest.raises(expected):
        service.search(ADRUN)
    service.close()
    assert len(server.calls) == calls


def test_without_a_certificate_nothing_is_answered(pki: Pki, server: InsiServer) -> None:
    with pytest.raises(tls_errors.CertificateWanted):
        _bare(pki, server, None).search(ADRUN)


def test_an_emitter_that_is_not_the_structure_of_the_certificate_is_found_fault_with(
    pki: Pki, server: InsiServer
) -> None:
    with pytest.raises(insi_errors.FaultUnknown):
        _bare(pki, server, Pem(pki.insi_auto.certificate, pki.insi_auto.key), "AUTRE").search(ADRUN)
    assert server.calls[-1].faults == ("Emetteur is not the OU of the certificate",)


def _bare(
    pki: Pki, server: InsiServer, material: Pkcs12 | Pem | None, emetteur: str = SANDBOX_STRUCTURE
) -> InsiService:
    """A service that does not look at its own certificate first."""
    http = client(client_context(material, Trust((pki.ca,))), timeout=2)
    return InsiService(http, server.url, Logiciel(IDAM, "MONDUI", "2.3", INSTANCE, emetteur))
