"""Reads rows of reference: one professional stands in thousands of dossiers, and is read and checked once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pydantic import ValidationError

from dui_bridge.mappings.run import Run
from dui_bridge.model.exchange import Row
from dui_bridge.model.types import Modele

_MOST_KEPT: Final = 4_096


class Reference:
    """Reads the rows that one lookup of a mapping finds.

    What a row gave is kept in the context of the run, but only while reading it did nothing else: a finding names the
    dossier, so a row with findings is read again for each.

    Args:
        model: the class of what is read.
        item: reads one row as a dict of its fields; None when all are blank.
    """

    def __init__(self, model: type[Modele], item: Callable[[Row, Run], object]) -> None:
        self._model = model
        self._item = item
        self._gives_code = "code_local" in model.model_fields

    def read(self, key: str, target: Row, run: Run) -> object:
        """An instance of the class, or the dict of its fields when the class refuses them."""
        kept = run.context.references
        known = kept.get((self, key))
        if known is not None and known[0] is target:
            return known[1]
        before, choices = _effects(run), run.choices
        run.asked_admission, run.choices = False, {}
        try:
            found = self._item(target, run)
        finally:
            own, run.choices = run.choices, choices
            choices.update(own)
        alone = _effects(run) == before and not own and not run.asked_admission
        if self._gives_code:
            found = {"code_local": key, **found} if isinstance(found, dict) else {"code_local": key}
        if not alone or not isinstance(found, dict):
            return found
        try:
            made = self._model.model_validate(found)
        except ValidationError:
            return found  # the list element or document that holds it says so
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[self, key] = (target, made)
        return made


def _effects(run: Run) -> tuple[int, ...]:
    """Sizes of what reading a value may add to. A lookup inside adds a row or a finding."""
    return len(run.findings), len(run.rows), len(run.marks), sum(run.not_selected.values())
