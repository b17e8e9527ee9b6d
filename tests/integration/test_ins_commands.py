"""`ins`: what will fail, searches over mutual TLS at the stand-in, the worklist, and what a professional decides."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from demo_site import DemoSite, Invocation, invoke
from small_site import assert_plain_words, small_site, speak, tree

from dui_bridge.demo.stand_ins import stand_ins
from dui_bridge.ins.invented import invented_matricule
from dui_bridge.pipeline.actions.desk import Actor, Desk
from dui_bridge.pipeline.actions.identities import accept
from dui_bridge.pipeline.identity.errors import IdentityChanged
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.site.settings import load_site

ELISE, JEAN, LUC, SANS_SEXE, INCONNU = "1", "2", "3", "4", "5"
PEOPLE = {
    JEAN: {"NOM": "Vasseur", "PRENOMS": "Jean Marc", "SEXE": "1", "DATE_NAISS": "05/05/1950"},
    LUC: {"NOM": "Durand", "PRENOMS": "Luc Marie", "SEXE": "1", "DATE_NAISS": "02/03/1961"},
    SANS_SEXE: {"NOM": "Petit", "NOM_JF": "Petit", "PRENOMS": "Camille", "SEXE": "", "DATE_NAISS": "01/02/1970"},
    INCONNU: {"NOM": "Personne", "PRENOMS": "Paul", "SEXE": "1", "DATE_NAISS": "03/04/1980"},
}
BLANK = ("CIVILITE", "NOM_JF", "NUM_SECU", "CLE_SECU", "INS", "INS_STATUT", "DATE_QUALIF", "PRENOM_USUEL", "EMAIL")
OID = "1.2.250.1.213.1.4.8"
NUMBERS = {JEAN: invented_matricule("M", 1950, 5, "01053"), LUC: invented_matricule("M", 1961, 3, "01053")}
KNOWN = (
    f"VASSEUR;JEAN;JEAN MARC;M;1950-05-05;01053;{NUMBERS[JEAN]};{OID};",
    f"DURAND;MARIE;MARIE LUC;M;1961-03-02;01053;{NUMBERS[LUC]};{OID};",
)


def _write_people(site: DemoSite) -> None:
    path = site.export("USAGERS.CSV")
    with path.open(encoding="cp1252", newline="") as stream:
        [elise] = list(csv.DictReader(stream, delimiter=";"))
    rows = [elise]
    for number, person in PEOPLE.items():
        rows.append({**elise, **dict.fromkeys(BLANK, ""), "NUM_DOSSIER": number, **person})
    with path.open("w", encoding="cp1252", newline="") as stream:
        writer = csv.DictWriter(stream, list(elise), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a site whose stand-in of INSi runs."""
    site = small_site(tmp_path_factory.mktemp("ins") / "out", insi=True)
    _write_people(site)
    persons = site.out / "insi" / "persons.csv"
    titles = persons.read_text(encoding="utf-8").splitlines()[1]
    persons.write_text("\n".join([titles, *KNOWN, ""]), encoding="utf-8")
    speak(site, "en")
    with stand_ins(load_site(site.config)):
        yield site.out


@pytest.fixture
def site(prepared: Path, tmp_path: Path) -> DemoSite:
    """A copy of it that nothing has read yet."""
    shutil.copytree(prepared, tmp_path / "out")
    return DemoSite(tmp_path / "out")


