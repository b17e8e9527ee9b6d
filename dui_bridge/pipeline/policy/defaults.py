"""What holds at every site (`data/policy`), what a site adds, and what follows for one type of document."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from dui_bridge.data.codes import document_types, structured_types
from dui_bridge.findings import Place
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Channel

DOMAINS: Final = ("PA", "PH", "DOM", "PDS", "PDE", "AHI", "PJM")
SHARING: Final = frozenset({Channel.DMP, Channel.MSSANTE_PRO, Channel.MSSANTE_USAGER})
"""Channels by which someone outside the site learns something."""

CATCH_ALL: Final = TypeDocument.DOCUMENT_ESSMS.value
CHANNELS: Final = {
    Channel.LOCAL: ("the site's own folder", "un dossier du site"),
    Channel.DMP: ("the DMP", "l'alimentation du DMP"),
    Channel.MSSANTE_PRO: ("MSSanté to professionals", "l'envoi par MSSanté aux professionnels"),
    Channel.MSSANTE_USAGER: ("MSSanté to the person", "l'envoi par MSSanté à la personne"),
}
"""The channels in English and French words."""


class Choice(StrEnum):
    """What may happen to a type of document, from the most permissive on."""

    AUTO = "auto"
    ASK = "ask"
    NEVER = "never"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS: Final = {choice: rank for rank, choice in enumerate(Choice)}


@dataclass(frozen=True, slots=True)
class Cell:
    """The default of one type in one domain, and the most permissive choice that a site may make."""

    default: Choice
    limit: Choice


@dataclass(frozen=True, slots=True)
class Denied:
    """One row of the deny-list; `titles` finds it in a folded title."""

    key: str
    en: str
    fr: str
    titles: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Establishment:
    """Under which a document stands, as policy sees it. `domain` None: unknown category."""

    finess: str
    category: str
    domain: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A choice that a site wrote for a channel and a type; for one domain, category or FINESS, else for all."""

    choice: Choice
    at: Place
    domain: str | None = None
    category: str | None = None
    finess: str | None = None

    def covers(self, establishment: Establishment) -> bool:
        return (
            self.domain in (None, establishment.domain)
            and self.category in (None, establishment.category)
            and self.finess in (None, establishment.finess)
        )


@dataclass(frozen=True)
class PolicyRules:
    """The defaults with what a site's policy files add.

    Args:
        grace_days: a document dated this long after the exit is still shared.
        author_without_rpps: AUTO or ASK.
        sensitive: categories of establishment whose documents are always asked for.
        anonymity_recorded: domains in which a blank anonymity holds a document.
        denied: what never goes to the DMP.
        statements: by channel and type; the most restrictive that covers an establishment wins.
        recipients: type and kind of recipient → whether the site sends it there; the default where it says nothing.
        mailbox_days: a mailbox last known longer ago is asked about.
        minors_asked: domains in which a minor's own mailbox is asked about.
        treating_doctor_consent: domains in which the treating doctor is outside the team.
        reply_hours: kind of recipient → within how many hours a reply is awaited.
    """

    grace_days: int
    author_without_rpps: Choice
    sensitive: frozenset[str]
    anonymity_recorded: frozenset[str]
    denied: tuple[Denied, ...]
    statements: Mapping[tuple[Channel, str], tuple[Statement, ...]] = field(default_factory=dict)
    recipients: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    mailbox_days: int = 0
    minors_asked: frozenset[str] = frozenset()
    treating_doctor_consent: frozenset[str] = frozenset()
    reply_hours: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a type may do, and who says so."""

    choice: Choice
    en: str
    fr: str


def choose(
    rules: PolicyRules, channel: Channel, kind: str, establishment: Establishment, destination: Mapping[str, str]
) -> Chosen:
    """What a type may do on a channel.

    What the site writes (policy files, and `types` of the destination) chooses within the limit of the default; the
    most restrictive of it wins.
    """
    cell = cell_of(channel, kind, establishment.domain)
    said = [
        Chosen(one.choice, str(one.at), str(one.at))
        for one in rules.statements.get((channel, kind), ())
        if one.covers(establishment)
    ]
    if kind in destination:
        types = Choice(destination[kind])
        said.append(Chosen(types, "types of the destination in the site file", "types de la destination (site)"))
    domain = establishment.domain or ""
    default = Chosen(cell.default, f"the default of domain {domain}", f"défaut du domaine {domain}")
    chosen = max(said, key=lambda one: one.choice.rank, default=default)
    if chosen.choice.rank < cell.limit.rank:
        return Chosen(cell.limit, f"the limit of domain {domain}", f"limite du domaine {domain}")
    return chosen


def cell_of(channel: Channel, kind: str, domain: str | None) -> Cell:
    """The default and the limit; never for what the table does not hold. Nothing limits the site's own folder."""
    if channel is Channel.LOCAL:
        return Cell(Choice.AUTO, Choice.AUTO)
    return _table().get((channel, kind, domain or ""), Cell(Choice.NEVER, Choice.NEVER))


