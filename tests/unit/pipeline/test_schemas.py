"""The schemas help in an editor: they accept what the bridge reads, and show a slip where it stands."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from dui_bridge.declared import load, plain
from dui_bridge.pipeline.schemas import SCHEMAS

CHECKOUT = Path(__file__).parents[3]
SAMPLE = CHECKOUT / "samples" / "atlas-ph" / "atlas-ph.yaml"
BASE = CHECKOUT / "dui_bridge" / "data" / "mappings" / "medico-social" / "ph.yaml"
EXAMPLE = CHECKOUT / "config" / "bridge.yaml"
RULES = CHECKOUT / "config" / "site-rules.yaml"

MAPPING = Draft202012Validator(SCHEMAS["mapping"]())
SITE = Draft202012Validator(SCHEMAS["site"]())
POLICY = Draft202012Validator(SCHEMAS["policy"]())


class Editor(yaml.SafeLoader):
    """YAML 1.2, as editors read it: `3` is a number, `on` and `NO` are texts."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # as PyYAML declares it


Editor.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), ["t", "f"])
Editor.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^\d+(?:\.\d+)?$"), list("0123456789"))
Editor.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(?:null|~|)$"), ["n", "~", ""])


def as_editor(text: str) -> Any:
    return yaml.load(text, Loader=Editor)  # a SafeLoader


def slips(validator: Draft202012Validator, value: Any) -> list[str]:
    """`path: message` of everything that the schema refuses."""
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(value)]


