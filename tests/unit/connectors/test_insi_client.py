"""One call to INSi: what is refused before it leaves, and what every answer becomes."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import httpx
import pytest
from insi_messages import ADRTROIS, SOFTWARE, STAMP, fault, result, soap

from dui_bridge.connectors.insi import CallOn, InsiSettings, VerificationSettings
from dui_bridge.connectors.insi import errors as insi_errors
from dui_bridge.connectors.insi.client import InsiService
from dui_bridge.connectors.insi.messages import SHOWN
from dui_bridge.connectors.insi.opening import address
from dui_bridge.connectors.wire.capture import KEPT, Capture
from dui_bridge.errors import AskService, DuiBridgeError
from dui_bridge.model.insi import Demande, MatriculeIns
from dui_bridge.model.profile import Profile

FOUND = """<CR><CodeCR>00</CodeCR><LibelleCR>OK</LibelleCR></CR><INDIVIDU>
<INSACTIF><IdIndividu><NumIdentifiant>297022A020778</NumIdentifiant><Cle>78</Cle></IdIndividu>
<OID>1.2.250.1.213.1.4.8</OID></INSACTIF><TIQ><NomNaissance>ADRTROIS</NomNaissance>
<ListePrenom>DOMINIQUE</ListePrenom><Sexe>F</Sexe><DateNaissance>1997-02-26</DateNaissance>
<LieuNaissance>2A020</LieuNaissance></TIQ></INDIVIDU>"""
VERIFIER = VerificationSettings(namespace="urn:exemple", root="VERIFIER")


class Peer:
    """Answers every POST with the same bytes, and keeps what it was sent."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.body, self.status = body, status
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, content=self.body)


def service(
    peer: Peer, *, verification: VerificationSettings | None = None, capture: Path | None = None
) -> InsiService:
    ids = iter([STAMP.message, STAMP.bam, STAMP.lps, *(UUID(int=number) for number in range(9))])
    return InsiService(
        httpx.Client(transport=httpx.MockTransport(peer)),
        "https://localhost/lps",
        SOFTWARE,
        verification=verification,
        capture=None if capture is None else Capture(capture, kept=KEPT | SHOWN),
        now=lambda: STAMP.at,
        new_id=lambda: next(ids),
    )


def refusal(peer: Peer, demande: Demande = ADRTROIS) -> DuiBridgeError:
    with pytest.raises(DuiBridgeError) as caught:
        service(peer).search(demande)
    return caught.value


def test_an_answer_is_given_unaltered() -> None:
    found = service(Peer(result(FOUND))).search(ADRTROIS).individu
    assert found is not None
    assert (found.actif.matricule15, found.lieu_naissance) == ("297022A02077878", "2A020")


@pytest.mark.parametrize(
    ("trait", "demande"),
    [
        ("nom_naissance", Demande("Adrtrois", ("DOMINIQUE",), "F", "1997-02-26")),
        ("nom_naissance", Demande("ADRTROIS\x00", ("DOMINIQUE",), "F", "1997-02-26")),
        ("prenoms", Demande("ADRTROIS", ("ZOÉ",), "F", "1997-02-26")),
        ("prenoms", Demande("ADRTROIS", (), "F", "1997-02-26")),
        ("sexe", Demande("ADRTROIS", ("DOMINIQUE",), "I", "1997-02-26")),  # type: ignore[arg-type]
        ("date_naissance", Demande("ADRTROIS", ("DOMINIQUE",), "F", "1997-02")),
        ("lieu_naissance", Demande("ADRTROIS", ("DOMINIQUE",), "F", "1997-02-26", "PARIS")),
    ],
)
def test_a_trait_outside_the_lexicon_is_never_sent(trait: str, demande: Demande) -> None:
    peer = Peer(result(FOUND))
    error = refusal(peer, demande)
    assert (type(error), error.values, peer.requests) == (insi_errors.TraitRefused, {"trait": trait}, [])


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("<CR><CodeCR>03</CodeCR><LibelleCR>?</LibelleCR></CR>", "unknown CodeCR '03'"),
        ("<CR><CodeCR>00</CodeCR><LibelleCR>OK</LibelleCR></CR>", "code 00 without INDIVIDU"),
        (FOUND.replace("<CodeCR>00", "<CodeCR>02"), "code 02 with INDIVIDU"),
        (FOUND.replace("INSACTIF", "INSAUTRE"), "INDIVIDU without INSACTIF or TIQ"),
        (FOUND.replace("<OID>1.2.250.1.213.1.4.8</OID>", ""), "a number without NumIdentifiant or OID"),
    ],
)
def test_an_answer_outside_the_contract_is_never_guessed(inside: str, reason: str) -> None:
    error = refusal(Peer(result(inside)))
    assert isinstance(error, insi_errors.AnswerUnreadable)
    assert error.values["reason"] == reason


