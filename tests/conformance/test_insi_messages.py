"""Messages of INSi against the published ones: samples, codes, WSDL and schemas 1.5.0, without any network."""

from __future__ import annotations

import copy
import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from insi_messages import ADRTROIS, SOFTWARE, STAMP, fault
from lxml import etree
from shared import shared_path

from dui_bridge.connectors.insi.decode import decode
from dui_bridge.connectors.insi.errors import FAULTS, error_of
from dui_bridge.connectors.insi.messages import SEARCH, Logiciel, Stamp, read_result, search_request
from dui_bridge.connectors.wire.soap import open_envelope
from dui_bridge.errors import FixConfiguration, Retry
from dui_bridge.model.insi import CodeReponse, Demande
from dui_bridge.sandbox.insi.answers import FAULTS as SANDBOX_FAULTS
from dui_bridge.sandbox.insi.answers import fault as sandbox_fault
from dui_bridge.sandbox.insi.answers import result as sandbox_result
from dui_bridge.sandbox.insi.persons import official_persons
from dui_bridge.sandbox.insi.request import Contract, read_request

SHARED = shared_path()
pytestmark = pytest.mark.skipif(SHARED is None, reason="the official reference material is not on this machine")
INS = (SHARED or Path()) / "reference/ins"
SOAP_SCHEMAS = (SHARED or Path()) / "reference/xds/schema/soap"
CONTRACT = INS / "insi-wsdl-1.5.0"
WSDL = CONTRACT / "DESIR_ICIR_EXP_1.5.0.wsdl"
SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
WSA = "{http://www.w3.org/2005/08/addressing}"
SECURITY = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}Security"
D_ARTAGNAN = Demande("D'ARTAGNAN DE L'HERAULT", ("PIERRE-ALAIN",), "M", "2001-06-17")


def sample(path: str) -> bytes:
    return (INS / "insi-soap" / path).read_bytes()


def canonical(element: etree._Element) -> str:
    """C14N 2.0 that renames prefixes, without declarations that nothing uses, nor space between elements."""
    return etree.canonicalize(etree.tostring(element, encoding="unicode"), strip_text=True, rewrite_prefixes=True)


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_request_is_the_published_one_of_a_client_by_certificate() -> None:
    """Header order included. Differences: prefixes, unused declarations, `Body/@Id`, and the free text `LPS/Nom`."""
    published = etree.fromstring(sample("requests/rechercherInsAvecTraitsIdentite_tlsm_sans-assertion.xml"))
    ours = etree.fromstring(search_request(ADRTROIS, SOFTWARE, STAMP))
    del published.find(f"{SOAP}Body").attrib["Id"]  # type: ignore[union-attr]
    name = published.find(".//{urn:siram:lps:ctxlps}Nom")
    assert name is not None
    assert name.text == "LOGICIEL"
    name.text = "urn:lps:LOGICIEL:2022"
    assert canonical(ours) == canonical(published)


def test_the_published_request_with_an_assertion_differs_by_the_assertion_alone() -> None:
    """CPS mode: the same message with `wsse:Security` at the end of the header."""
    published = etree.fromstring(sample("requests/rechercherInsAvecTraitsIdentite_CPS_assertion.xml"))
    published.find(f"{SOAP}Header").remove(published.find(f".//{SECURITY}"))  # type: ignore[union-attr,arg-type]
    without = etree.fromstring(sample("requests/rechercherInsAvecTraitsIdentite_tlsm_sans-assertion.xml"))
    assert canonical(published) == canonical(without)


def test_a_request_is_that_of_live_traffic_but_for_optional_headers() -> None:
    """The other client adds an empty `Security`, `To`, `ReplyTo` and `FaultTo`, the attribute `Nature` and the version
    "1.0" of the context BAM, and orders its headers otherwise; it names the software as we do."""
    published = etree.fromstring(sample("requests/rechercherInsAvecTraitsIdentite_tlsm_java-wire.xml"))
    at = datetime.fromisoformat("2023-07-27T10:57:13.591+02:00")
    stamp = Stamp(
        UUID("168d4d43-f0c1-4c55-8bf0-954872f2e315"),
        UUID("ac039d94-7f44-4f09-af0e-513d3dfe3dbb"),
        UUID("fd9da709-1183-413e-a33b-cfb0badc076b"),
        at,
    )
    instance = UUID("00000000-0000-4000-8000-000000000001")
    software = Logiciel("IDAM_A_REMPLACER", "LOGICIEL", "1.25.4", instance, "OU_DU_CERTIFICAT")
    ours = etree.fromstring(search_request(D_ARTAGNAN, software, stamp))
    assert _parts(ours) == _parts(published)


