"""The VIHF: what it says is what the DMP wants, its signature holds for judges that are not ours, wherever it stands."""

from __future__ import annotations

import logging
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from shared import shared_path
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from dui_bridge.connectors.wire.certificates import Pem
from dui_bridge.connectors.wire.net_errors import AnswerToAnother, VihfIncomplete
from dui_bridge.connectors.wire.seal import Seal
from dui_bridge.connectors.wire.soap import check_reply, open_envelope, secured_envelope
from dui_bridge.connectors.wire.tls_errors import CertificateExpired, NotForSigning
from dui_bridge.connectors.wire.vihf import Caller, Forms, Mode, Purpose, Role, Software, signed_vihf
from dui_bridge.connectors.wire.vihf_reading import ASSERTION, Verdict, read_vihf
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.xds.lot import Digest

NOW = datetime(2026, 11, 22, 10, 30, 0, 123456, tzinfo=UTC)
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
INS = QualifiedIns("207058575627097", "1.2.250.1.213.1.4.10")
AUTOMATE = Role("AUTOMATE", "1.2.250.1.213.1.1.4.6", "Automate")
DOCTOR = Role("10", "1.2.250.1.71.1.2.7", "Médecin")
SPECIALTY = Role("SM26", "1.2.250.1.71.4.2.5", "Qualifié en Médecine Générale (SM)")
SOFTWARE = Software("Pont DUI", "1.0", "HOMOLOGATION-SECRETE", "1.2.3")


def caller(
    mode: Mode = Mode.INDIRECTE, *roles: Role, name: str = "PONT DUI, Export", structure: str = "1999999999"
) -> Caller:
    return Caller(mode, "899700000001", name, structure, "SA01", roles or (AUTOMATE,), "unspecified", NOW)


def holder(
    folder: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, signs: bool = True, days: int = 9
) -> Pem:
    names = [
        (NameOID.COUNTRY_NAME, "FR"),
        (NameOID.STATE_OR_PROVINCE_NAME, "Sarthe (72)"),
        (NameOID.ORGANIZATION_NAME, "ESMS É. FICTIF"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "1999999999"),
        (NameOID.COMMON_NAME, "dmp.esms.test"),
    ]
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 7)
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.KeyUsage(True, signs, *[False] * 7), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    file = folder / f"{days}-{signs}-{type(key).__name__}.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return Pem(file)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def seal(key: rsa.RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Seal:
    return Seal(holder(tmp_path_factory.mktemp("seal"), key), now=NOW)


def vihf(seal: Seal, who: Caller | None = None, software: Software = SOFTWARE, **more: object) -> bytes:
    return signed_vihf(who or caller(), software, INS, seal, assertion_id=uuid4(), now=NOW, **more)  # type: ignore[arg-type]


def message(assertion: bytes) -> bytes:
    body = etree.fromstring('<s:b xmlns:s="urn:x" xmlns="urn:hl7-org:v3"><!--assertion--><Role/></s:b>')
    return secured_envelope(body, assertion, action="urn:a", message_id="urn:uuid:1", to="https://dmp.test/repository")


# --- what it says ---------------------------------------------------------------------------------------------------


