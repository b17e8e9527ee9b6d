"""Why something waits, in words: the text of any cause that the journal holds.

The journal keeps ids only: of a rule, the code of an error, or the name under which the mapping left something out. The
tables of rules are many, so that a table is imported only when one of its rules is asked for.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.util import find_spec
from typing import Final

from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Language, Rule, Scope, Severity, Who, shown
from dui_bridge.pipeline.reports.texts import cause as named

_CODE: Final = re.compile(r"([A-Z]{2,4})-\d{3}", re.ASCII)
_PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{([a-z_]+)\}")
_ASIDE: Final = re.compile(r"\s*\([^()]*\{([a-z_]+)\}[^()]*\)")
_QUOTED: Final = re.compile(r"""(?:"|«\s*|(?<!\w)')\{([a-z_]+)\}(?:"|\s*»|')""")
_HEADLESS: Final = re.compile(r"\A… ?[:,] ?")
"""What is left of `{file}: the export cannot be read` without its value."""
_TAILLESS: Final = re.compile(r"(?: ?: ?…|[ .]?(?<!\w)…\.?…|\.…)\.?\Z")
"""What is left of `the INS is not qualified: {reasons}`, and of a hint at the end."""

_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"type": "this document", "trait_en": "A trait"},
    "fr": {"type": "ce document", "type_fr": "ce document", "trait_fr": "Un trait"},
}
"""What stands for a value that differs from one document of a group to the next."""

_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "ANN": ("connectors.annuaire.errors",),
    "ASK": ("errors",),
    "CDA": ("validation.rules", "validation.cda_rules", "cda.needs"),
    "CFG": (
        "pipeline.dmp.errors",
        "pipeline.inbox.errors",
        "errors",
        "pipeline.errors",
        "pipeline.actions.errors",
        "pipeline.reports.errors",
        "connectors.file.errors",
        "pipeline.identity.errors",
        "validation.packs",
        "demo.stand_ins",
    ),
    "CSV": ("connectors.csv.errors",),
    "DAT": ("errors", "cda.reader"),
    "CON": ("pipeline.consultation.rules", "pipeline.dmp.consult_errors"),
    "DMP": ("connectors.dmp.errors", "connectors.dmp.visibility_errors"),
    "DUI": ("errors",),
    "DLV": ("pipeline.delivery.rules",),
    "EXP": ("connectors.wire.export_rules",),
    "FIL": ("connectors.file.errors",),
    "INB": ("pipeline.inbox.rules", "pipeline.inbox.cycle_rules"),
    "INS": ("ins.rules", "ins.nir_rules", "pipeline.identity.rules"),
    "IPS": ("cda.ips.needs",),
    "JRN": ("journal.errors",),
    "JSN": ("connectors.json.errors",),
    "MAP": ("mappings.rules",),
    "MSS": ("connectors.mssante.errors", "connectors.mssante.failures", "connectors.mssante.reading_rules"),
    "NET": ("connectors.wire.net_errors",),
    "OBJ": ("connectors.wire.object_rules", "connectors.wire.spool"),
    "OFF": ("validation.official_rules",),
    "OUT": ("pipeline.outcomes.rules",),
    "PDF": ("validation.pdf_rules",),
    "PIP": ("pipeline.rules", "pipeline.guard"),
    "POL": ("pipeline.policy.rules", "pipeline.policy.recipient_rules"),
    "PSC": ("connectors.psc.errors",),
    "RST": ("connectors.rest.errors",),
    "RTY": ("errors",),
    "RVW": ("pipeline.actions.rules",),
    "SIT": ("site.rules",),
    "SQL": ("connectors.sql.errors",),
    "SRV": ("pipeline.serve.errors",),
    "TLS": ("connectors.wire.tls_errors",),
    "TSI": ("connectors.insi.errors",),
    "XDM": ("xds.xdm_rules",),
    "XDS": ("xds.rules", "xds.attribute_rules", "xds.messages", "xds.metadata"),
    "XML": ("connectors.xml.errors",),
    "YML": ("declared.problems",),
}
"""Area of a code → the modules of the package where its rules and errors stand."""
_CONNECTORS: Final = ("dui_bridge.connectors", "dui_bridge.sandboxes")
"""Entry points of what else has codes of its own: stand-ins, and the connectors that a vendor ships."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause in words. None of the three is empty."""

    message: str
    action: str
    who: Who