@pytest.fixture(scope="module")
def settled(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    """A copy whose identities were settled, for tests that change nothing."""
    site = DemoSite(tmp_path_factory.mktemp("settled") / "out")
    shutil.copytree(prepared, site.out)
    qualify(site)
    return site


def ins(site: DemoSite, *words: str) -> Invocation:
    told = invoke("ins", *words, "--config", str(site.config))
    assert_plain_words(told.stdout + told.stderr)
    return told


def qualify(site: DemoSite, *words: str) -> Invocation:
    return ins(site, "qualify", "--source", "atlas-ph", *words)


def waiting(site: DemoSite) -> dict[str, Mapping[str, Any]]:
    """Dossier number → its row of the worklist."""
    return {row["dossier"]: row for row in ins(site, "worklist", "--json").json["rows"]}


def states(site: DemoSite) -> dict[str, str]:
    return {number: row["state"] for number, row in waiting(site).items()}


def forget_the_address(site: DemoSite) -> Path:
    address = site.out / "site" / "data" / "sandbox" / "insi.url"
    return address.rename(address.with_suffix(".gone"))


def test_check_names_what_will_fail_and_asks_nobody(site: DemoSite) -> None:
    forget_the_address(site)

    checked = ins(site, "check", "--json")
    told = ins(site, "check")

    counts = checked.json["counts"]
    assert checked.code == told.code == 1
    assert (counts["ready"], counts["blocked"], counts["qualified"]) == (3, 1, 1)
    [blocked] = [person for person in checked.json["people"] if not person["callable"]]
    assert (blocked["dossier"], blocked["findings"][0]["code"]) == (SANS_SEXE, "INS-105")
    assert "ERROR INS-105 (1)" in told.stdout


def test_a_dry_run_asks_nobody_writes_nothing_and_says_whom_it_would_ask(site: DemoSite) -> None:
    forget_the_address(site)
    before = tree(site.out)

    dry = qualify(site, "--dry-run", "--json")

    assert dry.json["identities"] == {"qualified": 1, "due": 3, "to_call": 3, "blocked": 1}
    assert tree(site.out) == before


def test_each_person_ends_where_their_traits_and_the_answer_say(site: DemoSite) -> None:
    done = qualify(site, "--json")
    rows = waiting(site)

    assert (done.code, done.json["identities"]["calls"]) == (1, 4)
    assert {number: (row["state"], row["code"]) for number, row in rows.items()} == {
        JEAN: ("to_check", "INS-302"),
        LUC: ("to_decide", "INS-303"),
        SANS_SEXE: ("blocked", "INS-105"),
        INCONNU: ("blocked", "INS-305"),
    }
    assert rows[INCONNU]["message"].endswith("(first given name 01)")
    assert rows[SANS_SEXE]["message"] == "The sex is blank: INSi cannot be asked"


def test_the_worklist_shows_both_sides_and_hides_numbers_that_nobody_has_to_compare(site: DemoSite) -> None:
    qualify(site)

    told = ins(site, "worklist")
    luc = waiting(site)[LUC]

    assert told.code == 1
    assert {"trait": "prenoms", "kind": "different"} in luc["differences"]
    assert (luc["local"]["prenoms"], luc["insi"]["prenoms"]) == ("Luc Marie", "MARIE LUC")
    assert NUMBERS[LUC] in told.stdout
    assert NUMBERS[JEAN] not in told.stdout
    assert f"dui-bridge ins accept {LUC} --source atlas-ph" in told.stdout


def test_a_person_who_is_here_is_settled_alone(site: DemoSite) -> None:
    qualify(site, "--dossier", JEAN)

    assert states(site) == {JEAN: "to_check"}


def test_a_visit_of_nobody_in_the_export_is_2(site: DemoSite) -> None:
    told = qualify(site, "--dossier", "404")

    assert (told.code, "no dossier 404" in told.stderr) == (2, True)


def test_a_stand_in_that_does_not_run_is_3_and_everybody_is_asked_later(site: DemoSite) -> None:
    address = forget_the_address(site)
    down = qualify(site)
    before = states(site)
    address.rename(address.with_suffix(".url"))

    again = qualify(site)

    assert (down.code, again.code) == (3, 1)
    assert "dui-bridge sandbox serve" in down.stderr
    assert [before[number] for number in (JEAN, LUC, INCONNU)] == ["retry"] * 3
    assert states(site)[JEAN] == "to_check"


def test_identities_are_not_settled_while_a_run_reads_the_source(site: DemoSite) -> None:
    qualify(site)
    with ExitStack() as stack:
        journal = stack.enter_context(open_journal(load_site(site.config)))
        assert stack.enter_context(journal.lock("run atlas-ph"))

        settled, accepted = qualify(site), ins(site, "accept", LUC, "--by", "Mme Martin")

    assert (settled.code, accepted.code) == (2, 2)
    assert all("[JRN-002]" in told.stderr for told in (settled, accepted))
    assert states(site)[LUC] == "to_decide"


def test_a_document_that_a_professional_saw_qualifies_and_stays_so(site: DemoSite) -> None:
    qualify(site)
    document = ("--document", "cni", "--on", "2026-01-20", "--by", "Mme Martin")

    accepted = ins(site, "accept", JEAN, *document, "--json")
    again = qualify(site, "--json")
    history = ins(site, "history", JEAN, "--json").json

    assert (accepted.json["statut"], accepted.json["state"]) == ("qualifiee", "qualified")
    assert (again.json["identities"]["qualified"], again.json["identities"].get("calls", 0)) == (2, 0)
    assert [(one["event"], one["by"]) for one in history["events"]][-1] == ("document_ok", "Mme Martin")
    assert history["document"] == {"type": "cni", "le": "2026-01-20", "par": "Mme Martin"}
    assert history["matricule"] == f"{NUMBERS[JEAN][:3]}{'*' * 10}{NUMBERS[JEAN][-2:]}"


def test_the_traits_of_insi_are_accepted_by_a_person_and_then_wait_for_a_document(site: DemoSite) -> None:
    qualify(site)

    accepted = ins(site, "accept", LUC, "--by", "Mme Martin", "--reason", "livret de famille vu")
    again = ins(site, "accept", LUC, "--by", "Mme Martin")
    told = ins(site, "history", LUC).stdout

    assert (accepted.code, again.code) == (0, 2)
    assert states(site)[LUC] == "to_check"
    assert "recovered from INSi (provisional → recovered)  Mme Martin (livret de famille vu)" in told


def test_a_refused_answer_is_not_asked_for_again(site: DemoSite) -> None:
    qualify(site)

    refused = ins(site, "refuse", LUC, "--by", "Mme Martin", "--reason", "un homonyme")
    again = qualify(site, "--json")

    assert refused.code == 0
    assert waiting(site)[LUC]["code"] == "INS-307"
    assert again.json["identities"].get("calls", 0) == 0


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["accept", INCONNU, "--by", "A"], id="nothing to accept"),
        pytest.param(["refuse", INCONNU, "--by", "A", "--reason", "r"], id="nothing to refuse"),
        pytest.param(["accept", JEAN, "--by", "A", "--document", "cni"], id="no day"),
        pytest.param(["accept", JEAN, "--by", "A", "--document", "cni", "--on", "2099-01-01"], id="a day ahead"),
        pytest.param(["accept", JEAN, "--by", "A", "--document", "permis_conduire", "--on", "2026-01-20"], id="trust"),
        pytest.param(["accept", JEAN, "--document", "cni", "--on", "2026-01-20"], id="nobody saw it"),
        pytest.param(["accept", "404", "--by", "A"], id="unknown"),
        pytest.param(["history", "usager-404"], id="unknown item"),
    ],
)
def test_what_cannot_be_decided_is_2_and_changes_nothing(settled: DemoSite, words: list[str]) -> None:
    before = waiting(settled)

    assert ins(settled, *words).code == 2
    assert waiting(settled) == before


