"""`ins nir`: what a number says, part by part."""

from __future__ import annotations

from collections.abc import Iterator

from dui_bridge.findings import Language
from dui_bridge.ins.nir import NirReading
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.reports.texts import text

_LABEL = 14


def nir_dict(reading: NirReading, language: Language) -> dict[str, Json]:
    """For machines; `key_valid` is null when no key was given or none can be computed."""
    place = reading.lieu
    return {
        "number": reading.normalised,
        "form_ok": reading.form_ok,
        "key_valid": reading.key_valid,
        "expected_key": None if reading.expected_key is None else f"{reading.expected_key:02d}",
        "sexe": reading.sexe,
        "annee": reading.annee,
        "mois": reading.mois,
        "departement": reading.departement,
        "lieu": None
        if place is None
        else {
            "cog": place.cog,
            "kind": str(place.kind),
            "nom": place.nom,
            "departement": place.departement,
            "known": place.known,
        },
        "ordre": reading.ordre,
        "nia_possible": reading.nia_possible,
        "corsica": reading.corsica,
        "listed_test": reading.listed_test,
        "notes": [
            {
                "code": one.rule.id,
                "severity": str(one.severity),
                "message": one.message(language),
                "remedy": one.remedy(language),
            }
            for one in reading.notes
        ],
    }


def nir_lines(reading: NirReading, language: Language) -> Iterator[str]:
    """For a terminal: the parts that the form gives, then what is wrong or worth knowing."""
    yield reading.normalised
    for key, value in _parts(reading, language):
        if value:
            yield f"  {text(f'nir_{key}', language):<{_LABEL}}{value}"
    for one in reading.notes:
        mark = "" if one.is_error else f" ({text(f'severity_{one.severity}', language)})"
        yield f"  {one.line(language)}{mark} [{one.rule.id}]"


def _parts(reading: NirReading, language: Language) -> Iterator[tuple[str, str]]:
    yield "form", text("nir_right" if reading.form_ok else "nir_wrong", language)
    if reading.key_valid is not None:
        yield "key", text("nir_right" if reading.key_valid else "nir_wrong", language)
    yield "sexe", reading.sexe or ""
    yield "annee", reading.annee or ""
    if reading.form_ok:
        yield "mois", f"{reading.mois:02d}" if reading.mois else text("nir_unknown", language)
    place = reading.lieu
    if place is not None:
        names = (place.cog, place.nom, place.departement and f"({place.departement})")
        yield "lieu", " ".join(filter(None, names))
    yield "ordre", reading.ordre or ""
