"""Searches at the stand-in of the Annuaire Santé over TLS, from the library and from the command line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from demo_site import invoke

from dui_bridge.connectors.annuaire import errors
from dui_bridge.connectors.annuaire.choose import choose
from dui_bridge.connectors.annuaire.client import Clock
from dui_bridge.connectors.annuaire.directory import Annuaire
from dui_bridge.connectors.annuaire.entries import Wanted
from dui_bridge.connectors.annuaire.opening import open_annuaire
from dui_bridge.connectors.annuaire.settings import AnnuaireSettings
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.connectors.wire.tls_errors import TlsProblem
from dui_bridge.errors import DuiBridgeError
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.policy.recipient_facts import Recipient, RecipientKind
from dui_bridge.pipeline.proposals import wanted_of
from dui_bridge.sandbox.annuaire import KEY, AnnuaireServer, Trouble, read_holders
from dui_bridge.sandbox.annuaire.holders import invented_holders
from dui_bridge.sandbox.pki import Pki, make_pki
from dui_bridge.sandbox.serving import serving

SITE = """
site: essai-annuaire
profile: sandbox
language: fr
data: data
master_key: {{file: key}}
establishments:
  - {{finess: "420000028", name: CSAPA La Passerelle, category: CSAPA, mailbox: csapa.passerelle@exemple.mssante.fr}}