def sends_to(kind: str, recipient: str) -> str:
    """`yes`, `no` or `never`: whether a type of document goes to a kind of recipient by default."""
    return _recipients().get((kind, recipient), "never")


def needs_physician(channel: Channel, kind: str) -> bool:
    """Whether only a physician may be the author of what is shared."""
    return (channel, kind) in _physicians()


def denied_by(rules: PolicyRules, title: str | None) -> Denied | None:
    """The row of the deny-list that a title tells, or None."""
    if title is None:
        return None
    text = folded(title)
    return next((one for one in rules.denied if one.titles.search(text)), None)


def folded(text: str) -> str:
    """Lower case, no accent, words joined by one space."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(re.findall(r"[a-z0-9]+", plain.lower()))


def words_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Finds any of these words, whole, in a folded text."""
    return re.compile(rf"\b(?:{'|'.join(re.escape(folded(word)) for word in words)})\b")


def type_words(kind: str | None) -> tuple[str, str]:
    """A type of document for a person, in English (its name here) and French (its official label)."""
    declared = document_types().get(kind or "") or structured_types().get(kind or "")
    return kind or "", f"« {declared.coded.display} »" if declared is not None else kind or ""


@cache
def deny_list() -> tuple[Denied, ...]:
    """The rows of `deny_list.csv`."""
    return tuple(
        Denied(row["key"], row["en"], row["fr"], words_pattern(row["titles"].split("|"))) for row in _rows("deny_list")
    )


@cache
def refusal_words() -> Mapping[str, tuple[str, str]]:
    """Why an INS does not leave, in words, by the value of `ins.gate.Refusal`."""
    rows = _rows("ins_refusals")
    return MappingProxyType({row["code"]: (row["en"], row["fr"]) for row in rows})


def default_file() -> bytes:
    """`defaults.yaml`, in the grammar of a site's policy file."""
    return (files("dui_bridge") / "data" / "policy" / "defaults.yaml").read_bytes()


def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = (files("dui_bridge") / "data" / "policy" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter=";"))


@cache
def _table() -> Mapping[tuple[Channel, str, str], Cell]:
    return MappingProxyType(
        {
            (Channel(row["channel"]), row["type"], domain): _cell(row[domain])
            for row in _rows("types")
            for domain in DOMAINS
        }
    )


@cache
def _recipients() -> Mapping[tuple[str, str], str]:
    return MappingProxyType(
        {(row["type"], name): word for row in _rows("recipients") for name, word in row.items() if name != "type"}
    )


@cache
def _physicians() -> frozenset[tuple[Channel, str]]:
    rows = _rows("types")
    return frozenset((Channel(row["channel"]), row["type"]) for row in rows if row["author"] == "physician")


def _cell(text: str) -> Cell:
    if text == "-":
        return Cell(Choice.NEVER, Choice.ASK)
    default, _, limit = text.partition("/")
    return Cell(Choice(default), Choice(limit))
