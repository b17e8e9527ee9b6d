"""`outcomes`: a mapping says what goes back to the DUI; a mistake is told with its place, before anything is sent."""

from __future__ import annotations

import pytest

from dui_bridge.findings import Who
from dui_bridge.mappings.outcomes import SOURCES, STATES, OutcomePlan
from tests.unit.mappings.mapping_world import MAPPING, check

STATE_CODES = ", ".join(f"{state}: {state.upper()}" for state in STATES)
TABLES = f"""tables:
  retour: {{codes: {{{STATE_CODES}}}, unknown: refuse}}
  qui: {{codes: {{dui: Professionnel, nobody: left_out}}, unknown: flag}}
  quoi: {{codes: {{POL-001: bloqué, "": absent}}, unknown: flag}}
"""
WHOLE = MAPPING.replace("tables:\n", TABLES, 1)


def told(outcomes: str, text: str = WHOLE) -> list[str]:
    return [finding.line() for finding in check(f"{text}\noutcomes: {outcomes}\n")[1] if finding.is_error]


def plan(outcomes: str) -> OutcomePlan:
    assert told(outcomes) == []
    made = check(f"{WHOLE}\noutcomes: {outcomes}\n")[0].outcomes
    assert made is not None
    return made


def test_a_mapping_without_outcomes_has_no_plan() -> None:
    assert check(WHOLE)[0].outcomes is None


def test_a_row_becomes_cells_in_the_order_of_the_mapping() -> None:
    made = plan(
        "{csv: {file: 'R_{run}.CSV', columns: {N: dossier, V: document.version, E: {from: state, table: retour}}}}"
    )

    row = made.told({"dossier": "20145", "document.version": 2, "state": "blocked"})

    assert row is not None
    assert list(row.cells.items()) == [("N", "20145"), ("V", 2), ("E", "BLOCKED")]
    assert (made.encoding, made.separator) == ("utf-8", ";")


def test_a_row_that_a_table_leaves_out_is_not_told() -> None:
    made = plan("{json: {file: r.json, fields: {q: {from: who_acts, table: qui}}}}")

    assert made.told({"who_acts": "nobody"}) is None
    assert made.told({"who_acts": "dui"}) is not None


def test_a_value_that_a_table_does_not_know_is_left_blank_and_named() -> None:
    made = plan("{json: {file: r.json, fields: {c: {from: code, table: quoi}}}}")

    unknown, blank = made.told({"code": "POL-999"}), made.told({"code": None})

    assert unknown is not None
    assert (unknown.cells, unknown.unmapped) == ({"c": None}, ("c",))
    assert blank is not None
    assert (blank.cells, blank.unmapped) == ({"c": None}, ())


def test_json_lines_are_asked_for_and_every_source_may_be_told() -> None:
    fields = ", ".join(f"f{number}: {source}" for number, source in enumerate(SOURCES))

    made = plan(f"{{json: {{file: r.jsonl, lines: true, fields: {{{fields}}}}}}}")

    assert made.lines
    assert [column.source for column in made.fields] == list(SOURCES)


@pytest.mark.parametrize(
    ("outcomes", "line"),
    [
        ("{csv: {file: a, columns: {A: stat}}}", "unknown value 'stat': did you mean state?"),
        ("{csv: {file: a, columns: {A: {from: state, table: retourr}}}}", "unknown table 'retourr': did you mean retour?"),
        ("{csv: {fil: a, columns: {A: state}}}", "unknown key 'fil': did you mean 'file'?"),
        ("{csvv: {file: a, columns: {A: state}}}", "unknown key 'csvv': did you mean 'csv'?"),
        ("{csv: {file: '{jour}', columns: {A: state}}}", "the name may hold {run}, {date} and {time}, and no folder"),
        ("{csv: {file: '../a', columns: {A: state}}}", "the name may hold {run}, {date} and {time}, and no folder"),
        ("{csv: {file: '{run!r}', columns: {A: state}}}", "the name may hold {run}, {date} and {time}, and no folder"),
        ("{csv: {file: a, encoding: cp1525, columns: {A: state}}}", "unknown encoding 'cp1525'"),
        ("{csv: {file: a, encoding: hex, columns: {A: state}}}", "unknown encoding 'hex'"),
        ("{csv: {file: a, separator: ';;', columns: {A: state}}}", "expected ; or , or | or tab"),
        ("{csv: {file: a}}", "key 'columns' is missing here"),
        ("{json: {file: a, fields: {A: {table: retour}}}}", "key 'from' is missing here"),
        ("{json: {file: a, lines: maybe, fields: {A: state}}}", "expected true or false"),
        ("{csv: {file: a, columns: {A: state}}, json: {file: a, fields: {A: state}}}", "expected one of csv, json, rest"),
        ("{rest: {post: /retours, fields: {A: state}}}", "rest tells the DUI by the address and the access of source.rest"),
        ("{rest: {post: retours, fields: {A: state}}}", "the path must begin with / and have no parameters"),
        ("{rest: {post: '/r/{dossié}', fields: {A: state}}}", "unknown value 'dossié': did you mean dossier?"),
        ("{rest: {post: '/r/{dossier}', batch: 50, fields: {A: state}}}", "it does not go with batch"),
        ("{rest: {post: /r, batch: 0, fields: {A: state}}}", "expected a number of outcomes, 1 to 1000"),
    ],
)  # fmt: skip
def test_a_mistake_is_told(outcomes: str, line: str) -> None:
    assert any(line in one for one in told(outcomes)), told(outcomes)


def test_a_table_that_lacks_a_state_is_refused() -> None:
    (line,) = told(
        "{csv: {file: a, columns: {A: {from: state, table: retour}}}}", WHOLE.replace("doubtful: DOUBTFUL, ", "")
    )

    assert "table 'retour' has no code for: doubtful" in line


def test_the_tables_of_the_base_know_every_state_and_everybody_who_acts() -> None:
    for base in ("ph", "pa"):
        text = MAPPING.replace("mapping: ", f"base: medico-social/{base}@1\nmapping: ", 1)
        found = told(
            "{csv: {file: a, columns: {A: {from: state, table: etat_retour}, B: {from: who_acts, table: qui_retour}}}}",
            text,
        )
        assert found == []
    assert len(Who) == 6
