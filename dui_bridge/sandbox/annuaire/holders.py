"""Whom the stand-in knows: invented professionals and structures, with their mailboxes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox.

    Args:
        address: as the directory writes it.
        kind: PER, CAB, ORG or APP; empty when the directory does not tell.
        rank: 1 is preferred; None when not told.
        plain: an ordinary e-mail address, which is none of MSSanté.
    """

    address: str
    kind: str = ""
    description: str = ""
    service: str = ""
    digitization: bool | None = None
    red_list: bool | None = False
    rank: int | None = None
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure, by its geographic FINESS. `sector`: a code of TRE_R02."""

    finess: str
    name: str
    postal_code: str = ""
    city: str = ""
    sector: str = ""
    active: bool = True
    mailboxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Exercise:
    """Where a professional practises, with the mailboxes for that place."""

    finess: str
    active: bool = True
    mailboxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Professional:
    """A professional. `profession`: a code of TRE_G15; `speciality`: of TRE_R38."""

    rpps: str
    family: str
    given: str
    prefix: str = ""
    profession: str = ""
    speciality: str = ""
    active: bool = True
    mailboxes: tuple[Box, ...] = ()
    exercises: tuple[Exercise, ...] = ()


@dataclass(frozen=True, slots=True)
class Holders:
    """Everybody."""

    structures: tuple[Structure, ...] = ()
    professionals: tuple[Professional, ...] = ()


_HOLDERS: Final = TypeAdapter(Holders)


@cache
def invented_holders() -> Holders:
    """Those of the samples, and a few who are difficult to find or to choose among."""
    return read_holders(files("dui_bridge.sandbox.annuaire").joinpath("holders.json").read_text("utf-8"))


def read_holders(text: str) -> Holders:
    """From JSON, with the names of the classes' attributes. Raises ValueError: it has another form."""
    try:
        return _HOLDERS.validate_json(text)
    except ValidationError as error:
        raise ValueError(str(error.error_count())) from None
