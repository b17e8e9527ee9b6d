"""Objects of an ebXML registry as they stand in a message, whatever they mean; read from elements and written as such.

The reader takes any element of the RIM namespace and never fails: what is missing is empty, so that `check` can tell
what a message lacks. Source of the order and of the names: ebRIM 3.0, rim.xsd.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from dui_bridge.cda.xml import Element, clean
from dui_bridge.xds.vocabulary import NSMAP, RIM

MAX_VALUE: Final = 256
"""Most characters of a value of a slot (rim.xsd, LongName)."""

_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_LABEL: Final = {_XML_LANG: "FR", "charset": "UTF8"}
"""Attributes of every text that we write, as in the messages of the DMP."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A named list of values."""

    name: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Classification:
    """A code, an author, or (with `node` and no scheme) what a package is.

    Args:
        value: nodeRepresentation, None when it is missing: an author has an empty one.
        label: the Name.
    """

    id: str = ""
    scheme: str = ""
    node: str = ""
    classified: str = ""
    value: str | None = None
    slots: tuple[Slot, ...] = ()
    label: str | None = None


@dataclass(frozen=True, slots=True)
class ExternalIdentifier:
    """An identifier in a scheme."""

    id: str = ""
    scheme: str = ""
    object: str = ""
    value: str = ""
    label: str | None = None


@dataclass(frozen=True, slots=True)
class RegistryObject:
    """An ExtrinsicObject, RegistryPackage, Association or ObjectRef.

    Args:
        kind: name of the element.
        attributes: every other attribute, by name (`lid`, `status`, `mimeType`, `objectType`, `sourceObject`…).
        version: versionName of VersionInfo.
    """

    kind: str
    id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    slots: tuple[Slot, ...] = ()
    name: str | None = None
    description: str | None = None
    version: str | None = None
    classifications: tuple[Classification, ...] = ()
    identifiers: tuple[ExternalIdentifier, ...] = ()

    def slot(self, name: str) -> tuple[str, ...]:
        """The values of the first slot of a name; empty when there is none."""
        return next((slot.values for slot in self.slots if slot.name == name), ())

    def classified(self, scheme: str) -> tuple[Classification, ...]:
        """The classifications in a scheme."""
        return tuple(one for one in self.classifications if one.scheme == scheme)

    def identified(self, scheme: str) -> tuple[ExternalIdentifier, ...]:
        """The identifiers in a scheme."""
        return tuple(one for one in self.identifiers if one.scheme == scheme)


def read_objects(parent: Element) -> tuple[RegistryObject, ...]:
    """The objects of a `RegistryObjectList` (or of a `LeafRegistryObjectList`), in the order of the message.

    A Classification that stands beside the objects is put on the object that it classifies.
    """
    beside: dict[str, list[Classification]] = {}
    found: list[RegistryObject] = []
    for child in parent.iterchildren(f"{{{RIM}}}*"):
        kind = etree.QName(child).localname
        if kind == "Classification":
            one = _classification(child)
            beside.setdefault(one.classified, []).append(one)
        else:
            found.append(_object(kind, child))
    return tuple(_joined(one, beside.get(one.id, ())) for one in found)


def write_objects(objects: Iterable[RegistryObject]) -> Element:
    """A `rim:RegistryObjectList`."""
    root = etree.Element(f"{{{RIM}}}RegistryObjectList", nsmap=NSMAP)
    for one in objects:
        _write(root, one)
    return root


def read_slots(parent: Element) -> tuple[Slot, ...]:
    """The slots of an element."""
    return tuple(
        Slot(
            slot.get("name", ""), tuple((value.text or "").strip() for value in slot.iterfind(f"{{{RIM}}}ValueList/*"))
        )
        for slot in parent.iterfind(f"{{{RIM}}}Slot")
    )


def write_slots(parent: Element, slots: Iterable[Slot]) -> None:
    """Writes `rim:Slot` elements at the end of an element."""
    for slot in slots:
        values = _add(_add(parent, "Slot", name=slot.name), "ValueList")
        for value in slot.values:
            _add(values, "Value").text = clean(value)


def _object(kind: str, element: Element) -> RegistryObject:
    version = element.find(f"{{{RIM}}}VersionInfo")
    return RegistryObject(
        kind,
        element.get("id", ""),
        {str(name): str(value) for name, value in element.attrib.items() if name != "id"},
        read_slots(element),
        _label(element, "Name"),
        _label(element, "Description"),
        None if version is None else version.get("versionName"),
        tuple(_classification(one) for one in element.iterfind(f"{{{RIM}}}Classification")),
        tuple(_identifier(one) for one in element.iterfind(f"{{{RIM}}}ExternalIdentifier")),
    )


def _joined(one: RegistryObject, beside: Iterable[Classification]) -> RegistryObject:
    more = tuple(beside)
    if not more:
        return one
    return replace(one, classifications=(*one.classifications, *more))


def _classification(element: Element) -> Classification:
    return Classification(
        element.get("id", ""),
        element.get("classificationScheme", ""),
        element.get("classificationNode", ""),
        element.get("classifiedObject", ""),
        element.get("nodeRepresentation"),
        read_slots(element),
        _label(element, "Name"),
    )


def _identifier(element: Element) -> ExternalIdentifier:
    return ExternalIdentifier(
        element.get("id", ""),
        element.get("identificationScheme", ""),
        element.get("registryObject", ""),
        element.get("value", ""),
        _label(element, "Name"),
    )


def _label(element: Element, tag: str) -> str | None:
    """The first text of a Name or Description; None when it says nothing."""
    text = element.find(f"{{{RIM}}}{tag}/{{{RIM}}}LocalizedString")
    return None if text is None else text.get("value")


# Each element is made where it stands: what is made alone and then put in its place is walked through each time.


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{{{RIM}}}{tag}", {name: clean(value) for name, value in attributes.items()})


def _write(parent: Element, one: RegistryObject) -> None:
    element = _add(parent, one.kind, **{"id": one.id, **one.attributes})
    write_slots(element, one.slots)
    _write_label(element, "Name", one.name)
    _write_label(element, "Description", one.description)
    if one.version is not None:
        _add(element, "VersionInfo", versionName=one.version)
    for classification in one.classifications:
        _write_classification(element, classification)
    for each in one.identifiers:
        identifier = {"identificationScheme": each.scheme, "registryObject": each.object, "value": each.value}
        _write_label(_add(element, "ExternalIdentifier", id=each.id, **identifier), "Name", each.label)


def _write_classification(parent: Element, one: Classification) -> None:
    attributes = {"id": one.id, "classifiedObject": one.classified}
    if one.scheme:
        attributes["classificationScheme"] = one.scheme
    if one.node:
        attributes["classificationNode"] = one.node
    if one.value is not None:
        attributes["nodeRepresentation"] = one.value
    element = _add(parent, "Classification", **attributes)
    write_slots(element, one.slots)
    _write_label(element, "Name", one.label)


def _write_label(parent: Element, tag: str, text: str | None) -> None:
    if text is not None:
        _add(_add(parent, tag), "LocalizedString", **_LABEL, value=text)
