"""`ins decode` and `ins nir`: what is captured or typed, in words and for machines, with the exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from demo_site import Invocation, invoke
from insi_messages import ADRTROIS, SOFTWARE, STAMP, fault, result
from small_site import assert_plain_words

from dui_bridge.cli.ins_worklist import Piece
from dui_bridge.connectors.insi.messages import search_request
from dui_bridge.data.codes import rows
from dui_bridge.ins.invented import invented_matricule

GOOD = invented_matricule("F", 1984, 6, "75056")
WRONG = f"{GOOD[:13]}{(int(GOOD[13:]) + 1) % 97:02d}"
PERSON = (
    "<CR><CodeCR>00</CodeCR><LibelleCR>OK</LibelleCR></CR><INDIVIDU><INSACTIF><IdIndividu>"
    f"<NumIdentifiant>{WRONG[:13]}</NumIdentifiant><Cle>{WRONG[13:]}</Cle></IdIndividu>"
    "<OID>1.2.250.1.213.1.4.8</OID></INSACTIF><TIQ><NomNaissance>VASSEUR</NomNaissance><ListePrenom>ANNE</ListePrenom>"
    "<Sexe>F</Sexe><DateNaissance>1984-06-01</DateNaissance><LieuNaissance>75056</LieuNaissance></TIQ></INDIVIDU>"
)


def decode(tmp_path: Path, data: bytes, *words: str) -> Invocation:
    path = tmp_path / "message.xml"
    path.write_bytes(data)
    told = invoke("ins", "decode", str(path), *words)
    assert_plain_words(told.stdout + told.stderr)
    return told


def test_an_answer_whose_key_is_wrong_is_understood_and_the_key_is_named(tmp_path: Path) -> None:
    told, read = decode(tmp_path, result(PERSON)), decode(tmp_path, result(PERSON), "--json")

    assert (told.code, read.code) == (0, 0)
    assert read.json["individu"]["actif"] == {"matricule": WRONG, "oid": "1.2.250.1.213.1.4.8", "key_valid": False}
    assert f"the key is wrong (where=INSACTIF, matricule={WRONG}, expected={GOOD[13:]})" in told.stdout


def test_a_fault_is_understood_with_what_to_do(tmp_path: Path) -> None:
    message = fault("siram_100", "desir_550", "Numéro d'autorisation inconnu")
    told, read = decode(tmp_path, message), decode(tmp_path, message, "--json")

    assert (told.code, read.json["fault"]["error"]) == (0, "TSI-311")
    assert "software.insi_idam" in told.stdout


def test_a_request_is_shown_without_the_authorisation_number(tmp_path: Path) -> None:
    told = decode(tmp_path, search_request(ADRTROIS, SOFTWARE, STAMP))

    assert told.code == 0
    assert told.stdout.startswith("A request to INSi")
    assert "ADRTROIS" in told.stdout
    assert SOFTWARE.idam not in told.stdout


@pytest.mark.parametrize(
    "data", [b"", b"<html><body>proxy</body></html>", b"{}", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"]
)
def test_what_is_no_message_of_insi_is_1_in_words(tmp_path: Path, data: bytes) -> None:
    told, read = decode(tmp_path, data), decode(tmp_path, data, "--json")

    assert (told.code, read.code) == (1, 1)
    assert told.stdout.startswith("Not a message of INSi")
    assert read.json["understood"] is False


def test_a_file_that_is_not_there_is_2(tmp_path: Path) -> None:
    assert invoke("ins", "decode", str(tmp_path / "absent.xml")).code == 2


def test_the_documents_that_may_be_named_are_those_of_high_trust() -> None:
    assert [str(one) for one in Piece] == [row["piece"] for row in rows("identity_documents") if row["haut"] == "oui"]


@pytest.mark.parametrize(
    ("number", "code", "form_ok", "key_valid"),
    [
        pytest.param(GOOD, 0, True, True, id="right"),
        pytest.param(f"{GOOD[0]} {GOOD[1:3]} {GOOD[3:]}", 0, True, True, id="with spaces"),
        pytest.param(GOOD[:13], 0, True, None, id="without its key"),
        pytest.param(WRONG, 1, True, False, id="wrong key"),
        pytest.param(f"9{GOOD[1:]}", 1, False, None, id="wrong first digit"),
        pytest.param("12", 1, False, None, id="too short"),
        pytest.param("", 1, False, None, id="empty"),
    ],
)
def test_a_number_says_whether_structure_and_key_are_right(
    number: str, code: int, form_ok: bool, key_valid: bool | None
) -> None:
    told, read = invoke("ins", "nir", number), invoke("ins", "nir", number, "--json")

    assert (told.code, read.code) == (code, code)
    assert (read.json["form_ok"], read.json["key_valid"]) == (form_ok, key_valid)
    assert_plain_words(told.stdout)


def test_a_number_tells_sex_month_and_place() -> None:
    told = invoke("ins", "nir", GOOD)

    assert [line.split()[0] for line in told.stdout.splitlines()[1:8]] == [
        *("structure", "key", "sex", "year", "month", "birthplace", "order")
    ]
    assert "75056 Paris (Paris)" in told.stdout


def test_a_corsican_number_in_small_letters_is_read() -> None:
    corsican = invented_matricule("M", 1950, 5, "2A004")

    assert invoke("ins", "nir", corsican.lower(), "--json").json["corsica"] is True
