"""A vendor's XML export as records: what enters a row, what is mended, and what each fault stops."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dui_bridge.connectors.ports import Ready, Waiting
from dui_bridge.connectors.wire import export_rules, object_rules
from dui_bridge.connectors.xml import XmlSource, errors, open_source, parse_settings, shape_of
from dui_bridge.connectors.xml import fragments as fragments_module
from dui_bridge.connectors.xml import text as text_module
from dui_bridge.declared import Problems, loads
from dui_bridge.errors import DuiBridgeError, ExportUnreadable
from dui_bridge.model.exchange import Record

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
EACH = "each: DOSSIER\n"
DOCS = EACH + "lists: [DOC]\n"
REPAIR = EACH + "repair: [html_entities, bare_ampersand]\n"

Open = Callable[..., XmlSource]


def source_of(folder: Path, content: str | bytes, declared: str = EACH, used: dict | None = None) -> XmlSource:
    data = content.encode("utf-8") if isinstance(content, str) else content
    (folder / "EXPORT.xml").write_bytes(data)
    problems = Problems("m.yaml")
    found = parse_settings(loads(declared, "m.yaml"), problems, "DOSSIER")
    assert found is not None, [finding.line() for finding in problems.findings]
    source = open_source(found, folder, used, as_is=True)
    assert isinstance(source.prepare(NOW), Ready)
    return source


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    return lambda *args, **kwargs: source_of(tmp_path, *args, **kwargs)


def dossier(inner: str, attributes: str = 'num="1"') -> str:
    return f"<EXPORT>\n<DOSSIER {attributes}>{inner}</DOSSIER></EXPORT>"


def faults(record: Record) -> list[tuple[str, str]]:
    return [(finding.rule.id, str(finding.at)) for finding in record.root.findings]


PASSERELLE = """<?xml version="1.0" encoding="ISO-8859-15"?>
<!-- DTD perdue -->
<EXPORT version="4.2" genere="21/11/2026 02:13">
 <STRUCTURE code="CSP01" finess="" siret="77567227221129">
  <DOSSIER num="2026-0117" anonyme="non" type="CSAPA">
   <ETATCIVIL><NOM>LEFÈVRE</NOM><ALIAS/><SECU>AME en cours</SECU></ETATCIVIL>
   <TRAITEMENTS><TSO molecule="METHADONE" dose_mg="60.0">à jeun</TSO></TRAITEMENTS>
   <DOCS>
    <DOC type="courrier" chemin="\\\\srv\\partage\\2026\\c.pdf"/>
   </DOCS>
  </DOSSIER>
  <DOSSIER num="2026-0118" anonyme="oui" type="CSAPA"/>
 </STRUCTURE>
