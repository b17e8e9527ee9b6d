"""Compiles a mapping to a plan, and checks all of it before a byte is read.

Goes on after a mistake, so that one pass tells every one of them, in the order of the file.
"""

from __future__ import annotations

from typing import Final

from dui_bridge.declared import Mapping, Node, Problems, Scalar
from dui_bridge.findings import Place, Severity, did_you_mean
from dui_bridge.mappings import rules
from dui_bridge.mappings.conditions import Condition, compile_where
from dui_bridge.mappings.document import MappingFile
from dui_bridge.mappings.fields import TARGETS
from dui_bridge.mappings.golden import declared_tests
from dui_bridge.mappings.ground import Ground, Spot
from dui_bridge.mappings.lists import Block, compile_parts
from dui_bridge.mappings.objects import compile_element, compile_field, compile_object
from dui_bridge.mappings.outcomes import compile_outcomes
from dui_bridge.mappings.plan import Plan, UsagerPlan
from dui_bridge.mappings.run import RowScope
from dui_bridge.mappings.scopes import ALL_SAFETY_FIELDS, DOCUMENT_LISTS
from dui_bridge.mappings.shape import SourceShape
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.dossier import DOCUMENT_NEEDS, IDENTITY_NEEDS
from dui_bridge.model.identite import Usager

__all__ = ["Plan", "compile_mapping"]

_USAGER_KEYS: Final = ("each", "left_out")
_INS_NEEDS: Final = (
    ("matricule", ("matricule",)),
    ("statut", ("statut",)),
    ("piece, qualifie_le or document", ("piece", "qualifie_le", "document")),
)


def compile_mapping(mapping: MappingFile, shape: SourceShape, problems: Problems, *, every_column: bool = True) -> Plan:
    """The plan of a mapping for a source. Findings go to `problems`, sorted by place.

    Args:
        every_column: a column neither used nor ignored is an error (`mapping check`); else a warning (a run).
    Returns:
        a plan to be applied only when `problems` has no error.
    """
    ground = Ground(problems, shape, mapping.tables, mapping.inherited)
    root = shape.root
    usager = _usager(mapping, ground)
    lists = {}
    documents: dict[str, tuple[Block, ...]] = {}
    for name, field in TARGETS.items():
        node = mapping.node.get(name)
        if node is None or not field.is_list:
            continue
        spot = Spot((f"{name}[]",), root, RowScope(root, 0))
        if name in DOCUMENT_LISTS:
            documents[name] = _document_blocks(name, node, spot, ground)
        else:
            value = compile_field(field, node, spot, ground)
            if value is not None:
                lists[name] = value
    outcomes = compile_outcomes(mapping.node.get("outcomes"), mapping.source, ground)
    declared_tests(mapping, problems)
    _check_safety(mapping, ground)
    _check_needs(mapping, ground)
    _check_columns(ground, Severity.ERROR if every_column else Severity.WARNING, mapping)
    _check_tables(mapping, ground)
    problems.findings.sort(key=lambda finding: _order(finding.at))
    return Plan(
        name=mapping.name,
        version=mapping.version,
        base=mapping.base,
        root=root,
        usager=usager,
        lists=lists,
        documents=documents,
        absent=dict(ground.absent),
        mapped=dict(ground.mapped),
        stay_aliases=_aliases(mapping.node.get("sejours")),
        used_columns={
            alias: frozenset(columns) for alias, columns in ground.used_columns.items() if alias in shape.aliases
        },
        below={alias: tuple(shape.below(alias).values()) for alias in shape.aliases},
        outcomes=outcomes,
    )


def _order(at: object) -> tuple[str, int, int]:
    return (at.file, at.line, at.column) if isinstance(at, Place) else ("", 0, 0)


def _usager(mapping: MappingFile, ground: Ground) -> UsagerPlan:
    root = ground.shape.root
    rows = RowScope(root, 0)
    spot = Spot(("usager",), root, rows)
    node = mapping.node.get("usager")
    leaf = ground.leaf(spot, node.place if node is not None else mapping.node.place)
    if not isinstance(node, Mapping):
        ground.problems.missing_key("usager", mapping.node.place)
        return UsagerPlan(lambda row, run: None, rows, leaf, leaf, {})
    ground.mapped["usager"] = node.place
    each = node.get("each")
    if each is None:
        ground.problems.missing_key("each", node.place)
    elif not (isinstance(each, Scalar) and each.text == root):
        name = each.text or "" if isinstance(each, Scalar) else ""
        ground.problems.add(rules.NOT_BELOW, each.place, name=name, alias="usager", known=root)
    left_out: dict[str, Condition] = {}
    named = node.get("left_out")
    if named is not None and not isinstance(named, Mapping):
        ground.problems.expected("{name: {COLUMN: [values]}}", "{nom: {COLONNE: [valeurs]}}", named.place)
    elif named is not None:
        for name, _, value in named.items():
            condition = compile_where(value, root, ground)
            if condition is not None:
                left_out[name] = condition
    read = compile_object(Usager, node, spot, ground, _USAGER_KEYS)
    establishment = rows.leaves.get("usager.etablissement", leaf)
    return UsagerPlan(read or (lambda row, run: None), rows, leaf, establishment, left_out)


