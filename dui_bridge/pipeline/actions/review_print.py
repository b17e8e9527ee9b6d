"""`review list` for a terminal: one block a question, with the commands that answer it, type by type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby
from typing import Final

from dui_bridge.findings import Language
from dui_bridge.pipeline.actions.reviews import ANSWERS, Choice, Question
from dui_bridge.pipeline.policy.defaults import type_words
from dui_bridge.pipeline.policy.rules import ASK_HIDDEN
from dui_bridge.pipeline.reports.moments import moment
from dui_bridge.pipeline.reports.texts import text

_LABEL: Final = 12
_ORDER: Final = {"doubtful": 0, "person": 1, "ask": 2}
"""First what may already be somewhere, then what keeps whole dossiers back."""


@dataclass(frozen=True)
class ReviewPage:
    """Args:
    limit: how many of each type are shown, the oldest first; of the others their number.
    zone: in which times are shown.
    """

    limit: int
    zone: tzinfo
    language: Language

    def lines(self, questions: Sequence[Question]) -> Iterator[str]:
        """All of the page but its last line, which says how many there are."""
        ordered = sorted(questions, key=lambda one: (_ORDER[one.kind], one.doc_type, one.since))
        for (kind, doc_type), group in groupby(ordered, key=lambda one: (one.kind, one.doc_type)):
            found = list(group)
            of = f" {type_words(doc_type)[self.language == 'fr']}" if doc_type else ""
            yield f"{self._text(f'review_{kind}').upper()}{of} ({len(found)})"
            for one in found[: self.limit]:
                yield from self._block(one)
            if (more := len(found) - self.limit) > 0:
                narrower = f" --type {doc_type}" if doc_type else ""
                command = f"dui-bridge review list{narrower} --limit {len(found)}"
                yield f"  {self._text('review_more').format(number=more, command=command)}"
            yield ""

    def _block(self, one: Question) -> Iterator[str]:
        where = f" → {one.destination}" if one.destination else ""
        parts = (one.id, f"{self._text('dossier')} {one.number}", one.document, one.dated)
        yield f"  {'  '.join(filter(None, parts))}{where}"
        yield self._labelled("label_why", f"{one.asked.rstrip('.')} [{one.code}]")
        yield self._labelled("label_since", moment(one.since, self.zone, self.language))
        label = "label_todo"
        for answer, command in _commands(one):
            yield self._labelled(label, f"{self._text(f'answer_{answer}'):<{_LABEL}}dui-bridge {command}")
            label = ""

    def _labelled(self, key: str, words: str) -> str:
        return f"    {self._text(key) if key else '':<{_LABEL}}{words}"

    def _text(self, key: str) -> str:
        return text(key, self.language)


def _commands(one: Question) -> Iterator[tuple[str, str]]:
    """Each answer and what to type for it."""
    if one.kind == "person":
        yield "release", f"runs release {one.run}"
        yield "discard", f'runs discard {one.run} --reason "…"'
    for choice in ANSWERS[one.kind]:
        by = ' --by "…"' if choice is Choice.ALLOW and one.code == ASK_HIDDEN.id else ""
        yield choice.value, f'review {choice} {one.id} --reason "…"{by}'