def explain_cause(
    code: str, values: Mapping[str, str] | None, language: Language, *, state: str = "", who: str = ""
) -> Cause:
    """The words of a cause.

    Args:
        code: of a rule or an error, or a name that the mapping gave; empty when the state says it all.
        values: of the message; what is said of a value that is not among them is left out.
        state: of the item or delivery, for what has no cause of its own.
        who: who acts as the journal has it; by default as the cause says.
    """
    found = _of_code(code, language, values) or _of_name(code, state, language)
    acting = Who(who) if who in set(Who) else found.who
    return Cause(found.message, found.action or _plain(f"who_{acting}", language).action, acting)


def is_code(code: str) -> bool:
    """Whether it has the form of the codes of rules and errors here; those of services are of other forms."""
    return _CODE.fullmatch(code) is not None


@cache
def rule_of(code: str) -> Rule:
    """A cause as the rule that keeps something back, in the words of `explain_cause` without values."""
    en, fr = explain_cause(code, None, "en"), explain_cause(code, None, "fr")
    return Rule(code, Severity.ERROR, Scope.DOCUMENT, en.message, fr.message, en.action, fr.action, en.who)


def _of_code(code: str, language: Language, values: Mapping[str, str] | None) -> Cause | None:
    match = _CODE.fullmatch(code)
    if match is None:
        return None
    found = _area(match[1]).get(code) or _of_connectors().get(code)
    if found is None:
        unknown = _plain("unknown", language)
        return Cause(_filled(unknown.message, {"code": code}, language), unknown.action, unknown.who)
    french = language == "fr"
    if isinstance(found, Rule):
        texts = (found.fr, found.remedy_fr) if french else (found.en, found.remedy_en)
    else:
        texts = (found.fr, found.action_fr) if french else (found.en, found.action_en)
    message, action = (_filled(text, values, language) for text in texts)
    return Cause(message.rstrip("."), action, found.who)


def _of_name(name: str, state: str, language: Language) -> Cause:
    """What a mapping named, or the words of a state."""
    if name in _words():
        return _plain(name, language)
    general = _plain(state if state in _words() else "left_out", language)
    return general if not name else Cause(named(name, {}, language), general.action, general.who)


def _filled(text: str, values: Mapping[str, str] | None, language: Language) -> str:
    """The text with the values that are known; a value that is not goes with its quotes, or with its brackets."""
    known = {**_WORDS[language], **(values or {})}

    def unless_known(instead: str) -> Callable[[re.Match[str]], str]:
        return lambda match: match[0] if match[1] in known else instead

    text = _QUOTED.sub(unless_known("…"), _ASIDE.sub(unless_known(""), text))
    return _TAILLESS.sub("", _HEADLESS.sub("", _PLACEHOLDER.sub(lambda match: _put(match, known), text)))


def _put(match: re.Match[str], known: Mapping[str, str]) -> str:
    """The value of a placeholder; of a doubled brace, one."""
    return match[0][0] if match[1] is None else shown(str(known.get(match[1], "…")))


@cache
def _area(prefix: str) -> dict[str, Rule | type[DuiBridgeError]]:
    """The rules and errors of one area, by code."""
    return _all_of(f"dui_bridge.{name}" for name in _TABLES.get(prefix, ()))


@cache
def _of_connectors() -> dict[str, Rule | type[DuiBridgeError]]:
    """Those of the `errors` module of every connector and stand-in that is installed, by code."""
    modules = (f"{point.module}.errors" for group in _CONNECTORS for point in entry_points(group=group))
    return _all_of(name for name in modules if find_spec(name) is not None)


def _all_of(modules: Iterable[str]) -> dict[str, Rule | type[DuiBridgeError]]:
    found: dict[str, Rule | type[DuiBridgeError]] = {}
    for name in modules:
        for value in vars(import_module(name)).values():
            found |= dict(_stated(value))
    return found


def _stated(value: object) -> Iterator[tuple[str, Rule | type[DuiBridgeError]]]:
    """What a module states under one name: a rule, a row that holds one, an error, or a table of these."""
    value = getattr(value, "rule", value)
    if isinstance(value, Rule):
        yield value.id, value
    elif isinstance(value, type) and issubclass(value, DuiBridgeError):
        yield value.code, value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _stated(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _stated(one)


@cache
def _words() -> dict[str, Mapping[str, str]]:
    with files("dui_bridge.data").joinpath("causes.csv").open(encoding="utf-8") as stream:
        return {row["key"]: row for row in csv.DictReader(stream, delimiter=";")}


def _plain(key: str, language: Language) -> Cause:
    row = _words()[key]
    return Cause(row[language], row[f"action_{language}"], Who(row["who"]))
