"""The policy files of a site, and the package's own defaults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from dui_bridge.declared import Problems
from dui_bridge.errors import DeclarationInvalid, FileUnusable
from dui_bridge.findings import Place, Severity
from dui_bridge.ins.gate import Refusal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Channel
from dui_bridge.pipeline.policy.declaration import KEYS, check_destination, default_rules, load_policy
from dui_bridge.pipeline.policy.defaults import (
    DOMAINS,
    SHARING,
    Choice,
    Establishment,
    PolicyRules,
    cell_of,
    choose,
    default_file,
    refusal_words,
    type_words,
)
from dui_bridge.pipeline.policy.schema import policy_json_schema

CONFIG = Path(__file__).parents[4] / "config"
IME = Establishment("010000024", "IME", "PH")
CSAPA = Establishment("010000040", "CSAPA", "PDS")
CHRS = Establishment("010000057", "CHRS", "AHI")

Read = Callable[..., tuple[PolicyRules, list[str]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads texts as policy files: the rules, and each finding on a line."""

    def of(*texts: str) -> tuple[PolicyRules, list[str]]:
        paths = [tmp_path / f"rules{number}.yaml" for number, _ in enumerate(texts)]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        problems = Problems("policy")
        rules = load_policy(paths, problems)
        return rules, [finding.line() for finding in problems.findings]

    return of


def chosen(rules: PolicyRules, kind: str, about: Establishment = IME, channel: Channel = Channel.DMP) -> Choice:
    return choose(rules, channel, kind, about, {}).choice


def test_the_table_holds_every_type_for_every_channel_and_domain() -> None:
    for channel in SHARING:
        for kind in TypeDocument:
            for domain in DOMAINS:
                cell = cell_of(channel, kind.value, domain)
                assert cell.limit is not Choice.NEVER, f"{channel} {kind} {domain} has no row"
                assert cell.default.rank >= cell.limit.rank


@pytest.mark.parametrize(
    ("kind", "domain", "default"),
    [
        ("projet_personnalise", "PA", "ask"),
        ("dlu", "PH", "auto"),
        ("dlu", "AHI", "never"),
        ("lettre_liaison_sortie", "DOM", "auto"),
        ("document_essms", "PA", "ask"),
        ("bilan_autonomie", "PDS", "never"),
        ("synthese_medicale", "PA", "ask"),
    ],
)
def test_the_defaults_of_the_dmp(kind: str, domain: str, default: str) -> None:
    assert cell_of(Channel.DMP, kind, domain).default == default


def test_the_defaults_without_any_file(read: Read) -> None:
    rules, findings = read()

    assert findings == []
    assert rules == default_rules()
    assert (rules.grace_days, rules.author_without_rpps) == (30, Choice.AUTO)
    assert {"CSAPA", "CAARUD", "ACT"} <= rules.sensitive
    assert rules.anonymity_recorded == {"PDS"}


def test_the_most_restrictive_statement_wins_in_any_order(read: Read) -> None:
    one = 'establishments: {"010000024": {dmp: {dlu: auto}}}\n'
    other = "domains: {PH: {dmp: {dlu: ask}}}\ncategories: {SESSAD: {dmp: {dlu: never}}}\n"

    assert chosen(read(one, other)[0], "dlu") is Choice.ASK
    assert chosen(read(other, one)[0], "dlu") is Choice.ASK
    assert chosen(read(one)[0], "dlu") is Choice.AUTO


def test_a_site_chooses_auto_where_the_default_asks_and_says_so_where(read: Read) -> None:
    rules, findings = read("all: {dmp: {projet_personnalise: auto}}\n")

    assert findings == []
    made = choose(rules, Channel.DMP, "projet_personnalise", IME, {})
    assert (made.choice, made.fr) == (Choice.AUTO, "rules0.yaml:1:34")
    assert chosen(rules, "projet_personnalise", CHRS) is Choice.ASK


