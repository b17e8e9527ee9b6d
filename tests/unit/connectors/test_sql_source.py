"""A vendor's database as records: what enters a row, what each fault stops, and that nothing is ever changed."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dui_bridge.connectors.ports import Ready
from dui_bridge.connectors.sql import SqlSource, errors, open_source, parse_settings, shape_of
from dui_bridge.connectors.sql import database as database_module
from dui_bridge.connectors.sql.settings import UrlFrom
from dui_bridge.connectors.sql.statement import why_not
from dui_bridge.connectors.wire import object_rules
from dui_bridge.declared import Problems, loads
from dui_bridge.errors import Retry
from dui_bridge.model.exchange import Record

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
SCRIPT = """
create table dossier (num text, nom text, secret text, poids real, montant numeric, photo blob);
insert into dossier values ('20', 'Lefèvre', 'x', 70.5, '1.10', null), ('3', null, 'x', 1, 2, null);
create table projet (id integer, num text, titre text, rang integer);
insert into projet values (1, '20', 'B', 10), (2, '20', 'A', 9), (3, '3', 'C', 1), (4, '99', 'D', 1);
create table objectif (projet integer, texte text);
insert into objectif values (2, 'un'), (2, 'deux');
create table personne (code text, nom text);
insert into personne values ('P1', 'Martin');
"""
DECLARED = """
url: {file: base.url}
usagers: select num, nom, secret, poids, montant from dossier order by rowid
projets: {query: "select * from projet", of: usagers, on: num, key: id, order: rang}
objectifs: {query: "select * from objectif", of: projets, on: projet}
personnes: {query: "select * from personne", key: code}
forbidden: {usagers: [secret]}
"""

Open = Callable[..., SqlSource]


def settings_of(declared: str):
    problems = Problems("m.yaml")
    found = parse_settings(loads(declared, "m.yaml"), problems, "usagers")
    return found, [finding.line() for finding in problems.findings]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def opened(declared: str = DECLARED, script: str = SCRIPT, used=None) -> SqlSource:
        (tmp_path / "base.url").write_text("sqlite:///base.sqlite\n")
        (tmp_path / "base.sqlite").unlink(missing_ok=True)
        with sqlite3.connect(tmp_path / "base.sqlite") as connection:
            connection.executescript(script)
        connection.close()
        found, lines = settings_of(declared)
        assert found is not None, lines
        return open_source(found, tmp_path, used)

    return opened


def one(select: str) -> str:
    return f"url: {{file: base.url}}\nusagers: {{query: {select!r}, key: num}}\n"


def faults(record: Record) -> list[tuple[str, str]]:
    return [(finding.rule.id, str(finding.at)) for finding in record.root.findings]


def test_queries_become_records_with_their_children_and_references(opened: Open):
    source = opened()
    assert source.prepare(NOW) == Ready("2026-11-21T02:00")

    first, second = source.records()

    assert first.root.cells == {"num": "20", "nom": "Lefèvre", "poids": "70.5", "montant": "1.1"}
    assert second.root.cells == {"num": "3", "nom": None, "poids": "1.0", "montant": "2"}
    assert (first.key, first.root.file, first.root.number) == ("20", "usagers", 1)
    projets = first.root.children["projets"]
    assert [(row.cells["titre"], row.number) for row in projets] == [("A", 2), ("B", 1)]
    assert [row.cells["texte"] for row in projets[0].children["objectifs"]] == ["un", "deux"]
    martin = first.lookup("personnes", " P1")
    assert martin is not None
    assert martin.cells["nom"] == "Martin"
    assert first.lookup("personnes", "P2") is None
    assert [finding.line() for finding in source.findings()] == [
        "projets:4:num  orphan: no record has the key 99. The object is not used. Correct num in the DUI, or have the"
        " export give both lists from the same moment."
    ]


def test_the_shape_knows_the_columns_and_the_first_one_is_the_key(opened: Open):
    source = opened()
    shape = shape_of(settings_of(DECLARED)[0], source.headers())
    assert shape.root == "usagers"
    assert shape.aliases["usagers"].columns == ("num", "nom", "secret", "poids", "montant")
    assert shape.aliases["usagers"].key == ("num",)
    assert shape.aliases["objectifs"].parent == "projets"
    assert shape.aliases["personnes"].is_reference


def test_faults_of_a_row_name_its_alias_and_place(opened: Open):
    script = "create table d (num text, v); insert into d values ('1', x'ff'), ('1', cast(x'e9' as text)), (' ', 'a');"
    first, second, third = opened(one("select * from d"), script).records()
    twice = (object_rules.KEY_TWICE.id, "usagers:{}:num")
    assert faults(first) == [(errors.BINARY.id, "usagers:1:v"), (twice[0], twice[1].format(1))]
    assert faults(second) == [(twice[0], twice[1].format(2)), (object_rules.UNDECODABLE.id, "usagers:2:v")]
    assert faults(third) == [(object_rules.NO_KEY.id, "usagers:3:num")]
    assert third.key == "usagers:3"


@pytest.mark.parametrize(
    ("select", "message"),
    [
        ("select num, nom as num from dossier", "usagers: a column stands twice: num"),
        ("select nom from dossier", "usagers: the query does not give: num"),
        ("select num as nums from dossier", "usagers: the query does not give: num: did you mean nums?"),
        ("select nom from dosier", "usagers: the database refuses the query: no such table: dosier"),
        ("select from dossier", 'usagers: the database refuses the query: near "from": syntax error'),
    ],
)
def test_a_query_that_does_not_fit_gives_no_record(opened: Open, select: str, message: str):
    source = opened(one(select))
    with pytest.raises((errors.ColumnsWrong, errors.QueryRefused), match=re.escape(message)):
        next(source.records())


def test_columns_are_checked_against_the_mapping(opened: Open):
    declared = DECLARED + "ignored: {usagers: [poids]}\n"
    used = {"usagers": frozenset({"nom"})}
    source = opened(declared, used=used)
    list(source.records())
    unknown = [finding.values for finding in source.findings() if finding.rule is object_rules.UNKNOWN_COLUMNS]
    assert unknown[0] == {"alias": "usagers", "columns": "montant"}
    with pytest.raises(errors.ColumnsWrong):
        next(opened(used={"usagers": frozenset({"prenom"})}).records())


@pytest.mark.parametrize(
    "text",
    [
        "select 1",
        "  -- dossier; delete\n/* ; */ SELECT 'a;''delete' as \"drop\" ;  ",
        "with a as (select 1) select * from a",
        "select $x$ ; delete $x$, E'\\'; drop'",
    ],
)
def test_one_select_is_accepted(text: str):
    assert why_not(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "delete from a",
        "select 1; drop table a",
        "with a as (delete from b returning *) select * from a",
        "select * into b from a",
        "select 'a",
        "pragma query_only = off",
        "attach 'x' as y",
        "explain select 1",
    ],
)
def test_anything_else_is_refused_in_the_mapping(text: str):
    assert why_not(text) is not None


@given(st.text(max_size=60))
def test_whatever_the_text_the_check_answers(text: str):
    assert why_not(text) is None or text.strip() == "" or why_not(text)


@pytest.mark.parametrize(
    "text",
    [
        "delete from dossier",
        "pragma query_only = off",
        "attach ':memory:' as autre",
        "create temp table t as select 1",
        "commit",
    ],
)
def test_the_session_itself_changes_nothing(opened: Open, tmp_path: Path, text: str):
    opened()
    with (
        database_module.open_database(UrlFrom("base.url", None), tmp_path).session() as session,
        pytest.raises(errors.QueryRefused),
    ):
        session.rows("usagers", text)


@pytest.mark.parametrize(
    ("url", "error", "reason"),
    [
        ("sqlite:///absente.sqlite", errors.DatabaseUnreachable, "its file cannot be opened"),
        ("sqlite:///base.url", errors.DatabaseUnreachable, "its file is no SQLite database"),
        ("sqlite://", errors.UrlUnusable, "no file"),
        ("", errors.UrlUnusable, "it is not there, or empty"),
        ("sésame", errors.UrlUnusable, "it is no address"),
        ("mysql://u:sésame@h/b", errors.UrlUnusable, "neither PostgreSQL nor SQLite"),
        ("postgresql://u:sésame@h:port/b", errors.UrlUnusable, "it is no address"),
        ("postgresql://u:sésame@127.0.0.1:1/b", errors.DatabaseUnreachable, "nothing listens"),
    ],
)
def test_trouble_with_the_address_never_shows_it(tmp_path: Path, monkeypatch, url: str, error: type, reason: str):
    (tmp_path / "base.url").write_text("x" * 2_000)
    monkeypatch.setenv("DUI_URL", url)
    found, _ = settings_of("url: {env: DUI_URL}\nusagers: {query: select 1 as num, key: num}")
    assert found is not None
    with pytest.raises(error) as raised:
        open_source(found, tmp_path).prepare(NOW)
    assert reason in raised.value.message()
    assert "sésame" not in f"{raised.value.message()} {raised.value!r} {raised.value.__cause__!r}"
    assert isinstance(raised.value, Retry) == (error is errors.DatabaseUnreachable)


def test_a_golden_case_is_a_script(tmp_path: Path):
    (tmp_path / "database.sql").write_text(SCRIPT, encoding="utf-8")
    found, _ = settings_of(DECLARED)
    assert found is not None
    source = open_source(found, tmp_path, as_is=True)
    assert source.headers()["personnes"] == ("code", "nom")
    assert [record.key for record in source.records()] == ["20", "3"]
    (tmp_path / "database.sql").write_text(f"attach '{tmp_path}/autre.sqlite' as a;")
    with pytest.raises(errors.ScriptRefused):
        source.headers()
    assert not (tmp_path / "autre.sqlite").exists()


def test_memory_does_not_grow_with_the_database(opened: Open):
    script = (
        "create table dossier (num integer, nom text); with recursive n(i) as (select 1 union all select i + 1 from n"
        " where i < 2000) insert into dossier select i, printf('%5000s', i) from n;"
    )
    source = opened(one("select * from dossier"), script)
    tracemalloc.start()
    count = sum(1 for _ in source.records())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 2_000
    assert peak < 5_000_000


@given(
    st.lists(st.tuples(*[st.one_of(st.none(), st.integers(-9, 9), st.floats(), st.binary(max_size=4), st.text())] * 2))
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_cells_only_findings_come_of_them(tmp_path: Path, rows):
    path = tmp_path / "h.sqlite"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("create table d (num, v)")
        usable = [row for row in rows if not any(isinstance(v, str) and re.search("[\ud800-\udfff]", v) for v in row)]
        connection.executemany("insert into d values (?, ?)", usable)
    connection.close()
    (tmp_path / "base.url").write_text("sqlite:///h.sqlite")
    found, _ = settings_of(one("select * from d"))
    assert found is not None
    records = list(open_source(found, tmp_path).records())
    assert [record.root.number for record in records] == list(range(1, len(usable) + 1))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("url: {file: base.url}", "url: 'postgresql://u:p@h/b'", "is not written in a mapping"),
        ("of: usagers, on: num", "of: usagers", "`of` and `on` go together"),
        ("of: projets", "of: projet", "did you mean projets?"),
        (", key: code", "", "needs a `key`"),
        ("key: id, ", "", "'projets' above has no `key`"),
        ("of: usagers, on: num", "of: objectifs, on: texte", "is below this one"),
        ("select * from personne", "delete from personne", "not one SELECT"),
        ("projets: {", "items: {query: select 1}\nprojets: {", "'items' cannot name a file"),
        ('query: "select * from objectif"', "qeury: x", "unknown key 'qeury'"),
    ],
)
def test_each_mistake_of_the_declaration_is_told(before: str, after: str, message: str):
    assert before in DECLARED
    found, lines = settings_of(DECLARED.replace(before, after))
    assert found is None
    assert any(message in line for line in lines), lines


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a server of this session alone."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("no PostgreSQL server (Debian: postgresql)")
    pytest.importorskip("psycopg")
    bin_, user = programs[-1].parent, "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="dui-pg-"))
    if user:
        shutil.chown(folder, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = {"user": user, "cwd": folder, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    data = str(folder / "data")
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
    subprocess.run([bin_ / "initdb", "-D", data, "-U", "dui", "-A", "trust", "-E", "UTF8", "--no-sync"], **command)
    subprocess.run([bin_ / "pg_ctl", "-D", data, "-w", "-o", options, "start"], **command)
    try:
        yield f"postgresql://dui:sesame@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **command)
        shutil.rmtree(folder)


@pytest.fixture
def served(postgresql: str, monkeypatch: pytest.MonkeyPatch) -> str:
    import psycopg

    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("drop table if exists dossier")
        connection.execute("create sequence if not exists suite")
        connection.execute(
            "create table dossier (num int primary key, nom text, ne date, vu timestamptz, m numeric(9,2), o boolean,"
            " j jsonb, l text[], d double precision)"
        )
        connection.execute(
            "insert into dossier values (1, 'Lefèvre 100%', '1931-02-28', '2026-11-21 02:00+01', 1.10, true,"
            """ '{"a": [1.50, null]}', '{x,NULL}', 0.1), (2, null, null, null, null, null, null, null, null)"""
        )
    monkeypatch.setenv("DUI_URL", postgresql)
    return postgresql


def pg(select: str, folder: Path) -> SqlSource:
    found, lines = settings_of(f"url: {{env: DUI_URL}}\nusagers: {{query: {select!r}, key: num}}\n")
    assert found is not None, lines
    return open_source(found, folder)


@pytest.mark.real
def test_postgresql_gives_text_as_it_is_stored(served: str, tmp_path: Path):
    first, second = pg("select * from dossier where nom like 'Lef%' or num = 2 order by num", tmp_path).records()
    vu = first.root.cells.pop("vu")
    assert datetime.fromisoformat(vu) == datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    assert first.root.cells == {
        "num": "1",
        "nom": "Lefèvre 100%",
        "ne": "1931-02-28",
        "m": "1.10",
        "o": "true",
        "j": {"a": ["1.50", None]},
        "l": ["x", None],
        "d": "0.1",
    }
    assert second.root.cells == dict.fromkeys(["nom", "ne", "vu", "m", "o", "j", "l", "d"]) | {"num": "2"}


@pytest.mark.real
@pytest.mark.parametrize(
    "text",
    [
        "delete from dossier",
        "select set_config('transaction_read_only', 'off', false)",
        "select nextval('suite')",
        "with a as (insert into dossier (num) values (9) returning num) select * from a",
    ],
)
def test_postgresql_changes_nothing(served: str, tmp_path: Path, text: str):
    database = database_module.open_database(UrlFrom(None, "DUI_URL"), tmp_path)
    with database.session() as session, pytest.raises(errors.QueryRefused):
        list(session.rows("usagers", text)[1])


@pytest.mark.real
@pytest.mark.parametrize(
    ("select", "message"),
    [
        ("select nmo from dossier", 'column "nmo" does not exist (42703)'),
        ("select nom::int as num from dossier", "a value cannot be converted (22P02)"),
        ("select 'infinity'::date as num", "refuses the query"),
    ],
)
def test_postgresql_says_what_is_wrong_without_a_value(served: str, tmp_path: Path, select: str, message: str):
    with pytest.raises(errors.QueryRefused, match=re.escape(message)) as raised:
        list(pg(select, tmp_path).records())
    assert "Lef" not in raised.value.message()


@pytest.mark.real
def test_a_connection_that_breaks_off_is_tried_again(served: str, tmp_path: Path):
    with pytest.raises(errors.DatabaseUnreachable):
        list(pg("select num, pg_terminate_backend(pg_backend_pid()) as fin from dossier", tmp_path).records())