def test_an_automate_says_who_it_is_for_whom_and_why(seal: Seal) -> None:
    assertion = etree.fromstring(vihf(seal))

    found = read_vihf(assertion)

    assert [etree.QName(one).localname for one in assertion] == [
        *("Issuer", "Signature", "Subject", "AuthnStatement", "AttributeStatement"),
    ]
    assert found.issuer == "CN=dmp.esms.test,OU=1999999999,O=ESMS É. FICTIF,ST=Sarthe (72),C=FR"
    assert (found.issued, found.name_id) == ("2026-11-22T10:30:00.123Z", "899700000001")
    assert (found.authentication, found.declaration, found.not_on_or_after) == (
        *("urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified", "", ""),
    )
    assert found.attributes == {
        "Identifiant_Structure": ("1999999999",),
        "Secteur_Activite": ("SA01^1.2.250.1.71.4.2.4",),
        "urn:oasis:names:tc:xspa:1.0:subject:subject-id": ("PONT DUI, Export",),
        "urn:oasis:names:tc:xacml:2.0:subject:role": ("AUTOMATE^Automate^1.2.250.1.213.1.1.4.6",),
        "VIHF_Version": ("3.0",),
        "Authentification_Mode": ("INDIRECTE",),
        "urn:oasis:names:tc:xacml:2.0:resource:resource-id": ("207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH",),
        "Ressource_URN": ("urn:dmp",),
        "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse": ("normal^Accès normal^1.2.250.1.213.1.1.4.248",),
        "LPS_ID": ("1.2.3",),
        "LPS_Nom": ("Pont DUI",),
        "LPS_Version": ("1.0",),
        "LPS_ID_HOMOLOGATION_DMP": ("***",),
    }


def test_a_professional_of_air_has_two_roles_and_a_declaration(seal: Seal) -> None:
    found = read_vihf(
        etree.fromstring(vihf(seal, caller(Mode.RENFORCEE, DOCTOR, SPECIALTY), purpose=Purpose.BRIS_DE_GLACE))
    )

    assert found.attributes["Authentification_Mode"] == ("INDIRECTE_RENFORCEE",)
    assert found.declaration == "CONF_EXI_PGSSIS"
    assert found.attributes["urn:oasis:names:tc:xacml:2.0:subject:role"] == (
        "10^Médecin^1.2.250.1.71.1.2.7",
        "SM26^Qualifié en Médecine Générale (SM)^1.2.250.1.71.4.2.5",
    )
    assert found.attributes["urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"][0].startswith("bris_de_glace^")


def test_the_secret_access_of_a_minor_is_said_only_when_it_is_asked_for(seal: Seal) -> None:
    name = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"

    assert name not in read_vihf(etree.fromstring(vihf(seal))).attributes
    assert read_vihf(etree.fromstring(vihf(seal, secret_access=True))).attributes[name] == (
        "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13",
    )


def test_what_published_messages_disagree_on_is_set(seal: Seal) -> None:
    forms = Forms("4.0", "Authentification_mode", "mode acces VIHF 1.0", "APP_BROWSER_AUTH", timedelta(minutes=5))

    data = vihf(seal, caller(Mode.RENFORCEE), forms=forms)
    found = read_vihf(etree.fromstring(data))

    assert found.attributes["VIHF_Version"] == ("4.0",)
    assert found.attributes["Authentification_mode"] == ("INDIRECTE_RENFORCEE",)
    assert (found.declaration, found.not_on_or_after) == ("APP_BROWSER_AUTH", "2026-11-22T10:35:00.123Z")
    assert b'codeSystemName="mode acces VIHF 1.0"' in data
    assert b"AudienceRestriction" not in data


@pytest.mark.parametrize(
    "who",
    [
        caller(Mode.INDIRECTE, DOCTOR),
        caller(Mode.INDIRECTE, Role("21", DOCTOR.system, "Pharmacien")),
        caller(name=" "),
        caller(structure=""),
    ],
)
def test_what_the_dmp_would_refuse_is_not_sent(who: Caller, seal: Seal) -> None:
    with pytest.raises(VihfIncomplete) as caught:
        vihf(seal, who)

    assert caught.value.message("fr") != caught.value.message("en")


def test_a_caller_without_a_profession_is_refused(seal: Seal) -> None:
    who = Caller(Mode.INDIRECTE, "1", "N", "1", "SA01", (), "Password", NOW)

    with pytest.raises(VihfIncomplete, match="profession"):
        vihf(seal, who)


def test_the_homologation_number_is_in_the_message_and_nowhere_else(
    seal: Seal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)  # of the root: what a site may set

    data = vihf(seal)

    assert b"HOMOLOGATION-SECRETE" in data
    assert "SECRETE" not in repr(SOFTWARE)
    assert "SECRETE" not in repr(read_vihf(etree.fromstring(data)))
    assert "SECRETE" not in caplog.text


