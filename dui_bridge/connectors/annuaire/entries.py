"""What is looked for in the Annuaire Santé, and what it answers: mailboxes of MSSanté with their owners."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from dui_bridge.connectors.annuaire.errors import SearchMalformed, SearchTooWide
from dui_bridge.connectors.annuaire.settings import Kind

_FORMS: Final = {
    "rpps": re.compile(r"\d{11}", re.ASCII),
    "finess": re.compile(r"(\d{2}|2[AB])\d{7}", re.ASCII),
    "postal_code": re.compile(r"\d{5}", re.ASCII),
    "profession": re.compile(r"[A-Z0-9-]{1,12}", re.ASCII),
    "specialty": re.compile(r"[A-Z0-9-]{1,12}", re.ASCII),
    "address": re.compile(r"[!-?A-~]+@[!-?A-~]+", re.ASCII),
}
_LONGEST: Final = 100


class Owner(StrEnum):
    """Whose mailbox it is."""

    PERSON = "person"
    ORGANISATION = "organisation"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose mailboxes are looked for; all that is given must fit.

    Args:
        rpps: of a person, 11 digits. family, given: names under which a person practises.
        finess: of a structure, or of one in which the person practises; geographic or legal.
        name: of a structure. postal_code, city: where the structure, or the practice of the person, is.
        profession: code of the profession (TRE_G15, TRE_R94…).
        address: a mailbox.
        specialty: code of the specialty (TRE_R38: SM26…).
    Raises:
        SearchMalformed: a value has not the form of its kind.
        SearchTooWide: it fits too many: a place, a profession or a specialty alone, a given name alone.
    """

    rpps: str = ""
    family: str = ""
    given: str = ""
    finess: str = ""
    name: str = ""
    postal_code: str = ""
    city: str = ""
    profession: str = ""
    address: str = ""
    specialty: str = ""

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            form = _FORMS.get(one.name)
            if value and (len(value) > _LONGEST or not value.isprintable() or (form and not form.fullmatch(value))):
                raise SearchMalformed(field=one.name)
        somebody = self.rpps or self.family or self.finess or self.name or self.address
        if not somebody and not ((self.profession or self.specialty) and self.postal_code):
            raise SearchTooWide

    @property
    def of_person(self) -> bool:
        """Whether persons are looked for, and not structures."""
        return bool(self.rpps or self.family or self.profession or self.specialty)

    def given_only(self) -> dict[str, str]:
        """What is given, by name."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name))}


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure: its numbers (geographic FINESS first), its name, where it is, whether it is open."""

    finess: tuple[str, ...] = ()
    name: str = ""
    postal_code: str = ""
    city: str = ""
    active: bool = True

    def fits(self, wanted: Wanted) -> bool:
        """Whether it is the one that is looked for, or where the person who is looked for practises."""
        return (
            (not wanted.finess or wanted.finess in self.finess)
            and (not wanted.name or begins(self.name, wanted.name))
            and (not wanted.postal_code or wanted.postal_code == self.postal_code)
            and (not wanted.city or begins(self.city, wanted.city))
        )


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox, as the directory tells it.

    Args:
        address: lower case.
        owner: whose it is. kind: None when the directory does not tell.
        name: of the person (given name, family name) or of the structure.
        rpps: of the person; empty for a structure.
        family, given: names under which the person practises.
        structures: where the person practises with it; the structure that it belongs to.
        professions, specialties: codes with their labels.
        description, service: the owner's own words.
        digitization: whether the owner takes documents without paper; None when not told.
        red_list: not to be published.
        rank: 1 is the one that the owner prefers; None when not told.
        active: the owner still practises there, the structure is open.
        bound: of a person, for one practice alone.
        updated_on: when the directory changed the entry.
    """

    address: str
    owner: Owner
    kind: Kind | None = None
    name: str = ""
    rpps: str = ""
    family: str = ""
    given: str = ""
    structures: tuple[Structure, ...] = ()
    professions: tuple[tuple[str, str], ...] = ()
    description: str = ""
    service: str = ""
    digitization: bool | None = None
    red_list: bool = False
    rank: int | None = None
    active: bool = True
    bound: bool = False
    updated_on: date | None = None
    specialties: tuple[tuple[str, str], ...] = ()

    @property
    def finess(self) -> tuple[str, ...]:
        """Numbers of its structures."""
        return tuple(number for one in self.structures for number in one.finess)

    @property
    def holder(self) -> tuple[str, ...]:
        """Who owns it: the same for all mailboxes of one person, or of one structure."""
        if self.owner is Owner.PERSON:
            return (self.rpps or folded(self.name),)
        return (*self.finess, folded(self.name))

    def merged(self, other: Mailbox) -> Mailbox:
        """The same mailbox of the same owner, told at another place of the directory too: all its structures and
        professions, active when it is so at one of them, and of other statements that differ the more careful one."""
        digitization = {self.digitization, other.digitization} - {None}
        return replace(
            self,
            kind=self.kind or other.kind,
            structures=tuple(dict.fromkeys((*self.structures, *other.structures))),
            professions=tuple(dict.fromkeys((*self.professions, *other.professions))),
            specialties=tuple(dict.fromkeys((*self.specialties, *other.specialties))),
            digitization=all(digitization) if digitization else None,
            red_list=self.red_list or other.red_list,
            rank=min(filter(None, (self.rank, other.rank)), default=None),
            active=self.active or other.active,
            bound=self.bound and other.bound,
        )

    def fits(self, wanted: Wanted) -> bool:
        """Whether it is one of those that are looked for; names may go on after what was given."""
        if wanted.address:
            return self.address == wanted.address.lower()
        if wanted.of_person != (self.owner is Owner.PERSON):
            return False
        located = wanted.finess or wanted.name or wanted.postal_code or wanted.city
        return (
            (not wanted.rpps or wanted.rpps == self.rpps)
            and begins(self.family, wanted.family)
            and begins(self.given, wanted.given)
            and (not wanted.profession or wanted.profession in {code for code, _ in self.professions})
            and (not wanted.specialty or wanted.specialty in {code for code, _ in self.specialties})
            and (not located or any(one.fits(wanted) for one in self.structures))
        )

    def is_named(self, wanted: Wanted) -> bool:
        """Whether the names are those given, and not longer ones that begin so."""
        structure = not wanted.name or any(folded(one.name) == folded(wanted.name) for one in self.structures)
        return structure and all(
            not asked or folded(asked) == folded(own)
            for asked, own in ((wanted.family, self.family), (wanted.given, self.given))
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What the directory answered to a search.

    Args:
        asked_at: when, aware.
        mailboxes: those that fit, the exact names first.
        owners: how many persons or structures fit, those without a mailbox too.
        complete: all was read.
        stale: nothing answers now, and this is older than an answer is used without asking.
    """

    wanted: Wanted
    asked_at: datetime
    mailboxes: tuple[Mailbox, ...] = ()
    owners: int = 0
    complete: bool = True
    stale: bool = False

    def age(self, now: datetime) -> timedelta:
        """How long ago it was answered."""
        return now - self.asked_at


def folded(text: str) -> str:
    """Lower case, without accents; hyphens, apostrophes and dots as blanks."""
    letters = text.casefold().replace("œ", "oe").replace("æ", "ae")
    plain = "".join(c for c in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", plain))


def begins(text: str, with_what: str) -> bool:
    """Whether a text begins with another, both folded: how the service compares names (FHIR R4, search, string)."""
    return folded(text).startswith(folded(with_what))
