"""What a conversion is, and what it may ask while it reads one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from dui_bridge.findings import Rule


class Rejected(Exception):
    """A value does not convert. Caught by the engine, which makes the finding; never leaves the room."""

    def __init__(self, rule: Rule, **values: str) -> None:
        self.rule = rule
        self.values = values
        super().__init__(rule.id)


class Reading(Protocol):
    """What a conversion may ask while it reads one value of one row."""

    @property
    def today(self) -> date:
        """The day of the run."""

    @property
    def zone(self) -> tzinfo:
        """The time zone of the site."""

    @property
    def admission(self) -> date | None:
        """The first admission of the usager, when known."""

    @property
    def finess(self) -> frozenset[str]:
        """The FINESS of the site's establishments."""

    def cell(self, column: str) -> str:
        """Another column of the same row, trimmed; empty when blank."""

    def flag(self, rule: Rule, column: str | None = None, /, **values: str) -> None:
        """Says something about a value that is kept; `column` when it stands in another column than the value's own."""


class Written:
    """The reading of a text that stands in the mapping itself: there is no row, and nothing to flag."""

    today = date.max
    zone: tzinfo = UTC
    admission = None
    finess: frozenset[str] = frozenset()

    def cell(self, column: str) -> str:
        return ""

    def flag(self, rule: Rule, column: str | None = None, /, **values: str) -> None:
        return


Convert: TypeAlias = Callable[[str, Reading], object]


LONGEST_KEPT: Final = 64
"""Characters of a text whose conversion is kept; whatever an export holds, what is kept stays small."""

_MOST_KEPT: Final = 1_024


class Known(dict[str, object]):
    """What reading a text gave, where nothing but the text matters and nothing is said; bounded."""

    def keep(self, text: str, value: object) -> None:
        """Keeps what a short text gave."""
        if len(text) <= LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[text] = value


class Remembered:
    """A conversion that keeps what it gave: only for one that asks nothing of its reading and flags nothing."""

    def __init__(self, convert: Convert) -> None:
        self.known = Known()
        self._convert = convert

    def __call__(self, text: str, reading: Reading) -> object:
        value = self.known.get(text)
        if value is None:
            value = self._convert(text, reading)
            self.known.keep(text, value)
        return value


class ParameterKind(StrEnum):
    """What a parameter holds."""

    COLUMN = "column"
    COLUMNS = "columns"
    CHOICE = "choice"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A key that may stand beside `as`."""

    name: str
    kind: ParameterKind
    en: str
    fr: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What a conversion is bound to.

    Args:
        given: parameter → text or texts, as written.
        target: the Python type of the field that takes the result (`str` for a partial date).
        kind: what the field's own annotation adds (SERAFIN: `besoin`, `prestation`).
        strict: the field is a strict trait of identity: what would only be flagged elsewhere is refused.
    """

    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    target: type = str
    kind: str = ""
    strict: bool = False

    def one(self, name: str, default: str = "") -> str:
        """A parameter that holds one text."""
        texts = self.given.get(name, ())
        return texts[0] if texts else default


class SettingsInvalid(ValueError):
    """The settings of a conversion cannot be meant; the two texts say why."""

    def __init__(self, en: str, fr: str) -> None:
        self.en, self.fr = en, fr
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Conversion:
    """One row of the table of conversions.

    Args:
        name: what `as:` says.
        outputs: Python types of fields that take its result.
        bind: settings → function; raises SettingsInvalid.
        en, fr: what it does, for the documentation.
        parameters: the keys that may stand beside `as`.
        reads_blank: also called when its own column is blank, as other columns may hold the value.
    """

    name: str
    outputs: tuple[type, ...]
    bind: Callable[[Settings], Convert]
    en: str
    fr: str
    parameters: tuple[Parameter, ...] = ()
    reads_blank: bool = False
