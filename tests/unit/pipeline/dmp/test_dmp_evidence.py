"""The evidence of a deposit is what was sent, and says what it lacks."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from action_world import DMP, DOCUMENT, FINESS, NOW, Office, action_site
from delivery_world import KEY
from lxml import etree

from dui_bridge.connectors.dmp.decode import decode
from dui_bridge.connectors.dmp.destination import DmpDestination
from dui_bridge.connectors.dmp.pace import Pace
from dui_bridge.findings import Finding
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Answer, BuiltDocument, DocumentIds
from dui_bridge.pipeline.actions.desk import Done
from dui_bridge.pipeline.delivery.destinations import open_destinations
from dui_bridge.pipeline.dmp.evidence import evidence
from dui_bridge.pipeline.dmp.evidence_suite import suite_report
from dui_bridge.pipeline.dmp.opened import Dmp
from dui_bridge.pipeline.policy.facts import ins_digest
from dui_bridge.validation import official_rules as rules
from dui_bridge.validation.official import OfficialChecker
from dui_bridge.validation.packs import Kind, Pack
from tests import dmp_world
from tests.dmp_world import AUTOMATE, SECRET, TAKEN, Reply, client, context, existing, refused
from tests.xds_deposits import cda, entry, ins

NAMED = replace(DOCUMENT, ins=ins_digest(ins().matricule))
OTHER = "2.25.31415926535.2"


@dataclass
class Depositor:
    """An office whose documents go to a DMP that answers as it is told; what is exchanged is kept in the journal."""

    office: Office
    delivery: int

    def deposit(self, *replies: Reply, asks: bool = True, document: BuiltDocument | None = None) -> dmp_world.Dmp:
        calls = dmp_world.Dmp(list(replies))
        opened = client(calls)
        means = self._there.means(self.office.journal)
        opened = replace(opened, line=replace(opened.line, keep=means.keep))
        pace = Pace(4.9, sleep=lambda _: None)
        to = DmpDestination(opened, {FINESS: AUTOMATE}, pace, max_megabytes=50, ask_existence=asks)
        self.answer = to.send(to.prepare(document or first(), context())).answer
        return calls

    def evidence(self, out: Path) -> tuple[Done, list[str], dict[str, bytes]]:
        """The zip of the first document."""
        dmp = Dmp(self._there, client(dmp_world.Dmp([])), {FINESS: AUTOMATE})
        done, lacks = evidence(self.office.desk(), dmp, [self.delivery], "document-1", out)
        with zipfile.ZipFile(out) as archive:
            return done, lacks, {name: archive.read(name) for name in archive.namelist()}

    @property
    def _there(self) -> Any:
        return open_destinations(self.office.site)[DMP]


def first() -> BuiltDocument:
    return replace(dmp_world.built(finess=FINESS), sha256=hashlib.sha256(cda()).hexdigest())


@pytest.fixture
def depositor(tmp_path: Path) -> Iterator[Depositor]:
    site = action_site(tmp_path)
    with Journal.open(site.data, KEY) as journal:
        office = Office(site, journal)
        yield Depositor(office, office.add(usager="U1", document="P1", made=first(), document_facts=NAMED))


def test_what_is_missing_is_said_with_how_to_get_it(depositor: Depositor, tmp_path: Path) -> None:
    done, lacks, files = depositor.evidence(tmp_path / "preuves.zip")

    assert (done.exit_code, done.values["messages"], done.values["lacks"]) == (1, 0, ["no_suite", "no_deposit"])
    assert lacks == ["dmp_evidence_no_suite", "dmp_evidence_no_deposit"]
    said = files["LISEZMOI.txt"].decode()
    assert said.count("Incomplet") == 2
    assert all(word in said for word in ("dui-bridge pack add", f"destinations.{DMP}.capture", "refaites"))


def test_metadata_signature_and_assertion_are_those_that_were_sent(depositor: Depositor, tmp_path: Path) -> None:
    calls = depositor.deposit(existing(), TAKEN)
    done, lacks, files = depositor.evidence(tmp_path / "preuves.zip")

    deposit = calls.asked[-1]
    signature = deposit.parts.attachment("cid:Signature01@dui-bridge")
    assert signature is not None
    signature.file.seek(0)
    assert files["signature.xml"] == signature.file.read()
    sent = next(deposit.body.iter("{*}SubmitObjectsRequest"))
    assert etree.tostring(etree.fromstring(files["metadonnees.xml"]), method="c14n") == etree.tostring(
        sent, method="c14n", with_tail=False
    )
    assert decode(files["vihf.xml"])["assertion"]["id"] == deposit.assertion.get("ID")
    assert (lacks, done.values["messages"]) == (["dmp_evidence_no_suite"], 4)
    assert "telles qu'envoyées" in files["LISEZMOI.txt"].decode()


def test_each_message_is_whole_without_a_defect_and_without_the_number(depositor: Depositor, tmp_path: Path) -> None:
    depositor.deposit(existing(), TAKEN)
    _, _, files = depositor.evidence(tmp_path / "preuves.zip")

    messages = {name: data for name, data in files.items() if name.startswith("messages/")}
    assert list(messages) == [
        *(f"messages/01-TD0.2{end}" for end in (".json", "-requete.xml", "-reponse.xml")),
        *(f"messages/02-TD2.1{end}" for end in (".json", "-requete.mime", "-reponse.xml")),
    ]
    told = {name: decode(data)["defects"] for name, data in messages.items() if not name.endswith(".json")}
    assert set(map(str, told.values())) == {"[]"}
    assert cda() in messages["messages/02-TD2.1-requete.mime"]
    assert json.loads(messages["messages/02-TD2.1.json"])["statut_http"] == 200
    assert all(SECRET.encode() not in data for data in files.values())


def test_that_the_dmp_is_open_may_have_been_asked_for_another_document(depositor: Depositor, tmp_path: Path) -> None:
    other = replace(first(), ids=DocumentIds(OTHER, "2.25.9", 1))
    depositor.office.add(usager="U1", document="P2", made=other, document_facts=NAMED)
    journal = depositor.office.journal
    calls = dmp_world.Dmp([existing()])
    opened = client(calls)
    line = replace(opened.line, keep=journal.exchanges.keep, now=lambda: NOW - timedelta(days=300))
    replace(opened, line=line).exists(ins(), AUTOMATE, OTHER)
    depositor.deposit(TAKEN, asks=False)

    _, _, files = depositor.evidence(tmp_path / "preuves.zip")

    assert [name for name in files if name.endswith(".json") and "TD" in name] == [
        "messages/01-TD0.2.json",
        "messages/02-TD2.1.json",
    ]


def test_of_several_tries_the_lot_is_that_of_the_one_that_was_taken(depositor: Depositor, tmp_path: Path) -> None:
    taken = depositor.deposit(TAKEN, asks=False)
    later = depositor.deposit(existing(), refused("XDSRegistryError"))
    assert depositor.answer is Answer.REFUSED
    assert later.asked[-1].assertion.get("ID") != taken.asked[0].assertion.get("ID")

    _, _, files = depositor.evidence(tmp_path / "preuves.zip")

    assert len([name for name in files if name.endswith(".mime")]) == 2
    assert decode(files["vihf.xml"])["assertion"]["id"] == taken.asked[0].assertion.get("ID")
    assert entry().unique_id.encode() in files["metadonnees.xml"]


def test_the_official_report_names_the_outcome_of_each_set_of_rules() -> None:
    found = (
        Finding(rules.SCHEMA, values={"message": "…"}),
        Finding(rules.HIT, values={"schematron": "IHE", "message": "…"}, severity_override=rules.NO_MODEL.severity),
        Finding(rules.NOT_AVAILABLE, values={"pack": "ci-sis", "part": "terminologie"}),
    )
    pack = SimpleNamespace(name="ci-sis", fingerprint="ab12", lacks=(("a list", "une liste"),))
    names = ("CDA_extended.xsd", "StrucMin", "IHE", "terminologie")
    checker = SimpleNamespace(pack=pack, check=lambda _: found, rule_sets=lambda _: names)

    report = suite_report(cast(OfficialChecker, checker), b"", "fr")

    outcomes = {one["nom"]: one["resultat"] for one in cast(list[dict[str, str]], report.content["regles"])}
    assert outcomes == {
        "CDA_extended.xsd": "non conforme",
        "StrucMin": "conforme",
        "IHE": "conforme",
        "terminologie": "non appliqué",
    }
    assert (report.content["empreinte_sha256"], report.content["manques"]) == ("ab12", ["une liste"])
    assert report.lacks == "dmp_evidence_suite_in_part"


def test_a_set_of_rules_that_the_pack_does_not_have_is_not_told_to_be_passed(tmp_path: Path) -> None:
    report = suite_report(OfficialChecker(Pack("ci-sis", Kind.CISIS, tmp_path, "ab12")), cda(), "fr")

    outcomes = {one["resultat"] for one in cast(list[dict[str, str]], report.content["regles"])}
    assert (outcomes, report.lacks) == ({"non appliqué"}, "dmp_evidence_suite_in_part")
    assert len(cast(list[object], report.content["regles"])) > 4