def test_a_matricule_of_another_dossier_is_accepted_by_nobody(site: DemoSite) -> None:
    path = site.export("USAGERS.CSV")
    alone = path.read_bytes()
    [row] = [line for line in alone.splitlines(keepends=True) if line.startswith(f"{JEAN};".encode())]
    path.write_bytes(alone + b"6" + row.removeprefix(JEAN.encode()))

    qualify(site)
    accepted = ins(site, "accept", "6", "--by", "Mme Martin")

    assert waiting(site)["6"]["message"] == (
        f"the matricule is that of another dossier of the establishment as well: {JEAN}. No INS leaves for this one"
    )
    assert (accepted.code, f"the dossier {JEAN} has the same matricule" in accepted.stderr) == (2, True)


def journal_number(site: DemoSite, number: str) -> int:
    """The journal's own number of a dossier."""
    with open_journal(load_site(site.config)) as journal:
        known = journal.identities.of("atlas-ph", number)
        assert known is not None
        return known.dossier_id


def decided(site: DemoSite, decisions: Mapping[str, Mapping[str, str]], path: Path) -> Path:
    """The worklist as a spreadsheet gives it back, with decisions by dossier number."""
    exported = path.with_suffix(".exported.csv")
    assert ins(site, "worklist", "--export", str(exported)).code == 0
    with exported.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    with path.open("w", encoding="cp1252", errors="replace", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows({**row, **decisions.get(row["dossier"], {})} for row in rows)
    return path


def test_decisions_come_back_from_a_spreadsheet_and_count_once(site: DemoSite, tmp_path: Path) -> None:
    qualify(site)
    by = {"by": "Dr Lefèvre", "reason": "pièce vue"}
    decisions = {
        JEAN: {"decision": "accepter", "document": "passeport", "on": "20/01/2026", **by},
        LUC: {"decision": "refuse", **by},
        INCONNU: {"decision": "accept", **by},
    }
    path = decided(site, decisions, tmp_path / "list.csv")

    first, second = (ins(site, "import", str(path), "--json") for _ in range(2))

    assert [(one.json["number"], one.json["already"], one.json["wrong"]) for one in (first, second)] == [
        (2, 0, 1),
        (0, 2, 1),
    ]
    assert [one["rule"] for one in first.json["findings"]] == ["RVW-010"]
    assert {number: row["code"] for number, row in waiting(site).items()} == {
        LUC: "INS-307",
        SANS_SEXE: "INS-105",
        INCONNU: "INS-305",
    }


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        pytest.param({"item": "delivery-1/0"}, "RVW-001", id="another list"),
        pytest.param({"decision": "maybe"}, "RVW-002", id="no answer"),
        pytest.param({"by": ""}, "RVW-003", id="nobody decided"),
        pytest.param({"dossier": "9"}, "RVW-004", id="cells sorted apart"),
        pytest.param({"item": "identity-{id}/00000000"}, "RVW-008", id="changed since"),
        pytest.param({"document": "permis_conduire", "on": "2026-01-20"}, "RVW-009", id="low trust"),
        pytest.param({"document": "cni", "on": "hier"}, "RVW-009", id="no day"),
    ],
)
def test_a_line_with_a_problem_is_told_and_left_alone(
    settled: DemoSite, tmp_path: Path, cells: Mapping[str, str], rule: str
) -> None:
    known = journal_number(settled, LUC)
    good = {"decision": "accept", "by": "Dr Lefèvre", "reason": "pièce vue"}
    wrong = {name: cell.format(id=known) for name, cell in cells.items()}
    path = decided(settled, {LUC: {**good, **wrong}}, tmp_path / "list.csv")

    told = ins(settled, "import", str(path), "--json")

    assert (told.code, [one["rule"] for one in told.json["findings"]]) == (1, [rule])
    assert states(settled)[LUC] == "to_decide"


