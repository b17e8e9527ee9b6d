"""Small Schematrons, one feature each, compiled and run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from dui_bridge.validation.schematron import contexts
from dui_bridge.validation.schematron.engine import Outcome, Schematron, parse
from dui_bridge.validation.schematron.errors import SchematronUnusable
from dui_bridge.validation.schematron.reading import read_schema
from dui_bridge.validation.schematron.stylesheet import stylesheet

SCHEMA = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2" {attributes}>
<ns prefix="h" uri="urn:hl7-org:v3"/><ns prefix="v" uri="urn:v"/>{body}</schema>"""


def written(folder: Path, body: str, attributes: str = "", name: str = "a.sch") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(SCHEMA.format(body=body, attributes=attributes), encoding="utf-8")
    return file


def run(folder: Path, body: str, document: str, attributes: str = "") -> Outcome:
    return run_file(written(folder, body, attributes), folder, document)


def run_file(file: Path, folder: Path, document: str) -> Outcome:
    data = document.encode()
    return Schematron(file, folder).run(parse(data, etree.fromstring(data)))


def messages(outcome: Outcome) -> list[str]:
    assert outcome.raised == ()
    return sorted(hit.message for hit in outcome.hits)


def test_an_assert_hits_when_false_and_a_report_when_true(tmp_path: Path) -> None:
    body = """<pattern id="p"><rule context="a"><assert test="@x" role="warning">no x</assert>
      <report test="@y">y</report></rule></pattern>"""
    outcome = run(tmp_path, body, '<r><a y="1"/><a x="1"/></r>')
    assert [(h.at, h.message, h.role, h.pattern) for h in outcome.hits] == [
        ("/Q{}r[1]/Q{}a[1]", "no x", "warning", "p"),
        ("/Q{}r[1]/Q{}a[1]", "y", "error", "p"),
    ]


def test_a_message_shows_names_and_values_with_its_blanks_collapsed(tmp_path: Path) -> None:
    body = """<pattern><rule context="a"><let name="n" value="@x"/><assert test="false()">
      in <name/> of <name path=".."/>: "<value-of select="$n"/>" <emph>and {braces}</emph>
    </assert></rule></pattern>"""
    assert messages(run(tmp_path, body, '<r><a x="1"/></r>')) == ['in a of r: "1" and {braces}']


def test_a_value_of_several_items_is_shown_with_blanks_between_them(tmp_path: Path) -> None:
    body = """<pattern><rule context="a"><report test="1">[<value-of select="@x, b"/>] <value-of select="@none"/>
      (<value-of select="count(b)"/>)</report></rule></pattern>"""
    assert messages(run(tmp_path, body, '<a x="1&#10;&lt;{2}"><b>3</b><b>4</b></a>')) == ["[1 <{2} 3 4] (2)"]


def test_the_first_rule_that_matches_wins_within_a_pattern_only(tmp_path: Path) -> None:
    body = """<pattern><rule context="a[@x]"><report test="true()">1</report></rule>
      <rule context="a"><report test="true()">2</report></rule>
      <rule context="*"><report test="true()">3</report></rule></pattern>
      <pattern><rule context="a"><report test="true()">4</report></rule></pattern>"""
    assert messages(run(tmp_path, body, '<a><a x="1"/></a>')) == ["1", "2", "4", "4"]


def test_an_attribute_can_be_the_context(tmp_path: Path) -> None:
    body = '<pattern><rule context="a/@x"><assert test=". = \'1\'"><value-of select="."/></assert></rule></pattern>'
    assert messages(run(tmp_path, body, '<r><a x="2"/><b x="3"/></r>')) == ["2"]


def test_a_variable_of_a_pattern_is_known_in_the_others(tmp_path: Path) -> None:
    body = """<pattern><let name="n" value="count(//a)"/><rule context="none"><assert test="1"/></rule></pattern>
      <pattern><rule context="r"><report test="true()"><value-of select="$n"/></report></rule></pattern>"""
    assert messages(run(tmp_path, body, "<r><a/><a/></r>")) == ["2"]


def test_two_values_of_one_global_variable_are_refused(tmp_path: Path) -> None:
    file = written(tmp_path, '<let name="n" value="1"/><pattern><let name="n" value="2"/><rule context="a"/></pattern>')
    with pytest.raises(SchematronUnusable, match="two values"):
        Schematron(file, tmp_path)


def test_an_abstract_pattern_is_filled_in(tmp_path: Path) -> None:
    body = """<pattern abstract="true" id="p"><rule context="$e">
        <assert test="$test"><value-of select="$e/@x"/></assert></rule></pattern>
      <pattern is-a="p" id="one"><param name="e" value="a"/><param name="test" value="@y"/></pattern>"""
    (hit,) = run(tmp_path, body, '<r><a><a x="7"/></a></r>').hits[:1]
    assert (hit.message, hit.pattern) == ("7", "one")