</EXPORT>
"""


def test_attributes_stand_beside_children_and_an_element_with_attributes_keeps_its_text(opened: Open):
    declared = DOCS + "above: [STRUCTURE]\n"
    source = opened(PASSERELLE.encode("iso8859-15"), declared)

    first, second = source.records()

    assert first.root.cells == {
        "num": "2026-0117",
        "anonyme": "non",
        "type": "CSAPA",
        "ETATCIVIL": {"NOM": "LEFÈVRE", "ALIAS": "", "SECU": "AME en cours"},
        "TRAITEMENTS": {"TSO": {"molecule": "METHADONE", "dose_mg": "60.0", "text": "à jeun"}},
        "DOCS": {"DOC": [{"type": "courrier", "chemin": "\\\\srv\\partage\\2026\\c.pdf"}]},
        "STRUCTURE": {"code": "CSP01", "finess": "", "siret": "77567227221129"},
    }
    assert (first.key, first.root.file, first.root.number) == ("2026-0117", "EXPORT.xml", 5)
    assert (second.key, second.root.number) == ("2026-0118", 12)
    assert source.findings() == ()


def test_a_list_inside_has_rows_with_lines_of_their_own(opened: Open):
    declared = EACH + 'then: {docs: {each: "DOCS.DOC[]", key: id}}\nforbidden: {docs: [secret]}\n'
    content = dossier('<DOCS>\n<DOC id="a" secret="x"/>\n\n<DOC id="b"><T>u</T></DOC></DOCS>')
    source = opened(content, declared, {"DOSSIER": frozenset(), "docs": frozenset({"T"})})

    (record,) = source.records()

    rows = record.root.children["docs"]
    assert [(row.alias, row.number, row.cells) for row in rows] == [
        ("docs", 3, {"id": "a"}),
        ("docs", 5, {"id": "b", "T": "u"}),
    ]
    assert "secret" not in repr(record.root)
    assert source.findings() == ()
    assert shape_of(source._settings, source.headers()).aliases["docs"].columns == ("id", "T")


def test_attributes_can_be_told_from_children_by_a_mark(opened: Open):
    (record,) = opened(dossier("<num>2</num>"), EACH + "attributes: at").records()
    assert (record.key, record.root.cells) == ("1", {"@num": "1", "num": "2"})


def test_mixed_content_is_its_whole_text_and_comments_are_not_text(opened: Open):
    content = dossier("<N>Vu <b>le</b> <b>matin</b><!-- non --> par <QUI>X</QUI></N><M>a<!-- b -->c<![CDATA[<&]]></M>")
    (record,) = opened(content).records()

    assert record.root.cells["N"] == {"QUI": "X", "text": "Vu le matin par X"}
    assert record.root.cells["M"] == "ac<&"
    assert faults(record) == []


def test_nil_is_null_and_prefixes_are_dropped(opened: Open):
    content = (
        '<e:EXPORT xmlns:e="urn:e" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<e:DOSSIER e:num="1"><e:NOM xsi:nil="true"/><e:PRENOM xsi:type="e:T">A</e:PRENOM></e:DOSSIER></e:EXPORT>'
    )
    (record,) = opened(content).records()
    assert record.root.cells == {"num": "1", "NOM": None, "PRENOM": "A"}


@pytest.mark.parametrize(
    ("inner", "declared", "rule", "at", "left"),
    [
        ("<A/>\n<A/>", EACH, errors.REPEATED, "EXPORT.xml:3:A", {"num": "1"}),
        ("<num>2</num>", EACH, errors.TWO_MEANINGS, "EXPORT.xml:2:num", {}),
        ("<S/>", EACH + "above: [S]\n", None, "", {"num": "1", "S": ""}),
        ("<EXPORT/>", EACH + "above: [EXPORT]\n", errors.TWO_MEANINGS, "EXPORT.xml:2", {"num": "1"}),
        ("<NOM>c\x9cur</NOM>", EACH, errors.WRONG_CHARACTERS, "EXPORT.xml:2:NOM", {"num": "1", "NOM": "c\x9cur"}),
        (
            '<A/><p:A xmlns:p="urn:p"/>',
            EACH + "lists: [A]\n",
            errors.NAMESPACES,
            "EXPORT.xml:2:A",
            {"num": "1"},
        ),
    ],
)
def test_what_could_be_misread_is_dropped_and_told(opened: Open, inner, declared, rule, at, left):
    (record,) = opened(dossier(inner), declared).records()
    wanted = [(rule.id, at)] if rule is not None else []
    assert [fault for fault in faults(record) if fault[0] != object_rules.NO_KEY.id] == wanted
    assert record.root.cells == left


def test_declared_repairs_are_made_counted_and_told(opened: Open):
    content = dossier(
        "<A>x&nbsp;y &amp; z</A>\n<B>Dupont & fils &eacute; R&D;</B><!-- & &nbsp; --><C><![CDATA[a & b &nbsp;]]></C>",
        'num="1" t="a&b"',
    )
    source = opened(content, REPAIR)

    (record,) = source.records()

    assert record.root.cells == {
        "num": "1",
        "t": "a&b",
        "A": "x\xa0y & z",
        "B": "Dupont & fils é R&D;",
        "C": "a & b &nbsp;",
    }
    found = {finding.values["repair"]: finding for finding in source.findings()}
    assert {name: (finding.values["count"], finding.severity.value) for name, finding in found.items()} == {
        "html_entities": ("2", "info"),
        "bare_ampersand": ("3", "info"),
    }
    assert found["html_entities"].line() == (
        "EXPORT.xml:2  2 repair(s) html_entities made, as the mapping asks; the first in column 30 of this line"
        " Have the vendor correct the export."
    )


@pytest.mark.parametrize(
    ("inner", "where", "repair"),
    [
        ("<A>\n é&nbsp;</A>", "EXPORT.xml:3:3", "html_entities"),
        ("<A>a & b</A>", "EXPORT.xml:2:23", "bare_ampersand"),
        ("<A>&inconnue;</A>", "EXPORT.xml:2:21", "bare_ampersand"),
    ],
)
def test_a_repair_that_is_needed_and_not_declared_is_one_clear_error(opened: Open, inner, where, repair):
    source = opened(dossier(inner))
    with pytest.raises(errors.XmlNeedsRepair) as raised:
        next(source.records())
    assert raised.value.message().startswith(where)
    assert f"repair: [{repair}]" in raised.value.action("fr")


def test_an_entity_never_becomes_markup(opened: Open):
    (record,) = opened(dossier("<A>&LT;B/&GT;&NewLine;&Tab;</A>"), REPAIR).records()
    assert record.root.cells["A"] == "<B/>\n\t"


def test_a_doctype_without_declarations_can_be_dropped_and_others_never(opened: Open):
    named = '<!DOCTYPE EXPORT SYSTEM "perdue.dtd">\n' + dossier("")
    with pytest.raises(errors.XmlNeedsRepair, match=r"EXPORT.xml:1:1"):
        next(opened(named).records())
    (record,) = opened(named, EACH + "repair: doctype").records()
    assert record.root.number == 3
    with pytest.raises(errors.XmlDoctype):
        next(opened('<!DOCTYPE E [<!ENTITY a "b">]>' + dossier("&a;"), EACH + "repair: doctype").records())


LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY a{i} '{'&a' + str(i - 1) + ';' if i else '&a;'}'>" * 10 for i in range(9)
)


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS + "]>" + dossier("&a8;"),
        '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + dossier("&x;"),
        '<!DOCTYPE l [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]>' + dossier(""),
        dossier('<!DOCTYPE l SYSTEM "file:///etc/passwd"><A/>'),
        dossier("<A>" * 5_000 + "</A>" * 5_000),
        "<A>" * 5_000 + dossier("") + "</A>" * 5_000,
        "<EXPORT " + 'a="x" ' * 50_000,
    ],
    ids=["laughs", "xxe", "parameter", "inner", "deep", "deep outside", "long tag"],
)
@pytest.mark.parametrize("declared", [EACH, EACH + "repair: [html_entities, bare_ampersand, doctype]"])
def test_hostile_files_are_refused(opened: Open, content: str, declared: str):
    with pytest.raises(ExportUnreadable):
        list(opened(content, declared).records())


def test_an_element_that_never_ends_is_refused_long_before_it_fills_the_memory(opened: Open, monkeypatch):
    monkeypatch.setattr(fragments_module, "LARGEST", 100_000)
    with pytest.raises(errors.XmlDamaged, match="an element DOSSIER is too long"):
        next(opened(dossier("<A>" + "x" * 300_000 + "</A>")).records())


def test_a_text_that_is_too_long_is_a_fault_of_its_dossier_only(opened: Open):
    content = "<E>" + f'<DOSSIER num="1"><A>{"x" * 1_100_000}</A></DOSSIER><DOSSIER num="2"/>' + "</E>"
    first, second = opened(content).records()
    assert [rule for rule, _ in faults(first)] == [object_rules.TOO_LONG.id]
    assert faults(second) == []


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ('<E>\n<DOSSIER num="1">\n<A/></E>', errors.XmlCut, "EXPORT.xml:2: the element DOSSIER"),
        ('<E>\n<S>\n<DOSSIER num="1"/>', errors.XmlCut, "EXPORT.xml:2: the element S"),
        ('<E>\n<DOSSIER num="1">\n<A></B></DOSSIER></E>', errors.XmlDamaged, "EXPORT.xml:3: not well-formed"),
        ("<E>\n</F>", errors.XmlDamaged, "EXPORT.xml:2: </F> closes nothing"),
        ("<E/><E/>", errors.XmlDamaged, "a second element"),
        ("rien", errors.XmlDamaged, "no element"),
        ("<E>\n <5</E>", errors.XmlDamaged, "EXPORT.xml:2: a tag"),
        (dossier("\n<A>a\x0bb</A>"), errors.XmlDamaged, "EXPORT.xml:3: U\\+000B in column 5 is no character"),
        (b"<E>\n\xe9</E>", errors.XmlEncoding, r"EXPORT.xml:2: not utf-8 text \(0xE9\)"),
        (b'<?xml version="1.0" encoding="rot13"?><E/>', errors.XmlDamaged, "unknown encoding rot13"),
        (b"\xff\xfe<", errors.XmlEncoding, "not utf-16 text"),
    ],
)
def test_a_damaged_file_gives_no_record_at_all(opened: Open, content, error, message):
    source = opened(content)
    with pytest.raises(error, match=message):
        next(source.records())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "iso8859-15", "mac-roman"])
def test_the_file_says_its_encoding(opened: Open, encoding: str):
    said = encoding.removesuffix("-sig").replace("mac-roman", "macintosh")
    content = f'<?xml version="1.0" encoding="{said}"?>' + dossier("<A>Hélène</A>")
    (record,) = opened(content.encode(encoding)).records()
    assert record.root.cells["A"] == "Hélène"


def test_the_declared_encoding_wins_and_a_file_that_says_otherwise_is_told(opened: Open):
    content = '<?xml version="1.0" encoding="UTF-8"?>\r\n' + dossier("\r\n<A>cœur</A>")
    source = opened(content.encode("cp1252"), EACH + "encoding: windows-1252")
    (record,) = source.records()
    assert (record.root.cells["A"], record.root.number) == ("cœur", 3)
    assert [finding.line() for finding in source.findings()] == [
        "EXPORT.xml:1  the file says UTF-8 of itself; it was read as cp1252, as the mapping asks"
    ]


def test_keys_are_checked_over_all_files(tmp_path: Path):
    (tmp_path / "B.XML").write_text(dossier("", 'num="1"'))
    first, second = source_of(tmp_path, dossier("", 'num=" 1"') + "\n").records()
    assert [r.root.file for r in (first, second)] == ["B.XML", "EXPORT.xml"]
    assert faults(first) == [(object_rules.KEY_TWICE.id, "B.XML:2:num")]
    assert faults(second) == [(object_rules.KEY_TWICE.id, "EXPORT.xml:2:num")]

    (record,) = source_of(tmp_path, dossier("", 'num=" "'), EACH + "file: EXPORT.xml").records()
    assert faults(record) == [(object_rules.NO_KEY.id, "EXPORT.xml:2:num")]
    assert record.key == "EXPORT.xml:2"


def test_names_that_the_mapping_does_not_know_are_told_and_so_are_those_that_are_nowhere(opened: Open):
    source = opened(dossier("<A/><B/>"), EACH + "ignored: {DOSSIER: [B]}", {"DOSSIER": frozenset({"C"})})
    list(source.records())
    assert [finding.rule for finding in source.findings()] == [object_rules.UNKNOWN_COLUMNS, object_rules.NOWHERE]


def test_an_export_without_the_element_says_so(opened: Open):
    source = opened("<E><DOSSIERS/></E>")
    assert list(source.records()) == []
    assert (
        source.findings()[0].line().startswith("EXPORT.xml:1  no element DOSSIER in this file: did you mean DOSSIERS?")
    )


def test_dossiers_inside_a_dossier_are_part_of_it(opened: Open):
    (record,) = opened(
        dossier('<LIES><DOSSIER num="2"/><DOSSIER num="3"></DOSSIER></LIES>'), EACH + "lists: [DOSSIER]"
    ).records()
    assert record.root.cells["LIES"] == {"DOSSIER": [{"num": "2"}, {"num": "3"}]}


def test_an_export_is_waited_for_like_any_other(tmp_path: Path):
    folder = tmp_path / "20261121"
    folder.mkdir()
    (folder / "E.xml").write_text(dossier(""))
    found = parse_settings(loads(EACH + "folder: AAAAMMJJ\ncomplete: {file: FIN}", "m.yaml"), Problems("m"))
    assert found is not None
    source = open_source(found, tmp_path)
    waiting = source.prepare(NOW)
    assert isinstance(waiting, Waiting)
    assert [finding.rule for finding in waiting.findings] == [export_rules.NO_MARKER]
    (folder / "FIN").touch()
    ready = source.prepare(NOW)
    assert isinstance(ready, Ready)
    assert [record.key for record in source.records()] == ["1"]


def test_memory_does_not_grow_with_the_export(tmp_path: Path):
    one = f'<DOSSIER num="{{}}"><A>{"e" * 40_000}</A><B t="&nbsp;"/></DOSSIER>\n'
    source = source_of(tmp_path, "<E>" + "".join(one.format(i) for i in range(200)) + "</E>", REPAIR)

    tracemalloc.start()
    count = sum(1 for _ in source.records())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 200
    assert (tmp_path / "EXPORT.xml").stat().st_size > 7_000_000
    assert peak < 4_000_000


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "<E>",
                "</E>",
                "<DOSSIER num='1'>",
                "</DOSSIER>",
                "<DOSSIER/>",
                "<A b='c'>",
                "</A>",
                "<A",
                "/>",
                ">",
                "<",
            ),
            *(
                "<",
                "&",
                "&amp;",
                "&nbsp;",
                "&#0;",
                "&#xD800;",
                "&x",
                ";",
                "<!--",
                "-->",
                "<![CDATA[",
                "]]>",
                "<?x",
                "?>",
            ),
            *("<!DOCTYPE a", "[", "]", "'", '"', " ", "\n", "\r", "é", "\x9c", "\x00", "xmlns:p='u'", "<p:DOSSIER>"),
        ]
    )
).map(lambda parts: "".join(parts).encode())


@given(
    st.one_of(st.binary(max_size=200), PIECES),
    st.sampled_from(["", "encoding: cp1252\n", "encoding: utf-16\n"]),
    st.sampled_from(["", "repair: [html_entities, bare_ampersand, doctype, double_utf8]\n"]),
    st.integers(1, 40),
)
@example(b"<DOSSIER num='1'>&", "", "repair: bare_ampersand\n", 1)
@example(b"<DOSSIER num='1'><!-", "", "", 1)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_bytes_only_the_projects_errors_are_raised(tmp_path, monkeypatch, data, encoding, repair, block):
    monkeypatch.setattr(text_module, "_BLOCK", block)
    source = source_of(tmp_path, data, EACH + encoding + repair)
    try:
        records = list(source.records())
    except DuiBridgeError:
        return
    for record in records:
        assert record.root.number >= 1


@given(PIECES, st.integers(1, 12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_where_the_blocks_end_changes_nothing(tmp_path, monkeypatch, data, block):
    def outcome(size: int) -> object:
        monkeypatch.setattr(text_module, "_BLOCK", size)
        source = source_of(tmp_path, b"<E>" + data + b"</E>", EACH + "repair: [html_entities, bare_ampersand, doctype]")
        try:
            return [(record.key, record.root) for record in source.records()], source.findings()
        except DuiBridgeError:
            return "refused"  # of several faults, the one that is met first is told

    assert outcome(block) == outcome(1 << 16)
