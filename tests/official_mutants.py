"""Random damage to CDA documents, the same for the same seed: what a comparison of two validators is made of."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from copy import deepcopy

from lxml import etree

HL7 = "{urn:hl7-org:v3}"
_VALUES = (
    "",
    "X",
    "0",
    "FR",
    "1.2.3",
    "2.16.840.1.113883.6.1",
    "20261301",
    "19990000",
    "tel:1",
    "UNK",
    "CD",
    "1.5",
    "é'\"<",
)

Damage = Callable[[etree._Element, random.Random], None]


def _any(root: etree._Element, rng: random.Random) -> etree._Element:
    """An element below the root: of the header three times out of four."""
    header = [e for child in root if child.tag != f"{HL7}component" for e in child.iter() if isinstance(e.tag, str)]
    everything = [e for e in root.iter() if isinstance(e.tag, str) and e is not root]
    return rng.choice(header if header and rng.random() < 0.75 else everything)


def _drop(root: etree._Element, rng: random.Random) -> None:
    element = _any(root, rng)
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def _repeat(root: etree._Element, rng: random.Random) -> None:
    element = _any(root, rng)
    element.addnext(deepcopy(element))


def _swap(root: etree._Element, rng: random.Random) -> None:
    element = _any(root, rng)
    following = element.getnext()
    if following is not None:
        following.addnext(element)


def _rename(root: etree._Element, rng: random.Random) -> None:
    _any(root, rng).tag = _any(root, rng).tag


def _move(root: etree._Element, rng: random.Random) -> None:
    _any(root, rng).append(deepcopy(_any(root, rng)))


def _with_attribute(root: etree._Element, rng: random.Random) -> etree._Element:
    while True:
        element = _any(root, rng)
        if element.attrib:
            return element


def _lose_attribute(root: etree._Element, rng: random.Random) -> None:
    element = _with_attribute(root, rng)
    del element.attrib[rng.choice(list(element.attrib))]


def _other_value(root: etree._Element, rng: random.Random) -> None:
    element = _with_attribute(root, rng)
    element.set(rng.choice(list(element.attrib)), rng.choice(_VALUES))


def _borrow_value(root: etree._Element, rng: random.Random) -> None:
    element, other = _with_attribute(root, rng), _with_attribute(root, rng)
    element.set(rng.choice(list(element.attrib)), rng.choice(list(other.attrib.values())))


def _null(root: etree._Element, rng: random.Random) -> None:
    element = _any(root, rng)
    if rng.random() < 0.5:
        element.attrib.clear()
    element.set("nullFlavor", rng.choice(("UNK", "NAV", "XX")))


def _empty_text(root: etree._Element, rng: random.Random) -> None:
    _any(root, rng).text = rng.choice((None, " ", "autre"))


def _type_id(root: etree._Element, rng: random.Random) -> None:
    """A damaged, absent, doubled or moved typeId: the condition that the header's rules share."""
    type_id = root.find(f"{HL7}typeId")
    if type_id is None:
        return
    match rng.randrange(5):
        case 0:
            root.remove(type_id)
        case 1:
            type_id.set("root", "1.2.3")
        case 2:
            del type_id.attrib["extension"]
        case 3:
            other = deepcopy(type_id)
            other.set("extension", "AUTRE")
            type_id.addprevious(other)
        case _:
            root.append(type_id)


def _nested(root: etree._Element, rng: random.Random) -> None:
    """A whole document inside of the document."""
    if len(root) < 40:
        inner = deepcopy(root)
        for body in inner.findall(f"{HL7}component"):
            inner.remove(body)
        _any(root, rng).append(inner)


_DAMAGES: tuple[Damage, ...] = (
    *(_drop, _repeat, _repeat, _swap, _rename, _move, _lose_attribute, _other_value, _borrow_value, _null, _empty_text),
    *(_type_id, _nested),
)


def mutants(document: bytes, count: int, seed: int) -> Iterator[bytes]:
    """So many mutants of a document, each with one to four damages."""
    for number in range(count):
        rng = random.Random(f"{seed}-{number}")
        root = etree.fromstring(document, etree.XMLParser(huge_tree=True))
        for _ in range(rng.randint(1, 4)):
            rng.choice(_DAMAGES)(root, rng)
        yield etree.tostring(root)
