"""Medicines that are taken, and vaccinations: FR-Traitement, FR-Vaccination, FR-Produit-de-sante.

Sources: IHE PCC Medications 1.3.6.1.4.1.19376.1.5.3.1.4.7, Immunizations …4.12, Product …4.7.2; CI-SIS, volet
Modèles de contenus CDA; E_produitDeSante_fr (the product's own code is a CIS, other codes are translations).
"""

from __future__ import annotations

import re
from typing import Final

from lxml.builder import ElementMaker

from dui_bridge.cda.ips.entry import (
    ACT_CODE,
    LOINC,
    XSI_TYPE,
    Ids,
    coded_with_words,
    comment,
    interval,
    original,
    point,
    related,
    templates,
    whole,
    words,
)
from dui_bridge.cda.ips.section import absence_key
from dui_bridge.cda.xml import E, Element, clean, coded
from dui_bridge.data.codes import Coded
from dui_bridge.data.ips import absence
from dui_bridge.data.terminologies import coded_in, dose_unit, route
from dui_bridge.model.clinique import Traitement, Vaccination
from dui_bridge.model.tableaux import Line, Table

PHARM: Final = "urn:ihe:pharm:medication"
P: Final = ElementMaker(namespace=PHARM, nsmap={"pharm": PHARM})

DRUG: Final = Coded("DRUG", ACT_CODE, "Médicament")
VACCINATION: Final = Coded("IMMUNIZ", ACT_CODE, "Vaccination sans autre précision")
RANK: Final = Coded("30973-2", LOINC, "Rang de la vaccination")

_NUMBER: Final = re.compile(r"\d+(\.\d+)?", re.ASCII)
_HOURS: Final = 24


def treatment_entries(table: Table[Traitement], ids: Ids) -> list[Element]:
    """One entry for each medicine, or one that says why there is none."""
    return [treatment(line, ids) for line in table.lines] or [no_treatment(table, ids)]


def treatment(line: Line[Traitement], ids: Ids) -> Element:
    """FR-Traitement: the medicine, when, how often, by which route, how much, why."""
    item = line.item
    return _administration(
        ids.make(line.key),
        coded("code", DRUG),
        whole(line),
        interval(item.debut, item.fin, ended=True, typed=True),
        *_frequency(line),
        *_route(line),
        *_dose(line),
        E.consumable(_product(line, item.cis, (("cip13", item.cip13), ("ucd", item.ucd)), *_substance(item))),
        *_reason(line, ids),
        *comment(line),
        *_if_needed(line),
    )


def no_treatment(table: Table[Traitement], ids: Ids) -> Element:
    """Nothing known, or not asked."""
    key = absence_key(table)
    words_ = E.originalText(E.reference(value=f"#{key}"))
    return _administration(
        ids.make(key),
        coded_with_words("code", absence(table.name, table.state), words_),
        E.text(E.reference(value=f"#{key}")),
        E.effectiveTime({XSI_TYPE: "IVL_TS"}, E.low(nullFlavor="NA"), E.high(nullFlavor="NA")),
        E.consumable(_no_product()),
    )


def immunization_entries(table: Table[Vaccination], ids: Ids) -> list[Element]:
    """One entry for each vaccination, or one that says that none is known."""
    return [immunization(line, ids) for line in table.lines] or [no_immunization(table, ids)]


def immunization(line: Line[Vaccination], ids: Ids) -> Element:
    """FR-Vaccination: the vaccine, its lot, when, which rank; negated when it was not done."""
    item = line.item
    lot = [E.lotNumberText(clean(item.lot))] if item.lot else []
    return _vaccination(
        ids.make(line.key),
        coded("code", VACCINATION),
        whole(line),
        point(item.date),
        E.consumable(_product(line, item.cis, (("cip13", item.cip13), ("atc", item.atc)), *lot), typeCode="CSM"),
        *_rank(line),
        *comment(line),
        negated=item.realisee is False,
    )


def no_immunization(table: Table[Vaccination], ids: Ids) -> Element:
    """None is known."""
    key = absence_key(table)
    words_ = E.originalText(E.reference(value=f"#{key}"))
    return _vaccination(
        ids.make(key),
        coded_with_words("code", absence(table.name, table.state), words_),
        E.text(E.reference(value=f"#{key}")),
        E.effectiveTime(nullFlavor="NA"),
        E.consumable(_no_product(), typeCode="CSM"),
    )


def _administration(entry_id: Element, code: Element, text: Element, *rest: Element) -> Element:
    return E.substanceAdministration(
        *templates(
            "2.16.840.1.113883.10.20.1.24",
            "1.3.6.1.4.1.19376.1.5.3.1.4.7",
            "1.2.250.1.213.1.1.3.42",
            "1.3.6.1.4.1.19376.1.5.3.1.4.7.1",
        ),
        entry_id,
        code,
        text,
        E.statusCode(code="completed"),
        *rest,
        classCode="SBADM",
        moodCode="EVN",
    )