# --- its signature --------------------------------------------------------------------------------------------------


def test_the_assertion_stands_in_the_message_byte_for_byte(seal: Seal) -> None:
    assertion = vihf(seal)

    data = message(assertion)

    assert data.count(assertion) == 1
    opened = open_envelope(data)
    assert opened.header is not None
    assert [etree.QName(one).localname for one in opened.header] == ["MessageID", "To", "ReplyTo", "Action", "Security"]
    assert (opened.message_id, opened.action) == ("urn:uuid:1", "urn:a")
    assert b"<!--assertion-->" in data  # that of the body
    inside = opened.header.find(f".//{ASSERTION}")
    assert inside is not None
    assert read_vihf(inside).signature is Verdict.HOLDS


def test_an_address_is_written_as_xml_has_it(seal: Seal) -> None:
    to = "https://dmp.test/?a=1&b=<2>"

    data = secured_envelope(b"<b/>", vihf(seal), action="urn:a&b", message_id="urn:uuid:1", to=to)

    opened = open_envelope(data)
    assert opened.header is not None
    assert opened.body is not None
    assert (opened.header.findtext("{*}To"), opened.action, opened.body.tag) == (to, "urn:a&b", "b")


def test_what_is_the_same_for_a_caller_never_carries_one_person_or_time_into_another_request(seal: Seal) -> None:
    forms, persons = Forms(validity=timedelta(minutes=5)), [INS, QualifiedIns("287033306300082", INS.oid)]
    said = []
    for number, ins in enumerate((*persons, *persons)):
        now = NOW + timedelta(hours=number)
        data = signed_vihf(caller(), SOFTWARE, ins, seal, assertion_id=uuid4(), now=now, forms=forms)
        said.append((read_vihf(etree.fromstring(data)), ins, f"{now:%Y-%m-%dT%H}"))

    for found, ins, hour in said:
        (resource,) = found.attributes["urn:oasis:names:tc:xacml:2.0:resource:resource-id"]
        assert resource.startswith(f"{ins.matricule}^")
        assert found.issued.startswith(hour)
        assert found.not_on_or_after.startswith(hour)


def test_two_requests_never_share_an_assertion(seal: Seal) -> None:
    first, second = (etree.fromstring(vihf(seal)) for _ in range(2))

    assert first.get("ID") != second.get("ID")
    assert first.findtext(f".//{DS}SignatureValue") != second.findtext(f".//{DS}SignatureValue")


@settings(max_examples=15)
@given(
    name=st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), min_size=1
    ).filter(str.strip)
)
def test_any_name_is_signed_and_read_back(name: str, seal: Seal) -> None:
    found = read_vihf(etree.fromstring(message(vihf(seal, caller(name=name)))).find(f".//{ASSERTION}"))  # type: ignore[arg-type]

    assert found.signature is Verdict.HOLDS
    assert found.attributes["urn:oasis:names:tc:xspa:1.0:subject:subject-id"] == (name.strip(),)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"207058575627097", b"207058575627098"),
        (b">INDIRECTE<", b">DIRECTE<"),
        (b"<saml2:Subject>", b"<saml2:Subject><x/>"),
        (b"<ds:X509Certificate>", b"<ds:X509Certificate>AAAA"),
        (b"<ds:DigestValue>", b"<ds:DigestValue>AA"),
        (b"xml-exc-c14n", b"unknown"),
    ],
)
def test_whatever_is_changed_breaks_the_signature(before: bytes, after: bytes, seal: Seal) -> None:
    data = vihf(seal)
    assert before in data

    assert read_vihf(etree.fromstring(data.replace(before, after, 1))).signature is Verdict.BROKEN


