"""The Datamatrix INS of printed documents: its content, and the boxes that draw it.

Source: ANS, « Format du datamatrix INS » v2.2 (header, blocks S1 to S7, group separators), asked for by EXI DIF 02 of
the Guide d'implémentation de l'INS. Only for a qualified identity, which is what a `QualifiedIns` says.
"""

import re
import unicodedata
from collections.abc import Sequence

from ppf.datamatrix import DataMatrix  # type: ignore[import-untyped]

from dui_bridge.ins.gate import QualifiedIns, is_cog
from dui_bridge.model.identite import Usager
from dui_bridge.model.types import full_date
from dui_bridge.pdf.page import Box

_HEADER = "IS01" + 22 * "0"
_GROUP_SEPARATOR = "\x1d"
_LONGEST_OID = 20
_LONGEST_NAME = 100
_NAME = re.compile(r"[A-Z][A-Z '\-]*")
_LIGATURES = str.maketrans({"Œ": "OE", "Æ": "AE", "’": "'"})


def datamatrix_content(usager: Usager, ins: QualifiedIns) -> str | None:
    """What the Datamatrix INS says, or None when a strict trait is missing or not of the form that INSi gives."""
    born = full_date(usager.date_naissance)
    given, family = _insi_form(usager.prenoms), _insi_form(usager.nom_naissance)
    cog = usager.lieu_naissance.cog
    if born is None or given is None or family is None or usager.sexe not in ("M", "F") or not is_cog(cog):
        return None
    return "".join(
        (
            _HEADER,
            f"S1{ins.matricule}",
            _variable("S2", ins.oid, _LONGEST_OID),
            _variable("S3", given, _LONGEST_NAME),
            _variable("S4", family, _LONGEST_NAME),
            f"S5{usager.sexe}",
            f"S6{born:%d-%m-%Y}",
            f"S7{cog}",
        )
    )


def datamatrix_modules(content: str) -> tuple[tuple[bool, ...], ...]:
    """The dark modules of the ECC 200 symbol, row by row from the top, without its quiet zone."""
    return tuple(tuple(bool(module) for module in row) for row in DataMatrix(content).matrix)


def datamatrix_boxes(modules: Sequence[Sequence[bool]], x: float, top: float, module: float) -> tuple[Box, ...]:
    """The symbol as black boxes, one for each horizontal run of dark modules of `module` points."""
    boxes: list[Box] = []
    for line, row in enumerate(modules):
        start: int | None = None
        for column, dark in enumerate((*row, False)):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                place = (x + start * module, top + line * module)
                boxes.append(Box(*place, (column - start) * module, module, (0, 0, 0)))
                start = None
    return tuple(boxes)


def _variable(block: str, value: str, longest: int) -> str:
    return f"{block}{value}" if len(value) == longest else f"{block}{value}{_GROUP_SEPARATOR}"


def _insi_form(name: str | None) -> str | None:
    """A name in the letters that INSi uses (A to Z, space, apostrophe, hyphen), or None when it has others."""
    decomposed = unicodedata.normalize("NFD", (name or "").upper().translate(_LIGATURES))
    folded = "".join(character for character in decomposed if not unicodedata.combining(character)).strip()
    return folded if _NAME.fullmatch(folded) and len(folded) <= _LONGEST_NAME else None
