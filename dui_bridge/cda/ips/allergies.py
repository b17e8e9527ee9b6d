"""Allergies and intolerances: FR-Liste-des-allergies-et-hypersensibilites and FR-Allergie-ou-hypersensibilite.

Sources: IHE PCC Allergy and Intolerance Concern 1.3.6.1.4.1.19376.1.5.3.1.4.5.3, Allergies and Intolerances …4.6;
CI-SIS, volet Modèles de contenus CDA; JDV_TypeEvenementIndesirablePrevisible_CISIS.
"""

from __future__ import annotations

from typing import Final

from dui_bridge.cda.ips.entry import (
    SNOMED,
    Ids,
    coded_value,
    coded_with_words,
    comment,
    concern,
    interval,
    original,
    related,
    severity,
    status,
    templates,
    whole,
    words,
)
from dui_bridge.cda.ips.section import absence_key
from dui_bridge.cda.xml import E, Element, clean, coded
from dui_bridge.data.codes import Coded
from dui_bridge.data.ips import absence, allergy_type, value_of
from dui_bridge.data.terminologies import coded_in
from dui_bridge.model.clinique import Allergie
from dui_bridge.model.tableaux import Line, Table

REPORTED: Final = Coded("418799008", SNOMED, "symptôme rapporté par le patient ou le répondant")
RESOLVED: Final = "resolue"


def allergy_entries(table: Table[Allergie], ids: Ids) -> list[Element]:
    """One concern for each allergy, or one that says why there is none."""
    return [allergy_concern(line, ids) for line in table.lines] or [no_allergy(table, ids)]


def allergy_concern(line: Line[Allergie], ids: Ids) -> Element:
    """FR-Liste-des-allergies-et-hypersensibilites around one allergy; completed for a resolved one."""
    past = line.item.statut == RESOLVED
    return _concern(ids.make(line.key), allergy(line, ids), past, interval(line.item.debut, None, ended=past))


def allergy(line: Line[Allergie], ids: Ids) -> Element:
    """FR-Allergie-ou-hypersensibilite: kind, since when, agent, reaction, status."""
    item = line.item
    grade = [severity(line, value_of("allergie.gravite", item.gravite))] if item.gravite else []
    return _allergy(
        ids.make(f"{line.key}/allergie"),
        allergy_type(item.type, item.categorie),
        whole(line),
        interval(item.debut, None, typed=True),
        coded_value(None, original(line, "libelle")),
        agent(line),
        *([status(line, value_of("allergie.statut", item.statut))] if item.statut else []),
        *(reaction(line, ids, grade) if item.reaction else grade),
        *comment(line),
    )


def agent(line: Line[Allergie]) -> Element:
    """The substance: by its words, with its ATC class when it has one."""
    name = clean(line.item.libelle)
    return E.participant(
        E.participantRole(
            E.playingEntity(
                coded_with_words("code", coded_in("atc", line.item.atc, name), original(line, "libelle")),
                E.name(name),
                classCode="MMAT",
            ),
            classCode="MANU",
        ),
        typeCode="CSM",
    )


def reaction(line: Line[Allergie], ids: Ids, grade: list[Element]) -> list[Element]:
    """FR-Probleme as the manifestation, with its severity."""
    observation = E.observation(
        *templates(
            "2.16.840.1.113883.10.20.1.28",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5",
            "2.16.840.1.113883.10.20.1.54",
            "1.2.250.1.213.1.1.3.37",
        ),
        ids.make(f"{line.key}/reaction"),
        coded("code", REPORTED),
        words(line, "reaction"),
        E.statusCode(code="completed"),
        interval(line.item.debut, None, typed=True),
        coded_value(None, original(line, "reaction")),
        *grade,
        classCode="OBS",
        moodCode="EVN",
    )
    return [related(observation, "MFST")]


def no_allergy(table: Table[Allergie], ids: Ids) -> Element:
    """Nothing known, or not asked."""
    key = absence_key(table)
    observation = _allergy(
        ids.make(f"{key}/allergie"),
        allergy_type(None, None),
        E.text(E.reference(value=f"#{key}")),
        interval(None, None, typed=True),
        coded_value(absence(table.name, table.state), E.originalText(E.reference(value=f"#{key}"))),
    )
    return _concern(ids.make(key), observation, False, interval(None, None))


def _concern(entry_id: Element, observation: Element, past: bool, time: Element) -> Element:
    return concern(("1.3.6.1.4.1.19376.1.5.3.1.4.5.3", "1.2.250.1.213.1.1.3.40"), entry_id, observation, past, time)


def _allergy(entry_id: Element, kind: Coded, text: Element, time: Element, value: Element, *rest: Element) -> Element:
    return E.observation(
        *templates(
            "2.16.840.1.113883.10.20.1.18",
            "2.16.840.1.113883.10.20.1.28",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5",
            "1.3.6.1.4.1.19376.1.5.3.1.4.6",
            "1.2.250.1.213.1.1.3.41",
        ),
        entry_id,
        coded("code", kind),
        text,
        E.statusCode(code="completed"),
        time,
        value,
        *rest,
        classCode="OBS",
        moodCode="EVN",
        negationInd="false",
    )
