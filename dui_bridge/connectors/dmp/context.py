"""Who feeds the DMP: the establishment, the person who answers for it, and how assertions and lots say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dui_bridge.connectors.dmp.settings import AutomateSettings
from dui_bridge.connectors.wire.vihf import Caller, Mode, Role, Software
from dui_bridge.xds.entries import Author
from dui_bridge.xds.forms import PERSONS, STRUCTURES, xcn_person, xon


@dataclass(frozen=True, slots=True)
class Structure:
    """The establishment that feeds.

    Args:
        finess: geographic FINESS, 9 characters.
        name: as documents show it.
        sector: SAxx (JDV_J61).
        responsible: PS_IdNat of the person who answers for what the software sends.
        family, given: that person's names.
    """

    finess: str
    name: str
    sector: str
    responsible: str
    family: str
    given: str = ""

    @property
    def national_id(self) -> str:
        """Struct_IdNat."""
        return f"1{self.finess}"


@dataclass(frozen=True, slots=True)
class Acting:
    """Who calls, as the assertion says it and as the author of the lots.

    Args:
        secret_access: under the "connexion secrète" of a minor, which every assertion then tells.
    """

    caller: Caller
    author: Author
    secret_access: bool = False


def automate(structure: Structure, software: Software, settings: AutomateSettings, *, since: datetime) -> Acting:
    """A structure that feeds with nobody at its side (mode INDIRECTE).

    Args:
        since: when the software was started; aware.
    """
    caller = Caller(
        Mode.INDIRECTE,
        structure.responsible,
        f"{software.name}, {software.version}, {structure.name}",
        structure.national_id,
        structure.sector,
        (Role(settings.role, settings.role_system, settings.role_label),),
        settings.authentication,
        since,
    )
    return Acting(caller, lot_author(caller, structure.name, structure.family, structure.given))


def lot_author(caller: Caller, structure_name: str, family: str, given: str) -> Author:
    """The author of a lot: the person and the structure of the assertion, and no other."""
    return Author(
        person=xcn_person(caller.national_id, PERSONS, family, given, "IDNPS"),
        institutions=(xon(structure_name, caller.structure, STRUCTURES),),
    )
