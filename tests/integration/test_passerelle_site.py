"""A dump in which social data and care stand together, many persons are anonymous: what of it leaves, and what never."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from demo_site import DemoSite
from sample_vendor import SAMPLES, pathologies
from sealed import caught

from dui_bridge.connectors.xml import XmlSource
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.mappings.plan import Plan
from dui_bridge.mappings.run import Context
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.exchange import Channel, Record
from dui_bridge.pipeline.policy.chain import Verdict
from dui_bridge.pipeline.policy.declaration import default_rules
from dui_bridge.pipeline.policy.defaults import Establishment
from dui_bridge.pipeline.policy.facts import DocumentFacts, usager_facts
from dui_bridge.pipeline.policy.recipient_facts import RecipientKind, recipients_of
from dui_bridge.pipeline.policy.recipients import Sending, choose_recipients
from dui_bridge.site.secrets import PUBLISHED_DEMO_KEY

SAMPLE = SAMPLES / "passerelle-pds"
NIGHT = Path("20261121")
ESTABLISHMENTS = (
    ("420000028", "CSAPA La Passerelle", "CSAPA", "CSP01"),
    ("420000036", "CAARUD L'Escale", "CAARUD", "CRD01"),
    ("420000044", "LHSS Les Arcades", "LHSS", "LHS01"),
    ("420000051", "CHRS Le Relais", "CHRS", "CHR01"),
)
ANONYMOUS = ("2026-0117", "2026-0118", "2026-0201", "2026-0202")


@dataclass
class Read:
    """One run, and all that was ever sealed in its journal or held in a record."""

    site: DemoSite
    summary: dict[str, Any] = field(default_factory=dict)
    sealed: list[bytes] = field(default_factory=list)
    records: dict[str, str] = field(default_factory=dict)
    dossiers: dict[str, Dossier] = field(default_factory=dict)


def write_site(out: Path) -> DemoSite:
    site = DemoSite(out)
    for name in ("passerelle-pds.yaml", "fonctions.csv"):
        (out / "site").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SAMPLE / name, out / "site" / name)
    shutil.copytree(SAMPLE / "export", out / "export")
    (out / "site" / "master.key").write_text(PUBLISHED_DEMO_KEY.hex(), encoding="ascii")
    (out / "site" / "master.key").chmod(0o600)
    author = {"code_local": "DIR", "nom": "VERNAY", "prenom": "Colette", "role": "Directrice"}
    declared = {
        "site": "passerelle",
        "profile": "sandbox",
        "language": "fr",
        "data": "data",
        "report": "../report.html",
        "master_key": {"file": "master.key"},
        "establishments": [
            {"finess": finess, "finess_ej": "420000010", "name": name, "category": category, "local_codes": [code],
             "default_author": author}
            for finess, name, category, code in ESTABLISHMENTS
        ],
        "sources": {"passerelle-pds": {"mapping": "passerelle-pds.yaml", "path": "../export"}},
        "destinations": {"documents": {"kind": "file", "path": "../documents"}},
    }  # fmt: skip
    site.config.write_text(json.dumps(declared, ensure_ascii=False), encoding="utf-8")
    return site


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    made = Read(write_site(tmp_path_factory.mktemp("passerelle")))
    with pytest.MonkeyPatch.context() as patch, caught() as made.sealed:
        records, apply = XmlSource.records, Plan.apply

        def reading(source: XmlSource, cursor: str | None = None) -> Iterator[Record]:
            for record in records(source, cursor):
                made.records[f"{record.key}:{record.root.number}"] = repr(record.root)
                yield record

        def applying(plan: Plan, record: Record, context: Context) -> Mapped:
            mapped = apply(plan, record, context)
            if mapped.dossier is not None:
                made.dossiers[mapped.key] = mapped.dossier
            return mapped

        patch.setattr(Plan, "apply", applying)
        patch.setattr(XmlSource, "records", reading)
        made.summary = made.site.run(source="passerelle-pds")
    return made


def canaries() -> list[str]:
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    return [line.split("`")[3] for line in text.splitlines() if line.startswith("- `") and "`canari" in line]


def everything_written(read: Read) -> Iterator[tuple[str, bytes]]:
    """What was handed over, the report, the journal's own files, and all that was sealed in it, in clear."""
    for path in sorted(read.site.out.rglob("*")):
        if path.is_file() and read.site.out / "export" not in path.parents and path.parent.name != "site":
            yield str(path), path.read_bytes()
    yield from ((f"sealed {number}", clear) for number, clear in enumerate(read.sealed))


def test_every_dossier_and_document_of_the_dump_is_counted_once(read: Read) -> None:
    usagers, documents = read.summary["usagers"], read.summary["documents"]
    assert (usagers["read"], usagers["mapped"]) == (30, 26)
    assert usagers["quarantined"] == {"OBJ-109": 2, "MAP-111": 1, "MAP-124": 1}
    assert (documents["read"], documents["built"], documents["invalid"]) == (43, 27, 0)
    assert sum(documents["left_out"].values()) == 10
    assert sum(documents["quarantined"].values()) == 6


