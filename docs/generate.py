"""Writes what is generated from the code: the reference pages beside this file and the schemas of config/schemas.

`python docs/generate.py` rewrites them; with `--check` it names those that are not fresh and exits 1.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import dui_bridge
from dui_bridge.cli.root import root
from dui_bridge.connectors.csv import schema as csv_schema
from dui_bridge.connectors.json import schema as json_schema
from dui_bridge.connectors.rest import schema as rest_schema
from dui_bridge.connectors.sql import schema as sql_schema
from dui_bridge.connectors.wire import schema_forms
from dui_bridge.connectors.xml import schema as xml_schema
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Rule, Who
from dui_bridge.mappings import keywords
from dui_bridge.mappings.conversions import CONVERSIONS
from dui_bridge.mappings.document import TOP_KEYS
from dui_bridge.mappings.fields import CHOICE, TARGETS, fields_of
from dui_bridge.mappings.outcomes import SOURCES
from dui_bridge.mappings.schema import top_texts
from dui_bridge.mappings.schema_parts import summary
from dui_bridge.model.types import Modele
from dui_bridge.pipeline.schemas import SCHEMAS
from dui_bridge.validation.rules import CdaRule

PROJECT: Final = Path(__file__).resolve().parent.parent
_WIDTH: Final = 100
_NOTE: Final = "<!-- Generated from the code by `make schemas`: do not edit. -->\n"
_WHO: Final = {
    Who.DUI: "a professional, in the DUI",
    Who.IDENTITO: "the identitovigilance referent",
    Who.MAPPING: "who writes the mapping or the site file",
    Who.IT: "the site's IT officer",
    Who.VENDOR: "the DUI's vendor",
    Who.NOBODY: "nobody",
}


class _Placeholders(dict[str, str]):
    """Keeps `{name}` where a text is shown without values."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def cell(text: str) -> str:
    """A text in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def table(titles: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(titles)
    rows = [head, ["---"] * len(head), *(list(line) for line in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def code(text: object) -> str:
    return f"`{text}`"


def both(en: str, fr: str) -> str:
    """An English and a French text in one cell."""
    return "" if not en else f"{cell(en)}<br>*{cell(fr)}*"


# --- the command line -----------------------------------------------------------------------------------------------


def helps(command: Any, name: str, parent: Any = None) -> Iterator[tuple[str, str]]:
    """Command → its --help, for the command and all below it."""
    context = command.context_class(
        command, info_name=name, parent=parent, terminal_width=_WIDTH, max_content_width=_WIDTH
    )
    yield context.command_path, command.get_help(context)
    for below in command.list_commands(context) if hasattr(command, "list_commands") else ():
        yield from helps(command.get_command(context, below), below, context)


def cli_page() -> str:
    """Every command with its --help."""
    parts = ["# Commands\n\nThe exit codes are the same everywhere; each command says what they mean for it.\n"]
    for name, text in helps(root(), "dui-bridge"):
        lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
        parts.append(f"## `{name}`\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


# --- the site file --------------------------------------------------------------------------------------------------


def configuration_page() -> str:
    """Every key of a site file."""
    schema = SCHEMAS["site"]()
    rows = [
        (code(path), cell(form), cell(default), cell(text))
        for path, form, default, text in _keys(schema, schema["$defs"], "")
    ]
    return (
        "# Keys of a site file (`bridge.yaml`)\n\n"
        "`name` stands for a name that you choose, `[]` for a list. `config/bridge.yaml` is an example with comments.\n"
        "`dui-bridge config check` says which keys have no effect yet.\n\n"
        + table(("key", "form", "default", "what it is for"), rows)
    )


def _keys(schema: Mapping[str, Any], defs: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str, str]]:
    required = schema.get("required", ())
    for key, value in schema.get("properties", {}).items():
        here = f"{path}{key}"
        default = "required" if key in required else _default(value.get("default"))
        text = value.get("description", "")
        forms = list(_forms(value, defs, here))
        yield here, " or ".join(dict.fromkeys(form for form, _, _ in forms if form)), default, text
        for _, inner, below in forms:
            if inner is not None:
                yield from _keys(inner, defs, below)


def _default(value: object) -> str:
    return "" if value in (None, [], {}) else json.dumps(value, ensure_ascii=False).strip('"')


def _forms(
    value: Mapping[str, Any], defs: Mapping[str, Any], path: str
) -> Iterator[tuple[str, Mapping[str, Any] | None, str]]:
    """What a value may be: words, the map that it holds if any, and the path of the keys of that map."""
    if "$ref" in value:
        yield from _forms(defs[value["$ref"].rsplit("/", 1)[1]], defs, path)
    elif "anyOf" in value or "oneOf" in value:
        for choice in value.get("anyOf") or value.get("oneOf") or ():
            if choice.get("type") != "null":
                yield from _forms(choice, defs, path)
    elif "enum" in value or "const" in value:
        yield ", ".join(value.get("enum") or [value["const"]]), None, path
    elif value.get("type") == "array":
        for form, inner, below in _forms(value["items"], defs, f"{path}[]"):
            yield f"list of {form}", inner, below
    elif value.get("type") == "object" and "properties" in value:
        yield "map", value, f"{path}."
    elif value.get("type") == "object":
        held = [*value.get("patternProperties", {}).values(), value.get("additionalProperties")][0]
        for form, inner, below in _forms(held, defs, f"{path}.name"):
            yield f"map of {form}", inner, below
    else:
        yield {"path": "path", "date": "date"}.get(value.get("format", ""), "text"), None, path


# --- the mapping ----------------------------------------------------------------------------------------------------


_SOURCES: Final[tuple[tuple[str, Mapping[str, tuple[str, dict[str, Any]]]], ...]] = (
    ("`source.csv`", csv_schema.KEYS),
    ("A file of `source.csv.files`", csv_schema.FILE_KEYS),
    ("`source.json`", json_schema.KEYS),
    ("A list of `source.json.then`", json_schema.PART),
    ("`source.rest`", rest_schema.KEYS),
    ("A list of `source.rest.then`", rest_schema.PART),
    ("`source.rest.auth.client_credentials`", rest_schema.AUTH),
    ("`source.rest.page`", rest_schema.PAGE),
    ("`source.rest.content`", rest_schema.CONTENT),
    ("`source.xml`", xml_schema.KEYS),
    ("A list of `source.xml.then`", xml_schema.PART),
    ("`source.sql`", sql_schema.KEYS),
    ("A query of `source.sql`", sql_schema.QUERY),
    ("`complete`, of `source.csv`, `source.json` and `source.xml`", schema_forms.COMPLETE_KEYS),
)


def mapping_page() -> str:
    """The words of the mapping language, the conversions, the targets."""
    sections: tuple[tuple[str, Mapping[str, str]], ...] = (
        ("At the top", {key: top_texts()[key] for key in TOP_KEYS}),
        *((title, {key: text for key, (text, _) in keys.items()}) for title, keys in _SOURCES),
        ("A table", keywords.TABLE),
        ("`usager`, beside its fields", keywords.USAGER),
        ("A block of rows, for a list", keywords.BLOCK),
        ("A value", keywords.VALUE),
        ("An object", keywords.OBJECT),
        ("A condition (`where`, `except`, `when`, `left_out`), beside columns", keywords.CONDITION),
        ("A test", keywords.TEST),
        ("`outcomes.csv`", keywords.OUTCOMES),
        ("`outcomes.json`", keywords.OUTCOMES_JSON),
        ("`outcomes.rest`", keywords.OUTCOMES_REST),
    )
    parts = [
        "# The mapping language\n\n"
        "A mapping says where each value of the dossier comes from. A bare word is the name of a column, or a value\n"
        "of a closed list. `dui-bridge mapping check FILE` checks all of it before an export is read.\n\n"
        "For completion and checks in an editor, a YAML file names its schema in its first line; the schemas stand in\n"
        "`config/schemas`, and `dui-bridge schema mapping` (or `site`) prints them:\n\n"
        "```yaml\n# yaml-language-server: $schema=mapping.schema.json\n```\n",
        "## Words\n",
    ]
    for title, words in sections:
        parts.append(f"### {title}\n\n" + table(("word", "what it means"), _words(words)))
    parts.append("A column or field of `outcomes` holds one of: " + ", ".join(map(code, SOURCES)) + ".\n")
    parts.append("## Conversions (`as`)\n\n" + table(("name", "gives", "what it does", "beside it"), _conversions()))
    parts.append("## Targets\n\nA field is read by the conversion named here, unless `as` names another.\n")
    for model in _classes():
        parts.append(f"### {model.__name__}\n\n{summary(model)}\n\n" + table(_TARGET_TITLES, _fields(model)))
    return "\n".join(parts)


_TARGET_TITLES: Final = ("field", "holds", "read by", "")


def _words(words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for word, text in words.items():
        yield code(word), cell(text)


def _conversions() -> Iterator[tuple[str, ...]]:
    for conversion in CONVERSIONS.values():
        beside = [
            f"`{parameter.name}`: {cell(parameter.en)}"
            + (f" ({', '.join(map(code, parameter.choices))})" if parameter.choices else "")
            for parameter in conversion.parameters
        ]
        gives = ", ".join(output.__name__ for output in conversion.outputs)
        yield code(conversion.name), gives, cell(conversion.en), "<br>".join(beside)


def _classes() -> list[type[Modele]]:
    """The classes of the model, each after the one that first names it."""
    found: dict[type[Modele], None] = {}

    def visit(model: type[Modele] | None) -> None:
        if model is not None and model not in found:
            found[model] = None
            for field in fields_of(model).values():
                visit(field.model)

    for field in TARGETS.values():
        visit(field.model)
    return list(found)


def _fields(model: type[Modele]) -> Iterator[tuple[str, ...]]:
    for field in fields_of(model).values():
        holds = ", ".join(map(code, field.choices)) or field.takes()[0]
        read_by = "" if field.conversion in (None, CHOICE) else code(field.conversion)
        yield code(field.name), f"list of {holds}" if field.is_list else holds, read_by, "needed" * field.required


# --- errors and findings --------------------------------------------------------------------------------------------


def modules() -> Iterator[Any]:
    """Every module of the package but the migrations, which only Alembic can import."""
    for module in pkgutil.walk_packages(dui_bridge.__path__, "dui_bridge."):
        if ".migrations" not in module.name and not module.name.startswith("dui_bridge.samples"):
            yield importlib.import_module(module.name)


def rules() -> list[Rule | CdaRule]:
    """Every rule of every table, by id. Raises ValueError when two rules share an id."""
    found: dict[str, Rule | CdaRule] = {}

    def visit(value: object) -> None:
        if isinstance(value, CdaRule | Rule):
            name, known = _rule(value).id, found.get(_rule(value).id)
            if known is not None and _rule(known) != _rule(value):
                raise ValueError(f"two rules have the id {name}")
            if known is None or isinstance(value, CdaRule):
                found[name] = value
        elif isinstance(value, dict):
            visit(list(value.values()))
        elif isinstance(value, tuple | list):
            for item in value:
                visit(item)

    for module in modules():
        for value in vars(module).values():
            visit(value)
    return [found[name] for name in sorted(found)]


def errors() -> list[type[DuiBridgeError]]:
    """Every error, each after its family."""
    list(modules())

    def below(kind: type[DuiBridgeError]) -> Iterator[type[DuiBridgeError]]:
        if kind.__module__.startswith("dui_bridge."):  # tests have theirs
            yield kind
        for sub in sorted(kind.__subclasses__(), key=lambda one: one.code):
            yield from below(sub)

    return list(below(DuiBridgeError))


def shown(text: str) -> str:
    """A message without values: its placeholders stay."""
    try:
        return text.format_map(_Placeholders())
    except (ValueError, IndexError, AttributeError):
        return text


def errors_page() -> str:
    """Every error and every finding: what it says, what to do, who acts."""
    parts = [
        "# Errors and findings\n\n"
        "Words in braces are filled in when the message is shown. French is in italics.\n\n"
        "## Errors\n\nAn error stops a command. Its family says what must be done.\n\n"
        + table(("code", "exit code", "family", "message", "what to do", "who acts"), _error_rows())
    ]
    areas: dict[str, list[Rule | CdaRule]] = {}
    for row in rules():
        areas.setdefault(_rule(row).id.partition("-")[0], []).append(row)
    parts.append(
        "## Findings\n\nA finding of severity error stops what the third column says; a warning is shown; an\n"
        "information is counted.\n"
    )
    for area, found in areas.items():
        titles = ("code", "severity", "stops", "message", "what to do", "who acts", "source")
        parts.append(f"### {area}\n\n" + table(titles, map(_rule_row, found)))
    return "\n".join(parts)


def _error_rows() -> Iterator[tuple[str, ...]]:
    for kind in errors():
        family = next((one.__name__ for one in reversed(kind.__mro__) if DuiBridgeError in one.__bases__), "")
        message = both(shown(kind.en), shown(kind.fr))
        yield (
            code(kind.code), str(kind.exit_code), family, message,
            both(shown(kind.action_en), shown(kind.action_fr)), _WHO[kind.who],
        )  # fmt: skip


def _rule(row: Rule | CdaRule) -> Rule:
    return row.rule if isinstance(row, CdaRule) else row


def _rule_row(row: Rule | CdaRule) -> tuple[str, ...]:
    rule = _rule(row)
    severity = str(rule.severity)
    if isinstance(row, CdaRule) and row.received is not rule.severity:
        severity = f"sent: {rule.severity}; received: {row.received}"
    message = both(shown(rule.en), shown(rule.fr))
    remedy = both(shown(rule.remedy_en), shown(rule.remedy_fr))
    return code(rule.id), severity, str(rule.scope), message, remedy, _WHO[rule.who], cell(rule.source)


# --- all of it ------------------------------------------------------------------------------------------------------


def _page(make: Callable[[], str]) -> Callable[[], str]:
    return lambda: _NOTE + make()


def _schema(make: Callable[[], dict[str, Any]]) -> Callable[[], str]:
    return lambda: json.dumps(make(), ensure_ascii=False, indent=2) + "\n"


GENERATED: Final[dict[str, Callable[[], str]]] = {
    "docs/cli.md": _page(cli_page),
    "docs/configuration.md": _page(configuration_page),
    "docs/mapping.md": _page(mapping_page),
    "docs/errors.md": _page(errors_page),
    **{f"config/schemas/{name}.schema.json": _schema(make) for name, make in SCHEMAS.items()},
}
"""Path in the project → what makes its text."""


def main(arguments: list[str]) -> int:
    """Writes every file, or with `--check` names those that are not as the code says."""
    stale = []
    for name, make in GENERATED.items():
        path, text = PROJECT / name, make()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if "--check" in arguments and stale:
        sys.stdout.write(f"not as the code says: {', '.join(stale)}. Run: make schemas\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
