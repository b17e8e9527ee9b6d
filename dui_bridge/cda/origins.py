"""Which value of the dossier stands where in a document that we built: XPath → model path.

The table follows `header`, `patient` and `people`, which write the elements; the XPaths have no prefixes and no `[1]`
(`/ClinicalDocument/informant[2]/relatedEntity/code`). What comes from the site's configuration is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, TypeAlias

from dui_bridge.cda.content import HeaderContent
from dui_bridge.cda.header import informing
from dui_bridge.cda.patient import guardians
from dui_bridge.cda.people import address, name_part, telecoms
from dui_bridge.cda.xml import Element
from dui_bridge.model.accompagnement import Professionnel, Signataire
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.identite import Adresse, Contact, Usager
from dui_bridge.model.types import Modele

Pairs: TypeAlias = Iterator[tuple[str, str]]
"""XPath, model path."""

DOCUMENT: Final = "/ClinicalDocument"
_ROLE: Final = f"{DOCUMENT}/recordTarget/patientRole"
_PATIENT: Final = f"{_ROLE}/patient"
_EVENT: Final = f"{DOCUMENT}/documentationOf/serviceEvent"
_STAY: Final = f"{DOCUMENT}/componentOf/encompassingEncounter/effectiveTime"
_NAMES: Final = (
    ("family", "nom_naissance"),
    ("given", "prenoms"),
    ("given", "premier_prenom"),
    ("family", "nom_usage"),
    ("given", "prenom_utilise"),
)
_WRITTEN_DAYS: Final = ("date_redaction", "date", "date_validation")
_SIGNATORIES: Final = (Signataire.DIRECTION, Signataire.PROFESSIONNEL)


def model_paths(dossier: Dossier, item: Modele, path: str, content: HeaderContent) -> dict[str, str]:
    """Where the values of a document come from in the dossier.

    Args:
        item: what of the dossier became the document.
        path: its model path (`projets_personnalises[0]`).
        content: the header that was written, of the same dossier.
    """
    pairs = (_item(item, path, content), _usager(content), _team(dossier, item, path, content), _stay(dossier, content))
    return {xpath: model for part in pairs for xpath, model in part}


def _item(item: Modele, path: str, content: HeaderContent) -> Pairs:
    dates = content.dates
    signed = [
        (f"signatures[{i}].le", signature.le)
        for who in _SIGNATORIES
        for i, signature in enumerate(getattr(item, "signatures", ()))
        if signature.qui is who
    ]
    validated, written = _days(item, ("date_validation",)), _days(item, _WRITTEN_DAYS)
    if hasattr(item, "titre"):
        yield f"{DOCUMENT}/title", f"{path}.titre"
    for xpath, day, candidates in (
        (f"{DOCUMENT}/effectiveTime", dates.effective, [*signed, *validated, *written]),
        (f"{DOCUMENT}/legalAuthenticator/time", dates.effective, [*signed, *validated, *written]),
        (f"{DOCUMENT}/author/time", dates.written, [*written, *signed]),
        (f"{_EVENT}/effectiveTime", dates.service_start, [*_days(item, ("date_debut",)), *written, *signed]),
    ):
        yield from ((xpath, f"{path}.{name}") for name in _first(day, candidates))
    if hasattr(item, "fichier"):
        yield f"{DOCUMENT}/component/nonXMLBody", f"{path}.fichier"


def _days(item: Modele, names: Iterable[str]) -> list[tuple[str, date | None]]:
    return [(name, getattr(item, name, None)) for name in names]


def _first(day: date, candidates: Iterable[tuple[str, date | None]]) -> list[str]:
    """The first name with that day: its own rule chose it, or one that says the same."""
    return [name for name, value in candidates if value == day][:1]


def _usager(content: HeaderContent) -> Pairs:
    usager = content.usager
    yield f"{DOCUMENT}/recordTarget", "usager"
    ids = [*(["usager.ins.matricule"] if content.ins else []), "usager.identifiant_local"]
    yield from ((_nth(f"{_ROLE}/id", number), path) for number, path in enumerate(ids))
    yield from _addresses(_ROLE, "usager.adresses", usager.adresses, "H")
    yield from _telecoms(_ROLE, "usager", usager.telephones, usager.courriels, "H", content)
    yield from _name(usager)
    yield f"{_PATIENT}/administrativeGenderCode", "usager.sexe"
    yield f"{_PATIENT}/birthTime", "usager.date_naissance"
    yield f"{_PATIENT}/deceasedInd", "usager.decede"
    yield f"{_PATIENT}/deceasedTime", "usager.date_deces"
    yield f"{_PATIENT}/multipleBirthOrderNumber", "usager.ordre_naissance"
    yield f"{_PATIENT}/birthplace", "usager.lieu_naissance"
    yield f"{_PATIENT}/birthplace/place/addr/county", "usager.lieu_naissance.cog"
    yield f"{_PATIENT}/birthplace/place/addr/city", "usager.lieu_naissance.libelle"
    for number, contact in enumerate(guardians(usager, content.dates.effective)):
        base, path = _nth(f"{_PATIENT}/guardian", number), _entourage(usager, contact)
        yield from _contact(base, path, contact, "WP" if contact.organisme else "H", content)
        if contact.organisme:
            yield f"{base}/guardianOrganization", f"{path}.organisme"
        else:
            yield from _person_name(f"{base}/guardianPerson/name", path)
    for number, (contact, _) in enumerate(informing(usager)):
        base, path = f"{_nth(f'{DOCUMENT}/informant', number)}/relatedEntity", _entourage(usager, contact)
        yield f"{base}/code", f"{path}.lien"
        yield from _contact(base, path, contact, "H", content)
        yield from _person_name(f"{base}/relatedPerson/name", path)


def _name(usager: Usager) -> Pairs:
    counts = {"family": 0, "given": 0}
    for tag, field in _NAMES:
        value = usager.premier_prenom_effectif if field == "premier_prenom" else getattr(usager, field)
        if name_part(value):
            derived = field == "premier_prenom" and not usager.premier_prenom
            yield _nth(f"{_PATIENT}/name/{tag}", counts[tag]), f"usager.{'prenoms' if derived else field}"
            counts[tag] += 1


def _entourage(usager: Usager, contact: Contact) -> str:
    return f"usager.entourage[{next(i for i, one in enumerate(usager.entourage) if one is contact)}]"


def _contact(base: str, path: str, contact: Contact, use: str, content: HeaderContent) -> Pairs:
    yield base, path
    yield f"{base}/addr", f"{path}.adresse"
    yield from _telecoms(base, path, contact.telephones, contact.courriels, use, content)


def _person_name(base: str, path: str) -> Pairs:
    yield f"{base}/prefix", f"{path}.civilite"
    yield f"{base}/given", f"{path}.prenom"
    yield f"{base}/family", f"{path}.nom"


def _team(dossier: Dossier, item: Modele, path: str, content: HeaderContent) -> Pairs:
    members = [(f"equipe[{i}]", member.professionnel) for i, member in enumerate(dossier.equipe)]
    doctors = [
        (f"medecins_traitants[{i}]", doctor.professionnel) for i, doctor in enumerate(dossier.medecins_traitants)
    ]
    if content.author is getattr(item, "auteur", None):
        author = f"{path}.auteur"
        yield from _professional(f"{DOCUMENT}/author/assignedAuthor", "assignedPerson", author, content.author)
        yield from _professional(f"{_EVENT}/performer/assignedEntity", "assignedPerson", author, content.author)
    doctor = content.referring_doctor
    for owner, person in (*doctors, *members):
        if doctor is not None and person is doctor.professionnel:
            base = f"{DOCUMENT}/participant"
            yield f"{base}/time", f"{owner}.debut"
            entity, own = f"{base}/associatedEntity", f"{owner}.professionnel"
            yield from _professional(entity, "associatedPerson", own, person)
            numbers = enumerate(content.referring_doctor_phones)
            called = ((f"{owner}.telephones[{i}]", e) for i, number in numbers for e in telecoms([number], [], "WP"))
            mailed = ((f"{own}.courriel_mss", e) for e in telecoms([], [person.courriel_mss or ""], "WP"))
            yield from _numbered(f"{entity}/telecom", (*called, *mailed))
            return


def _professional(base: str, person: str, path: str, value: Professionnel) -> Pairs:
    yield base, path
    yield f"{base}/id", f"{path}.{'rpps' if value.rpps else 'code_local'}"
    yield f"{base}/code", f"{path}.profession"
    yield f"{base}/telecom", f"{path}.courriel_mss"
    yield from _person_name(f"{base}/{person}/name", path)


def _stay(dossier: Dossier, content: HeaderContent) -> Pairs:
    for number, sejour in enumerate(dossier.sejours):
        if sejour is content.sejour:
            path = f"sejours[{number}]"
            yield _STAY, path
            yield f"{_STAY}/low", f"{path}.{'date_entree' if sejour.date_entree else 'date_admission'}"
            yield f"{_STAY}/high", f"{path}.date_sortie"


def _addresses(base: str, path: str, values: Sequence[Adresse], use: str) -> Pairs:
    written = ((f"{path}[{i}]", element) for i, value in enumerate(values) for element in address(value, use))
    return _numbered(f"{base}/addr", written)


def _telecoms(
    base: str, path: str, phones: Sequence[str], mails: Sequence[str], use: str, content: HeaderContent
) -> Pairs:
    # Only the usager's own mail may be that of their INS, as in `patient.record_target`.
    ins = content.ins if path == "usager" else None
    called = ((f"{path}.telephones[{i}]", e) for i, one in enumerate(phones) for e in telecoms([one], [], use))
    mailed = ((f"{path}.courriels[{i}]", e) for i, one in enumerate(mails) for e in telecoms([], [one], use, ins))
    return _numbered(f"{base}/telecom", (*called, *mailed))


def _numbered(base: str, written: Iterable[tuple[str, Element]]) -> Pairs:
    """The places of repeated elements; equal ones are written once (see `people`)."""
    seen: set[tuple[object, ...]] = set()
    for path, element in written:
        said = (*sorted(element.attrib.items()), *((child.tag, child.text) for child in element))
        if said not in seen:
            yield _nth(base, len(seen)), path
            seen.add(said)


def _nth(xpath: str, number: int) -> str:
    return f"{xpath}[{number + 1}]" if number else xpath