@pytest.mark.parametrize(
    "text",
    [
        "all: {dmp: {document_essms: auto}}",
        "domains: {AHI: {dmp: {dlu: auto}}}",
        "categories: {CSAPA: {dmp: {dlu: auto}}}",
        "sensitive: [ITEP]\ncategories: {ITEP: {dmp: {dlu: auto}}}",
        'establishments: {"010000024": {mssante_pro: {prescription: auto}}}',
    ],
)
def test_more_than_the_limit_is_refused_at_its_place(read: Read, text: str) -> None:
    rules, findings = read(text)

    assert len(findings) == 1
    assert "'auto' is not possible" in findings[0]
    assert findings[0].startswith(f"rules0.yaml:{text.count(chr(10)) + 1}:")
    assert rules.statements == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sensitves: [ITEP]", "did you mean sensitive"),
        ("all: {dpm: {dlu: ask}}", "dmp, mssante_pro, mssante_usager"),
        ("all: {dmp: {projet_personalise: ask}}", "did you mean projet_personnalise"),
        ("all: {dmp: {dlu: maybe}}", "auto or ask or never"),
        ("all: {dmp: dlu}", "a map of keys"),
        ("domains: {PHH: {dmp: {dlu: ask}}}", "did you mean PH"),
        ("categories: {IMEE: {dmp: {dlu: ask}}}", "did you mean IME"),
        ("establishments: {10000024: {dmp: {dlu: ask}}}", "FINESS"),
        ("sensitive: CSAPA", "a list"),
        ("sensitive: [CSAPAS]", "did you mean CSAPA"),
        ("anonymity_recorded: [PDD]", "PDE, PDS"),
        ("grace_after_exit: 2 weeks", "30d"),
        ("grace_after_exit: 366d", "at most 365d"),
        ("author_without_rpps: never", "auto or ask"),
        ('never_titles: ["!"]', "words"),
        ("- all", "a map of keys"),
    ],
)
def test_a_mistake_is_told_at_its_place(read: Read, text: str, told: str) -> None:
    _, findings = read(text)

    assert len(findings) == 1
    assert findings[0].startswith("rules0.yaml:1:")
    assert told in findings[0]


def test_lists_add_to_the_defaults(read: Read) -> None:
    rules, findings = read("sensitive: [ITEP]\nanonymity_recorded: [AHI]\nnever_titles: [Compte rendu d'équipe]\n")

    assert findings == []
    assert rules.sensitive == default_rules().sensitive | {"ITEP"}
    assert rules.anonymity_recorded == {"PDS", "AHI"}
    assert rules.denied[-1].titles.search("compte rendu d equipe")


def test_a_site_sets_the_grace_and_of_two_files_the_shorter_counts(read: Read) -> None:
    assert read("grace_after_exit: 60d")[0].grace_days == 60
    assert read("grace_after_exit: 60d", "grace_after_exit: 0d")[0].grace_days == 0


def test_an_empty_file_says_nothing(read: Read) -> None:
    assert read("# nothing\n") == (default_rules(), [])


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileUnusable):
        load_policy([tmp_path / "absent.yaml"], Problems("policy"))
    (tmp_path / "bad.yaml").write_text("a: [")
    with pytest.raises(DeclarationInvalid):
        load_policy([tmp_path / "bad.yaml"], Problems("policy"))


@pytest.mark.parametrize(
    ("types", "about", "severity"),
    [
        ({"dlu": "auto"}, [IME], None),
        ({"dlu": "auto"}, [IME, CHRS], Severity.WARNING),
        ({"dlu": "auto"}, [IME, CSAPA], Severity.WARNING),
        ({"dlu": "auto"}, [CHRS], Severity.ERROR),
        ({"document_essms": "auto"}, [IME, CHRS], Severity.ERROR),
        ({"document_essms": "never"}, [IME], None),
    ],
)
def test_what_a_destination_cannot_have_is_said(
    types: dict[str, str], about: list[Establishment], severity: Severity | None
) -> None:
    problems = Problems("bridge.yaml")

    check_destination(default_rules(), Channel.DMP, types, about, problems, lambda kind: Place("bridge.yaml", 9))

    assert [finding.severity for finding in problems.findings] == ([severity] if severity else [])
    assert all("bridge.yaml:9" in finding.line("fr") for finding in problems.findings)


def test_a_folder_of_the_site_may_have_what_it_wants() -> None:
    problems = Problems("bridge.yaml")

    check_destination(
        default_rules(), Channel.LOCAL, {"document_essms": "auto"}, [CSAPA], problems, lambda kind: Place("x", 1)
    )

    assert problems.findings == []


@pytest.mark.parametrize("name", ["site-rules.yaml", "pds-defaults.yaml"])
def test_the_examples_are_right(name: str) -> None:
    problems = Problems(name)

    load_policy([CONFIG / name], problems)

    assert problems.findings == []
    jsonschema.validate(yaml.safe_load((CONFIG / name).read_text(encoding="utf-8")), policy_json_schema())


def test_the_first_example_shows_every_key() -> None:
    assert set(yaml.safe_load((CONFIG / "site-rules.yaml").read_text(encoding="utf-8"))) == set(KEYS)


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    jsonschema.Draft202012Validator.check_schema(policy_json_schema())
    jsonschema.validate(yaml.safe_load(default_file()), policy_json_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"all": {"dmp": {"dlv": "ask"}}}, policy_json_schema())


def test_every_refusal_of_an_ins_and_every_type_has_words() -> None:
    assert set(refusal_words()) == {refusal.value for refusal in Refusal}
    assert all(type_words(kind.value)[1].startswith("«") for kind in TypeDocument)
