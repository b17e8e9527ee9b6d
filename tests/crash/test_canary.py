"""One usager with traits that nobody else has goes through everything; then all that was written is searched for them.

In clear they may stand in the export, in what was handed over and in the rows for the DUI, and nowhere else.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from crash_site import ended, started, work
from demo_site import DemoSite, invoke
from small_site import small_site

from dui_bridge.journal import payloads
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.pipeline.serve.metrics import Process, metrics
from dui_bridge.site.settings import load_site

NUMBER = "884421977"
REPLACED = {
    "USAGERS.CSV": {
        "\n1;": f"\n{NUMBER};",
        "Laforêt;Laforêt;Élise Marie-Lou;Lilou": "Kwélbrandot;Zéphirinsky;Xylandrine Quiévrenne;Wulfhildette",
        "17/05/2010": "23/07/2011",
        "2100501053000;07;210050105300007": "2110701053000;87;211070105300087",
        "3 rue des Écoles": "17 impasse des Quenouilleux",
        "04 65 71 00 01": "04 65 71 93 37",
        "lilou@courriel.example": "wulfi.zq@courriel.example",
    },
    "CONTACTS.CSV": {
        "\n1;": f"\n{NUMBER};",
        "Laforêt;Aurore": "Brocéliandeux;Théodulfine",
        "3 rue des Écoles": "23 venelle Tournebroche",
        "Bâtiment B": "Bâtiment Pimprenellard",
        "06 39 98 00 01;04 65 71 00 01": "06 39 98 77 31;04 65 71 93 38",
    },
    "DECISIONS_MDPH.CSV": {"\n1;": f"\n{NUMBER};", "01-2017-004512": "01-2017-739154"},
    "EVALUATIONS.CSV": {"\n1;": f"\n{NUMBER};"},
    "EQUIPE.CSV": {"\n1;": f"\n{NUMBER};"},
    "DOCUMENTS.CSV": {";1;99;Grille": f";{NUMBER};99;Gribouillardine"},
    "PROJETS.CSV": {"\n1;": f"\n{NUMBER};"},
    "OBJECTIFS.CSV": {"Apprivoiser l'eau": "Apprivoiser le Gromphalopode", "Mieux parler": "Mieux dire Zwirbeldax"},
    "ATTENTES.CSV": {"Nager jusqu'à la bouée": "Nager en Flibustaquatique"},
    "ACTIONS.CSV": {"Orthophonie": "Orthoquintessence"},
}
OTHER = (
    "2;IME01;MME;Ostrogothine;Ostrogothine;Frédégonde;;2;39/14/2008;LYON;69000;69123;;;;3;;8 rue Ventrebleuet;01000;"
    "BOURG-EN-BRESSE;04 65 71 93 39;;;01;011;01/09/2018;;;N;O;N;N;N\n"
)
"""Another canary: quarantined for a birth date that cannot be, which is the rejected value."""

WORDS = (
    "Kwélbrandot", "Zéphirinsky", "Xylandrine", "Quiévrenne", "Wulfhildette", "Quenouilleux", "Brocéliandeux",
    "Théodulfine", "Tournebroche", "Pimprenellard", "Gribouillardine", "Gromphalopode", "Zwirbeldax",
    "Flibustaquatique", "Orthoquintessence", "Ostrogothine", "Frédégonde", "Ventrebleuet", "wulfi.zq",
    "Bélizairon", "Grand-Escogriffe",
)  # fmt: skip
FIGURES = (
    "23/07/2011", "2011-07-23", "20110723", "24/08/2012", "2012-08-24", "20120824", "2110701053000", "211070105300087",
    "04 65 71 93 37", "0465719337", "+33465719337", "04 65 71 93 38", "0465719338", "06 39 98 77 31", "0639987731",
    "04 65 71 93 39", "0465719339", "01-2017-739154",
)  # fmt: skip
REJECTED = "39/14/2008"
IN_A_HEADER = ("Zéphirinsky", "Xylandrine", "Quenouilleux", "20110723", "2110701053000")
DOCUMENT = ("<ClinicalDocument", "%PDF-", "JVBERi")
"""How a CDA and a PDF begin, also in Base64: what is compressed shows no word."""

DESTINATIONS = """destinations:
  documents: {kind: file, path: ../documents}
  rehearsal: {kind: dummy, path: ../stores/rehearsal.sqlite, plays: dmp, start: 2020-01-01, cut_after: 40%, seed: 3}
  mail: {kind: dummy, path: ../stores/mail.sqlite, asked: false, cut_after: 100%}
  refuses: {kind: dummy, path: ../stores/refuses.sqlite, permanent: 100%}