def test_an_abstract_rule_is_extended_and_unused_ones_need_not_compile(tmp_path: Path) -> None:
    body = """<pattern><rule abstract="true" id="A.1"><let name="x" value="@x"/><assert test="$x">no x</assert></rule>
      <rule abstract="true" id="B"><assert test="unknown:y">?</assert></rule></pattern>
      <pattern id="q"><rule context="a"><extends rule="A.1"/></rule></pattern>"""
    (hit,) = run(tmp_path, body, "<r><a/></r>").hits
    assert (hit.message, hit.pattern) == ("no x", "q")


@pytest.mark.parametrize(
    "rules",
    [
        """<rule abstract="true" id="A"><let name="n" value="2"/></rule>
           <rule context="a"><extends rule="A"/><assert test="@x = $n">2</assert></rule>""",
        """<rule abstract="true" id="A"><assert test="@x = $n">2</assert></rule>
           <rule context="a"><let name="n" value="2"/><extends rule="A"/></rule>""",
    ],
)
def test_variables_cross_the_border_of_an_abstract_rule(tmp_path: Path, rules: str) -> None:
    assert messages(run(tmp_path, f"<pattern>{rules}</pattern>", '<r><a x="1"/><a x="2"/></r>')) == ["2"]


MIXED = """<pattern id="p"><rule abstract="true" id="A"><assert test="@y">call</assert></rule>
  <rule context="a"><let name="n" value="@x"/><report test="$n">one <value-of select="$n"/></report>
    <extends rule="A"/><report test="$n">two <value-of select="$n"/></report>
    <let name="n" value="$n + 1"/><let name="m" value="$n * 10"/><report test="$n">three <value-of select="$n, $m"/></report>
  </rule></pattern>"""


def test_variables_are_known_from_where_they_stand_and_hits_keep_their_order(tmp_path: Path) -> None:
    outcome = run(tmp_path, MIXED, '<a x="7"/>')
    assert [hit.message for hit in outcome.hits] == ["one 7", "call", "two 7", "three 8 80"]
    assert {hit.pattern for hit in outcome.hits} == {"p"}


@pytest.mark.parametrize("careful_of", [None, frozenset({0})])
def test_nothing_is_written_that_makes_saxon_keep_the_source_of_a_stylesheet(
    tmp_path: Path, careful_of: frozenset[int] | None
) -> None:
    (tmp_path / "set.xml").write_text("<s/>")
    body = f"""<let name="g" value="doc('set.xml')"/>{MIXED}"""
    sheet = etree.fromstring(stylesheet(read_schema(written(tmp_path, body), tmp_path), careful_of).text)
    xsl = {"xsl": "http://www.w3.org/1999/XSL/Transform"}
    assert sheet.xpath("//xsl:sequence", namespaces=xsl)
    assert sheet.xpath("xsl:param", namespaces=xsl)
    assert not sheet.xpath("//*[not(self::xsl:stylesheet)]/xsl:variable", namespaces=xsl)
    assert not sheet.xpath("//xsl:value-of | //@required", namespaces=xsl)


def test_only_the_default_phase_is_in_force(tmp_path: Path) -> None:
    body = """<phase id="short"><active pattern="p"/></phase>
      <pattern id="p"><rule context="a"><report test="1">p</report></rule></pattern>
      <pattern id="q"><rule context="a"><report test="1">q</report></rule></pattern>"""
    assert messages(run(tmp_path, body, "<a/>", 'defaultPhase="short"')) == ["p"]
    assert messages(run(tmp_path, body, "<a/>")) == ["p", "q"]


def test_an_include_is_found_whatever_its_case_and_addresses_start_from_the_main_file(tmp_path: Path) -> None:
    written(tmp_path, '<include href="parts/One.sch"/>')
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "one.sch").write_text(
        """<pattern xmlns="http://purl.oclc.org/dsdl/schematron"><rule context="a">
        <assert test="@x = doc('values.xml')//c/@x"><value-of select="@x"/></assert></rule></pattern>"""
    )
    (tmp_path / "values.xml").write_text('<v><c x="1"/></v>')
    assert messages(run_file(tmp_path / "a.sch", tmp_path, '<r><a x="1"/><a x="2"/></r>')) == ["2"]


@pytest.mark.parametrize("href", ["absent.sch", "../outside.sch", "a.sch"])
def test_an_include_that_is_absent_outside_or_endless_is_refused(tmp_path: Path, href: str) -> None:
    (tmp_path / "outside.sch").write_text('<pattern xmlns="http://purl.oclc.org/dsdl/schematron"/>')
    file = written(tmp_path / "pack", f'<include href="{href}"/><pattern><rule context="a"/></pattern>')
    with pytest.raises(SchematronUnusable):
        Schematron(file, tmp_path / "pack")


CODES = """<let name="folder" value="'lists/'"/><pattern><rule context="c">
  <let name="s" value="@s"/><let name="k" value="@k"/>
  <assert test="not(doc-available(concat($folder, $s, '.rdf'))
    and not(exists(doc(concat($folder, $s,'.rdf'))//v:n[text()= string($k)])))"><value-of select="@k"/></assert>
</rule></pattern>"""


