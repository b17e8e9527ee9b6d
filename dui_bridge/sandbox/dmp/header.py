"""Reads the header of a CDA document as a registry does that compares it with the metadata that came with it.

Sources: CI-SIS, volet Structuration minimale (which element feeds which metadata) and volet Partage de documents de
santé (forms); ANS, ASS_A11 (format of a model); the schematron of the volet (the first documentationOf is the
principal act).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from dui_bridge.sandbox.dmp.codes import Pair, formats
from dui_bridge.sandbox.dmp.forms import authority, components, same_time
from dui_bridge.sandbox.dmp.objects import Code, Thing
from dui_bridge.sandbox.dmp.problems import Problem, metadata
from dui_bridge.sandbox.dmp.words import ENTRY_AUTHOR, EVENTS, FACILITY, FORMAT, HL7, PRACTICE, TYPE

_NAMES: Final = {"h": HL7}
_PERSONS: Final = "1.2.250.1.71.4.2.1"
_NATIONAL: Final = "1.2.250.1.213.1.4."
"""Below it, the national identifiers of persons: INS and what came before."""
_LEVEL_1: Final = "1.3.6.1.4.1.19376.1.2.20"
_SEXES: Final = {"M": "M", "F": "F", "U": "U", "UN": "U"}
_USED: Final = frozenset({"CL", "SP"})
_EVENT: Final = "h:documentationOf[1]/h:serviceEvent"
_FACILITY: Final = "h:componentOf/h:encompassingEncounter/h:location/h:healthCareFacility/h:code"
_INDUSTRY: Final = f"{_EVENT}/h:performer/h:assignedEntity/h:representedOrganization/h:standardIndustryClassCode"

Person = tuple[str, ...]
"""Identifier, its authority and type, family and given name, or the software and its model."""


def header_problems(root: etree._Element, entry: Thing) -> Iterator[Problem]:
    """What the header of a document says otherwise than its metadata, by the attribute; no value is repeated."""
    for name, of_document, told in _ROWS:
        if of_document(root) != told(entry):
            yield metadata(f"{entry.id} : {name} n'est pas celui du document")
    for name, paths in _TIMES.items():
        written = next(filter(None, (_attribute(root, path, "value") for path in paths)), "")
        if not same_time(written, entry.slot(name)):
            yield metadata(f"{entry.id} : {name} n'est pas celui du document, en UTC")
    for field in sorted(_other_traits(root, entry)):
        yield metadata(f"{entry.id} : sourcePatientInfo : {field} n'est pas celui du document")


def _one(element: etree._Element, path: str) -> etree._Element | None:
    return element.find(path, _NAMES)


def _attribute(element: etree._Element, path: str, name: str) -> str:
    found = _one(element, path)
    return "" if found is None else found.get(name, "")


def _text(element: etree._Element, path: str) -> str:
    found = _one(element, path)
    return "" if found is None else _squeezed(str(found.xpath("string()")))


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _coded(element: etree._Element, path: str) -> frozenset[Pair]:
    found = element.findall(path, _NAMES)
    return frozenset((one.get("code", ""), one.get("codeSystem", "")) for one in found if one.get("code"))


def _classified(scheme: str) -> Callable[[Thing], frozenset[Pair]]:
    return lambda entry: frozenset((one.code, one.system) for one in entry.codes.get(scheme, ()))


def _format(root: etree._Element) -> frozenset[Pair]:
    """Of level 1 that of its body, else that of the last template that has one."""
    body = _one(root, "h:component/h:nonXMLBody/h:text")
    if body is not None:
        keys = [(_LEVEL_1, body.get("mediaType", ""))]
    else:
        keys = [(one.get("root", ""), "") for one in reversed(root.findall("h:templateId", _NAMES))]
    known = [formats()[key] for key in keys if key in formats()]
    return frozenset(known[:1])


def _patient_number(root: etree._Element) -> tuple[str, str, str]:
    """The establishment's own (IPP), else the INS."""
    ids = [one for one in root.findall("h:recordTarget/h:patientRole/h:id", _NAMES) if one.get("extension")]
    ids.sort(key=lambda one: one.get("root", "").startswith(_NATIONAL))
    if not ids:
        return "", "", ""
    system = ids[0].get("root", "")
    return ids[0].get("extension", ""), system, "NH" if system.startswith(_NATIONAL) else "PI"


