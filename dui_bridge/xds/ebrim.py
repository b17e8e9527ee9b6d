"""Objects of an ebXML registry as they stand in a message, whatever they mean; read from elements and written as such.

The reader takes any element of the RIM namespace and never fails: what is missing is empty, so that `check` can tell
what a message lacks. Source of the order and of the names: ebRIM 3.0, rim.xsd.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from lxml import etree

from dui_bridge.cda.xml import Element, in_attribute, in_text
from dui_bridge.xds.vocabulary import NSMAP, RIM
from dui_bridge.xmlsafe import parse_xml

MAX_VALUE: Final = 256
"""Most characters of a value of a slot (rim.xsd, LongName)."""

DECLARED: Final = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NSMAP.items())
"""The namespaces of messages, as they are declared in an element."""

_LABEL: Final = 'xml:lang="FR" charset="UTF8"'
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


def objects_text(objects: Iterable[RegistryObject]) -> str:
    """A `rim:RegistryObjectList` as XML, to stand in an element that declares the namespaces (`DECLARED`).

    Attributes of objects have names without a namespace, as those of `records.to_objects`.
    """
    return f"<rim:RegistryObjectList>{''.join(map(_object_text, objects))}</rim:RegistryObjectList>"


def as_element(tag: str, content: str) -> Element:
    """An element of a message, by its name with a prefix of `NSMAP`, and what stands in it as XML."""
    return parse_xml(f"<{tag}{DECLARED}>{content}</{tag}>".encode())


def read_slots(parent: Element) -> tuple[Slot, ...]:
    """The slots of an element."""
    return tuple(
        Slot(
            slot.get("name", ""), tuple((value.text or "").strip() for value in slot.iterfind(f"{{{RIM}}}ValueList/*"))
        )
        for slot in parent.iterfind(f"{{{RIM}}}Slot")
    )


def slots_text(slots: Iterable[Slot]) -> str:
    """`rim:Slot` elements as XML."""
    return "".join(
        f'<rim:Slot name="{in_attribute(slot.name)}"><rim:ValueList>'
        + "".join(f"<rim:Value>{in_text(value)}</rim:Value>" for value in slot.values)
        + "</rim:ValueList></rim:Slot>"
        for slot in slots
    )


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


# Objects are written as XML at once: a deposit has more than two hundred elements, each of a known shape, and to make a
# tree of them only to write it costs ten times as much.


def _stated(attributes: Mapping[str, str]) -> str:
    return "".join(f' {name}="{in_attribute(value)}"' for name, value in attributes.items())


def _object_text(one: RegistryObject) -> str:
    content = (
        slots_text(one.slots),
        _label_text("Name", one.name),
        _label_text("Description", one.description),
        "" if one.version is None else f'<rim:VersionInfo versionName="{in_attribute(one.version)}"/>',
        *map(_classification_text, one.classifications),
        *map(_identifier_text, one.identifiers),
    )
    start = f'<rim:{one.kind} id="{in_attribute(one.id)}"{_stated(one.attributes)}>'
    return f"{start}{''.join(content)}</rim:{one.kind}>"


@lru_cache(maxsize=512)
def _classification_text(one: Classification) -> str:
    """Kept: a site has the same codes and the same authors in one document after the other."""
    attributes = {"id": one.id, "classifiedObject": one.classified}
    if one.scheme:
        attributes["classificationScheme"] = one.scheme
    if one.node:
        attributes["classificationNode"] = one.node
    if one.value is not None:
        attributes["nodeRepresentation"] = one.value
    content = slots_text(one.slots) + _label_text("Name", one.label)
    return f"<rim:Classification{_stated(attributes)}>{content}</rim:Classification>"


def _identifier_text(one: ExternalIdentifier) -> str:
    return (
        f'<rim:ExternalIdentifier id="{in_attribute(one.id)}" identificationScheme="{in_attribute(one.scheme)}"'
        f' registryObject="{in_attribute(one.object)}" value="{in_attribute(one.value)}">'
        f"{_label_text('Name', one.label)}</rim:ExternalIdentifier>"
    )


def _label_text(tag: str, text: str | None) -> str:
    if text is None:
        return ""
    return f'<rim:{tag}><rim:LocalizedString {_LABEL} value="{in_attribute(text)}"/></rim:{tag}>'