def test_an_answer_to_another_message_is_put_aside() -> None:
    relates = '<w:RelatesTo xmlns:w="http://www.w3.org/2005/08/addressing">uuid:0</w:RelatesTo>'
    body = '<RESULTAT xmlns="http://www.cnamts.fr/INSiResultat"/>'
    assert isinstance(refusal(Peer(soap(body, relates))), insi_errors.AnswerToAnother)


def test_the_page_of_a_proxy_is_named_as_such() -> None:
    assert isinstance(refusal(Peer(b"<html>portail</html>")), insi_errors.NotTheService)
    assert isinstance(refusal(Peer(b"<html>gateway</html>", 502)), insi_errors.Unanswered)


def test_the_detail_of_a_fault_counts_before_its_subcode_whatever_the_case() -> None:
    assert isinstance(refusal(Peer(fault("siram_100", "DESIR_560"), 500)), insi_errors.CertificateLevel)
    assert isinstance(refusal(Peer(fault("siram_100"), 500)), insi_errors.SoftwareRefused)


def test_a_fault_that_nobody_knows_is_for_the_service_in_its_own_words() -> None:
    error = refusal(Peer(fault("siram_777", "desir_999", "Quota dépassé."), 500))
    assert isinstance(error, AskService)
    assert "(siram_777/desir_999) : Refus. Quota dépassé." in error.message("fr")


def test_the_words_of_a_fault_lose_the_person() -> None:
    text = "Adrtrois DOMINIQUE (1997-02-26, 2 97 02 2A 020 778) est inconnue"
    message = refusal(Peer(fault("siram_777", "desir_999", text), 500)).message()
    assert message.endswith("Refus. … … (…, …) est inconnue")


def test_a_capture_shows_the_code_and_nothing_of_the_person(tmp_path: Path) -> None:
    service(Peer(result(FOUND)), capture=tmp_path).search(ADRTROIS)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"<CodeCR>00" in kept
    assert all(secret not in kept for secret in (b"ADRTROIS", b"1997", b"297022", b"IDAM_A"))


def test_verification_is_off_unless_configured() -> None:
    with pytest.raises(insi_errors.VerificationOff):
        service(Peer(b"")).verify(ADRTROIS, MatriculeIns("297022A020778", "1.2.250.1.213.1.4.8", "78"))


def test_a_configured_verification_asks_with_the_number_and_reads_the_code() -> None:
    peer = Peer(
        soap(
            '<R xmlns="http://www.cnamts.fr/INSiLot2/REPUnitaire"><CR><CodeCR>00</CodeCR><LibelleCR>OK</LibelleCR></CR></R>'
        )
    )
    number = MatriculeIns("297022A020778", "1.2.250.1.213.1.4.8", "78")
    assert service(peer, verification=VERIFIER).verify(ADRTROIS, number).conforme
    sent = peer.requests[0].content
    assert b'<ver:VERIFIER xmlns:ver="urn:exemple"><ver:IndividuVerifie><ver:INSFourni>' in sent
    assert b"verifierInsAvecTraitsIdentite</wsa:Action>" in sent


def test_the_profiles_are_never_mixed() -> None:
    assert address(InsiSettings(), Profile.PRODUCTION) == "https://services-ps-tlsm.ameli.fr/lps"
    assert address(InsiSettings(url="https://localhost:8443/lps"), Profile.SANDBOX).startswith("https://localhost")
    quali = address(InsiSettings(), Profile.QUALIFICATION)
    mixed: list[tuple[str | None, Profile]] = [
        (None, Profile.SANDBOX),
        (quali, Profile.SANDBOX),
        (quali, Profile.PRODUCTION),
        ("https://services-ps-tlsm.ameli.fr/lps", Profile.QUALIFICATION),
        ("https://localhost/lps", Profile.QUALIFICATION),
        ("http://localhost/lps", Profile.SANDBOX),
    ]
    for url, profile in mixed:
        with pytest.raises(insi_errors.AddressOfOtherProfile):
            address(InsiSettings(url=url), profile)


def test_everybody_is_searched_in_the_sandbox_only() -> None:
    assert CallOn.ANY not in InsiSettings().call_on
    everybody = InsiSettings(call_on=(CallOn.ANY,))
    assert address(everybody.model_copy(update={"url": "https://localhost/lps"}), Profile.SANDBOX)
    for profile in (Profile.QUALIFICATION, Profile.PRODUCTION):
        with pytest.raises(insi_errors.BulkSearch):
            address(everybody, profile)