def _told_number(entry: Thing) -> tuple[str, str, str]:
    parts = components(entry.slot("sourcePatientId"))
    return parts[0], authority(parts[3]), parts[4]


def _person(party: etree._Element | None) -> Person:
    if party is None:
        return ()
    extension, system = (_attribute(party, "h:id", name) for name in ("extension", "root"))
    extension, system = (extension, system) if extension and system else ("", "")
    device = _one(party, "h:assignedAuthoringDevice")
    if device is not None:
        names, usage = (_text(device, "h:softwareName"), _text(device, "h:manufacturerModelName")), "U"
    else:
        name = "h:assignedPerson/h:name"
        names, usage = (_text(party, f"{name}/h:family"), _text(party, f"{name}/h:given")), "D"
    kind = "RI" if usage == "U" or system != _PERSONS else "IDNPS"
    kind = "NH" if system.startswith(_NATIONAL) else kind
    return (extension, system, kind if extension else "", *names, usage)


def _told_person(value: str) -> Person:
    parts = components(value)
    return parts[0], authority(parts[8]), parts[12], parts[1], parts[2], parts[9]


def _institution(party: etree._Element) -> tuple[str, ...]:
    """Name, identifier and its authority; none for the patient, who writes for no structure."""
    organization = _one(party, "h:representedOrganization")
    if organization is None or _attribute(party, "h:id", "root").startswith(_NATIONAL):
        return ()
    known = [one for one in organization.findall("h:id", _NAMES) if one.get("root") and one.get("extension")]
    found = (known[0].get("extension", ""), known[0].get("root", "")) if known else ("", "")
    said = (_text(organization, "h:name"), *found)
    return said if any(said) else ()


def _authors(root: etree._Element) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for author in root.findall("h:author", _NAMES):
        party = _one(author, "h:assignedAuthor")
        if party is not None:
            role = _squeezed(_attribute(author, "h:functionCode", "displayName"))
            found.append((_person(party), _institution(party), _coded(party, "h:code"), role))
    return found


def _told_authors(entry: Thing) -> list[tuple[object, ...]]:
    return [_told_author(one) for one in entry.codes.get(ENTRY_AUTHOR, ())]


def _told_author(one: Code) -> tuple[object, ...]:
    persons, institutions, specialties, roles = (
        one.slots.get(name, ()) for name in ("authorPerson", "authorInstitution", "authorSpecialty", "authorRole")
    )
    institution = tuple(part for value in institutions for part in _told_institution(value))
    coded = frozenset((components(value)[0], components(value)[2]) for value in specialties)
    return _told_person(persons[0]) if persons else (), institution, coded, _squeezed(" ".join(roles))


def _told_institution(value: str) -> tuple[str, ...]:
    parts = components(value)
    return parts[0], parts[9], authority(parts[5])


def _signatory(root: etree._Element) -> list[Person]:
    found = [_one(one, "h:assignedEntity") for one in root.findall("h:legalAuthenticator", _NAMES)]
    return [_person(one) for one in found]


def _orders(root: etree._Element) -> frozenset[str]:
    found = root.findall("h:inFulfillmentOf/h:order/*", _NAMES)
    return frozenset(one.get("extension", "") for one in found if one.get("extension"))


def _told_orders(entry: Thing) -> frozenset[str]:
    return frozenset(components(one)[0] for one in entry.slots.get("urn:ihe:iti:xds:2013:referenceIdList", ()))


