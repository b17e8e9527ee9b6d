"""Every fact of a dossier is found by paths that know nothing of the builder: in the narrative and in an entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from lxml import etree

from dui_bridge.cda.xml import Element
from dui_bridge.model.accompagnement import TypeDocument
from tests.ips_dossiers import KINDS, MAXIMAL, built_ips

NS = {"h": "urn:hl7-org:v3", "pharm": "urn:ihe:pharm:medication"}
UNITS = {"mm[Hg]", "kg", "cm", "Cel", "/min", "%", "kg/m2"}


@dataclass(frozen=True)
class Fact:
    """What a reader finds on one row, and what a machine finds in the entry that points to that row.

    Args:
        section: LOINC code.
        row: texts of the row; the first is the label.
        attributes: (attribute, value) somewhere in the entry.
    """

    section: str
    row: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.section} {self.row[0]}"


def french(value: object) -> str:
    return "/".join(reversed(str(value).split("-")))


def compact(value: object) -> str:
    return str(value).replace("-", "")


def said(*parts: object) -> tuple[str, ...]:
    return tuple(str(part) for part in parts if part)


def facts() -> Iterator[Fact]:
    dotted = {"G309": "G30.9"}
    for problem in (*MAXIMAL.problemes, *MAXIMAL.antecedents):
        past = problem in MAXIMAL.antecedents or problem.statut == "resolu"
        code = dotted.get(problem.cim10 or "", problem.cim10)
        yield Fact(
            "11348-0" if past else "11450-4",
            said(problem.libelle, code, french(problem.debut or ""), french(problem.fin or ""), problem.commentaire),
            (
                *([("code", code), ("displayName", problem.libelle)] if code else []),
                *([("value", compact(problem.debut))] if problem.debut else []),
                *([("value", compact(problem.fin))] if problem.fin else []),
            ),
        )
    for allergy in MAXIMAL.allergies:
        yield Fact(
            "48765-2",
            said(allergy.libelle, allergy.atc, allergy.reaction, french(allergy.debut or ""), allergy.commentaire),
            (
                *([("code", allergy.atc)] if allergy.atc else []),
                *([("value", compact(allergy.debut))] if allergy.debut else []),
            ),
        )
    for taken in MAXIMAL.traitements:
        yield Fact(
            "10160-0",
            said(
                taken.libelle, taken.dci, taken.posologie, taken.atc, taken.cip13, taken.motif, taken.voie,
                french(taken.debut or ""), french(taken.fin or ""),
                f"{(taken.dose or '').replace('.', ',')} {taken.unite_dose}" if taken.dose else "",
            ),
            (
                *(("code", code) for code in (taken.atc, taken.cis, taken.cip13, taken.ucd) if code),
                *(("value", compact(day)) for day in (taken.debut, taken.fin) if day),
                *([("value", taken.dose)] if taken.dose else []),
            ),
        )  # fmt: skip
    for act in MAXIMAL.actes:
        coded = [("code", act.ccam), ("displayName", act.libelle)] if act.ccam else []
        yield Fact(
            "47519-4",
            said(act.libelle, act.ccam, french(act.date), act.commentaire),
            (*coded, ("value", compact(act.date))),
        )
    for device in MAXIMAL.dispositifs:
        yield Fact(
            "46264-8",
            said(device.libelle, device.emdn, french(device.pose or ""), french(device.retrait or "")),
            (
                *([("code", device.emdn)] if device.emdn else []),
                *(("value", compact(day)) for day in (device.pose, device.retrait) if day),
            ),
        )
    labels = {"poids": "Poids", "taille": "Taille", "temperature": "Température", "saturation_o2": "Saturation"}
    for sign in MAXIMAL.constantes:
        label = labels.get(sign.type.value)
        if label:
            yield Fact(
                "8716-3",
                said(label, sign.valeur.replace(".", ","), french(sign.date or "")),
                (("value", sign.valeur), *([("value", compact(sign.date))] if sign.date else [])),
            )
    for vaccination in MAXIMAL.vaccinations:
        yield Fact(
            "11369-6",
            said(vaccination.libelle, vaccination.atc, vaccination.lot, french(vaccination.date or "")),
            (
                *([("code", vaccination.atc)] if vaccination.atc else []),
                *([("value", compact(vaccination.date))] if vaccination.date else []),
                *([("value", str(vaccination.rang))] if vaccination.rang else []),
            ),
        )
    for directive in MAXIMAL.directives:
        if directive.existe:
            yield Fact(
                "42348-3",
                said("rédigées", french(directive.date), directive.lieu, directive.libelle),
                (("value", compact(directive.date)), ("value", "true")),
            )
    for grid, code in zip(MAXIMAL.autonomie, ("MED-340", "MED-341"), strict=True):
        yield Fact(
            "47420-5", said(f"GIR {grid.gir}", french(grid.date)), (("code", code), ("value", compact(grid.date)))
        )
        for variable in grid.variables:
            yield Fact("47420-5", said(variable.nom, variable.valeur), (("value", compact(grid.date)),))
    for cut in MAXIMAL.pathos:
        for word, text in (("coupe", cut.coupe), ("SMTI", cut.smti), ("PMP", cut.valeurs[0].valeur)):
            yield Fact("47420-5", said(f"PATHOS, {word}", text), (("value", compact(cut.date)),))


FACTS = tuple(facts())


@pytest.fixture(scope="module", params=KINDS)
def document(request: pytest.FixtureRequest) -> Element:
    kind: TypeDocument = request.param
    return etree.fromstring(built_ips(MAXIMAL, kind))


def elements(node: Element, path: str) -> list[Element]:
    found = node.xpath(path, namespaces=NS)
    assert isinstance(found, list)
    return [item for item in found if isinstance(item, etree._Element)]


def words(row: Element) -> str:
    return " | ".join("".join(cell.itertext()) for cell in elements(row, ".//h:content"))


@pytest.mark.parametrize("fact", FACTS, ids=str)
def test_a_fact_is_in_the_narrative_and_in_the_entry_that_points_to_it(document: Element, fact: Fact) -> None:
    (section,) = elements(document, f"//h:section[h:code/@code='{fact.section}']")
    rows = [row for row in elements(section, "h:text//h:tbody/h:tr") if all(text in words(row) for text in fact.row)]
    assert rows, f"no row says {fact.row}"
    pointing = [
        entry
        for row in rows
        for reference in elements(section, f"h:entry//h:text/h:reference[@value='#{row.get('ID')}']")
        for entry in [next(reference.iterancestors("{urn:hl7-org:v3}component", "{urn:hl7-org:v3}entry"))]
    ]
    held = [{(key, str(value)) for node in entry.iter() for key, value in node.attrib.items()} for entry in pointing]
    assert any(set(fact.attributes) <= attributes for attributes in held), f"no entry holds {fact.attributes}"


OFFICIALLY_NAMED = {"8716-3", "42348-3"}
"""Sections whose facts are told by the official display of their code, without an original text."""


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact.section not in OFFICIALLY_NAMED], ids=str)
def test_the_label_of_a_fact_is_what_an_original_text_of_its_entry_points_to(document: Element, fact: Fact) -> None:
    (section,) = elements(document, f"//h:section[h:code/@code='{fact.section}']")
    pointed = {str(node.get("value"))[1:] for node in elements(section, "h:entry//h:originalText/h:reference")}
    labels = ["".join(node.itertext()) for node in elements(section, "h:text//*[@ID]") if node.get("ID") in pointed]
    assert any(fact.row[0] in label for label in labels)


def test_every_alert_is_told() -> None:
    document = etree.fromstring(built_ips())
    (section,) = elements(document, "//h:section[h:code/@code='44944-7']")
    text = "".join(section.itertext())
    assert all(alert.libelle in text for alert in MAXIMAL.alertes)


def test_a_measure_that_is_not_sure_stays_in_words() -> None:
    document = etree.fromstring(built_ips())
    (value,) = elements(document, "//h:observation[h:code/@code='8462-4']/h:value")
    assert (value.get("nullFlavor"), value.get("value")) == ("OTH", None)
    units = {value.get("unit") for value in elements(document, "//h:organizer//h:value[@unit]")}
    assert units <= UNITS


def test_a_code_of_the_wrong_form_leaves_the_words() -> None:
    wrong = MAXIMAL.problemes[0].model_copy(update={"cim10": "ALZ"})
    document = etree.fromstring(built_ips(MAXIMAL.model_copy(update={"problemes": (wrong,)})))
    (value,) = elements(
        document, "//h:section[h:code/@code='11450-4']/h:entry/h:act//h:observation/h:value[h:originalText]"
    )
    assert value.get("code") is None
    assert "ALZ" not in etree.tostring(document, encoding="unicode")


@pytest.mark.parametrize(("per_day", "period"), [(1, ("1", "d")), (3, ("8", "h")), (4, ("6", "h")), (5, None)])
def test_a_rhythm_is_coded_only_when_it_is_one_of_whole_hours(per_day: int, period: tuple[str, str] | None) -> None:
    taken = MAXIMAL.traitements[0].model_copy(update={"prises_par_jour": per_day})
    document = etree.fromstring(built_ips(MAXIMAL.model_copy(update={"traitements": (taken,)})))
    found = [(node.get("value"), node.get("unit")) for node in elements(document, "//h:effectiveTime/h:period")]
    assert found == ([period] if period else [])
    assert f"{per_day} fois par jour" in "".join(document.itertext())
