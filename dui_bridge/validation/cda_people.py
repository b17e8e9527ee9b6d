"""Checks of the people and structures of a header: author, custodian, authenticator, informants, participants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dui_bridge.cda.people import STRUCTURES
from dui_bridge.cda.xml import Element
from dui_bridge.data.codes import codes
from dui_bridge.validation import rules
from dui_bridge.validation.cda_document import Hit, Hits, each, first, header_of, local_name, present, text_of
from dui_bridge.validation.cda_values import PATIENT_HOST, code_hits, person_id_hits, structure_id_hits, time_hits

TELECOM_PREFIXES: Final = frozenset({"tel", "fax", "mailto", "http", "https", "ftp", "mllp"})
TELECOM_USES: Final = frozenset({"H", "HP", "HV", "WP", "DIR", "PUB", "EC", "MC", "PG"})
ADDRESS_USES: Final = frozenset({"H", "HP", "HV", "WP", "TMP"})
RELATED: Final = frozenset({"ECON", "NOK", "CON", "CAREGIVER", "PAT"})
NAMED: Final = ("assignedPerson", "relatedPerson", "associatedPerson", "guardianPerson")


def check_authors(root: Element) -> Hits:
    """Each author: time, identifier, person or device, profession."""
    authors = each(root, "author")
    if not authors:
        yield Hit(rules.AUTHOR, root)
    for author in authors:
        assigned, time = first(author, "assignedAuthor"), first(author, "time")
        ident = first(assigned, "id")
        if time is None or not time.get("value") or not _has_both(ident):
            yield Hit(rules.AUTHOR, author)
        yield from time_hits(time, instant=True)
        yield from person_id_hits(ident)
        bodies = (
            [] if assigned is None else each(assigned, "assignedPerson") + each(assigned, "assignedAuthoringDevice")
        )
        if len(bodies) != 1 or not _says_who(bodies[0]):
            yield Hit(rules.AUTHOR_NOBODY, author)
        yield from code_hits(first(assigned, "code"), "professions", rules.PROFESSION)


def check_responsible(root: Element) -> Hits:
    """dataEnterer, custodian, legalAuthenticator."""
    enterers = each(root, "dataEnterer")
    if len(enterers) > 1:
        yield Hit(rules.DATA_ENTERER, enterers[1])
    kept = present(root, "custodian/assignedCustodian/representedCustodianOrganization/id")
    if kept is None or kept.get("root") not in {STRUCTURES, PATIENT_HOST}:
        yield Hit(rules.CUSTODIAN, root if kept is None else kept)
    elif kept.get("root") == STRUCTURES:
        yield from structure_id_hits(kept)
    legal = first(root, "legalAuthenticator")
    entity, time, signature = (first(legal, name) for name in ("assignedEntity", "time", "signatureCode"))
    ident = present(entity, "id")
    if (
        legal is None
        or time is None
        or not time.get("value")
        or signature is None
        or signature.get("code") != "S"
        or not _has_both(ident)
    ):
        yield Hit(rules.LEGAL_AUTHENTICATOR, root if legal is None else legal)
    yield from time_hits(time, instant=True)
    yield from person_id_hits(ident)
    person = first(entity, "assignedPerson")
    if legal is not None and (person is None or not text_of(first(person, "name/family"))):
        yield Hit(rules.LEGAL_AUTHENTICATOR_NOBODY, legal)
    yield from code_hits(first(entity, "code"), "professions", rules.PROFESSION)


def check_others(root: Element) -> Hits:
    """informant, informationRecipient, participant; every function code."""
    for informant in each(root, "informant"):
        assigned, related = each(informant, "assignedEntity"), each(informant, "relatedEntity")
        named = related and related[0].get("classCode") in RELATED and first(related[0], "relatedPerson") is not None
        if len(assigned) + len(related) != 1 or (related and not named):
            yield Hit(rules.INFORMANT, informant)
        for entity in related:
            yield from code_hits(first(entity, "code"), "relations", rules.RELATION)
    for recipient in each(root, "informationRecipient/intendedRecipient"):
        if first(recipient, "informationRecipient") is None and first(recipient, "receivedOrganization") is None:
            yield Hit(rules.RECIPIENT, recipient)
    for participant in each(root, "participant"):
        associated = first(participant, "associatedEntity")
        if (
            participant.get("typeCode") not in codes("participations")
            or first(participant, "time") is None
            or associated is None
            or associated.get("classCode") not in {"PROV", "AGNT"}
        ):
            yield Hit(rules.PARTICIPANT, participant)
        yield from person_id_hits(first(associated, "id"))
        yield from code_hits(first(associated, "code"), "professions", rules.PROFESSION)
    for parent in ("author", "participant"):
        for function in each(root, f"{parent}/functionCode"):
            yield from code_hits(function, "functions", rules.FUNCTION)


def check_coordinates(root: Element) -> Hits:
    """Every name, telecom and address of the header."""
    for name in NAMED:
        for person in header_of(root, name):
            families = [family for family in each(person, "name/family") if text_of(family)]
            if not families or (len(families) > 1 and name != "guardianPerson"):
                yield Hit(rules.PERSON_NAME, person)
    for prefix in header_of(root, "prefix"):
        if text_of(prefix) not in codes("civilites").keys() | codes("titres").keys():
            yield Hit(rules.PREFIX, prefix, {"code": text_of(prefix)})
    for suffix in header_of(root, "suffix"):
        if text_of(suffix) not in codes("titres"):
            yield Hit(rules.SUFFIX, suffix, {"code": text_of(suffix)})
    for telecom in header_of(root, "telecom"):
        if not _is_telecom(telecom):
            yield Hit(rules.TELECOM, telecom)
    for address in header_of(root, "addr"):
        if not _is_address(address):
            yield Hit(rules.ADDRESS, address)
    for structure in ("representedOrganization", "receivedOrganization", "scopingOrganization"):
        for organization in header_of(root, structure):
            yield from structure_id_hits(first(organization, "id"))


def _has_both(ident: Element | None) -> bool:
    return ident is not None and bool(ident.get("root")) and bool(ident.get("extension"))


def _says_who(body: Element) -> bool:
    """Whether a person has a family name, or a device its model and its software."""
    if local_name(body) == "assignedPerson":
        return bool(text_of(first(body, "name/family")))
    return bool(text_of(first(body, "manufacturerModelName")) and text_of(first(body, "softwareName")))


def _is_telecom(telecom: Element) -> bool:
    if telecom.get("nullFlavor"):
        return telecom.get("value") is None
    prefix, _, rest = telecom.get("value", "").partition(":")
    return prefix in TELECOM_PREFIXES and bool(rest) and telecom.get("use") in {None, *TELECOM_USES}


def _is_address(address: Element) -> bool:
    if address.get("nullFlavor"):
        return True
    parts = [child for child in address if isinstance(child.tag, str) and not child.get("nullFlavor")]
    lines = [child for child in parts if local_name(child) == "streetAddressLine"]
    return (
        address.get("use") in {None, *ADDRESS_USES}
        and len(lines) in {0, len(parts)}
        and all(text_of(part) for part in parts)
        and bool(parts or text_of(address))
    )


CHECKS: Final[tuple[Callable[[Element], Hits], ...]] = (
    check_authors,
    check_responsible,
    check_others,
    check_coordinates,
)
