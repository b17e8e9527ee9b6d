"""Whether a value of an attribute has its form: one small test a form, all of them pure.

Sources: IHE ITI TF-3 §4.2.3.1.7 (data types); CI-SIS, volet Partage de documents de santé (types of identifiers).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from dui_bridge.cda.reading_people import INS_ROOTS
from dui_bridge.ins.matricule import is_well_formed
from dui_bridge.xds.attributes import Form
from dui_bridge.xds.forms import PERSONS, STRUCTURES, authority, component, is_dtm

_OID: Final = re.compile(r"[0-2](\.(0|[1-9]\d*))+", re.ASCII)
_OID_LENGTH: Final = 64
_UUID: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_SHA1: Final = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?", re.ASCII)
_MEDIA: Final = re.compile(r"[a-z]+/[a-z0-9.+-]+", re.ASCII)
_PID: Final = re.compile(r"PID-\d{1,2}\|.+", re.ASCII | re.DOTALL)
_URN: Final = re.compile(r"urn:[a-z0-9][a-z0-9-]*:\S+", re.IGNORECASE | re.ASCII)
_PERSON_TYPES: Final = frozenset({"IDNPS", "EI", "NH", "RI"})
_INSTITUTION_TYPES: Final = frozenset({"IDNST", "SIREN"})
_PROFESSIONALS: Final = 256
"""Of how many the answer is kept: those of a site sign one document after the other, several times in each."""


def is_oid(value: str) -> bool:
    """An OID, bare: the DMP refuses `urn:oid:` and `root^extension`."""
    return len(value) <= _OID_LENGTH and _OID.fullmatch(value) is not None


def is_uuid(value: str) -> bool:
    """An entryUUID."""
    return _UUID.fullmatch(value) is not None


def is_cx(value: str) -> bool:
    """An identifier with its authority and one of the types of patients."""
    return bool(component(value, 1)) and is_oid(authority(value, 4)) and component(value, 5) in {"PI", "NH"}


def is_ins(value: str) -> bool:
    """A matricule INS, as an identifier of type NH; nothing else names a patient at the DMP."""
    return (
        is_well_formed(component(value, 1))
        and authority(value, 4) in INS_ROOTS
        and component(value, 5) == "NH"
        and not component(value, 2)
        and not component(value, 3)
    )


def is_cxi(value: str) -> bool:
    """An entry of a referenceIdList: an identifier with its type."""
    named = component(value, 4)
    return bool(component(value, 1)) and bool(component(value, 5)) and (not named or is_oid(authority(value, 4)))


@lru_cache(_PROFESSIONALS)
def is_xcn(value: str) -> bool:
    """A person, or a software (then component 10 is U), with its identifier, authority and type."""
    kind = component(value, 13)
    return (
        bool(component(value, 1))
        and bool(component(value, 2))
        and is_oid(authority(value, 9))
        and component(value, 10) in {"D", "U", "L"}
        and kind in _PERSON_TYPES
        and (kind != "IDNPS" or authority(value, 9) == PERSONS)
    )


@lru_cache(_PROFESSIONALS)
def is_xon(value: str) -> bool:
    """A structure with its name, authority, type and identifier."""
    kind = component(value, 7)
    return (
        bool(component(value, 1))
        and is_oid(authority(value, 6))
        and kind in _INSTITUTION_TYPES
        and (kind != "IDNST" or authority(value, 6) == STRUCTURES)
        and bool(component(value, 10))
    )


@lru_cache(_PROFESSIONALS)
def is_specialty(value: str) -> bool:
    """Code, name and system."""
    return (
        len(value.split("^")) == 3 and all((component(value, 1), component(value, 2))) and is_oid(component(value, 3))
    )


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit()


OF_FORM: Final[Mapping[Form, Callable[[str], bool]]] = {
    Form.TEXT: lambda value: bool(value.strip()),
    Form.DTM: is_dtm,
    Form.OID: is_oid,
    Form.CX: is_cx,
    Form.INS: is_ins,
    Form.XCN: is_xcn,
    Form.CXI: is_cxi,
    Form.PID: _matches(_PID),
    Form.SHA1: _matches(_SHA1),
    Form.NUMBER: _is_number,
    Form.LANGUAGE: _matches(_LANGUAGE),
    Form.MEDIA: _matches(_MEDIA),
    Form.URN: _matches(_URN),
}
"""The test of each form that a text has; codes and authors have checks of their own."""