def _parts(envelope: etree._Element) -> list[str]:
    """Body and headers that both have, in an order of their own, without times."""
    header, body = envelope.find(f"{SOAP}Header"), envelope.find(f"{SOAP}Body")
    assert header is not None
    assert body is not None
    left_out = {SECURITY, f"{WSA}To", f"{WSA}ReplyTo", f"{WSA}FaultTo"}
    parts = [copy.deepcopy(one) for one in (*header, *body) if one.tag not in left_out]
    for part in parts:
        for name in ("Nature", "Version"):
            if part.tag == "{urn:siram:bam:ctxbam}ContexteBAM":
                part.attrib.pop(name, None)
        for time in part.iter("{*}Temps"):
            time.text = ""
    return sorted(canonical(part) for part in parts)


def test_the_body_is_that_of_the_conformity_tests() -> None:
    published = etree.fromstring(sample("cnda-samples/WS_INS2_rechercherInsAvecTraitsIdentite_requete.xml"))
    ours = search_request(Demande("ADRDEUX", ("LAURENT",), "M", "1981-01-01"), SOFTWARE, STAMP)
    assert canonical(open_envelope(ours).body) == canonical(published)  # type: ignore[arg-type]


def test_a_request_and_all_its_headers_are_valid_by_the_official_schemas() -> None:
    envelope = etree.fromstring(
        search_request(Demande("CORSE", ("ANTHONY", "PAUL"), "M", "1980-03-02", "2B020"), SOFTWARE, STAMP)
    )
    addressing = etree.XMLSchema(etree.parse(SOAP_SCHEMAS / "ws-addr.xsd"))
    contract = Contract(CONTRACT)
    parts = [*envelope.find(f"{SOAP}Header"), *envelope.find(f"{SOAP}Body")]  # type: ignore[misc]
    for part in parts:
        if part.tag.startswith(WSA):
            assert addressing.validate(part), addressing.error_log
        else:
            assert contract.faults(part) == ()
    assert [etree.QName(part).localname for part in parts] == [
        "ContexteBAM",
        "ContexteLPS",
        "Action",
        "MessageID",
        "RECSANSVITALE",
    ]


def test_the_stand_in_accepts_the_published_requests_and_finds_fault_with_a_wrong_one() -> None:
    contract, media = Contract(CONTRACT), f'application/soap+xml; charset=utf-8; action="{SEARCH}"'
    for name in ("tlsm_sans-assertion", "tlsm_java-wire"):
        request = read_request(sample(f"requests/rechercherInsAvecTraitsIdentite_{name}.xml"), media, contract)
        assert request.faults == ()
    wrong = sample("requests/rechercherInsAvecTraitsIdentite_tlsm_sans-assertion.xml").replace(b"01_00", b"02_00")
    assert read_request(wrong, media, contract).faults == ("CTXLPS: Version",)
    assert "XSD" in str(read_request(wrong.replace(b'Nature="CTXLPS"', b'Nature="X"'), media, contract).faults)


