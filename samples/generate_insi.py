"""Writes whom the stand-in of INSi knows among the samples' persons: `python samples/generate_insi.py [--out DIR]`.

Run it after a change of `generate_atlas.py` or `generate_serenia.py`. The same code gives the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from atlas_source.pathologies import special_usagers
from atlas_source.people import ordinary_usagers
from serenia_source.people import residents

from dui_bridge.ins.invented import invented_matricule
from dui_bridge.ins.lexicon import sendable
from dui_bridge.ins.matricule import INS_NIR

_HEADER: Final = "nom_naissance;premier_prenom;prenoms;sexe;date_naissance;lieu_naissance;matricule;oid;historique"


@dataclass(frozen=True)
class Held:
    """A person as INSi holds them. `first`: how many of the given names a search must give at least."""

    nom: str
    prenoms: tuple[str, ...]
    sexe: str
    born: date
    cog: str
    first: int = 1

    def row(self) -> str:
        """Their line of the table; the matricule is an invented one (order number 000)."""
        given = [_capitals(name) for name in self.prenoms]
        number = invented_matricule(self.sexe, self.born.year, self.born.month, self.cog)
        cells = (
            _capitals(self.nom, birth_name=True),
            " ".join(given[: self.first]),
            " ".join(given),
            self.sexe,
            self.born.isoformat(),
            self.cog,
            number,
            INS_NIR,
            "",
        )
        return ";".join(cells)


def _capitals(name: str, *, birth_name: bool = False) -> str:
    text = sendable(name, birth_name=birth_name).text
    if text is None:
        raise ValueError(f"{name} is not a name that INSi holds")
    return text


def known() -> Iterator[Held]:
    """The persons, those of Atlas PH and then those of Sérénia; who is not here is not found."""
    atlas, serenia = _atlas(), _serenia()
    # Found with the first call; INSi completes the place of birth, which Atlas PH did not ask for.
    yield replace(atlas["20104"], cog="75114")
    yield replace(atlas["20204"], cog="99352")
    yield replace(atlas["20316"], cog="74011")
    yield replace(atlas["20320"], born=date(1972, 6, 11), cog="20033")
    yield atlas["20328"]
    yield atlas["20907"]
    yield serenia[9]
    # Found by the ladder: two persons until the place is given; all given names together.
    yield from _two(serenia[19], "63113")
    yield replace(serenia[20], first=2)
    # Two persons, and a dossier without a place of birth.
    yield from _two(atlas["20220"], "2A004")
    # Found with other traits than the dossier's: by the second given name, which comes first; born elsewhere.
    yield replace(atlas["20132"], prenoms=("Marie", "Jean-Pierre", "Luc"))
    yield replace(serenia[21], cog="63113")


def _two(person: Held, elsewhere: str) -> tuple[Held, Held]:
    return person, replace(person, cog=elsewhere)


def _atlas() -> dict[str, Held]:
    people = (*ordinary_usagers(), *special_usagers())
    return {
        one.dossier: Held(one.nom_jf or one.nom, tuple(one.prenoms.split()), one.sexe, one.born, one.at.cog)
        for one in people
    }


def _serenia() -> dict[int, Held]:
    return {
        one.rank: Held(one.nom, one.prenoms, "M" if one.sexe == "H" else "F", one.born, one.at.cog)
        for one in residents()
    }


def generate(out: Path) -> None:
    """Writes `persons.csv` under `out`."""
    out.mkdir(parents=True, exist_ok=True)
    comment = (
        "# invented persons of the samples, as the stand-in of INSi knows them; written by samples/generate_insi.py"
    )
    lines = [comment, _HEADER, *(held.row() for held in known())]
    (out / "persons.csv").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def main() -> None:
    """Parses the command line and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "insi")
    generate(parser.parse_args().out)


if __name__ == "__main__":
    main()
