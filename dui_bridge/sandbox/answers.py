"""The files in which a person writes how a stand-in is to answer, and when it is to fail."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from dui_bridge.declared import Problems, load, plain
from dui_bridge.errors import DeclarationInvalid
from dui_bridge.site import places


class Answers(BaseModel):
    """Base of such a file (YAML): each key a list, nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")


AnyAnswers = TypeVar("AnyAnswers", bound=Answers)


def read_answers(path: Path, form: type[AnyAnswers]) -> AnyAnswers:
    """What a file says.

    Raises:
        FileUnusable: it cannot be opened.
        DeclarationInvalid: it is no YAML, or has another form; each fault with its place.
    """
    written = load(path)
    try:
        return form.model_validate(plain(written))
    except ValidationError as error:
        problems = Problems(path.name)
        places.report(error, form, written, problems)
        raise DeclarationInvalid(path.name, problems.findings) from None
