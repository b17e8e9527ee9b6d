"""Random damage to a CDA document that leaves it well-formed XML, for tests of what must survive anything."""

from __future__ import annotations

from copy import deepcopy
from random import Random

from lxml import etree

_VALUES = (
    "",
    " ",
    "0",
    "-1",
    "99999999999999999999",
    "20230230",
    "202302091130+9999",
    "é",
    "UNK",
    "1.2.3",
    "a^b",
    "true",
)
_TAGS = ("id", "time", "name", "code", "addr", "section", "patientRole", "nonXMLBody", "translation")
HL7 = "urn:hl7-org:v3"


def mutant(root: etree._Element, seed: int, changes: int = 8) -> bytes:
    """The document with some elements removed, repeated, moved, renamed, emptied, or given other attributes."""
    random = Random(seed)
    damaged = deepcopy(root)
    for _ in range(changes):
        _change(damaged, random)
    return etree.tostring(damaged)


def _change(root: etree._Element, random: Random) -> None:
    elements = list(root.iter("*"))
    target, other = random.choice(elements), random.choice(elements)
    parent = target.getparent()
    match random.randrange(9):
        case 0 if parent is not None:
            parent.remove(target)
        case 1 if parent is not None:
            parent.append(deepcopy(target))
        case 2 if parent is not None and target not in set(other.iterancestors()) and target is not other:
            other.append(target)
        case 3 if parent is not None:
            target.tag = f"{{{random.choice((HL7, 'urn:other'))}}}{random.choice(_TAGS)}"
        case 4:
            target.set(random.choice(list(target.attrib) or ["value"]), random.choice(_VALUES))
        case 5:
            target.attrib.clear()
        case 6:
            target.text = random.choice(_VALUES)
        case 7:
            target.insert(0, random.choice((etree.Comment(" c "), etree.PI("p", "x"))))
        case _:
            target.set("nullFlavor", random.choice(("UNK", "NA", "")))
