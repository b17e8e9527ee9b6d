"""The parts of the JSON Schema of a mapping: the fields of the model, blocks, values, conditions, tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from dui_bridge.mappings import keywords
from dui_bridge.mappings.compile import _USAGER_KEYS
from dui_bridge.mappings.conditions import _EXPRESSION, _TYPED
from dui_bridge.mappings.conversion import Conversion, Parameter, ParameterKind
from dui_bridge.mappings.conversions import CONVERSIONS
from dui_bridge.mappings.expressions import MAX_LENGTH
from dui_bridge.mappings.fields import TARGETS, Field, fields_of
from dui_bridge.mappings.lists import _BLOCK_KEYS
from dui_bridge.mappings.objects import _LOOKUP_KEYS, _ONE_KEYS, DEFAULT_AUTHOR
from dui_bridge.mappings.scopes import ALL_SAFETY_FIELDS, DOCUMENT_LISTS
from dui_bridge.mappings.tables import _KEYS as _TABLE_KEYS
from dui_bridge.mappings.tables import ABSENT, LEFT_OUT
from dui_bridge.mappings.values import SOURCES, VALUE_KEYS
from dui_bridge.model.identite import Usager
from dui_bridge.model.names import synonyms
from dui_bridge.model.types import Modele

Schema: TypeAlias = dict[str, Any]

_SCALARS: Final = ["string", "number", "boolean"]
"""Every scalar is read as text, but an editor sees `3`, `07` or `true`."""
_TEXT: Final[Schema] = {"type": _SCALARS}
NAMED: Final[Schema] = {"type": _SCALARS, "minLength": 1}
_TEXTS: Final[Schema] = {"anyOf": [NAMED, {"type": "array", "items": NAMED}]}
_CELL: Final[Schema] = {"type": [*_SCALARS, "null"]}
_EXPRESSION_TEXT: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}
_MATCH: Final[Schema] = {"enum": ["exact", "folded"]}
_UNKNOWN: Final[Schema] = {"enum": ["refuse", "flag"]}
_WHERE: Final[Schema] = {"$ref": "#/$defs/where"}
_VALUE_FORMS: Final[Schema] = {
    "from": NAMED,
    "path": _EXPRESSION_TEXT,
    "table": NAMED,
    "unknown": _UNKNOWN,
    "match": _MATCH,
    "when": _WHERE,
    "mark": NAMED,
}
_BLOCK_FORMS: Final[Schema] = {
    "each": NAMED,
    "path": _EXPRESSION_TEXT,
    "where": _WHERE,
    "except": {"$ref": "#/$defs/except"},
    "unless_same_file_as": {"enum": list(DOCUMENT_LISTS)},
}
_OBJECT_FORMS: Final[Schema] = {
    "lookup": NAMED,
    "by": NAMED,
    "else": {"const": DEFAULT_AUTHOR},
    "one": NAMED,
    "where": _WHERE,
    "absent": NAMED,
}


def closed_map(properties: Mapping[str, Any], required: Iterable[str] = ()) -> Schema:
    """A closed map."""
    made: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    if listed := list(required):
        made["required"] = listed
    return made


def _described_in(section: str, forms: Mapping[str, Schema], texts: Mapping[str, str]) -> Schema:
    return {f"{section}.{key}": made for key, made in described(forms, forms, texts).items()}


def described(keys: Iterable[str], forms: Mapping[str, Schema], texts: Mapping[str, str]) -> Schema:
    """Key → its form with its text. A key of the compiler without either is a KeyError: no schema is made of it."""
    return {key: {**forms[key], "description": texts[key]} for key in keys}


def _has(*keys: str) -> Schema:
    """A map that holds one of the keys."""
    return {"type": "object", "anyOf": [{"required": [key]} for key in keys]}


def choose(cases: Iterable[tuple[Schema, Schema]], otherwise: Schema) -> Schema:
    """The schema of the first case that holds: one clear message, where `anyOf` would list every alternative."""
    made = otherwise
    for condition, then in reversed(list(cases)):
        made = {"if": condition, "then": then, "else": made}
    return made


def summary(model: type[Modele]) -> str:
    """What a class of the model is, in one line."""
    return (model.__doc__ or model.__name__).strip().splitlines()[0]


def _parameter(parameter: Parameter) -> Schema:
    forms: dict[ParameterKind, Schema] = {
        ParameterKind.COLUMN: NAMED,
        ParameterKind.COLUMNS: _TEXTS,
        ParameterKind.TEXTS: _TEXTS,
        ParameterKind.CHOICE: {"enum": list(parameter.choices)},
    }
    return {**forms[parameter.kind], "description": parameter.en}


def _may_be_absent() -> frozenset[tuple[type[Modele], str]]:
    """Class and field wherever `{absent: reason}` may stand: the safety fields, what is above and below them."""
    allowed = [f"{path}." for path in (*ALL_SAFETY_FIELDS, "usager.ins")]

    def below(model: type[Modele], path: str) -> Iterator[tuple[type[Modele], str]]:
        for name, field in fields_of(model).items():
            here = f"{path}{name}."
            if any(one.startswith(here) or here.startswith(one) for one in allowed):
                yield model, name
            if field.model is not None:
                yield from below(field.model, here)

    found = {pair for name, field in TARGETS.items() if field.model for pair in below(field.model, f"{name}.")}
    return frozenset(found)


class Definitions:
    """The `$defs`, made when they are first named."""

    def __init__(self) -> None:
        self.absent = _may_be_absent()
        self.choices: dict[tuple[str, ...], str] = {}
        typed_forms: Schema = {"before": NAMED, "after": NAMED, "formats": _TEXTS}
        typed = closed_map(described(_TYPED, typed_forms, keywords.CONDITION)) | {
            "anyOf": [{"required": ["before"]}, {"required": ["after"]}]
        }
        cells: Schema = {"anyOf": [_CELL, {"type": "array", "items": _CELL}]}
        expression = described((_EXPRESSION,), {_EXPRESSION: {"type": [*_SCALARS, "array"]}}, keywords.CONDITION)
        condition: Schema = {"type": "object", "minProperties": 1}
        codes: Schema = {"type": "object", "additionalProperties": _CELL}
        forms: Schema = {"codes": codes, "file": NAMED, "match": _MATCH, "unknown": _UNKNOWN}
        self.made: dict[str, Schema] = {
            **_described_in("value", _VALUE_FORMS, keywords.VALUE),
            **_described_in("block", _BLOCK_FORMS, keywords.BLOCK),
            **_described_in("object", _OBJECT_FORMS, keywords.OBJECT),
            "where": condition
            | {"properties": expression, "additionalProperties": choose([({"type": "object"}, typed)], cells)},
            "except": condition | {"properties": expression, "additionalProperties": cells},
            "absent": closed_map({"absent": {"$ref": "#/$defs/object.absent"}}, required=("absent",)),
            "table": closed_map(described(_TABLE_KEYS, forms, keywords.TABLE))
            | {"type": ["object", "null"], "not": {"required": ["codes", "file"]}},
        }

    def ref(self, name: str) -> Schema:
        if name not in self.made:
            raise KeyError(name)
        return {"$ref": f"#/$defs/{name}"}

    def usager(self) -> Schema:
        """The fields of the usager, beside `each` and `left_out`."""
        forms: Schema = {"each": NAMED, "left_out": {"type": "object", "additionalProperties": self.ref("where")}}
        own = described(_USAGER_KEYS, forms, keywords.USAGER)
        made = self._fields(Usager, own)
        return {**made, "required": ["each", *made.get("required", ())]}

    def target(self, field: Field) -> Schema:
        """A list at the top of the mapping."""
        if field.name in DOCUMENT_LISTS:
            block = self._named(f"{field.name}.block", lambda: self._block(field, _BLOCK_KEYS))
            return choose([({"type": "array"}, {"type": "array", "items": block})], block)
        top = any(path.startswith(f"{field.name}.") for path in ALL_SAFETY_FIELDS)
        made = self._several(field)
        return choose([(_has("absent"), self.ref("absent"))], made) if top else made

    def keys(self, section: str, keys: Iterable[str], own: Mapping[str, Schema], texts: Mapping[str, str]) -> Schema:
        """Keys of a part of the language: those with a form of their own here, the others as everywhere."""
        return {key: described((key,), own, texts)[key] if key in own else self.ref(f"{section}.{key}") for key in keys}

    def _named(self, name: str, make: Callable[[], Schema]) -> Schema:
        """A reference to a definition, made the first time."""
        if name not in self.made:
            self.made[name] = {}
            self.made[name] = make()
        return self.ref(name)

    def _fields(self, model: type[Modele], own: Schema | None = None) -> Schema:
        """The fields of a class under their names; other names are accepted and not proposed."""
        properties = dict(own or {})
        spellings: dict[str, list[str]] = {}
        for other, name in synonyms(model).items():
            if name in model.model_fields and other not in properties:
                spellings.setdefault(name, []).append(other)
        patterns: Schema = {}
        required: list[str] = []
        named_otherwise: list[Schema] = []
        for name, field in fields_of(model).items():
            made = self._several(field) if field.is_list else self._element(field)
            if (model, name) in self.absent:
                made = choose([(_has("absent"), self.ref("absent"))], made)
            properties[name] = made
            others = sorted(spellings.get(name, ()))
            if others:
                patterns[f"^(?:{'|'.join(map(re.escape, others))})$"] = made
            if field.required and others:
                named_otherwise.append({"anyOf": [{"required": [one]} for one in (name, *others)]})
            elif field.required:
                required.append(name)
        made = closed_map(properties, required)
        if patterns:
            made["patternProperties"] = patterns
        if named_otherwise:
            made["allOf"] = named_otherwise
        return made

    def _class(self, model: type[Modele]) -> Schema:
        return self._named(model.__name__, lambda: {"description": summary(model), **self._fields(model)})

    def _element(self, field: Field) -> Schema:
        """One value or object, as `compile_element` reads it."""
        model = field.model
        if model is None:
            return self._value(field)
        name = f"{model.__name__}.{field.conversion or 'element'}"
        return self._named(name, lambda: self._object_element(field, model))

    def _object_element(self, field: Field, model: type[Modele]) -> Schema:
        inner = self._class(model)
        item = {"item": inner}
        lookup = closed_map(self.keys("object", _LOOKUP_KEYS, item, keywords.OBJECT), required=("by", "item"))
        one = closed_map(self.keys("object", _ONE_KEYS, item, keywords.OBJECT), required=("item",))
        cases = [(_has("lookup"), lookup), (_has("one"), one)]
        if any(model in conversion.outputs for conversion in CONVERSIONS.values()) or model.SHORTHAND:
            cases.append((_has(*VALUE_KEYS), self._value(field)))
        if field.conversion or model.SHORTHAND:
            cases.append(({"not": {"type": "object"}}, NAMED))
        return choose(cases, inner)

    def _several(self, field: Field) -> Schema:
        """A list, as `compile_parts` reads it: one block or element, or a list of them."""
        element = self._element(field)
        part = self._named(f"{element['$ref'].rsplit('/', 1)[1]}.part", lambda: self._part(field, element))
        return choose([({"type": "array"}, {"type": "array", "items": part})], part)

    def _part(self, field: Field, element: Schema) -> Schema:
        cases = [(_has("each", "path"), self._block(field, _BLOCK_KEYS[:-1]))]
        if field.model is None:
            cases.insert(
                0, ({"type": "object", "required": ["path"], "not": {"required": ["item"]}}, self._found(field))
            )
        return choose(cases, element)

    def _found(self, field: Field) -> Schema:
        """`{path: …}` in a list of plain values: what is found is read as it is."""
        rows = self.keys("block", ("where", "except"), {}, keywords.BLOCK)
        return closed_map({**self._value_keys(field, _conversions(field), {}), **rows})

    def _block(self, field: Field, keys: tuple[str, ...]) -> Schema:
        own: Schema = {"item": self._element(field)}
        made = closed_map(self.keys("block", keys, own, keywords.BLOCK), required=("item",))
        return {**made, "oneOf": [{"required": ["each"]}, {"required": ["path"]}]}

    def _value(self, field: Field) -> Schema:
        """A column, or a value written as a map, as `compile_value` reads it."""
        read = field
        if field.model is not None and field.model.SHORTHAND and not field.conversion:
            read = fields_of(field.model)[field.model.SHORTHAND]
        known = tuple(dict.fromkeys((*_conversions(field), *_conversions(read))))
        kind = f"of.{field.target.__name__}" + ("" if read is field else f".{read.name}")
        name = kind
        if field.choices:
            name = f"of.{self.choices.setdefault(field.choices, field.name)}"
        elif (own := CONVERSIONS.get(read.conversion or "")) is not None and own.parameters:
            name += f".{own.name}"
        return self._named(name, lambda: self._value_or_column(read, known, name, kind))

    def _value_or_column(self, field: Field, known: tuple[Conversion, ...], name: str, kind: str) -> Schema:
        alternative = self.ref(name)
        if not field.choices:
            # What an alternative says goes with what it shares with the others, the conversion above all.
            alternative = self._named(f"{kind}.alternative", lambda: closed_map(self._value_keys(field, known, {})))
        made = closed_map(self._value_keys(field, known, alternative))
        made["oneOf"] = [{"required": [source]} for source in SOURCES]
        beside_table = dict.fromkeys(("codes", "match", "unknown", "as"), False)
        made["dependentSchemas"] = {"table": {"properties": beside_table}, **_owners(known, field.conversion)}
        scalar = {"anyOf": [{"enum": list(field.choices)}, NAMED]} if field.choices else NAMED
        return choose([({"type": "object"}, made)], scalar)

    def _value_keys(self, field: Field, known: tuple[Conversion, ...], alternative: Schema) -> Schema:
        constant: Schema = {"enum": list(field.choices)} if field.choices else _TEXT
        coded: Schema = {"enum": [*field.choices, ABSENT, LEFT_OUT, None]} if field.choices else _CELL
        own: Schema = {
            "value": constant,
            "first_of": {"type": "array", "minItems": 1, "items": choose([({"type": "object"}, alternative)], NAMED)},
            "as": {"enum": [conversion.name for conversion in known]},
            "codes": {"type": "object", "additionalProperties": coded},
        }
        keys = [key for key in VALUE_KEYS if key != "as" or known]
        parameters = {p.name: _parameter(p) for conversion in known for p in conversion.parameters}
        return {**self.keys("value", keys, own, keywords.VALUE), **parameters}


def _conversions(field: Field) -> tuple[Conversion, ...]:
    """What `as` may name for a field."""
    return tuple(one for one in CONVERSIONS.values() if field.target in one.outputs and not field.choices)


def _owners(known: tuple[Conversion, ...], default: str | None) -> Schema:
    """Parameter → the conversions beside which it stands. In `first_of`, which shares keys, it is not told."""
    found: Schema = {}
    for parameter in dict.fromkeys(p.name for conversion in known for p in conversion.parameters):
        owners = [one.name for one in known if any(p.name == parameter for p in one.parameters)]
        told: Schema = {"properties": {"as": {"enum": owners}}}
        if default not in owners:
            told["required"] = ["as"]
        found[parameter] = {"anyOf": [told, {"required": ["first_of"]}]}
    return found
