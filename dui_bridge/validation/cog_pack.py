"""INSEE's files of communes and countries as a pack: what is used of them, and reading them.

Published each year under the Licence ouverte as `v_commune_AAAA.csv`, `v_commune_depuis_1943.csv`,
`v_commune_comer_AAAA.csv`, `v_pays_territoire_AAAA.csv` and `v_pays_territoire_depuis_1943.csv` (UTF-8, commas). They
are not shipped: every site adds those of the year. Source: INSEE, Code officiel géographique, description of the files.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dui_bridge.ins.birthplace import Gazetteer, Place, shipped
from dui_bridge.validation.cisis_pack import Checked

_PATTERNS: Final = ("v_commune*.csv", "v_pays*.csv")
_HISTORY: Final = "depuis_1943"
_CODES: Final = ("COM", "COG", "COM_COMER")
_NAMES: Final = ("LIBELLE", "LIBCOG")
_CODE: Final = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
_BEGINNING: Final = "1943-01-01"
"""First day of the history: what is dated so is older, and people born before it are alive."""

_ABROAD: Final = "99"
_ALL_COMMUNES: Final = 34_000
"""France never had fewer communes: with fewer, an absent code says nothing."""


@dataclass(frozen=True)
class _Content:
    """The places of a pack, the history of communes and countries first, and the files that could not be read."""

    places: tuple[Place, ...]
    unread: tuple[str, ...]

    @property
    def communes(self) -> int:
        return len({place.code for place in self.places if not place.code.startswith(_ABROAD)})

    @property
    def dated(self) -> bool:
        return any(place.jusqua for place in self.places if not place.code.startswith(_ABROAD))

    @property
    def foreign(self) -> bool:
        return any(place.code.startswith(_ABROAD) for place in self.places)


def is_cog(path: Path) -> bool:
    """Whether a folder holds files of the COG."""
    return any(files_of(path))


def files_of(root: Path) -> Iterator[Path]:
    """The files that are used, relative to the folder."""
    for pattern in _PATTERNS:
        yield from sorted(file.relative_to(root) for file in root.glob(pattern) if file.is_file())


def check(folder: Path) -> Checked:
    """Reads every file of a pack, and says what it lacks: communes, their history, countries."""
    content = _read(folder)
    texts = [
        (f"{name}: not usable, no code and name", f"{name} : inutilisable, sans code ni libellé")
        for name in content.unread
    ]
    if content.communes < _ALL_COMMUNES:
        texts.append(
            (
                f"only {content.communes} communes: a code that is not among them is not called wrong",
                f"seulement {content.communes} communes : un code absent n'est pas déclaré faux",
            )
        )
    if not content.dated:
        texts.append(
            (
                "the communes since 1943 (v_commune_depuis_1943.csv): former ones are not known",
                "les communes depuis 1943 (v_commune_depuis_1943.csv) : les anciennes ne sont pas connues",
            )
        )
    if not content.foreign:
        texts.append(
            (
                "the countries (v_pays_territoire_depuis_1943.csv): the bridge's own list serves",
                "les pays (v_pays_territoire_depuis_1943.csv) : la liste du pont en tient lieu",
            )
        )
    return Checked(bool(content.places), tuple(texts))


def read_places(folder: Path) -> Gazetteer:
    """The communes and countries of a pack, and those that come with the bridge where the pack has none of their code.

    Complete (an absent code is a wrong one) when the pack has every commune since 1943.
    """
    content = _read(folder)
    known = {place.code for place in content.places}
    more = (place for place in shipped().places if place.code not in known)
    complete = content.communes >= _ALL_COMMUNES and content.dated
    return Gazetteer((*content.places, *more), complete=complete)


def _read(folder: Path) -> _Content:
    places: list[Place] = []
    unread: list[str] = []
    # The files of one year have no dates: they only add what the history lacks, such as municipal districts.
    for name in sorted(files_of(folder), key=lambda file: _HISTORY not in file.name):
        known = {place.code for place in places} if _HISTORY not in name.name else set()
        try:
            read = list(_places(folder / name))
        except (ValueError, csv.Error):
            read = []
        if not read:
            unread.append(name.name)
        places += [place for place in read if place.code not in known]
    return _Content(tuple(places), tuple(unread))


def _places(file: Path) -> Iterator[Place]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        for row in csv.DictReader(text):
            code = next((row[name] for name in _CODES if row.get(name)), "")
            label = next((row[name] for name in _NAMES if row.get(name)), "")
            if _CODE.fullmatch(code) and label:
                since = row.get("DATE_DEBUT") or ""
                yield Place(code, label, "" if since == _BEGINNING else since, row.get("DATE_FIN") or "")