def search(site: DemoSite, *words: str, nom: str = "Vasseur", naissance: str = "1950-05-05") -> Invocation:
    return ins(site, "search", "--nom", nom, "--prenom", "Jean", "--sexe", "M", "--naissance", naissance, *words)


def test_a_search_tells_each_call_and_the_answer(site: DemoSite) -> None:
    found = search(site, "--json")
    told = search(site).stdout

    assert (found.code, found.json["end"]) == (0, "found")
    assert [(call["step"], call["code"]) for call in found.json["calls"]] == [("first", "00")]
    assert found.json["individu"]["matricule"] == NUMBERS[JEAN]
    assert "VASSEUR JEAN M 1950-05-05 → 00 OK" in told


def test_a_search_that_finds_nobody_or_may_not_be_made_is_1(site: DemoSite) -> None:
    nobody, forbidden = search(site, nom="Absent"), search(site, naissance="1950")

    assert (nobody.code, forbidden.code) == (1, 1)
    assert "Nobody was found" in nobody.stdout
    assert "INSi was not asked" in forbidden.stdout


def test_each_call_of_a_search_is_in_the_audit_without_the_person(site: DemoSite) -> None:
    search(site, "--by", "Mme Martin")

    listed = invoke("audit", "list", "--config", str(site.config)).stdout

    assert "Mme Martin" in listed
    assert '"code": "00"' in listed
    assert not [word for word in ("VASSEUR", "Vasseur", NUMBERS[JEAN]) if word in listed]


def test_a_search_keeps_its_messages_masked(site: DemoSite, tmp_path: Path) -> None:
    search(site, "--capture", str(tmp_path / "kept"))

    kept = {path.name: path.read_text() for path in (tmp_path / "kept").iterdir() if path.suffix == ".xml"}

    assert len(kept) == 2
    assert not [name for name, text in kept.items() if "VASSEUR" in text or NUMBERS[JEAN][:13] in text]


def test_no_number_is_kept_in_clear(site: DemoSite) -> None:
    qualify(site)
    ins(site, "accept", LUC, "--by", "Mme Martin")

    data = b"".join(path.read_bytes() for path in (site.out / "site" / "data").rglob("*") if path.is_file())

    assert not [number for number in NUMBERS.values() if number[:13].encode() in data]


