"""The rules of attributes, made from their table: one rule an attribute and kind of defect, each with a stable number.

XDS-1nn to 5nn are those of a document (nn: number of the attribute), 6nn those of a lot.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who
from dui_bridge.xds.attributes import ENTRY, SUBMISSION_SET, Attribute, Place
from dui_bridge.xds.error_codes import CI_SIS, METADATA, OF_SETTINGS, XdsRule
from dui_bridge.xds.metadata import SOURCES


class Defect(IntEnum):
    """What can be wrong with an attribute; the value begins the numbers of the rules of a document."""

    MISSING = 1
    REPEATED = 2
    FORM = 3
    VALUE = 4
    CODING = 5


_TEXTS: Final = {
    Defect.MISSING: ("{{id}}: {name} is missing.", "{{id}} : {name} manque."),
    Defect.REPEATED: ("{{id}}: {name} is given several times.", "{{id}} : {name} est donné plusieurs fois."),
    Defect.FORM: ("{{id}}: {name} does not have the form of its kind.", "{{id}} : {name} n'a pas la forme voulue."),
    Defect.VALUE: (
        "{{id}}: {name} {{value}} is not in the value set of the service.",
        "{{id}} : {name} {{value}} n'est pas dans le jeu de valeurs du service.",
    ),
    Defect.CODING: (
        "{{id}}: {name} has no code, no scheme or no name.",
        "{{id}} : {name} est sans code, sans système ou sans libellé.",
    ),
}
_PLACES: Final = {source.field: source.place for source in SOURCES}


def _attribute_rule(row: Attribute, defect: Defect, *, of_set: bool) -> XdsRule:
    number = 600 + 20 * (defect - 1) + row.number if of_set else 100 * defect + row.number
    en, fr = (text.format(name=row.name) for text in _TEXTS[defect])
    severity = Severity.WARNING if defect is Defect.VALUE and not row.closed else Severity.ERROR
    remedy, who = (OF_SETTINGS, Who.IT) if of_set else _remedy(_PLACES.get(row.field, ""))
    return XdsRule(Rule(f"XDS-{number}", severity, Scope.DOCUMENT, en, fr, *remedy, who, CI_SIS), METADATA)


def _remedy(place: str) -> tuple[tuple[str, str], Who]:
    """What to do about an attribute of a document, by the place in its header that it is made from."""
    if place:
        return (f"It is made from: {place}.", f"Il est tiré de : {place}."), Who.MAPPING
    return ("It is set by the sender.", "Il est fixé par l'émetteur."), Who.IT


def _defects(row: Attribute) -> tuple[Defect, ...]:
    """What can be wrong with an attribute, given what it is."""
    return (
        *((Defect.MISSING,) if row.required or row.in_archive else ()),
        *(
            ()
            if row.many or row.place in {Place.ATTRIBUTE, Place.NAME, Place.DESCRIPTION, Place.VERSION}
            else (Defect.REPEATED,)
        ),
        *{Place.CODE: (Defect.CODING,), Place.AUTHOR: ()}.get(row.place, (Defect.FORM,)),
        *((Defect.VALUE,) if row.values else ()),
    )


OF_ENTRY: Final = {
    (row.name, defect): _attribute_rule(row, defect, of_set=False) for row in ENTRY for defect in _defects(row)
}
"""Rules of the attributes of a document, by name and defect."""
OF_SET: Final = {
    (row.name, defect): _attribute_rule(row, defect, of_set=True) for row in SUBMISSION_SET for defect in _defects(row)
}
"""Rules of the attributes of a lot, by name and defect."""
