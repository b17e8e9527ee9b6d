"""Checks of what a document is: declaration, versions, order of the header, service event, encounter."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from dui_bridge.cda.header import CI_SIS, HL7_FRANCE
from dui_bridge.cda.xml import HL7, Element
from dui_bridge.validation import rules
from dui_bridge.validation.cda_document import (
    Hit,
    Hits,
    each,
    first,
    header_of,
    local_name,
    present,
    text_of,
)
from dui_bridge.validation.cda_values import code_hits, is_oid, person_id_hits, structure_id_hits, time_hits

ORDER: Final = (
    "realmCode",
    "typeId",
    "templateId",
    "id",
    "code",
    "title",
    "effectiveTime",
    "confidentialityCode",
    "languageCode",
    "setId",
    "versionNumber",
    "copyTime",
    "recordTarget",
    "author",
    "dataEnterer",
    "informant",
    "custodian",
    "informationRecipient",
    "legalAuthenticator",
    "authenticator",
    "participant",
    "inFulfillmentOf",
    "documentationOf",
    "relatedDocument",
    "authorization",
    "componentOf",
    "component",
)
"""The children of ClinicalDocument in the order of the schema."""

ONCE: Final = frozenset(
    {"typeId", "id", "code", "title", "effectiveTime", "confidentialityCode", "languageCode", "setId", "versionNumber"}
    | {"realmCode", "copyTime", "recordTarget", "custodian", "legalAuthenticator", "relatedDocument"}
    | {"componentOf", "component"}
)
XDS_SD: Final = "1.3.6.1.4.1.19376.1.2.20"
MASKING: Final = "1.2.250.1.213.1.1.4.13"
MASKING_CODES: Final = frozenset({"MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"})

_LANGUAGE: Final = re.compile(r"[a-z]{2}-[A-Z]{2}", re.ASCII)
_POSITIVE: Final = re.compile(r"[1-9]\d{0,9}", re.ASCII)


def check_order(root: Element) -> Hits:
    """Known elements, each in its turn, and once where once is asked for."""
    reached, seen = 0, set()
    for child in root:
        if not isinstance(child.tag, str) or not child.tag.startswith(f"{{{HL7}}}"):
            continue
        name = local_name(child)
        position = ORDER.index(name) if name in ORDER else -1
        if position < reached or (name in ONCE and name in seen):
            yield Hit(rules.MISPLACED, child, {"element": name})
        reached = max(reached, position)
        seen.add(name)


def check_declaration(root: Element) -> Hits:
    """realmCode to versionNumber."""
    if [element.get("code") for element in each(root, "realmCode")] != ["FR"]:
        yield Hit(rules.REALM, root)
    if [(e.get("root"), e.get("extension")) for e in each(root, "typeId")] != [
        ("2.16.840.1.113883.1.3", "POCD_HD000040")
    ]:
        yield Hit(rules.TYPE_ID, root)
    yield from _templates(root)
    yield from _ids(root)
    version = first(root, "versionNumber")
    if version is None or _POSITIVE.fullmatch(version.get("value", "")) is None:
        yield Hit(rules.VERSION, root if version is None else version)
    code = present(root, "code")
    if code is None:
        yield Hit(rules.TYPE_CODE, root, {"code": ""})
    yield from code_hits(code, "document_types", rules.TYPE_CODE)
    title = present(root, "title")
    if not text_of(title):
        yield Hit(rules.TITLE, root)
    effective = present(root, "effectiveTime")
    if effective is None:
        yield Hit(rules.TIME, root, {"element": "effectiveTime", "value": ""})
    yield from time_hits(effective, instant=True)
    language = first(root, "languageCode")
    if language is None or _LANGUAGE.fullmatch(language.get("code", "")) is None:
        yield Hit(rules.LANGUAGE, root if language is None else language)
    yield from _confidentiality(root)


def check_acts(root: Element) -> Hits:
    """documentationOf, relatedDocument, authorization, componentOf."""
    event = first(root, "documentationOf/serviceEvent")
    low = first(event, "effectiveTime/low")
    performers = [] if event is None else each(event, "performer")
    if low is None or not low.get("value") or [p.get("typeCode") for p in performers] != ["PRF"]:
        yield Hit(rules.SERVICE_EVENT, root if event is None else event)
    yield from time_hits(low, instant=True)
    for performer in performers:
        if first(performer, "assignedEntity/representedOrganization/standardIndustryClassCode") is None:
            yield Hit(rules.INDUSTRY, performer, {"code": ""})
    for performer in header_of(root, "performer"):
        yield from person_id_hits(first(performer, "assignedEntity/id"))
    for industry in header_of(root, "standardIndustryClassCode"):
        yield from code_hits(industry, "practice_settings", rules.INDUSTRY)
    yield from _related(root)
    for consent in each(root, "authorization/consent"):
        status = first(consent, "statusCode")
        if first(consent, "code") is None or status is None or status.get("code") != "completed":
            yield Hit(rules.CONSENT, consent)
    yield from _encounter(root)


def _templates(root: Element) -> Hits:
    roots = [element.get("root") for element in each(root, "templateId")]
    models = [oid for oid in roots if oid not in {HL7_FRANCE, CI_SIS}]
    if roots.count(HL7_FRANCE) != 1 or roots.count(CI_SIS) != 1 or not models:
        yield Hit(rules.TEMPLATES, root)
    if first(root, "component/nonXMLBody") is not None and models != [XDS_SD]:
        yield Hit(rules.TEMPLATES_LEVEL_1, root)


def _ids(root: Element) -> Hits:
    for name in ("id", "setId"):
        element = present(root, name)
        if element is None or not is_oid(element.get("root")):
            yield Hit(rules.ID, root if element is None else element, {"element": name})
        elif element.get("extension") is not None:
            yield Hit(rules.ID_EXTENSION, element, {"element": name})


def _confidentiality(root: Element) -> Hits:
    element = present(root, "confidentialityCode")
    if element is None:
        yield Hit(rules.CONFIDENTIALITY, root)
    yield from code_hits(element, "confidentiality", rules.CONFIDENTIALITY)
    for child in root:
        if child.tag != f"{{{HL7}}}component":
            for coded in child.iter():
                if coded.get("codeSystem") == MASKING or coded.get("code") in MASKING_CODES:
                    yield Hit(rules.MASKING, coded, {"code": coded.get("code", "")})


def _related(root: Element) -> Hits:
    for related in each(root, "relatedDocument"):
        parent = first(related, "parentDocument")
        ids = [] if parent is None else each(parent, "id")
        if (
            related.get("typeCode") != "RPLC"
            or parent is None
            or first(parent, "setId") is not None
            or len(ids) != 1
            or not is_oid(ids[0].get("root"))
        ):
            yield Hit(rules.RELATED_DOCUMENT, related)


def _encounter(root: Element) -> Hits:
    encounter = first(root, "componentOf/encompassingEncounter")
    facility = first(encounter, "location/healthCareFacility")
    if encounter is None or first(encounter, "effectiveTime") is None or facility is None:
        yield Hit(rules.ENCOUNTER, root if encounter is None else encounter)
    if encounter is None:
        return
    yield from code_hits(first(encounter, "code"), "encounters", rules.ENCOUNTER_CODE)
    for bound in ("low", "high"):
        yield from time_hits(first(encounter, f"effectiveTime/{bound}"), instant=False)
    for person in ("responsibleParty/assignedEntity/id", "encounterParticipant/assignedEntity/id"):
        yield from person_id_hits(first(encounter, person))
    if facility is not None:
        code = present(facility, "code")
        if code is None:
            yield Hit(rules.FACILITY, facility, {"code": ""})
        yield from code_hits(code, "facility_types", rules.FACILITY)
        yield from structure_id_hits(first(facility, "id"))


CHECKS: Final[tuple[Callable[[Element], Hits], ...]] = (check_order, check_declaration, check_acts)
