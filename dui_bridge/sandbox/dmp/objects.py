"""The objects of a registry, read from ebRIM: documents, lots, associations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from dui_bridge.sandbox.dmp.words import (
    CONFIDENTIALITY,
    ENTRY_AUTHOR,
    ENTRY_UNIQUE_ID,
    FORMAT,
    LOT_AUTHOR,
    LOT_UNIQUE_ID,
    MASKS,
    RIM,
    SIGNATURE_FORMAT,
)

ENTRY: Final = f"{{{RIM}}}ExtrinsicObject"
LOT: Final = f"{{{RIM}}}RegistryPackage"
ASSOCIATION: Final = f"{{{RIM}}}Association"


@dataclass(frozen=True, slots=True)
class Code:
    """A classification: the code, its scheme, its name, and the slots of an author."""

    code: str
    system: str
    name: str
    slots: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Thing:
    """An object as it stands.

    Args:
        slots: values by name; of a name that stands twice, the values of both.
        codes: classifications by their scheme.
        identifiers: external identifiers by their scheme.
    """

    element: etree._Element
    id: str
    slots: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, tuple[Code, ...]]
    identifiers: Mapping[str, tuple[str, ...]]

    def slot(self, name: str) -> str:
        """The first value of a slot; empty without."""
        return next(iter(self.slots.get(name, ())), "")

    def identifier(self, scheme: str) -> str:
        """The first identifier of a scheme; empty without."""
        return next(iter(self.identifiers.get(scheme, ())), "")

    @property
    def unique_id(self) -> str:
        """The uniqueId of a document or lot."""
        return self.identifier(ENTRY_UNIQUE_ID) or self.identifier(LOT_UNIQUE_ID)

    @property
    def masks(self) -> frozenset[str]:
        """The masks among the confidentiality codes of a document."""
        return frozenset(one.code for one in self.codes.get(CONFIDENTIALITY, ())) & MASKS

    @property
    def is_signature(self) -> bool:
        """Whether this is the entry of the signature of a lot."""
        return any(one.code == SIGNATURE_FORMAT for one in self.codes.get(FORMAT, ()))

    @property
    def title(self) -> str:
        """The name."""
        return _localized(self.element)

    def authors(self, name: str) -> frozenset[str]:
        """The values of a slot of the authors, as `authorPerson`."""
        authors = (*self.codes.get(ENTRY_AUTHOR, ()), *self.codes.get(LOT_AUTHOR, ()))
        return frozenset(value for one in authors for value in one.slots.get(name, ()))

    def has_author(self, person: str) -> bool:
        """Whether a person, by national id, is among the authors."""
        return any(value.split("^")[0] == person for value in self.authors("authorPerson"))


def read_thing(element: etree._Element) -> Thing:
    """An ExtrinsicObject, a RegistryPackage or an Association."""
    codes: dict[str, tuple[Code, ...]] = {}
    for one in element.findall(f"{{{RIM}}}Classification"):
        slots = _slots(one)
        scheme = one.get("classificationScheme") or one.get("classificationNode") or ""
        system = next(iter(slots.get("codingScheme", ())), "")
        code = Code(one.get("nodeRepresentation", ""), system, _localized(one), slots)
        codes[scheme] = (*codes.get(scheme, ()), code)
    identifiers: dict[str, tuple[str, ...]] = {}
    for one in element.findall(f"{{{RIM}}}ExternalIdentifier"):
        scheme = one.get("identificationScheme", "")
        identifiers[scheme] = (*identifiers.get(scheme, ()), one.get("value", ""))
    return Thing(element, element.get("id", ""), _slots(element), codes, identifiers)


def things(request: etree._Element) -> list[Thing]:
    """The objects of an `lcm:SubmitObjectsRequest`, in their order."""
    listed = request.find(f"{{{RIM}}}RegistryObjectList")
    return [] if listed is None else [read_thing(one) for one in listed.iterchildren(ENTRY, LOT, ASSOCIATION)]


def put_slot(element: etree._Element, name: str, value: str) -> None:
    """Sets a slot of an object to one value."""
    for one in element.findall(f"{{{RIM}}}Slot"):
        if one.get("name") == name:
            element.remove(one)
    slot = etree.Element(f"{{{RIM}}}Slot", name=name)
    listed = etree.SubElement(slot, f"{{{RIM}}}ValueList")
    etree.SubElement(listed, f"{{{RIM}}}Value").text = value
    element.insert(0, slot)


def put_version(element: etree._Element, version: int) -> None:
    """Sets the version of the metadata: after Slot, Name and Description, where ebRIM has it."""
    for one in element.findall(f"{{{RIM}}}VersionInfo"):
        element.remove(one)
    before = {f"{{{RIM}}}{name}" for name in ("Slot", "Name", "Description")}
    anchors = [one for one in element.iterchildren("*") if one.tag in before]
    position = element.index(anchors[-1]) + 1 if anchors else 0
    element.insert(position, etree.Element(f"{{{RIM}}}VersionInfo", versionName=str(version)))


def put_id(element: etree._Element, identifier: str) -> None:
    """Gives an object its id in the registry, and its parts the object that they belong to."""
    element.set("id", identifier)
    for one in element.findall(f"{{{RIM}}}Classification"):
        one.set("classifiedObject", identifier)
    for one in element.findall(f"{{{RIM}}}ExternalIdentifier"):
        one.set("registryObject", identifier)


def _slots(element: etree._Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for slot in element.findall(f"{{{RIM}}}Slot"):
        values = tuple((one.text or "").strip() for one in slot.findall(f"{{{RIM}}}ValueList/{{{RIM}}}Value"))
        name = slot.get("name", "")
        found[name] = (*found.get(name, ()), *values)
    return found


def _localized(element: etree._Element) -> str:
    found = element.find(f"{{{RIM}}}Name/{{{RIM}}}LocalizedString")
    return "" if found is None else found.get("value", "")
