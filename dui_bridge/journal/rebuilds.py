"""Documents that a person wants made again although their record did not change.

What is asked for is asked of the version that stands: once a newer one stands, the wish is void by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dui_bridge.journal.access import Access
from dui_bridge.journal.keys import blind
from dui_bridge.journal.queries import selections, settings

_PREFIX: Final = "rebuild:"
_DIGITS: Final = 32
_ASKED: Final = "asked"


class Rebuilds:
    """Every method may raise a `JournalUnusable`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def candidates(
        self,
        source: str | None = None,
        finess: str | None = None,
        doc_type: str | None = None,
        item_id: int | None = None,
    ) -> list[str]:
        """The unique ids of the versions that stand of documents whose last reading says `would_differ`, and of those
        that could leave and do not open."""
        with self._access.reading() as connection:
            found = [
                *selections.would_differ(connection, source, finess, doc_type, item_id),
                *selections.damaged(connection, source, finess, doc_type, item_id),
            ]
            return list(dict.fromkeys(found))

    def ask(self, unique_ids: Sequence[str]) -> None:
        """Asks that the documents of these versions are made again, in one transaction."""
        with self._access.writing() as connection:
            for unique_id in unique_ids:
                settings.put(connection, self._name(unique_id), _ASKED)
                selections.forget_content(connection, unique_id)

    def asked(self, unique_id: str) -> bool:
        """Whether the document of which this version stands is to be made again. One indexed look-up."""
        with self._access.reading() as connection:
            return settings.value(connection, self._name(unique_id)) is not None

    def done(self, unique_id: str) -> None:
        """Forgets the wish, once a newer version was recorded."""
        with self._access.writing() as connection:
            settings.remove(connection, self._name(unique_id))

    def _name(self, unique_id: str) -> str:
        # Digested: the name of a setting is shorter than an OID may be.
        return _PREFIX + blind(self._access.key, "rebuild", unique_id)[:_DIGITS]