def _document_blocks(name: str, node: Node, spot: Spot, ground: Ground) -> tuple[Block, ...]:
    ground.mapped[name] = node.place
    parts = compile_parts(TARGETS[name], node, spot, ground, compile_element)
    blocks = tuple(part for part in parts if isinstance(part, Block))
    if len(blocks) != len(parts):
        ground.problems.expected(
            "blocks with each: every document comes from a row",
            "des blocs avec each : chaque document vient d'une ligne",
            node.place,
        )
    return blocks


def _aliases(node: Node | None) -> frozenset[str]:
    """The aliases that blocks of a list name."""
    if node is None or isinstance(node, Scalar):
        return frozenset()
    blocks = [node] if isinstance(node, Mapping) else [item for item in node.items if isinstance(item, Mapping)]
    named = [block.get("each") for block in blocks]
    return frozenset(each.text for each in named if isinstance(each, Scalar) and each.text)


def _is_mapped(path: str, ground: Ground) -> bool:
    return any(f"{name}.".startswith(f"{path}.") for name in ground.mapped)


def _is_absent(path: str, ground: Ground) -> bool:
    return any(f"{path}.".startswith(f"{name}.") for name in ground.absent)


def _check_safety(mapping: MappingFile, ground: Ground) -> None:
    for path in ALL_SAFETY_FIELDS:
        top = path.partition(".")[0]
        if top in DOCUMENT_LISTS and top not in ground.mapped:
            continue
        below_absent = any(name.startswith(f"{path}.") for name in ground.absent)
        if not (_is_mapped(path, ground) or _is_absent(path, ground) or below_absent):
            ground.problems.add(rules.SAFETY_FIELD, ground.mapped.get(top, mapping.node.place), field=path)
    if _is_absent("usager.ins", ground) or "usager" not in ground.mapped:
        return
    for what, names in _INS_NEEDS:
        if not any(_is_mapped(f"usager.ins.{name}", ground) for name in names):
            at = ground.mapped.get("usager.ins", ground.mapped["usager"])
            ground.problems.add(rules.INS_INCOMPLETE, at, what=what, what_fr=what.replace(" or ", " ou "))


def _check_needs(mapping: MappingFile, ground: Ground) -> None:
    """Each document that the mapping asks for: the fields without which it cannot be made are mapped."""
    for name in DOCUMENT_LISTS:
        if name in ground.mapped:
            _check_paths("document", ("usager.etablissement",), ground.mapped[name], ground)
            break
    if "projets_personnalises" in ground.mapped:
        kind = TypeDocument.PROJET_PERSONNALISE
        _check_paths(kind.value, DOCUMENT_NEEDS[kind], ground.mapped["projets_personnalises"], ground)
    if "documents" in ground.mapped and "projets_personnalises" not in ground.mapped:
        _check_paths("document", IDENTITY_NEEDS, ground.mapped["documents"], ground)


def _check_paths(document: str, paths: tuple[str, ...], place: Place, ground: Ground) -> None:
    for path in paths:
        if not _is_mapped(path, ground):
            ground.problems.add(rules.NEEDED_FIELD, place, document=document, field=path)


def _check_columns(ground: Ground, severity: Severity, mapping: MappingFile) -> None:
    source = mapping.source
    for alias, shape in ground.shape.aliases.items():
        if shape.columns is None:
            continue
        place = shape.place or (source.place if source is not None else mapping.node.place)
        used = ground.used_columns.get(alias, set()) | shape.used | set(shape.pivot)
        used |= {*shape.key, *((shape.keep_last_by,) if shape.keep_last_by else ())}
        for column in shape.columns:
            if column not in used and column not in shape.ignored and column not in shape.forbidden:
                ground.problems.add(
                    rules.COLUMN_UNUSED, place, severity=severity, column=column, file=shape.file, alias=alias
                )
        for listed, columns in (("ignored", shape.ignored), ("forbidden", shape.forbidden)):
            for column in sorted(columns - set(shape.columns)):
                near, near_fr = did_you_mean(column, shape.columns), did_you_mean(column, shape.columns, "fr")
                ground.problems.add(
                    rules.LISTED_UNKNOWN, place, alias=alias, column=column, list=listed, near=near, near_fr=near_fr
                )


def _check_tables(mapping: MappingFile, ground: Ground) -> None:
    for name, table in mapping.tables.items():
        if name not in ground.used_tables and table.place.file not in mapping.inherited:
            ground.problems.add(rules.TABLE_UNUSED, table.place, name=name)
