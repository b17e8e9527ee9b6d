"""The small terms of a header: identifiers, codes, times, names, addresses, telecoms; as written, nothing corrected.

Every function takes any element, or None, and never fails: what is missing or has another form is None or empty.
Source of the forms: HL7 CDA R2 data types (II, CD, TS, IVL_TS, EN, AD, TEL); CI-SIS STRUCMIN for the qualifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from typing import Final

from lxml import etree

from dui_bridge.cda.xml import HL7, Element

_TEXT: Final = etree.XPath("normalize-space(string())", smart_strings=False)
_BLANKS: Final = re.compile(r"[ \t\r\n]+")
"""The blanks of XML, and no other: what `normalize-space` collapses."""
_NAMESPACE: Final = f"{{{HL7}}}"
_TIME: Final = re.compile(r"(\d{4}(?:\d\d){0,5})(?:\.(\d+))?([+-]\d{4})?", re.ASCII)
_HOUR: Final = len("AAAAMMJJHH")


@dataclass(frozen=True, slots=True)
class Identifier:
    """An II. `null` is its nullFlavor."""

    root: str | None = None
    extension: str | None = None
    authority: str | None = None
    null: str | None = None


@dataclass(frozen=True, slots=True)
class CodedTerm:
    """A CD with its translations (theirs are not read)."""

    code: str | None = None
    system: str | None = None
    display: str | None = None
    original_text: str | None = None
    null: str | None = None
    translations: tuple[CodedTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """A TS.

    Args:
        written: the value as written: `AAAA[MM[JJ[HH[MM[SS]]]]][+HHMM]`; may be malformed.
        day: its day, as precise as written: `AAAA`, `AAAA-MM`, `AAAA-MM-JJ`; None when it is not in the calendar.
        at: the instant, with the offset as written; None without hour or offset.
    """

    written: str
    day: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """An IVL_TS: its ends, or the one moment that it is. `null` is its nullFlavor."""

    low: Moment | None = None
    high: Moment | None = None
    value: Moment | None = None
    null: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a name or address: the element's name, its text, its qualifiers."""

    kind: str
    text: str
    qualifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A PN, its parts in the order of the document; `text` is all that it says."""

    parts: tuple[Part, ...]
    text: str
    use: str | None = None

    def part(self, kind: str, *qualifiers: str) -> str | None:
        """The first part of a kind with one of the qualifiers; without any asked for, the first that has none."""
        for part in self.parts:
            if part.kind == kind and (set(qualifiers) & set(part.qualifiers) if qualifiers else not part.qualifiers):
                return part.text
        return None

    @property
    def birth_name(self) -> str | None:
        """The family name of birth."""
        return self.part("family", "BR")

    @property
    def used_name(self) -> str | None:
        """The family name in use: CL, or SP of the older documents."""
        return self.part("family", "CL") or self.part("family", "SP")

    @property
    def first_given_name(self) -> str | None:
        """The first given name of birth."""
        return self.part("given", "BR")

    @property
    def given_names(self) -> str | None:
        """The list of given names of birth, as one text."""
        return self.part("given")

    @property
    def used_given_name(self) -> str | None:
        return self.part("given", "CL")

    @property
    def family(self) -> str | None:
        """The family name of a person who has one: unqualified, else of birth, else in use."""
        return self.part("family") or self.birth_name or self.used_name

    @property
    def given(self) -> str | None:
        """The given name of a person who has one: unqualified, else of birth, else in use."""
        return self.given_names or self.first_given_name or self.used_given_name

    @property
    def prefix(self) -> str | None:
        """The civility (`M`, `MME`)."""
        return self.part("prefix")

    @property
    def suffix(self) -> str | None:
        """The title (`DR`, `PR`)."""
        return self.part("suffix")


@dataclass(frozen=True, slots=True)
class Address:
    """An AD, its parts in the order of the document; `text` is all that it says."""

    parts: tuple[Part, ...] = ()
    text: str = ""
    use: str | None = None
    null: str | None = None

    def part(self, kind: str) -> str | None:
        """The first part of a kind (`postalCode`, `city`)."""
        return next((part.text for part in self.parts if part.kind == kind), None)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(part.text for part in self.parts if part.kind == "streetAddressLine")

    @property
    def postal_code(self) -> str | None:
        return self.part("postalCode")

    @property
    def city(self) -> str | None:
        return self.part("city")

    @property
    def county(self) -> str | None:
        """Of a birthplace: the INSEE code (COG) of the commune or country."""
        return self.part("county")

    @property
    def country(self) -> str | None:
        return self.part("country")


@dataclass(frozen=True, slots=True)
class Telecom:
    """A TEL: the URI (`tel:…`, `mailto:…`) and its use."""

    value: str | None = None
    use: str | None = None
    null: str | None = None


@cache
def _path(path: str) -> str:
    return "/".join(f"{{{HL7}}}{step}" for step in path.split("/"))


def each(parent: Element | None, path: str) -> list[Element]:
    """The elements at a path of HL7 names (`assignedEntity/id`)."""
    if parent is None:
        return []
    # One step is most of them, and needs no path.
    return parent.findall(_path(path)) if "/" in path else list(parent.iterchildren(_path(path)))


def first(parent: Element | None, path: str) -> Element | None:
    """The first element at a path of HL7 names, or None."""
    if parent is None:
        return None
    return parent.find(_path(path)) if "/" in path else next(parent.iterchildren(_path(path)), None)


def attribute(element: Element | None, name: str) -> str | None:
    """An attribute without blanks around it; None when it is missing or blank."""
    return (element.get(name) or "").strip() or None if element is not None else None


def text(element: Element | None) -> str | None:
    """The text of an element, blanks collapsed; None when there is none."""
    if element is None:
        return None
    if len(element):
        return str(_TEXT(element)) or None
    return _BLANKS.sub(" ", element.text or "").strip(" ") or None  # a leaf, as most are


def identifier(element: Element) -> Identifier:
    return Identifier(
        attribute(element, "root"),
        attribute(element, "extension"),
        attribute(element, "assigningAuthorityName"),
        attribute(element, "nullFlavor"),
    )


def identifiers(parent: Element | None, path: str = "id") -> tuple[Identifier, ...]:
    return tuple(identifier(element) for element in each(parent, path))


def coded_term(element: Element | None) -> CodedTerm | None:
    """None only when there is no element."""
    if element is None:
        return None
    return _coded(element, tuple(_coded(translation) for translation in each(element, "translation")))


def _coded(element: Element, translations: tuple[CodedTerm, ...] = ()) -> CodedTerm:
    return CodedTerm(
        attribute(element, "code"),
        attribute(element, "codeSystem"),
        attribute(element, "displayName"),
        text(first(element, "originalText")),
        attribute(element, "nullFlavor"),
        translations,
    )


def moment(element: Element | None) -> Moment | None:
    """The `value` of a TS; None when it has none."""
    written = attribute(element, "value")
    if written is None:
        return None
    found = _TIME.fullmatch(written)
    if found is None:
        return Moment(written)
    digits, _, offset = found.groups()
    day = "-".join(part for part in (digits[:4], digits[4:6], digits[6:8]) if part)
    try:
        date.fromisoformat(f"{day}-01-01"[:10])
        instant = _instant(digits, offset) if offset and len(digits) >= _HOUR else None
    except ValueError:
        return Moment(written)
    return Moment(written, day, instant)


def _instant(digits: str, offset: str) -> datetime:
    """Raises ValueError when there is no such time, or no such offset."""
    shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
    zone = timezone(-shift if offset[0] == "-" else shift)
    numbers = [int(digits[:4]), *(int(digits[at : at + 2]) for at in range(4, len(digits), 2)), 0, 0][:6]
    year, month, day, hour, minute, second = numbers
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def period(element: Element | None) -> Period | None:
    """None only when there is no element."""
    if element is None:
        return None
    low, high = moment(first(element, "low")), moment(first(element, "high"))
    return Period(low, high, moment(element), attribute(element, "nullFlavor"))


def name(element: Element) -> Name:
    return Name(_parts(element), text(element) or "", attribute(element, "use"))


def names(elements: Iterable[Element]) -> tuple[Name, ...]:
    """The names that say something."""
    return tuple(found for found in map(name, elements) if found.text)


def addresses(parent: Element | None, path: str = "addr") -> tuple[Address, ...]:
    return tuple(
        Address(_parts(element), text(element) or "", attribute(element, "use"), attribute(element, "nullFlavor"))
        for element in each(parent, path)
    )


def telecoms(parent: Element | None) -> tuple[Telecom, ...]:
    return tuple(
        Telecom(attribute(element, "value"), attribute(element, "use"), attribute(element, "nullFlavor"))
        for element in each(parent, "telecom")
    )


def _parts(element: Element) -> tuple[Part, ...]:
    # `iterchildren("{…}*")` leaves out comments, and elements of other namespaces.
    return tuple(
        Part(str(child.tag).removeprefix(_NAMESPACE), said, tuple((child.get("qualifier") or "").split()))
        for child in element.iterchildren(f"{_NAMESPACE}*")
        if (said := text(child))
    )