# --- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "code", "matricule", "oid_end", "history"),
    [
        ("cnda-samples/REP_CR01.xml", "01", None, "", []),
        ("cnda-samples/TEST_2.04_cas2.xml", "00", "109076322083489", "8", ["209076322083439", "209066322012355"]),
        ("cnda-samples/TEST_2.05.xml", "00", "109076322088835", "9", []),
        ("cnda-samples/TEST_2.08_cas1.xml", "00", "180032B02040123", "8", ["180032B02040123"]),
        ("cnda-samples/TEST_2.08_cas2.xml", "00", "181036322045676", "8", ["181036322045676", "281036322045610"]),
        ("live-test-env/resultat_00_d-artagnan.xml", "00", "101066322075460", "8", []),
        ("live-test-env/resultat_00_adrtrois-toussaint_corse.xml", "00", "160012B02077713", "8", []),
        ("live-test-env/resultat_00_tchitchi.xml", "00", "236066322083656", "8", []),
        ("live-test-env/resultat_02_de-vinci-sans-lieu.xml", "02", None, "", []),
    ],
)
def test_every_published_answer_is_read(
    path: str, code: str, matricule: str | None, oid_end: str, history: list[str]
) -> None:
    answer = read_result(open_envelope(sample(path)))
    assert answer.code is CodeReponse(code)
    if matricule is None:
        assert answer.individu is None
        return
    person = answer.individu
    assert person is not None
    assert (person.actif.matricule15, person.actif.oid) == (matricule, f"1.2.250.1.213.1.4.{oid_end}")
    assert [former.matricule15 for former in person.historique] == history


def test_the_traits_of_an_answer_are_unaltered() -> None:
    person = read_result(open_envelope(sample("live-test-env/resultat_00_d-artagnan.xml"))).individu
    assert person is not None
    assert (person.nom_naissance, person.prenoms, person.sexe, person.date_naissance, person.lieu_naissance) == (
        "D'ARTAGNAN DE L'HERAULT",
        "PIERRE-ALAIN GUNTHER",
        "M",
        "2001-06-17",
        "63220",
    )


@pytest.mark.parametrize(
    ("path", "code", "family"),
    [
        ("live-test-env/fault_siram_40_insi_102.xml", "insi_102", Retry),
        ("live-test-env/fault_siram_100_desir_550_idam-inconnu.xml", "desir_550", FixConfiguration),
    ],
)
def test_every_published_fault_is_mapped(path: str, code: str, family: type[Exception]) -> None:
    found = open_envelope(sample(path)).fault
    assert found is not None
    error = error_of(found)
    assert type(error) is FAULTS[code]
    assert isinstance(error, family)
    assert code in error.message("fr")