def test_a_code_list_is_chosen_by_the_document_among_those_of_the_folder_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "pack" / "lists").mkdir(parents=True)
    for file, code in (("pack/lists/1.2.rdf", "A"), ("secret.rdf", "S")):
        (tmp_path / file).write_text(f'<r xmlns:v="urn:v"><v:n>{code}</v:n><v:m>M</v:m></r>')
    file = written(tmp_path / "pack", CODES)
    document = '<r><c s="1.2" k="A"/><c s="1.2" k="M"/><c s="9" k="B"/><c s="../../secret" k="C"/><c k="D"/></r>'
    assert messages(run_file(file, tmp_path / "pack", document)) == ["M"]


def test_a_value_set_is_searched_by_key_with_the_same_answer(tmp_path: Path) -> None:
    (tmp_path / "set.xml").write_text(
        '<s xmlns="urn:v"><C code="A" system="1"/><C code="A" system="2"/><C code="B"/></s>'
    )
    body = """<let name="set" value="'set.xml'"/>
      <pattern><rule context="c"><let name="k" value="@k"/><let name="s" value="@s"/>
      <assert test="document($set)//v:C[@code=$k and @system=$s]"><value-of select="@n"/></assert></rule></pattern>"""
    document = '<r><c n="1" k="A" s="2"/><c n="2" k="A" s="3"/><c n="3" k="B" s="1"/><c n="4" s="1"/></r>'
    assert messages(run(tmp_path, body, document)) == ["2", "3", "4"]


def test_a_value_set_that_is_absent_is_told_when_compiled_and_when_needed(tmp_path: Path) -> None:
    body = """<pattern><rule context="a"><assert test="@x = doc('absent.xml')//@x">a</assert>
      <assert test="@y">b</assert></rule></pattern>"""
    schematron = Schematron(written(tmp_path, body), tmp_path)
    assert schematron.missing == ("absent.xml",)
    data = b"<a x='1'/>"
    outcome = schematron.run(parse(data, etree.fromstring(data)))
    assert [hit.message for hit in outcome.hits] == ["b"]
    assert [raised.code for raised in outcome.raised] == ["FODC0002"]


RAISING = """<pattern id="p"><rule context="a"><let name="n" value="xs:integer(@n)"/>
    <assert test="@x">x</assert><assert test="$n = 1">n</assert><assert test="@y">y</assert></rule>
  <rule context="b"><report test="1">b</report></rule></pattern>
  <pattern id="q"><rule context="a"><report test="1">q</report></rule></pattern>"""


def test_what_raises_is_told_and_loses_no_other_hit(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    document = '<r><a n="SECRET"/><a n="2"/><b/></r>'
    outcome = run(tmp_path, '<ns prefix="xs" uri="http://www.w3.org/2001/XMLSchema"/>' + RAISING, document)
    assert Counter(hit.message for hit in outcome.hits) == Counter(["x", "x", "n", "y", "y", "b", "q", "q"])
    (raised,) = outcome.raised
    assert (raised.at, raised.pattern, raised.code) == ("/Q{}r[1]/Q{}a[1]", "p", "FORG0001")
    assert "SECRET" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "body", ["<pattern/>", '<pattern><rule context="a"><assert test="((">?</assert></rule></pattern>']
)
def test_a_schematron_that_cannot_work_is_refused(tmp_path: Path, body: str) -> None:
    with pytest.raises(SchematronUnusable):
        Schematron(written(tmp_path, body), tmp_path)


PATHS = ("h:a", "//h:a/h:b", "/h:a/h:b", "h:a//h:c", "*", "h:b/*", "*[h:templateId/@root='1']", "h:b[@x]")
PATHS += (
    "h:a[h:templateId[@root='1']]/h:b",
    "*[@x and h:templateId/@root='2']//h:b",
    "h:b | h:c[@x]",
    "h:templateId",
    "@x",
)
X = ' x="1"'
TREES = st.recursive(
    st.just(()), lambda inner: st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.sampled_from("012"), inner))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PATHS), min_size=1, max_size=4), TREES)
def test_visiting_only_what_can_match_gives_what_visiting_every_node_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: list[str], tree: object
) -> None:
    rules = "".join(
        f'<rule context="{path}"><report test="true()">{number}</report></rule>' for number, path in enumerate(chosen)
    )
    document = f'<a xmlns="urn:hl7-org:v3">{_xml(tree)}</a>'
    quick = run(tmp_path, f"<pattern>{rules}</pattern>", document)
    with monkeypatch.context() as patched:
        patched.setattr(contexts, "_paths", lambda *_: None)
        slow = run(tmp_path, f"<pattern>{rules}</pattern>", document)
    assert Counter(quick.hits) == Counter(slow.hits)


def _xml(tree: object) -> str:
    assert isinstance(tree, list | tuple)
    return "".join(
        f"<{name}{X if x else ''}><templateId root='{root}'/>{_xml(inner)}</{name}>" for name, x, root, inner in tree
    )