@pytest.mark.parametrize("validator", [MAPPING, SITE, POLICY])
def test_a_schema_is_one(validator: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(validator.schema)


@pytest.mark.parametrize("read", [lambda path: plain(load(path)), lambda path: as_editor(path.read_text("utf-8"))])
@pytest.mark.parametrize(("validator", "file"), [(MAPPING, SAMPLE), (MAPPING, BASE), (SITE, EXAMPLE), (POLICY, RULES)])
def test_the_files_of_the_project_are_accepted(
    validator: Draft202012Validator, file: Path, read: Callable[[Path], Any]
) -> None:
    assert slips(validator, read(file)) == []


@pytest.mark.parametrize(
    "usager",
    [
        "identifiant_local: 07",
        "identifiant_local: {value: 3}",
        "{identifiantLocal: N, nomNaissance: NOM}",
        "{identifiant_local: N, nom_naissance: {first_of: [A, {from: B, mark: presumed}, {path: c.d}], as: upper}}",
        "{identifiant_local: N, commentaire: {first_of: [A, {from: B, formats: [JJ/MM/AA]}], as: date}}",
        "{identifiant_local: N, date_naissance: {from: D, partial: keep}}",
        "{identifiant_local: N, telephones: [T1, {from: T2}, {path: 'tel[].n', where: {kind: [T]}}]}",
        "{identifiant_local: N, telephones: T1}",
        "{identifiant_local: N, sexe: M}",
        "{identifiant_local: N, sexe: {from: S, codes: {'1': M, '': absent}, unknown: flag}}",
        "{identifiant_local: N, situation_familiale: {from: S, table: situation}}",
        "{identifiant_local: N, situation_familiale: {code: S, libelle: L}}",
        "{identifiant_local: N, ins: {one: \"ids[?type=='INS']\", item: {matricule: value}}}",
        "{identifiant_local: N, ins: {absent: not yet}, oppositions: {dmp: O, mssante_pro: {absent: no}}}",
        "{identifiant_local: N, consentements: {information_dmp: {accorde: A, le: {absent: no}}}}",
        "{identifiant_local: N, entourage: [{each: c, item: {nom: N, role: mandataire}}, {nom: REF}]}",
        "{identifiant_local: N, left_out: {gone: {FIN: {before: today}, expression: 'a == b'}}}",
    ],
)
def test_what_the_language_allows_is_accepted(usager: str) -> None:
    fields = as_editor(usager if usager.startswith("{") else f"{{{usager}}}")

    assert slips(MAPPING, {"mapping": "m", "version": 1, "usager": {"each": "u", **fields}}) == []


@pytest.mark.parametrize(
    ("usager", "slip"),
    [
        ("{}", "usager: "),
        ("{identifiant_local: [A, B]}", "['A', 'B'] is not of type"),
        ("{identifiant_local: {}}", "usager.identifiant_local"),
        ("{identifiant_local: {from: A, value: B}}", "usager.identifiant_local"),
        ("{identifiant_local: N, nom: NOM}", "usager: 'nom' does not match"),
        ("{identifiant_local: N, archive: {from: A, as: yes_no}}", "'yes_no' is not one of"),
        ("{identifiant_local: N, archive: {from: A, as: rpps}}", "'rpps' is not one of"),
        ("{identifiant_local: N, date_naissance: {from: D, fromats: [AAAA]}}", "'fromats' was unexpected"),
        ("{identifiant_local: N, date_naissance: {from: D, century: brith}}", "'brith' is not one of"),
        ("{identifiant_local: N, date_naissance: {first_of: [{from: D, fromats: [A]}]}}", "'fromats' was unexpected"),
        ("{identifiant_local: N, nom_naissance: {from: D, formats: [AAAA]}}", "nom_naissance"),
        ("{identifiant_local: N, lieu_naissance: {from: L, cog: C}}", "lieu_naissance"),
        ("{identifiant_local: N, sexe: {from: S, as: upper}}", "'as' was unexpected"),
        ("{identifiant_local: N, sexe: {from: S, codes: {'1': H}}}", "'H' is not one of"),
        ("{identifiant_local: N, sexe: {from: S, table: t, unknown: flag}}", "sexe"),
        ("{identifiant_local: N, nom_usage: {absent: no}}", "'absent' was unexpected"),
        ("{identifiant_local: N, ins: INS}", "'INS' is not of type 'object'"),
        ("{identifiant_local: N, entourage: {each: c}}", "'item' is a required property"),
        ("{identifiant_local: N, entourage: {each: c, item: {nom: N}, keep: x}}", "'keep' was unexpected"),
        ("{identifiant_local: N, entourage: {each: c, except: {L: {after: today}}, item: {nom: N}}}", "except.L"),
        ("{identifiant_local: N, left_out: {gone: [FIN]}}", "left_out.gone"),
    ],
)
def test_a_slip_is_refused_where_it_stands(usager: str, slip: str) -> None:
    found = slips(MAPPING, {"mapping": "m", "version": 1, "usager": {"each": "u", **as_editor(usager)}})

    assert any(slip in line for line in found), found


NAMED_BY_THE_WRITER = {
    *("tables", "codes", "files", "ignored", "forbidden", "left_out", "sans_sejour"),
    *("where", "except", "when", "columns", "pivot"),
}
"""Keys below which the writer of a mapping chooses the names."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every key that the language gives."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not path or path[-1] not in NAMED_BY_THE_WRITER:
                yield (*path, key)
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def test_every_key_of_the_sample_is_refused_when_it_is_misspelt() -> None:
    sample = as_editor(SAMPLE.read_text("utf-8"))
    accepted = []
    for path in places(sample):
        misspelt = {key: copy.deepcopy(sample[key]) for key in ("mapping", "version", path[0])}
        at = misspelt
        for step in path[:-1]:
            at = at[step]
        at[f"{path[-1]}x"] = at.pop(path[-1])
        if MAPPING.is_valid(misspelt):
            accepted.append(".".join(map(str, path)))

    assert accepted == []


def test_a_text_of_a_site_file_that_looks_like_a_number_is_accepted() -> None:
    site = as_editor(EXAMPLE.read_text("utf-8"))
    site["software"] |= {"version": 2.3}
    site["establishments"][0] |= {"finess": 10000024, "local_codes": [7]}

    assert slips(SITE, site) == []


@pytest.mark.parametrize(
    ("change", "slip"),
    [
        ({"establishments": []}, "establishments"),
        ({"profil": "sandbox"}, "'profil' was unexpected"),
        ({"profile": "test"}, "'test' is not one of"),
        ({"destinations": {"archive": {"kind": "file", "paht": "x"}}}, "destinations.archive"),
    ],
)
def test_a_slip_in_a_site_file_is_refused(change: dict[str, Any], slip: str) -> None:
    found = slips(SITE, {**as_editor(EXAMPLE.read_text("utf-8")), **change})

    assert any(slip in line for line in found), found