"""


@dataclass(frozen=True)
class Written:
    """All that was written.

    Args:
        kept: path → bytes, of what the bridge keeps: the journal with its WAL as a killed process left it, the spool,
            the origins, the locks, the stores, a backup.
        said: command → what it said on standard output.
        logged: command → standard error.
        names: of every file that was made.
        handed: what was handed over.
    """

    kept: dict[str, bytes]
    said: dict[str, str]
    logged: dict[str, str]
    names: list[str]
    handed: bytes
    report: str


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    with pytest.MonkeyPatch.context() as patch:
        # So that bodies of documents go to the spool, as large ones do.
        patch.setattr(payloads, "LARGE", 4_000)
        yield _everything(canary_site(tmp_path_factory.mktemp("canary") / "out"))


def canary_site(out: Path) -> DemoSite:
    site = small_site(out)
    text = site.config.read_text("utf-8")
    text = text[: text.index("destinations:")] + DESTINATIONS
    text = text.replace("path: ../export/atlas-ph", "path: ../export/atlas-ph, outcomes: ../retour")
    site.config.write_text(text, "utf-8")
    (out / "retour").mkdir()
    for file, changes in REPLACED.items():
        for before, after in changes.items():
            site.edit(file, lambda text, before=before, after=after: text.replace(before, after))
    site.edit("USAGERS.CSV", lambda text: text + OTHER)
    return site


def _everything(site: DemoSite) -> Written:
    said: dict[str, str] = {}
    logged: dict[str, str] = {}
    kept: dict[str, bytes] = {}

    def call(*words: str) -> str:
        ran = invoke(*words, "--config", str(site.config))
        name = " ".join(words)
        assert ran.code in (0, 1), f"{name}: {ran.stderr}"
        said[f"{name} ({len(said)})"], logged[f"{name} ({len(said)})"] = ran.stdout, ran.stderr
        return ran.stdout

    def keep(when: str) -> None:
        for folder in ("site/data", "stores", "backup"):
            for path in (site.out / folder).rglob("*"):
                if path.is_file():
                    kept[f"{when} {path.relative_to(site.out)}"] = path.read_bytes()

    for point in ("items.after", "send.after", "outbox.after"):
        assert ended(started(lambda: work(site), point)) == -signal.SIGKILL
        keep(point)
    call("run")
    call("consents", "declare", "--establishment", "010000024", "--channel", "dmp", "--date", "2026-01-05",
         "--evidence", "note of January")  # fmt: skip
    call("hold", "--dossier", NUMBER, "--reason", "to look at again")
    call("deliver")
    call("release", "--dossier", NUMBER)
    site.edit("OBJECTIFS.CSV", lambda text: text.replace("le Gromphalopode", "le Grand-Escogriffe"))
    assert ended(started(lambda: work(site))) == 0
    keep("new version")
    report = site.report
    # The same dossier number becomes another person's.
    site.edit("USAGERS.CSV", lambda text: text.replace("Zéphirinsky", "Bélizairon").replace("23/07/2011", "24/08/2012"))
    call("run")
    for words in (
        ("run", "--dry-run", "--json"),
        ("status",), ("status", "--json"), ("trace", "document-2"), ("trace", "usager-1"), ("explain", "document-2"),
        ("queue", "documents"), ("queue", "mail"), ("quarantine",), ("runs", "list"), ("review", "list"), ("review", "list", "--json"),
        ("report", "--day", f"{datetime.now(UTC):%Y-%m-%d}", "--out", str(site.out / "day.html")), ("replay", "--state", "refused"), ("purge",),
        ("audit", "list"), ("audit", "verify"), ("config", "show"), ("backup", "--out", str(site.out / "backup")),
    ):  # fmt: skip
        call(*words)
    loaded = load_site(site.config)
    with open_journal(loaded) as journal:
        now = datetime.now(UTC)
        said["metrics"] = metrics(loaded, journal, Process(True, now, frozenset(), 0), now)
        keep("open")
    return Written(
        kept,
        said,
        logged,
        [str(path.relative_to(site.out)) for path in site.out.rglob("*") if "export" not in path.parts],
        b"".join(path.read_bytes() for path in (site.out / "documents").rglob("*.xml")),
        report + site.report + (site.out / "day.html").read_text("utf-8"),
    )


def needles(*words: str) -> dict[bytes, str]:
    """Every way in which these words may stand in a file."""
    found = {}
    for word in words:
        for form in {word, word.lower(), word.upper(), word.encode("unicode_escape").decode()}:
            for encoding in ("utf-8", "cp1252", "utf-16-le", "utf-16-be"):
                found[form.encode(encoding)] = word
    return found


def hits(texts: Mapping[str, bytes | str], *words: str) -> list[tuple[str, str]]:
    searched = needles(*words)
    return [
        (name, word)
        for name, text in texts.items()
        for needle, word in searched.items()
        if needle in (text if isinstance(text, bytes) else text.encode("utf-8"))
    ]


def test_the_search_finds_them_where_they_may_stand(written: Written) -> None:
    for word in IN_A_HEADER:
        assert hits({"documents": written.handed}, word), word
    assert hits({"documents": written.handed}, *DOCUMENT)


def test_the_canary_has_been_everywhere(written: Written) -> None:
    kept = "\n".join(written.kept)
    for name in (
        "journal.sqlite",
        "journal.sqlite-wal",
        "journal.sqlite-shm",
        "data/spool/",
        "data/origins/",
        "backup/",
    ):
        assert name in kept, name
    for command in ("quarantine", "review list", "trace usager-1"):
        assert any(text.strip() for name, text in written.said.items() if name.startswith(command)), command
    assert NUMBER in written.said[next(name for name in written.said if name.startswith("quarantine"))]


def test_nothing_that_the_bridge_keeps_holds_them(written: Written) -> None:
    assert hits(written.kept, *WORDS, *FIGURES, REJECTED, NUMBER, *DOCUMENT) == []


def test_no_log_line_holds_them(written: Written) -> None:
    assert hits(written.logged, *WORDS, *FIGURES, REJECTED, NUMBER) == []


def test_no_answer_to_an_operator_shows_more_than_the_number_and_the_rejected_value(written: Written) -> None:
    assert hits(written.said, *WORDS, *FIGURES) == []
    shown = {name.split(" ")[0] for name, _ in hits(written.said, REJECTED)}
    assert shown <= {"quarantine", "trace", "run"}


def test_no_metric_names_a_dossier(written: Written) -> None:
    assert hits({"metrics": written.said["metrics"]}, NUMBER, REJECTED) == []


def test_a_report_shows_nothing_but_the_rejected_value(written: Written) -> None:
    assert hits({"report": written.report}, *WORDS, *FIGURES) == []
    for title in written.report.split("<title>")[1:]:
        assert NUMBER not in title.partition("</title>")[0]


def test_no_file_is_named_after_a_person_or_a_dossier(written: Written) -> None:
    names = "\n".join(written.names)
    assert hits({"names": names}, *WORDS, *FIGURES, NUMBER) == []