def test_every_code_and_fault_of_the_list_is_mapped() -> None:
    with (INS / "insi-return-codes.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    codes = {row["code"] for row in rows if row["level"] == "CodeCR"}
    faults = {row["code"]: row["meaning_and_action"] for row in rows if row["level"].startswith(("SOAP", "siram"))}
    assert codes == set(CodeReponse)
    assert faults.keys() == FAULTS.keys()
    for code, meaning in faults.items():
        found = open_envelope(fault(code)).fault
        assert found is not None
        assert isinstance(error_of(found), Retry if code in {"siram_40", "insi_102"} else FixConfiguration), meaning
        played = open_envelope(sandbox_fault(SANDBOX_FAULTS[code])).fault
        assert played is not None
        assert type(error_of(played)) is FAULTS[code]


def test_the_stand_in_answers_for_the_official_persons_as_the_samples_do() -> None:
    by_number = {person.number.matricule: person for person in official_persons()}
    for path in sorted((INS / "insi-soap").rglob("*.xml")):
        published = decode(path.read_bytes())
        if "individu" in published:
            person = by_number[published["individu"]["actif"]["matricule"]]
            assert decode(sandbox_result([person]))["individu"] == published["individu"], path.name


# --- decoding -------------------------------------------------------------------------------------------------------


def test_every_published_message_is_understood() -> None:
    kinds: dict[str, int] = {}
    for path in sorted((INS / "insi-soap").rglob("*.xml")):
        read = decode(path.read_bytes())
        assert read["understood"], path.name
        assert json.dumps(read)
        kinds[read["kind"]] = kinds.get(read["kind"], 0) + 1
    assert kinds == {"answer": 9, "fault": 2, "request": 4, "context": 1}


def test_a_wrong_key_is_named_where_it_stands() -> None:
    remarks = decode(sample("cnda-samples/TEST_2.08_cas2.xml"))["remarks"]
    assert {"code": "key_wrong", "where": "INSHISTO[2]", "matricule": "281036322045610", "expected": "26"} in remarks
    assert {"code": "history_repeats_active", "where": "INSHISTO[1]"} in remarks
    assert len(remarks) == 2


def test_the_severity_outside_the_contract_is_a_remark_and_no_obstacle() -> None:
    read = decode(sample("live-test-env/fault_siram_40_insi_102.xml"))
    assert read["remarks"] == [{"code": "severity_outside_contract", "value": "fatal"}]
    assert (read["fault"]["error"], read["fault"]["retry"]) == ("TSI-303", True)


@pytest.mark.parametrize(
    ("name", "security"), [("CPS_assertion", "assertion"), ("tlsm_java-wire", "empty"), ("tlsm_sans-assertion", "none")]
)
def test_a_request_says_how_its_caller_is_known_and_hides_the_authorisation(name: str, security: str) -> None:
    read = decode(sample(f"requests/rechercherInsAvecTraitsIdentite_{name}.xml"))
    assert read["security"] == security
    assert read["contexts"]["ContexteLPS"]["LPS"]["IDAM"] == "***"


# --- an independent reader ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def service() -> Any:
    """The binding of the local WSDL as zeep reads it; whatever it wants to fetch fails."""
    zeep = pytest.importorskip("zeep", reason="zeep is not installed")

    class Offline(zeep.transports.Transport):  # type: ignore[name-defined,misc]
        def load(self, url: str) -> bytes:
            return (SOAP_SCHEMAS / "ws-addr.xsd" if url.endswith("/ws-addr.xsd") else Path(url)).read_bytes()

    return zeep.Client(str(WSDL), transport=Offline())


def test_zeep_reads_our_request_back_by_the_wsdl(service: Any) -> None:
    asked = Demande("CORSE", ("ANTHONY", "PAUL"), "M", "1980-03-02", "2B020")
    envelope = etree.fromstring(search_request(asked, SOFTWARE, STAMP))
    element = service.get_element("{http://www.cnamts.fr/INSiRecSans}RECSANSVITALE")
    read = element.parse(envelope.find(f"{SOAP}Body/{element.qname}"), service.wsdl.types)
    assert (read.NomNaissance, tuple(read.Prenom), read.Sexe, read.DateNaissance, read.LieuNaissance) == (
        asked.nom_naissance,
        asked.prenoms,
        asked.sexe,
        asked.date_naissance,
        asked.lieu_naissance,
    )
    bam = service.get_element("{urn:siram:bam:ctxbam}ContexteBAM")
    context = bam.parse(envelope.find(f"{SOAP}Header/{bam.qname}"), service.wsdl.types)
    assert (context.Version, context.Emetteur) == ("01_02", SOFTWARE.emetteur)
    assert context.Temps.astimezone(UTC) == STAMP.at
    lps = service.get_element("{urn:siram:lps:ctxlps}ContexteLPS")
    software = lps.parse(envelope.find(f"{SOAP}Header/{lps.qname}"), service.wsdl.types).LPS
    assert (software.IDAM._value_1, software.IDAM.R, software.Instance) == (
        "IDAM_A_REMPLACER",
        "4",
        str(SOFTWARE.instance),
    )
    operation = service.service._binding.get("rechercherInsAvecTraitsIdentite")
    assert operation.soapaction == envelope.findtext(f".//{WSA}Action") == SEARCH


def test_zeep_reads_the_stand_ins_answer_by_the_wsdl(service: Any) -> None:
    person = next(one for one in official_persons() if one.nom_naissance == "ECETINSI")
    operation = service.service._binding.get("rechercherInsAvecTraitsIdentite")
    answer = operation.process_reply(etree.fromstring(sandbox_result([person])))
    assert answer.CR.CodeCR == "00"
    assert answer.INDIVIDU.INSACTIF.IdIndividu.NumIdentifiant == "1090763220834"
    assert [former.IdIndividu.Cle for former in answer.INDIVIDU.INSHISTO] == ["39", "55"]
    assert answer.INDIVIDU.TIQ.ListePrenom == "PIERRE-ALAIN MURIEL FLORIANT"