def _other_traits(root: etree._Element, entry: Thing) -> frozenset[str]:
    """The fields of sourcePatientInfo that are not those of the patient of the document."""
    patient = _one(root, "h:recordTarget/h:patientRole/h:patient")
    said = {
        field: value for field, _, value in (one.partition("|") for one in entry.slots.get("sourcePatientInfo", ()))
    }
    if patient is None:
        return frozenset(said)
    wanted = {
        "PID-7": _attribute(patient, "h:birthTime", "value")[: len("AAAAMMJJ")],
        "PID-8": _SEXES.get(_attribute(patient, "h:administrativeGenderCode", "code"), ""),
    }
    wrong = {field for field, value in wanted.items() if said.get(field, "") != value}
    if not _same_names(patient, said.get("PID-5", "")):
        wrong.add("PID-5")
    county = components(said.get("PID-11", ""))[8]
    if county not in {"", _text(patient, "h:birthplace/h:place/h:addr/h:county")}:
        wrong.add("PID-11")
    return frozenset(wrong)


def _same_names(patient: etree._Element, said: str) -> bool:
    """PID-5: the birth name once (`L`), and perhaps the one that is used (`D`)."""
    name = _one(patient, "h:name")
    if name is None:
        return not said
    families, given = ([*name.iterchildren(f"{{{HL7}}}{part}")] for part in ("family", "given"))
    used = {_squeezed(one.text or "") for one in families if _qualifiers(one) & _USED}
    born = [one for one in families if "BR" in _qualifiers(one)] or [
        one for one in families if not _qualifiers(one) & _USED
    ]
    birth = {_squeezed(one.text or "") for one in born} or used
    firsts = {_squeezed(one.text or "") for one in given}
    repetitions = [components(one) for one in said.split("~")]
    if [one[6] for one in repetitions].count("L") != 1:
        return False
    for one in repetitions:
        families_of = {"L": birth, "D": used | birth}.get(one[6], set())
        if one[0] not in families_of or not {one[1], one[2]} <= firsts | {""}:
            return False
    return True


def _qualifiers(element: etree._Element) -> frozenset[str]:
    return frozenset(element.get("qualifier", "").split())


_ROWS: Final[tuple[tuple[str, Callable[[etree._Element], object], Callable[[Thing], object]], ...]] = (
    ("title", lambda root: _text(root, "h:title"), lambda entry: _squeezed(entry.title)),
    (
        "languageCode",
        lambda root: _attribute(root, "h:languageCode", "code"),
        lambda entry: entry.slot("languageCode"),
    ),
    ("typeCode", lambda root: _coded(root, "h:code"), _classified(TYPE)),
    ("formatCode", _format, _classified(FORMAT)),
    ("healthcareFacilityTypeCode", lambda root: _coded(root, _FACILITY), _classified(FACILITY)),
    ("practiceSettingCode", lambda root: _coded(root, _INDUSTRY), _classified(PRACTICE)),
    ("eventCodeList", lambda root: _coded(root, "h:documentationOf/h:serviceEvent/h:code"), _classified(EVENTS)),
    ("sourcePatientId", _patient_number, _told_number),
    ("author", _authors, _told_authors),
    (
        "legalAuthenticator",
        _signatory,
        lambda entry: [_told_person(one) for one in entry.slots.get("legalAuthenticator", ())],
    ),
    ("referenceIdList", _orders, _told_orders),
)
"""The attributes that are compared as they stand: name, what the document says, what the metadata say."""
_TIMES: Final = {
    "creationTime": ("h:effectiveTime",),
    "serviceStartTime": (f"{_EVENT}/h:effectiveTime/h:low", f"{_EVENT}/h:effectiveTime"),
    "serviceStopTime": (f"{_EVENT}/h:effectiveTime/h:high",),
}
"""Times by their attribute: where they are written, the first place that has one."""
