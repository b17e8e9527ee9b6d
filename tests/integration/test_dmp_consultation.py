"""A professional in front of the DMP: invented doctors on the demo's site, with its stand-ins of Pro Santé Connect and
of the DMP."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from demo_site import DemoSite, Invocation, invoke
from lxml import etree, html

from dui_bridge.connectors.dmp import exchange
from dui_bridge.connectors.psc.sign_in import sign_in
from dui_bridge.connectors.wire.vihf import signed_vihf
from dui_bridge.connectors.wire.vihf_reading import Verdict, read_vihf
from dui_bridge.pipeline.dmp import consult
from dui_bridge.pipeline.policy.facts import UsagerFacts
from dui_bridge.xds.ebrim import read_objects
from dui_bridge.xds.entries import Contents, DocumentEntry, Mask
from dui_bridge.xds.messages import submit_objects
from dui_bridge.xds.records import to_contents
from dui_bridge.xds.vocabulary import APPROVED, DELETED
from dui_bridge.xmlsafe import parse_xml

DOCTOR, NURSE, SAYS_NO, PSYCHOLOGIST = "10998010119", "10998010127", "10998010143", "10998010168"
CONSENTS, INFORMED, LEAVES = (
    "12bef3b4-a927-503c-aac4-efe28d60c7c0",
    "19949a90-57b7-5137-90b1-0e6c86b83f58",
    "ae9fa6ea-9c3d-5702-95ac-24fe1f694234",
)
OPPOSED, NO_INS, NEWCOMER = "20202", "c7c4b187-09cf-5cf5-882b-63bec8c52622", "20119"


@dataclass(frozen=True)
class Ward:
    """The demo's site with its stand-ins running.

    Args:
        found: what the doctor's first search said.
        own, others: documents of one person, of which the doctor wrote the first.
        second: a document of a second person.
    """

    site: DemoSite
    found: Invocation
    own: str
    others: str
    second: str

    @property
    def dmp(self) -> Path:
        """Where the stand-in of the DMP keeps its documents."""
        return self.site.out / "sandbox" / "dmp"

    def run(self, *words: str, rpps: str | None = DOCTOR) -> Invocation:
        return run(self.site, *words, rpps=rpps)

    def audit(self, action: str) -> list[dict[str, Any]]:
        told = invoke("audit", "list", "--json", "--config", str(self.site.config)).stdout
        return [one for one in map(json.loads, told.splitlines()) if one["action"] == action]

    def registered(self, unique_id: str) -> DocumentEntry:
        """What the registry says of a document."""
        with sqlite3.connect(self.dmp / "dmp.sqlite") as registry:
            (xml,) = registry.execute("SELECT xml FROM documents WHERE unique_id = ?", (unique_id,)).fetchone()
        listed = etree.Element("list")
        listed.append(parse_xml(xml))
        (entry,) = to_contents(read_objects(listed)).entries
        return entry

    def register(self, changed: DocumentEntry) -> None:
        """Makes the registry say something else."""
        made = etree.tostring(submit_objects(Contents(entries=(changed,)))[0][0])
        values = (made, changed.hash, changed.size, changed.unique_id)
        with sqlite3.connect(self.dmp / "dmp.sqlite") as registry:
            registry.execute("UPDATE documents SET xml = ?, hash = ?, size = ? WHERE unique_id = ?", values)


def run(site: DemoSite, *words: str, rpps: str | None) -> Invocation:
    who = () if rpps is None else ("--professional", rpps)
    return invoke("dmp", *words, *who, "--config", str(site.config))


def acknowledge(site: DemoSite, rpps: str, days_ago: int = 1) -> None:
    day = (datetime.now(UTC).date() - timedelta(days=days_ago)).isoformat()
    assert run(site, "acknowledge", "--version", "2026-01", "--date", day, rpps=rpps).code == 0


@pytest.fixture(scope="module")
def ward(demo: DemoSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    site = DemoSite(tmp_path_factory.mktemp("ward") / "out")
    shutil.copytree(demo.out, site.out)
    with pytest.MonkeyPatch.context() as patched, site.stand_ins():
        patched.setattr(consult, "sign_in", partial(sign_in, sleep=lambda _: None))
        for rpps in (DOCTOR, SAYS_NO, PSYCHOLOGIST):
            acknowledge(site, rpps)
        found, second = (run(site, "search", "--dossier", one, "--json", rpps=DOCTOR) for one in (CONSENTS, INFORMED))
        own, others = (one["unique_id"] for one in found.json["documents"])
        yield Ward(site, found, own, others, second.json["documents"][0]["unique_id"])


def test_a_doctor_finds_the_documents_of_a_person_the_latest_first(ward: Ward) -> None:
    found = ward.found.json

    assert "e-CPS" in ward.found.stderr
    assert [one["title"] for one in found["documents"]] == [
        "Document de liaison d'urgence",
        "Projet d'accompagnement personnalisé",
    ]
    assert found["documents"][0]["authors"] == ["Hélène Faugère, EHPAD Les Ormeaux"]
    assert found["documents"][0]["created"] > found["documents"][1]["created"]
    assert (found["by_person"], found["whole"]) == ([], True)


def test_what_is_opened_is_what_was_deposited_and_is_audited_without_personal_data(ward: Ward, tmp_path: Path) -> None:
    out = tmp_path / "ouvert.xml"

    opened = ward.run("get", ward.own, "--out", str(out))

    assert (opened.code, "conformes au registre" in opened.stdout) == (0, True), opened.stderr
    assert out.read_bytes() == (ward.dmp / f"{ward.own}.xml").read_bytes()
    assert (out.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (0o600, [out])
    row = ward.audit("dmp get")[-1]
    assert row["details"]["document"] == ward.own
    assert row["subject"] == ward.found.json["subject"]
    assert row["details"]["professional"] == ward.audit("psc sign-in")[-1]["subject"]
    told = str([row, *ward.audit("psc sign-in"), *ward.audit("dmp acknowledge")])
    assert all(secret not in told for secret in (DOCTOR, "FAUG", "Faug", CONSENTS))


def test_what_is_archived_is_found_on_demand_and_comes_back(ward: Ward) -> None:
    archived = ward.run("archive", ward.second)
    every = ward.run("search", "--dossier", INFORMED, "--all", "--json")
    back = ward.run("archive", ward.second, "--undo")

    assert (archived.code, every.code, back.code) == (0, 0, 0), archived.stderr + every.stderr + back.stderr
    assert {one["unique_id"]: one["status"] for one in every.json["documents"]}[ward.second] == "archived"
    assert ward.registered(ward.second).status == APPROVED


def test_what_the_person_could_not_see_is_shown_to_them_for_good(ward: Ward) -> None:
    ward.register(ward.registered(ward.second).masked({Mask.PATIENT}))

    shown, again = ward.run("unhide", ward.second), ward.run("unhide", ward.second)

    assert (shown.code, again.code, "[CON-026]" in again.stderr) == (0, 2, True), shown.stderr
    assert ward.registered(ward.second).masks == frozenset()


def test_what_a_doctor_masks_is_masked_to_them_too_unless_they_wrote_it(ward: Ward, tmp_path: Path) -> None:
    ward.register(ward.registered(ward.own).masked({Mask.PROFESSIONALS}))

    masked, unmasked = ward.run("mask", ward.others), ward.run("mask", ward.own, "--undo")
    unseen = ward.run("get", ward.others, "--out", str(tmp_path / "un.xml"))

    assert (masked.code, unmasked.code, unseen.code) == (0, 0, 2), masked.stderr + unmasked.stderr
    assert ward.registered(ward.others).masks == {Mask.PROFESSIONALS}
    assert ward.registered(ward.own).masks == frozenset()
    assert "[CON-029]" in unseen.stderr


def test_under_the_secret_connection_of_a_minor_every_call_says_so(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []

    def signed(*given: Any, **named: Any) -> bytes:
        told.append(named["secret_access"])
        return signed_vihf(*given, **named)

    monkeypatch.setattr(exchange, "signed_vihf", signed)
    adult = ward.run("search", "--dossier", CONSENTS, "--secret")
    monkeypatch.setattr(UsagerFacts, "minor_on", lambda *_: True)
    minor = ward.run("search", "--dossier", CONSENTS, "--secret")

    assert (adult.code, "[CON-030]" in adult.stderr) == (2, True)
    assert (minor.code, told) == (0, [True]), minor.stderr
    assert ward.audit("dmp search")[-1]["details"]["secret"] is True


REFUSED = [
    (None, CONSENTS, "search", "CON-001"),
    (NURSE, CONSENTS, "search", "CON-004"),
    (PSYCHOLOGIST, CONSENTS, "search", "CON-003"),
    (DOCTOR, OPPOSED, "mask", "CON-011"),
    (DOCTOR, NO_INS, "archive", "CON-008"),
    (DOCTOR, LEAVES, "web", "CON-015"),
]


@pytest.mark.parametrize(("rpps", "dossier", "word", "rule"), REFUSED, ids=[one[3] for one in REFUSED])
def test_what_the_rules_refuse_is_told_and_audited_before_the_dmp_is_asked(
    rpps: str | None, dossier: str, word: str, rule: str, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("dui_bridge.connectors.dmp.exchange.Line.ask", lambda *_: asked.append(_))
    document = ("2.25.1",) if word in {"mask", "archive"} else ()

    refused = ward.run(word, *document, "--dossier", dossier, "--json", rpps=rpps)

    assert (refused.code, asked) == (1, [])
    assert ("e-CPS" in refused.stderr) is (rule == "CON-003")
    assert rule in [one["rule"] for one in refused.json["refusals"]]
    assert rule in ward.audit(f"dmp {word}")[-1]["details"]["refused"]


def test_of_a_qualified_newcomer_without_any_document_the_dmp_can_be_asked(ward: Ward) -> None:
    """Their identity is qualified, and the mapping makes none of their documents."""
    asked = ward.run("exists", "--dossier", NEWCOMER, "--json", rpps=None)
    unknown = ward.run("exists", "--dossier", NO_INS, rpps=None)
    searched = ward.run("search", "--dossier", NEWCOMER, "--json")

    assert (asked.code, asked.json["dmp"] in {"open", "none"}) == (0, True), asked.stderr
    assert (unknown.code, "[CFG-148]" in unknown.stderr) == (2, True)
    assert "CON-008" not in [one["rule"] for one in searched.json["refusals"]]


def test_an_acknowledgement_is_good_for_its_period(ward: Ward) -> None:
    acknowledge(ward.site, NURSE, days_ago=181)
    old = ward.run("search", "--dossier", CONSENTS, rpps=NURSE)
    acknowledge(ward.site, NURSE, days_ago=178)
    new = ward.run("search", "--dossier", CONSENTS, rpps=NURSE)

    assert (old.code, "[CON-005]" in old.stdout, new.code) == (1, True, 0)


def test_acknowledgements_come_in_a_file_too_once_each(ward: Ward, tmp_path: Path) -> None:
    file = tmp_path / "valides.csv"
    lines = ("professionnel;version;date", "10998010317;2026-01;02/11/2026", "10998010317;2025-01;2025-11-02")
    file.write_text("\n".join((*lines, "FAUGERE;1;2026-11-02", "")), "utf-8")
    before = len(ward.audit("dmp acknowledge"))

    done = [ward.run("acknowledge", "--file", str(file), "--json", rpps=None) for _ in range(2)]

    assert [(one.code, one.json["number"], one.json["wrong"]) for one in done] == [(1, 2, 1)] * 2
    assert all("FAUGERE" not in one.stdout + one.stderr for one in done)
    assert len(ward.audit("dmp acknowledge")) == before + 2


def test_who_refuses_on_their_e_cps_does_not_get_in(ward: Ward) -> None:
    refused = ward.run("search", "--dossier", CONSENTS, rpps=SAYS_NO)

    assert (refused.code, "[PSC-030]" in refused.stderr) == (2, True)
    assert ward.audit("dmp search")[-1]["details"]["failed"] == "PSC-030"


@pytest.mark.parametrize(("code", "whose"), [("CON-024", "another's"), ("CON-024", "both's"), ("CON-025", "")])
def test_a_document_that_is_not_of_this_person_is_not_kept(code: str, whose: str, ward: Ward, tmp_path: Path) -> None:
    file, entry = ward.dmp / f"{ward.second}.xml", ward.registered(ward.second)
    own, other = file.read_bytes(), (ward.dmp / f"{ward.own}.xml").read_bytes()
    end = b"</recordTarget>"
    theirs = other[other.index(b"<recordTarget") : other.index(end)] + end
    data = {"another's": other, "both's": own.replace(end, end + theirs, 1), "": b"<x/>"}[whose]
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    file.write_bytes(data)
    ward.register(replace(entry, hash=sha1, size=len(data)))

    refused = ward.run("get", ward.second, "--out", str(tmp_path / "recu.xml"))

    file.write_bytes(own)
    ward.register(entry)
    assert (refused.code, f"[{code}]" in refused.stderr) == (2, True), refused.stderr
    assert list(tmp_path.iterdir()) == []
    assert ward.audit("dmp get")[-1]["details"]["failed"] == code


def test_what_the_registry_does_not_tell_is_said_not_to_be_verifiable(ward: Ward, tmp_path: Path) -> None:
    entry = ward.registered(ward.own)
    ward.register(replace(entry, hash=None, size=None))

    got = ward.run("get", ward.own, "--out", str(tmp_path / "ouvert.xml"))

    ward.register(entry)
    assert got.code == 0, got.stderr
    assert ("n'est pas vérifiable" in got.stdout, "conforme" in got.stdout) == (True, False)


@contextmanager
def web(ward: Ward, declared: str) -> Iterator[None]:
    """The site for professionals, declared for the time of the block."""
    text = ward.site.config.read_text(encoding="utf-8")
    changed = text.replace("  dmp: {start", f"  dmp: {{web: {{base: https://localhost:9{declared}}}, start")
    assert changed != text
    ward.site.config.write_text(changed, encoding="utf-8")
    yield
    ward.site.config.write_text(text, encoding="utf-8")


def test_the_address_of_the_dmp_on_its_site_for_professionals(ward: Ward) -> None:
    with web(ward, ""):
        given = ward.run("web", "--dossier", CONSENTS, "--page", "history", "--json")

    assert given.code == 0, given.stderr
    base, _, ins = given.json["url"].rpartition("/")
    assert base == "https://localhost:9/AccesDirect/HistoriqueAcces"
    assert len(ins) == 15
    assert ins not in str(ward.audit("dmp web"))


def test_that_site_is_opened_in_the_name_of_a_professional_who_signed_in_here(ward: Ward, tmp_path: Path) -> None:
    page = tmp_path / "dmp.html"
    words = ("web", "--dossier", CONSENTS, "--air", str(page), "--json")

    with web(ward, ""):
        undeclared = ward.run(*words)
    with web(ward, ", air: {assertion_field: vihf, target_field: page}"):
        given, again = ward.run(*words), ward.run(*words)

    assert (undeclared.code, "[DMP-040]" in undeclared.stderr, "e-CPS" in undeclared.stderr) == (2, True, False)
    assert (given.code, again.code, "e-CPS" in again.stderr) == (0, 2, False), given.stderr
    assert page.stat().st_mode & 0o777 == 0o600
    (form,) = html.fromstring(page.read_bytes()).forms
    assert (form.method, form.action) == ("POST", form.fields["page"])
    found = read_vihf(etree.fromstring(b64decode(form.fields["vihf"])))
    assert found.attributes["Authentification_Mode"] == ("INDIRECTE_RENFORCEE",)
    assert (found.name_id, found.signature) == (f"8{DOCTOR}", Verdict.HOLDS)
    ins = form.action.rpartition("/")[2]
    assert found.attributes["urn:oasis:names:tc:xacml:2.0:resource:resource-id"][0].startswith(ins)
    who, what = ward.audit("dmp web air")[-2:]
    assert who["details"]["professional"]
    assert what["details"]["page"] == "Documents"
    assert ins not in str((who, what))


def test_a_document_of_ours_that_a_professional_deletes_is_settled_here(ward: Ward) -> None:
    without_reason = ward.run("delete", ward.second)
    deleted = ward.run("delete", ward.second, "--reason", "erreur de document")

    assert (without_reason.code, deleted.code) == (2, 0), deleted.stderr
    assert ward.registered(ward.second).status == DELETED
    told = invoke("trace", ward.second, "--json", "--config", str(ward.site.config))
    assert "DLV-017" in told.stdout