software: {{annuaire_key: {{file: annuaire.key}}}}
certificates: {{trust: {{ca: {ca}}}}}
annuaire: {{}}
sandbox: {{pki: {pki}}}
"""


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), names={"server", "server-other-ca", "server-wrong-host"})


@pytest.fixture(scope="module")
def server(pki: Pki) -> Iterator[AnnuaireServer]:
    with AnnuaireServer(pki, per_second=1000) as server:
        yield server


@pytest.fixture(scope="module")
def directory(pki: Pki, server: AnnuaireServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Annuaire]:
    opened = _open(pki, server, tmp_path_factory.mktemp("annuaire"))
    yield opened
    opened.close()


def _open(pki: Pki, server: AnnuaireServer, folder: Path, key: str = KEY, **settings: Any) -> Annuaire:
    own = AnnuaireSettings(url=server.url, **{"calls_per_second": 100, "timeout": 2, **settings})
    return open_annuaire(own, Profile.SANDBOX, key, Trust((pki.ca,)), folder, clock=Clock(sleep=lambda _: None))


def _chosen(directory: Annuaire, wanted: Wanted) -> tuple[str, list[str]]:
    choice = choose(directory.mailboxes(wanted))
    found = "" if choice.mailbox is None else choice.mailbox.address.partition("@")[0]
    return found, [one.rule.id for one in choice.findings]


@pytest.mark.parametrize(
    ("wanted", "chosen", "rules"),
    [
        (Wanted(rpps="10998011018"), "agathe.chazelle", []),
        (Wanted(rpps="10998011999"), "", ["ANN-101"]),
        (Wanted(rpps="10998011307"), "", ["ANN-104"]),
        (Wanted(rpps="10998011307", finess="420000069"), "p.martinet", []),
        (Wanted(rpps="10998011505"), "", ["ANN-102", "ANN-105"]),
        (Wanted(rpps="10998011604"), "", ["ANN-102", "ANN-105"]),
        (Wanted(family="Martin", given="Léa"), "lea.martin", ["ANN-108"]),
        (Wanted(family="martin"), "", ["ANN-103"]),
        (Wanted(family="Martine"), "", ["ANN-109"]),
        (Wanted(family="Noyer", given="Lucie"), "", ["ANN-103"]),
        (Wanted(family="Noyer", given="Lucie", profession="10"), "lucie.noyer", []),
        (Wanted(family="Épailly-Louillet"), "", ["ANN-102"]),
        (Wanted(family="martin", city="Saint-Étienne", profession="60"), "lea.rose.martin", []),
        (Wanted(profession="60", postal_code="42100"), "lea.rose.martin", []),
        (Wanted(family="Martin", specialty="SM26"), "lea.martin", ["ANN-108"]),
        (Wanted(family="Martin", profession="60", specialty="SM26"), "", ["ANN-101"]),
        (Wanted(specialty="SM42", postal_code="42000"), "agathe.chazelle", []),
        (Wanted(finess="420000028", specialty="SM42"), "agathe.chazelle", []),
        (Wanted(finess="420000077"), "pharmacie.marche", []),
        (Wanted(finess="420000069"), "", ["ANN-104"]),
        (Wanted(finess="420000093"), "", ["ANN-102", "ANN-105"]),
        (Wanted(name="pharmacie du marché & fils", city="saint etienne"), "pharmacie.marche", []),
        (Wanted(name="pharmacie"), "", ["ANN-103"]),
        (Wanted(address="pharmacie.MARCHE@exemple.mssante.fr"), "pharmacie.marche", []),
        (Wanted(address="pharmacie.forges@exemple.mssante.fr"), "", ["ANN-101"]),
        (Wanted(address="contact@ch-furan.example"), "", ["ANN-101"]),
    ],
)
def test_mailboxes_are_found_by_number_name_place_profession_and_address(
    directory: Annuaire, wanted: Wanted, chosen: str, rules: list[str]
) -> None:
    assert _chosen(directory, wanted) == (chosen, rules)


def test_short_pages_give_the_same_answer(
    pki: Pki, server: AnnuaireServer, directory: Annuaire, tmp_path: Path
) -> None:
    wanted = Wanted(name="pharmacie")
    paged = _open(pki, server, tmp_path / "paged", page=1)

    assert paged.mailboxes(wanted).mailboxes == directory.mailboxes(wanted).mailboxes
    paged.close()


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble(status=429, times=9, retry_after=1), errors.TooManyCalls),
        (Trouble(status=503, times=9), errors.Unavailable),
        (Trouble(cut=True, times=9), errors.Unanswered),
        (Trouble(half=True, times=9), errors.Unanswered),
        (Trouble(status=400), errors.RequestRefused),
        (Trouble(body=b"<html>proxy</html>"), errors.AnswerUnreadable),
        (Trouble(next="https://ailleurs.example/"), errors.AnswerUnreadable),
    ],
)
def test_a_bad_day_of_the_service_is_told_in_words(
    pki: Pki, tmp_path: Path, trouble: Trouble, error: type[DuiBridgeError]
) -> None:
    with AnnuaireServer(pki, troubles=[trouble], per_second=1000) as server:
        directory = _open(pki, server, tmp_path, tries=3)
        with pytest.raises(error):
            directory.mailboxes(Wanted(finess="420000077"))
        directory.close()


def test_a_trouble_that_passes_is_not_seen(pki: Pki, tmp_path: Path) -> None:
    troubles = [Trouble(status=429), Trouble(half=True), Trouble(status=500)]
    with AnnuaireServer(pki, troubles=troubles, per_second=1000) as server:
        directory = _open(pki, server, tmp_path)
        assert _chosen(directory, Wanted(finess="420000077")) == ("pharmacie.marche", [])
        assert [call.status for call in server.calls] == [429, 200, 500, 200]
        directory.close()


def test_the_stand_in_counts_the_calls_of_a_second(pki: Pki, tmp_path: Path) -> None:
    with AnnuaireServer(pki, per_second=1) as server:
        directory = _open(pki, server, tmp_path, tries=1)
        with pytest.raises(errors.TooManyCalls):
            directory.mailboxes(Wanted(rpps="10998011018"))
        directory.close()


def test_another_key_is_refused(pki: Pki, server: AnnuaireServer, tmp_path: Path) -> None:
    directory = _open(pki, server, tmp_path, key="une-autre")
    with pytest.raises(errors.KeyRefused):
        directory.mailboxes(Wanted(finess="420000077"))
    directory.close()


@pytest.mark.parametrize("key", ["", "deux\nlignes", "clé", "deux mots"])
def test_a_key_that_cannot_stand_in_a_header_is_not_sent(
    pki: Pki, server: AnnuaireServer, tmp_path: Path, key: str
) -> None:
    with pytest.raises(errors.KeyMalformed):
        _open(pki, server, tmp_path, key=key)


@pytest.mark.parametrize("name", ["server-other-ca", "server-wrong-host"])
def test_a_server_that_does_not_prove_who_it_is_gets_no_key(pki: Pki, tmp_path: Path, name: str) -> None:
    with AnnuaireServer(pki, holder=pki.holder(name)) as server:
        directory = _open(pki, server, tmp_path)
        with pytest.raises(TlsProblem):
            directory.mailboxes(Wanted(finess="420000077"))
        assert server.calls == []
        directory.close()


def test_further_holders_are_read_from_json_and_another_form_is_refused(pki: Pki, tmp_path: Path) -> None:
    box = '{"address": "essai@exemple.mssante.fr", "kind": "APP"}'
    holders = read_holders(f'{{"structures": [{{"finess": "420000101", "name": "ESSAI", "mailboxes": [{box}]}}]}}')
    with AnnuaireServer(pki, holders) as server:
        directory = _open(pki, server, tmp_path)
        assert _chosen(directory, Wanted(finess="420000101")) == ("essai", [])
        directory.close()
    with pytest.raises(ValueError, match="1"):
        read_holders('{"structures": [{"name": "sans FINESS"}]}')


@pytest.mark.parametrize(
    ("recipient", "address"),
    [
        (Recipient(RecipientKind.PHARMACIE, finess="420000085"), "officine.forges@exemple.mssante.fr"),
        (Recipient(RecipientKind.MEDECIN_TRAITANT, rpps="10998011117"), "remi.bertheas@exemple.mssante.fr"),
        (Recipient(RecipientKind.HOPITAL, finess="420000069"), None),
    ],
)
def test_another_mailbox_is_proposed_for_a_recipient(
    directory: Annuaire, recipient: Recipient, address: str | None
) -> None:
    wanted = wanted_of(recipient)
    assert wanted is not None
    choice, again = (choose(directory.mailboxes(wanted), suspect=one) for one in ((), {address} if address else ()))

    assert (choice.mailbox and choice.mailbox.address, again.mailbox) == (address, None)


def test_nobody_is_proposed_by_name_alone() -> None:
    assert wanted_of(Recipient(RecipientKind.PROFESSIONNEL, name="Lucie Noyer")) is None


@pytest.fixture(scope="module")
def config(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A sandbox site whose stand-ins run."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "key").write_text("0" * 64)
    (folder / "annuaire.key").write_text(f"{KEY}\n")
    for name in ("key", "annuaire.key"):
        (folder / name).chmod(0o600)
    file = folder / "bridge.yaml"
    file.write_text(SITE.format(ca=pki.ca, pki=pki.folder), encoding="utf-8")
    with serving(pki, folder / "data" / "sandbox", annuaire=True):
        yield file


def test_a_search_tells_the_mailboxes_and_which_one_is_chosen(config: Path) -> None:
    told = invoke("annuaire", "search", "--rpps", "10998011307", "--finess", "420000069", "--config", str(config))

    assert told.code == 0, told.stderr
    assert "✓ p.martinet@ch-furan.mssante.fr  PER  PAUL MARTINET  10998011307  Médecin" in told.stdout
    assert told.stdout.count("@") == 3


def test_a_specialty_is_looked_for_and_told(config: Path) -> None:
    words = ("--cp", "42000", "--specialty", "sm42", "--config", str(config))
    told, read = invoke("annuaire", "search", *words), invoke("annuaire", "search", *words, "--json")

    assert (told.code, read.json["chosen"]) == (0, "agathe.chazelle@exemple.mssante.fr"), told.stderr
    assert "Médecin  Médecin - Psychiatrie (SM)" in told.stdout


def test_every_mailbox_of_the_demo_is_known_to_the_stand_in() -> None:
    known = {box.address for one in invented_holders().structures for box in one.mailboxes}
    text = files("dui_bridge.demo").joinpath("bridge.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^ +mailbox: (\S+)", text)) <= known


def test_a_search_that_a_person_must_settle_ends_with_1(config: Path) -> None:
    told = invoke("annuaire", "search", "--finess", "420000069", "--config", str(config), "--json")

    assert (told.code, told.json["chosen"], len(told.json["mailboxes"])) == (1, None, 3)
    assert [one["rule"] for one in told.json["findings"]] == ["ANN-104"]


def test_an_address_on_the_red_list_is_not_shown(config: Path) -> None:
    told, read = (
        invoke("annuaire", "search", "--nom", "Rouge", "--config", str(config), *form) for form in ([], ["--json"])
    )

    assert (told.code, "liste rouge" in told.stdout) == (1, True)
    assert "diane.rouge" not in told.stdout + read.stdout


@pytest.mark.parametrize("options", [["--rpps", "12"], ["--ville", "PARIS"], []])
def test_a_search_that_cannot_be_made_ends_with_2(config: Path, options: list[str]) -> None:
    assert invoke("annuaire", "search", *options, "--config", str(config)).code == 2


def test_the_mailboxes_of_the_site_are_checked_and_others_when_named(config: Path) -> None:
    own = invoke("annuaire", "check", "--config", str(config))
    named = invoke("annuaire", "check", "pharmacie.forges@exemple.mssante.fr", "--config", str(config))

    assert (own.code, own.stdout.splitlines()[0][:40]) == (0, "✓ csapa.passerelle@exemple.mssante.fr  O")
    assert (named.code, named.stdout) == (1, "✗ pharmacie.forges@exemple.mssante.fr  absente de l'Annuaire Santé\n")


def test_refreshing_tells_what_was_asked(config: Path) -> None:
    shutil.rmtree(config.with_name("data") / "annuaire", ignore_errors=True)
    invoke("annuaire", "search", "--finess", "420000077", "--config", str(config))
    told = invoke("annuaire", "refresh", "--config", str(config))

    assert told.code == 0, told.stderr
    assert told.stdout == "1 réponse(s) redemandée(s), 0 boîte(s) disparue(s), 0 nouvelle(s)\n"


def test_a_site_without_the_key_or_whose_stand_in_is_down_is_told_what_to_do(config: Path, tmp_path: Path) -> None:
    bare, down = config.with_name("bare.yaml"), tmp_path / "down.yaml"
    text = config.read_text(encoding="utf-8")
    bare.write_text(text.replace("annuaire_key", "insi_idam"), encoding="utf-8")
    down.write_text(text, encoding="utf-8")
    keyless, alone = (invoke("annuaire", "check", "--config", str(file)) for file in (bare, down))

    assert (keyless.code, "software.annuaire_key" in keyless.stderr) == (2, True)
    assert (alone.code, "sandbox serve" in alone.stderr) == (3, True)