@pytest.mark.parametrize(
    ("before", "after", "value", "reference"),
    [
        (b"", b"", "right", "right"),
        (b">INDIRECTE<", b">DIRECTE<", "right", "wrong"),
        (b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA", "wrong", "right"),
        (b"<ds:DigestValue>", b"<ds:DigestValue>AA", "wrong", "wrong"),
        (b"<ds:X509Certificate>", b"<ds:X509Certificate>AAAA", "unknown", "right"),
        (b'<ds:Reference URI="#', b'<ds:Reference URI="#x', "wrong", "unknown"),
    ],
)
def test_the_value_of_a_signature_and_what_it_signs_are_judged_apart(
    seal: Seal, before: bytes, after: bytes, value: str, reference: str
) -> None:
    data = vihf(seal)
    assert before in data
    # As it stands in a message: spaces around it, other prefixes in scope.
    message = b'<m xmlns:m="urn:m"> ' + data.replace(before, after, 1) + b" text</m>"

    found = read_vihf(etree.fromstring(message)[0])

    assert (found.value, found.reference) == (value, reference)


def test_the_signature_of_another_assertion_is_none(seal: Seal) -> None:
    honest, forged = etree.fromstring(vihf(seal)), etree.fromstring(vihf(seal, caller(name="AUTRE")))
    mine, theirs = forged.find(f"{DS}Signature"), honest.find(f"{DS}Signature")
    assert mine is not None
    assert theirs is not None
    forged.replace(mine, theirs)
    theirs.append(honest)  # where the reference finds it

    assert read_vihf(forged).signature is Verdict.BROKEN


def test_an_assertion_without_a_signature_is_read(seal: Seal) -> None:
    assertion = etree.fromstring(vihf(seal))
    assertion.remove(assertion[1])

    found = read_vihf(assertion)

    assert (found.signature, found.algorithm, found.certificate) == (Verdict.ABSENT, "", None)


class OldSigner(XMLSigner):
    """Signs as messages before 2024 are signed."""

    def check_deprecated_methods(self) -> None:
        return


def test_an_old_signature_holds_and_its_algorithm_is_told(key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    certificate = x509.load_pem_x509_certificate(holder(tmp_path, key, days=-20).certificate.read_bytes())
    bare = etree.fromstring(f'<s:Assertion xmlns:s="{SAML[1:-1]}" ID="_1"><s:Issuer/></s:Assertion>')
    c14n = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0

    signed = OldSigner(signature_algorithm="rsa-sha1", digest_algorithm="sha1", c14n_algorithm=c14n).sign(
        bare, key=key, cert=[certificate], reference_uri="#_1"
    )

    assert read_vihf(signed).signature is Verdict.HOLDS
    assert read_vihf(signed).algorithm == f"{DS[1:-1]}rsa-sha1"


@pytest.mark.parametrize("whole", [False, True])
def test_xmlsec1_accepts_the_signature(whole: bool, seal: Seal, tmp_path: Path) -> None:
    if (program := shutil.which("xmlsec1")) is None:
        pytest.skip("xmlsec1 is not installed")
    assertion = vihf(seal, caller(Mode.RENFORCEE, DOCTOR, SPECIALTY))
    file, certificate = tmp_path / "message.xml", tmp_path / "certificate.der"
    file.write_bytes(message(assertion) if whole else assertion)
    certificate.write_bytes(seal.certificates[0])
    command = [program, "--verify", "--id-attr:ID", f"{SAML[1:-1]}:Assertion", "--pubkey-cert-der", certificate]

    assert subprocess.run([*command, file], capture_output=True).returncode == 0
    file.write_bytes(file.read_bytes().replace(b"urn:dmp", b"urn:dmq"))
    assert subprocess.run([*command, file], capture_output=True).returncode != 0


def test_the_assertion_is_valid_against_the_official_schema(seal: Seal) -> None:
    if (shared := shared_path()) is None:
        pytest.skip("the official schemas are not on this machine")
    schemas = shared / "reference" / "xds" / "schema"
    driver = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
      <xs:import namespace="{SAML[1:-1]}" schemaLocation="{schemas}/saml/sstc-saml-schema-assertion-2.0.xsd"/>
      <xs:import namespace="urn:hl7-org:v3" schemaLocation="{schemas}/hl7v3-gdp/coreschemas/datatypes-base.xsd"/>
    </xs:schema>"""
    schema = etree.XMLSchema(etree.fromstring(driver))

    for forms in (Forms(), Forms(validity=timedelta(minutes=5))):
        schema.assertValid(etree.fromstring(vihf(seal, caller(Mode.RENFORCEE, DOCTOR, SPECIALTY), forms=forms)))


def test_the_published_assertions_are_read() -> None:
    if (shared := shared_path()) is None:
        pytest.skip("the official messages are not on this machine")
    samples = shared / "reference" / "xds" / "samples" / "dmp-gie-sv"

    signed = read_vihf(etree.fromstring((samples / "VIHF-INDIRECTE-signe.xml").read_bytes()))
    bare = read_vihf(etree.fromstring((samples / "VIHF-DIRECTE-non-signe.xml").read_bytes().decode("cp1252")))

    # It was edited after it was signed; xmlsec1 finds that its digest is another, too.
    assert (signed.signature, signed.algorithm) == (Verdict.BROKEN, f"{DS[1:-1]}rsa-sha1")
    assert (signed.value, signed.reference) == ("right", "wrong")
    assert signed.attributes["Authentification_mode"] == ("INDIRECTE",)
    assert signed.certificate is not None
    assert signed.certificate.subject.rfc4514_string() == signed.issuer
    assert (bare.signature, bare.attributes["Authentification_mode"]) == (Verdict.ABSENT, ("DIRECTE",))


# --- who may sign ---------------------------------------------------------------------------------------------------


def test_a_certificate_that_does_not_sign_is_refused_before_anything_is_sent(
    key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    for material in (holder(tmp_path, key, signs=False), holder(tmp_path, ec.generate_private_key(ec.SECP256R1()))):
        with pytest.raises(NotForSigning):
            Seal(material, now=NOW)
    with pytest.raises(CertificateExpired):
        Seal(holder(tmp_path, key, days=-1), now=NOW)


def test_a_seal_signs_a_lot_with_either_hash(key: rsa.RSAPrivateKey, seal: Seal) -> None:
    key.public_key().verify(seal.sign(b"x", Digest.SHA1), b"x", PKCS1v15(), hashes.SHA1())
    key.public_key().verify(seal.sign(b"x", Digest.SHA256), b"x", PKCS1v15(), hashes.SHA256())


# --- answers --------------------------------------------------------------------------------------------------------


def answer(relates: str, inside: str = "<r/>") -> bytes:
    return (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Header xmlns:w="http://www.w3.org/2005/08/addressing">'
        f"{relates}</e:Header><e:Body>{inside}</e:Body></e:Envelope>"
    ).encode()


OURS, OTHERS = (f"<w:RelatesTo>urn:uuid:{n}</w:RelatesTo>" for n in (1, 2))
FAULT = "<e:Fault/>"


@pytest.mark.parametrize(("relates", "inside"), [(OURS, "<r/>"), (OURS, FAULT), ("", FAULT)])
def test_the_answer_to_our_message_is_taken(relates: str, inside: str) -> None:
    check_reply(open_envelope(answer(relates, inside)), "urn:uuid:1", service="DMP")


@pytest.mark.parametrize(("relates", "inside"), [(OTHERS, "<r/>"), (OTHERS, FAULT), ("", "<r/>")])
def test_the_answer_to_another_is_put_aside(relates: str, inside: str) -> None:
    with pytest.raises(AnswerToAnother, match="DMP"):
        check_reply(open_envelope(answer(relates, inside)), "urn:uuid:1", service="DMP")


def test_an_assertion_is_as_fresh_as_the_ids_it_is_given(seal: Seal) -> None:
    one = UUID(int=5)

    assert signed_vihf(caller(), SOFTWARE, INS, seal, assertion_id=one, now=NOW) == signed_vihf(
        caller(), SOFTWARE, INS, seal, assertion_id=one, now=NOW
    )
