"""Places of birth: what an INSEE code stands for, with or without INSEE's files.

The code is that in use at the birth: 5 characters, the department and the commune, or 99 and the country. The
departments, the countries and a few communes come with the bridge; all communes since 1943 come with INSEE's files
(`dui-bridge pack add`). Source: INSEE, Code officiel géographique.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from types import MappingProxyType
from typing import Final

from dui_bridge.data.codes import rows
from dui_bridge.ins.compare import comparable

_FORM: Final = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
_UNKNOWN_COMMUNE: Final = frozenset({"000", "990", "999", "00", "90", "99"})
"""After the department (three characters overseas): what is written for a commune that is not known."""

_ABROAD: Final = "99"
UNKNOWN: Final = "99999"
_NORTH_AFRICA: Final = {"350": ("95",), "351": ("96",), "352": ("91", "92", "93", "94")}
"""Country of today → the codes under which births there were registered, in the NIR of those born before 1968."""

_NORTH_AFRICA_UNTIL: Final = "1968-01-01"

_POSTCODE_ONLY: Final = re.compile(r"\d\d000|750(?!56)\d\d|97\d00", re.ASCII)
_DISTRICT: Final = re.compile(
    r"(PARIS|LYON|MARSEILLE) 0?(\d{1,2}) ?(?:ER|E|EME|IEME)?(?: ARR(?:ONDISSEMENT)?\.?)?", re.ASCII
)
_WITHIN: Final = re.compile(r"(.+?) ?\((.+)\)")
_SHORT: Final = re.compile(r"\bST(E?)\b")
_CORSICA_DIVIDED: Final = "1976-01-01"
_CORSICA: Final = ("2A", "2B")


class Kind(StrEnum):
    """What a code stands for."""

    COMMUNE = "commune"
    COUNTRY = "country"
    UNKNOWN = "unknown"
    DEPARTMENT_ONLY = "department_only"


@dataclass(frozen=True, slots=True)
class Place:
    """A name that a code had. `depuis` (included) and `jusqua` (excluded) are `AAAA-MM-JJ`, or empty for no limit."""

    code: str
    nom: str
    depuis: str = ""
    jusqua: str = ""

    def on(self, day: str) -> bool:
        """Whether the code had this name on a day, `AAAA-MM-JJ`."""
        return self.depuis <= day and (not self.jusqua or day < self.jusqua)


class Gazetteer:
    """Communes and countries, by code and by name.

    Args:
        places: in any order.
        complete: whether every commune since 1943 is there, so that an absent code is a wrong one
            where its department is there.
    """

    def __init__(self, places: Iterable[Place], *, complete: bool) -> None:
        self.complete: Final = complete
        self.places: Final = tuple(places)
        self._by_code: Final = _index(self.places, lambda place: place.code)

    @cached_property
    def _by_name(self) -> Mapping[str, list[Place]]:
        return _index(self.places, lambda place: comparable(place.nom))

    @cached_property
    def _prefixes(self) -> frozenset[str]:
        return frozenset(code[:length] for code in self._by_code for length in (2, 3))

    def tells_absent(self, department: str) -> bool:
        """Whether a code of a department that is not here is a wrong one: overseas, files may be missing."""
        return self.complete and department in self._prefixes

    def with_code(self, code: str) -> tuple[Place, ...]:
        """The names of a code, one for each period."""
        return tuple(self._by_code.get(code, ()))

    def named(self, label: str) -> tuple[Place, ...]:
        """The places of a name as people write it: `PARIS 14`, `LYON 3EME`, `ST FLOUR`, `ALGER (ALGERIE)`.

        What stands in brackets is a country, which is then the place, or a department.
        """
        name = _SHORT.sub(r"SAINT\1", comparable(label))
        if district := _DISTRICT.fullmatch(name):
            city, number = district[1], int(district[2])
            name = f"{city} {number}{'ER' if number == 1 else 'E'} ARRONDISSEMENT"
        within = _WITHIN.fullmatch(name)
        if within is None:
            return tuple(self._by_name.get(name, ()))
        around = self._by_name.get(within[2], [])
        if any(place.code.startswith(_ABROAD) for place in around):
            return tuple(around)
        found = tuple(self._by_name.get(within[1], ()))
        inside = tuple(place for place in found if _is_in(place, within[2]))
        return inside or found


@dataclass(frozen=True, slots=True)
class Birthplace:
    """What a code says.

    Args:
        cog: the code in capitals.
        nom: of the commune or country, at the birth when the day is given; None when not known.
        departement: its name; None for a country or an unknown code.
        known: whether the code exists (at the birth, when the day is given); None when only INSEE's files could tell.
    """

    cog: str
    kind: Kind
    nom: str | None
    departement: str | None
    known: bool | None


def birthplace(cog: str, places: Gazetteer | None = None, born: str = "") -> Birthplace | None:
    """What a code of a place of birth stands for; None when it has not the form of one.

    Args:
        cog: five characters; a lower-case 2a or 2b is read.
        places: INSEE's files; by default what comes with the bridge.
        born: day of birth, `AAAA-MM-JJ`, to tell what the code was then; empty for any time.
    """
    code = cog.strip().upper()
    if _FORM.fullmatch(code) is None:
        return None
    places = places or shipped()
    if code == UNKNOWN:
        return Birthplace(code, Kind.UNKNOWN, None, None, None)
    names = places.with_code(code)
    if code.startswith(_ABROAD):
        # A country may be given by its code of today for a birth before it: only a code that never was is wrong.
        return Birthplace(code, Kind.COUNTRY, _name(names, born), None, bool(names))
    department = department_of(code, born)
    within = department.nom if department else None
    if not names and (country := _north_african(code, born)):
        return Birthplace(code, Kind.COUNTRY, country, None, True)
    if code[len(department.code) if department else 2 :] in _UNKNOWN_COMMUNE:
        return Birthplace(code, Kind.DEPARTMENT_ONLY, None, within, department is not None)
    if not names:
        wrong = department is None or places.tells_absent(department.code)
        return Birthplace(code, Kind.COMMUNE, None, within, False if wrong else None)
    at_birth = tuple(place for place in names if not born or _in_use(place, born))
    return Birthplace(code, Kind.COMMUNE, _name(at_birth or names, born), within, bool(at_birth))


def looks_like_postcode(cog: str, code_postal: str | None = None, born: str = "") -> bool:
    """Whether what stands as the code of a place of birth is a postcode.

    Surely so when it ends in 000, is one of Paris or of an overseas department, begins with 20 for a birth since
    Corsica was divided, or is the postcode that the dossier holds beside it.
    """
    code = cog.strip()
    corsican = code.startswith("20") and born >= _CORSICA_DIVIDED
    return _POSTCODE_ONLY.fullmatch(code) is not None or (code.isdigit() and (corsican or code == code_postal))


def department_of(code: str, born: str = "") -> Place | None:
    """The department of a code, by its two or three first characters: at the birth, else the one of today, else the
    former one; None when there was none."""
    known = [place for place in _departments() if code.startswith(place.code) and (not born or place.on(born))]
    return max(known, key=lambda place: (len(place.code), not place.jusqua), default=None)


def _index(places: Iterable[Place], by: Callable[[Place], str]) -> Mapping[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        found.setdefault(by(place), []).append(place)
    return MappingProxyType(found)


@cache
def shipped() -> Gazetteer:
    """What comes with the bridge: countries, and the communes of its samples and of the published test identities."""
    communes = (Place(row["code"], row["libelle"], row["depuis"], row["jusqua"]) for row in rows("communes"))
    countries = (Place(row["code"], row["libelle"], "", row["jusqua"]) for row in rows("countries"))
    return Gazetteer([*communes, *countries], complete=False)


@cache
def _departments() -> tuple[Place, ...]:
    return tuple(Place(row["code"], row["libelle"], row["depuis"], row["jusqua"]) for row in rows("departments"))


def _in_use(place: Place, born: str) -> bool:
    """INSi gives the codes of today for births in Corsica before its division."""
    divided = place.code[:2] in _CORSICA and place.depuis == _CORSICA_DIVIDED
    return place.on(born) or (divided and born < _CORSICA_DIVIDED)


def _name(names: tuple[Place, ...], born: str) -> str | None:
    at_birth = [place for place in names if not born or place.on(born)]
    return (at_birth or names)[-1].nom if names else None


def _north_african(code: str, born: str) -> str | None:
    """The country of a birth registered under a code of North Africa, in use until 1967."""
    country = code[2:]
    if code[:2] not in _NORTH_AFRICA.get(country, ()) or born >= _NORTH_AFRICA_UNTIL:
        return None
    return _name(shipped().with_code(f"{_ABROAD}{country}"), "")


def _is_in(place: Place, department: str) -> bool:
    """Whether a place is in a department, of which an article may be left out (`Réunion`)."""
    of = department_of(place.code)
    return of is not None and comparable(of.nom).removeprefix("LA ") == department.removeprefix("LA ")
