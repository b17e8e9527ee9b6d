"""What the model's classes say of their fields, in the engine's terms."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from dui_bridge.model.dossier import Dossier
from dui_bridge.model.types import As, Modele

CHOICE: Final = "choice"
"""The default reading of a field with a closed list of values: the column must hold one of them."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a class of the model.

    Args:
        name: of the field.
        target: Python type of its value (of one element when it is a list); `str` for enumerations.
        is_list: it holds several.
        required: the class cannot be made without it.
        choices: the closed list of its values, if any.
        conversion: what reads it when a mapping names nothing; None for a class.
        kind: narrows the conversion.
    """

    name: str
    target: type
    is_list: bool
    required: bool
    choices: tuple[str, ...] = ()
    conversion: str | None = None
    kind: str = ""

    @property
    def model(self) -> type[Modele] | None:
        """Its class, when it holds objects."""
        return self.target if issubclass(self.target, Modele) else None

    def takes(self) -> tuple[str, str]:
        """What it takes, for a person: English, French."""
        if self.model is not None:
            return self.target.__name__, self.target.__name__
        return _WORDS.get(self.target, ("text", "texte"))


_WORDS: Final[dict[type, tuple[str, str]]] = {
    bool: ("yes or no", "oui ou non"),
    date: ("a date", "une date"),
    int: ("a whole number", "un nombre entier"),
}
_DEFAULTS: Final[dict[type, str]] = {bool: "oui_non", date: "date", int: "integer", str: "text"}


@cache
def fields_of(model: type[Modele]) -> Mapping[str, Field]:
    """Name → field."""
    found: dict[str, Field] = {}
    for name, info in model.model_fields.items():
        annotation: Any = info.annotation
        if info.metadata:
            annotation = Annotated[(annotation, *info.metadata)]
        found[name] = _field(name, annotation, info.is_required())
    return found


def _field(name: str, annotation: Any, required: bool) -> Field:
    found: As | None = None
    is_list = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *metadata = get_args(annotation)
            found = next((item for item in metadata if isinstance(item, As)), found)
        elif origin in (Union, types.UnionType):
            annotation = next(part for part in get_args(annotation) if part is not type(None))
        elif origin is tuple:
            annotation, is_list = get_args(annotation)[0], True
        else:
            break
    if origin is Literal:
        return Field(name, str, is_list, required, tuple(get_args(annotation)), CHOICE)
    if issubclass(annotation, Enum):
        return Field(name, str, is_list, required, tuple(str(item.value) for item in annotation), CHOICE)
    if found is not None:
        return Field(name, annotation, is_list, required, (), found.conversion, found.kind)
    return Field(name, annotation, is_list, required, (), _DEFAULTS.get(annotation))


TARGETS: Final[Mapping[str, Field]] = fields_of(Dossier)
"""The targets at the top of a mapping."""