def test_a_search_counts_against_the_calls_of_the_day_with_those_of_other_processes(site: DemoSite) -> None:
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(text.replace("\ninsi: {", "\ninsi: {daily_cap: 1, "), encoding="utf-8")

    first, second, settled = search(site), search(site), qualify(site, "--json")

    assert (first.code, second.code) == (0, 1)
    assert "The calls of today are used up (insi.daily_cap)." in second.stdout
    assert settled.json["identities"].get("calls", 0) == 0


def test_a_call_of_a_search_is_noted_before_it_is_made(site: DemoSite) -> None:
    pki = site.config.parent / "secrets" / "pki"
    (pki / "ca.pem").write_bytes((pki / "other-ca.pem").read_bytes())  # the call is begun and cannot end

    search(site)

    with open_journal(load_site(site.config)) as journal:
        noted = [(one.action, one.details.get("step")) for one in journal.audit.entries()]
    assert noted[-2:] == [("ins search", "first"), ("ins search ended", "first")]


def test_our_own_capture_decodes_and_shows_nothing_of_the_person(site: DemoSite, tmp_path: Path) -> None:
    search(site, "--capture", str(tmp_path / "kept"))
    idam = (site.config.parent / "secrets" / "insi-idam.txt").read_text().strip()
    asked, answered = sorted((tmp_path / "kept").glob("*.xml"), reverse=True)

    request, answer = (ins_decode(path) for path in (asked, answered))

    assert request["operation"] == "rechercherInsAvecTraitsIdentite"
    assert (answer["understood"], answer["code"]) == (True, "00")
    assert answer["individu"]["actif"]["oid"] == OID
    kept = asked.read_text() + answered.read_text()
    secrets = ("VASSEUR", "JEAN", "1950-05-05", NUMBERS[JEAN][:13], "01053", idam)
    assert not [word for word in secrets if word in kept]


def ins_decode(path: Path) -> Mapping[str, Any]:
    told = invoke("ins", "decode", str(path), "--json")
    assert told.code == 0, told.stdout
    found: Mapping[str, Any] = told.json
    return found


BY = {"by": "Dr Lefèvre", "reason": "pièce vue"}


def imported(site: DemoSite, path: Path) -> tuple[int, int, list[str]]:
    """How many decisions were carried out, how many were so already, and the rules of what was wrong."""
    told = ins(site, "import", str(path), "--json").json
    return told["number"], told["already"], [one["rule"] for one in told["findings"]]


def test_accepting_what_only_lacks_its_document_without_naming_one_is_told(site: DemoSite, tmp_path: Path) -> None:
    qualify(site)
    path = decided(site, {JEAN: {"decision": "accepter", **BY}}, tmp_path / "list.csv")

    assert imported(site, path) == (0, 0, ["RVW-010"])
    assert states(site)[JEAN] == "to_check"


def test_a_decision_about_an_answer_that_the_dui_overtook_is_told(site: DemoSite, tmp_path: Path) -> None:
    qualify(site)
    path = decided(site, {LUC: {"decision": "accepter", **BY}}, tmp_path / "list.csv")
    site.edit("USAGERS.CSV", lambda text: text.replace("Luc Marie", "Marie Luc"))
    qualify(site)

    assert imported(site, path) == (0, 0, ["RVW-008"])


def test_two_lines_of_a_dossier_with_different_documents_are_two_decisions(site: DemoSite, tmp_path: Path) -> None:
    qualify(site)
    accept = {"decision": "accepter", "on": "20/01/2026", **BY}
    path = decided(site, {JEAN: {**accept, "document": "passeport"}}, tmp_path / "list.csv")
    lines = path.read_text(encoding="cp1252").splitlines()
    [line] = [one for one in lines if "passeport" in one]
    path.write_text("\n".join([*lines, line.replace("passeport", "cni"), ""]), encoding="cp1252")

    assert imported(site, path) == (1, 0, ["RVW-007"])


def test_what_was_seen_is_looked_at_together_with_the_act(site: DemoSite) -> None:
    qualify(site)
    actor = Actor("Mme Martin", "poste 1")
    with open_journal(load_site(site.config)) as journal:
        desk = Desk(load_site(site.config), journal, actor, datetime.now(UTC))
        with pytest.raises(IdentityChanged):
            accept(desk, journal_number(site, LUC), seen="00000000")