def test_the_readme_says_what_is_held_and_what_is_quarantined(read: Read) -> None:
    said = Counter(case["must"].partition(":")[0] for case in pathologies("passerelle-pds"))
    quarantined = Counter(read.summary["documents"]["quarantined"])
    assert said["dossier held"] == sum(read.summary["usagers"]["quarantined"].values())
    assert said["document quarantined"] == quarantined.total() - quarantined["dossier_held"]


def test_what_is_forbidden_is_in_no_record_nor_document_nor_journal_nor_report(read: Read) -> None:
    words = canaries()
    assert len(words) == 11
    everything = [*everything_written(read), *((key, text.encode()) for key, text in read.records.items())]
    assert [(word, place) for word in words for place, data in everything if word.encode() in data] == []
    # What care needs is there: the same search finds it.
    assert any("Usage d'opioïdes".encode() in data for _, data in everything)
    assert any(b"METHADONE" in data for _, data in everything)


def test_the_synthesis_that_mixes_care_and_rights_is_in_no_document(read: Read) -> None:
    mixed = [path.read_bytes() for path in (SAMPLE / "export" / NIGHT / "2026").glob("*_synthese.pdf")]
    handed = list(read.site.documents().values())
    assert len(mixed) == 4
    assert not [one for one in mixed if one in handed]
    titles = {root.findtext("{urn:hl7-org:v3}title") for root in read.site.cdas().values()}
    assert any(title and "liaison d'urgence" in title for title in titles)  # made from the care data instead


def test_an_anonymous_dossier_gives_nothing(read: Read) -> None:
    assert {key.partition(":")[0] for key in read.records} >= set(ANONYMOUS)
    handed = b"".join(read.site.documents().values())
    assert [num for num in ANONYMOUS if num.encode() in handed] == []
    assert b"2026-0101" in handed
    assert read.summary["documents"]["left_out"]["anonymous"] == 5


def test_a_document_is_found_below_the_copy_of_the_network_share(read: Read) -> None:
    letter = (SAMPLE / "export" / NIGHT / "2026" / "0104_1_courrier.pdf").read_bytes()
    assert letter in read.site.documents().values()


def test_whom_documents_may_be_sent_to_is_kept_sealed(read: Read) -> None:
    mailbox = b"pharmacie.marche@exemple.mssante.fr"
    assert any(mailbox in clear for clear in read.sealed)
    journal = [path for path in (read.site.out / "site" / "data").rglob("*") if path.is_file()]
    assert journal
    assert [path for path in journal if mailbox in path.read_bytes()] == []


def addressed(dossier: Dossier) -> dict[str, tuple[str, str]]:
    """Kind of recipient → verdict and rule for the first document of a dossier; the addressee alone of others."""
    sending = Sending(
        date(2026, 11, 22),
        Establishment("420000028", "CSAPA", "PDS"),
        frozenset({Channel.MSSANTE_PRO, Channel.MSSANTE_USAGER}),
        "exemple.mssante.fr".__eq__,
    )
    document = dossier.documents[0]
    facts = DocumentFacts(type=document.type.value, addressees=document.destinataires)
    recipients = recipients_of(dossier)
    chosen = choose_recipients(facts, usager_facts(dossier, ("status",)), recipients, sending, default_rules())
    return {one.recipient.kind.value: (one.verdict.value, one.rule.id) for one in chosen}


@pytest.mark.parametrize(
    ("num", "kind", "expected"),
    [
        ("2026-0101", RecipientKind.PHARMACIE, (Verdict.ALLOW, "POL-001")),
        ("2026-0103", RecipientKind.HOPITAL, (Verdict.ALLOW, "POL-001")),
        ("2026-0104", RecipientKind.STRUCTURE, (Verdict.ALLOW, "POL-001")),
        ("2026-0203", RecipientKind.STRUCTURE, (Verdict.ALLOW, "POL-001")),
        ("2026-0107", RecipientKind.PHARMACIE, (Verdict.ASK, "POL-080")),
        ("2026-0108", RecipientKind.PHARMACIE, (Verdict.HOLD, "POL-078")),
        ("2026-0109", RecipientKind.HOPITAL, (Verdict.HOLD, "POL-077")),
        ("2026-0110", RecipientKind.PHARMACIE, (Verdict.HOLD, "POL-074")),
        ("2026-0111", RecipientKind.HOPITAL, (Verdict.NEVER, "POL-075")),
    ],
)
def test_the_addressee_of_a_letter_gets_it_or_one_is_told_why(
    read: Read, num: str, kind: RecipientKind, expected: tuple[Verdict, str]
) -> None:
    found = addressed(read.dossiers[num])
    assert found.pop(kind.value) == expected
    assert {verdict for verdict, _ in found.values()} == {Verdict.NEVER}  # nobody else gets what is written to one
