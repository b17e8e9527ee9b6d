"""The words of the mapping language that are not names of the model, and what each means.

The JSON Schema shows these texts in an editor, and the reference page of the documentation is made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TOP: Final[Mapping[str, str]] = {
    "mapping": "The name of the mapping: letters, digits, dots, hyphens.",
    "version": "A whole number; raise it with every change that you hand over. Each document records it.",
    "base": "A mapping of the package that this one stands on: `medico-social/ph@1`. Maps merge by key, lists and "
    "single values replace, `null` removes.",
    "source": "Where the export is and how it is laid out.",
    "tables": "Tables of codes by name: vendor's code → value.",
    "usager": "The person: one row of the root file each.",
    "outcomes": "What goes back to the DUI: `csv`, `json` or `rest`.",
    "tests": "Small exports, and what must come of them; `dui-bridge mapping check` runs them.",
}

USAGER: Final[Mapping[str, str]] = {
    "each": "The root file: one row per usager.",
    "left_out": "Usagers that are left out, under a name that is counted: `{name: {COLUMN: [values]}}`.",
}

BLOCK: Final[Mapping[str, str]] = {
    "each": "The file below this one whose rows are read; `items` for the pairs of a `pivot`.",
    "path": "A JMESPath expression that gives the objects to read, instead of `each`.",
    "where": "Only rows with the listed values, all columns holding: `{COLUMN: [values]}`. Blank or unknown never "
    'passes unless `""` is listed.',
    "except": 'Every row but those with the listed values; blank passes only when `""` is listed.',
    "item": "What each row gives.",
    "unless_same_file_as": "Leaves out a document whose file is already that of this list.",
}

OBJECT: Final[Mapping[str, str]] = {
    "lookup": "A file of references, in which one row is looked up.",
    "by": "The column that holds the key of the row looked up.",
    "item": "What the row gives.",
    "else": "What stands in when the row is missing.",
    "one": "A file below this one, or a JMESPath expression, that must give one row: two are a finding.",
    "where": "Which of its rows count.",
    "absent": "Says that the DUI does not hold this safety field, and why.",
}

VALUE: Final[Mapping[str, str]] = {
    "from": "A column.",
    "path": "A JMESPath expression on the row.",
    "value": "A constant.",
    "first_of": "The first that is not blank counts. One that does not convert is a finding, not a fall-through.",
    "as": "The conversion.",
    "table": "A table of codes, by name.",
    "codes": "A table of codes, in place: vendor's code → value; `absent` and `left_out` are reserved.",
    "unknown": "A code that is not in the table: `refuse` = error (default), `flag` = absent, with a warning.",
    "match": "How codes are compared: `exact` (default), or `folded` = without accents, case and double spaces.",
    "when": "Only when the row has the listed values; otherwise blank.",
    "mark": "Marks the value of a fallback (`presumed`): identity and policy read it.",
}

CONDITION: Final[Mapping[str, str]] = {
    "expression": "A JMESPath expression that must be true, where columns and values cannot say it.",
    "before": "A day, or `today`: strictly before it.",
    "after": "A day, or `today`: strictly after it.",
    "formats": "How the column writes its days.",
}

TABLE: Final[Mapping[str, str]] = {
    "codes": "Vendor's code → value; `absent` and `left_out` are reserved.",
    "file": "A file beside the mapping, UTF-8, `;`, with the header code;libellé;code officiel;système.",
    "match": VALUE["match"],
    "unknown": VALUE["unknown"],
}

TEST: Final[Mapping[str, str]] = {
    "name": "What it shows.",
    "export": "The folder of a small export, beside the mapping.",
    "expect": "A YAML file: `{dossier number: {model path: value}}`.",
    "finding": "The field that must have a finding, or the id of the finding.",
    "establishments": "The FINESS of the site, when they matter.",
}

OUTCOMES: Final[Mapping[str, str]] = {
    "file": "The name of the file; `{run}`, `{date}` (AAAAMMJJ) and `{time}` (HHMMSS) are filled in. A file that is "
    "already there is never written over: the next one is numbered.",
    "encoding": "Its encoding, `utf-8` by default; what it cannot write becomes `?` and is counted.",
    "separator": "Its separator, `;` by default.",
    "columns": "Its columns: name → what it holds, or `{from: what, table: codes of the DUI}`; a code `left_out` "
    "leaves the whole row out.",
}

OUTCOMES_JSON: Final[Mapping[str, str]] = {
    "file": OUTCOMES["file"],
    "lines": "`true`: one object a line, instead of one array.",
    "fields": "The fields of each object, as the columns of `outcomes.csv`.",
}

OUTCOMES_REST: Final[Mapping[str, str]] = {
    "post": "The path below the base address of `source.rest`, let in as its reading is; `{dossier}`, or any other of "
    "what a column holds, is filled in.",
    "batch": "How many objects a request holds at most, as an array; without it each is a request with one object.",
    "fields": OUTCOMES_JSON["fields"],
}