def _vaccination(entry_id: Element, code: Element, text: Element, *rest: Element, negated: bool = False) -> Element:
    return E.substanceAdministration(
        *templates("2.16.840.1.113883.10.20.1.24", "1.3.6.1.4.1.19376.1.5.3.1.4.12", "1.2.250.1.213.1.1.3.45"),
        entry_id,
        code,
        text,
        E.statusCode(code="completed"),
        *rest,
        classCode="SBADM",
        moodCode="EVN",
        negationInd=str(negated).lower(),
    )


def _product(
    line: Line[Traitement] | Line[Vaccination],
    cis: str | None,
    others: tuple[tuple[str, str | None], ...],
    *rest: Element,
) -> Element:
    """FR-Produit-de-sante: coded by its CIS, else by words only; other codes are translations."""
    name = clean(line.item.libelle)
    translations = [
        coded("translation", found) for system, code in others if (found := coded_in(system, code, name)) is not None
    ]
    code = coded_with_words("code", coded_in("cis", cis, name), original(line, "libelle"), *translations)
    return _manufactured(E.manufacturedMaterial(code, E.name(name), *rest))


def _no_product() -> Element:
    return _manufactured(E.manufacturedMaterial(E.code(nullFlavor="NA"), E.name(nullFlavor="NA")))


def _manufactured(material: Element) -> Element:
    return E.manufacturedProduct(
        *templates("2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2", "1.2.250.1.213.1.1.3.43"),
        material,
        classCode="MANU",
    )


def _substance(item: Traitement) -> list[Element]:
    """The ATC class, named by the substance when it is recorded."""
    name = clean(item.dci) or clean(item.libelle)
    code = coded_in("atc", item.atc, name)
    if code is None:
        return []
    attributes = {"code": code.code, "codeSystem": code.system, "displayName": code.display}
    kind = P.generalizedMedicineClass(P.code(**attributes), P.name(name), classCode="MMAT")
    return [P.asSpecializedKind(kind, classCode="GRIC")]


def _frequency(line: Line[Traitement]) -> list[Element]:
    """How often, when it comes down to a period of whole hours; other rhythms stay in words."""
    times, every = line.item.prises_par_jour, line.item.intervalle_heures
    if times == 1:
        value, unit = "1", "d"
    elif times and times > 0 and _HOURS % times == 0:
        value, unit = str(_HOURS // times), "h"
    elif not times and every and every > 0:
        value, unit = str(every), "h"
    else:
        return []
    period = E.period(E.translation(original(line, "frequence")), value=value, unit=unit)
    by_the_day = {"institutionSpecified": "true"} if times else {}
    return [E.effectiveTime({XSI_TYPE: "PIVL_TS"}, period, operator="A", **by_the_day)]


def _route(line: Line[Traitement]) -> list[Element]:
    return [coded_with_words("routeCode", route(line.item.voie), original(line, "voie"))] if line.item.voie else []


def _dose(line: Line[Traitement]) -> list[Element]:
    """The dose of one intake, as a range with equal ends (E_medications_fr)."""
    item = line.item
    if not item.dose or not _NUMBER.fullmatch(item.dose):
        return []
    unit = dose_unit(item.unite_dose)
    attributes = {"value": item.dose, **({"unit": unit} if unit else {})}
    bounds = [E(tag, E.translation(original(line, "dose")), **attributes) for tag in ("low", "high")]
    return [E.doseQuantity(*bounds)]


def _reason(line: Line[Traitement], ids: Ids) -> list[Element]:
    """FR-Reference-interne: why it is taken, in words."""
    if not line.item.motif:
        return []
    act = E.act(
        *templates("1.3.6.1.4.1.19376.1.5.3.1.4.4.1", "1.2.250.1.213.1.1.3.36"),
        ids.make(f"{line.key}/motif"),
        E.code(original(line, "motif"), nullFlavor="NA"),
        classCode="ACT",
        moodCode="EVN",
    )
    return [related(act, "RSON")]


def _if_needed(line: Line[Traitement]) -> list[Element]:
    if not line.item.si_besoin:
        return []
    return [E.precondition(E.criterion(words(line, "si_besoin")))]


def _rank(line: Line[Vaccination]) -> list[Element]:
    if not line.item.rang:
        return []
    observation = E.observation(
        *templates("2.16.840.1.113883.10.20.1.46", "1.2.250.1.213.1.1.3.82"),
        coded("code", RANK),
        E.statusCode(code="completed"),
        E.value({XSI_TYPE: "INT"}, value=str(line.item.rang)),
        classCode="OBS",
        moodCode="EVN",
    )
    return [related(observation, "SUBJ")]
