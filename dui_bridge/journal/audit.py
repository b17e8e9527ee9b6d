"""Who did what, when and from where, in rows of which none can be changed or taken away unseen.

Each row carries an HMAC over its content and the digest of the row before. The last one is also named in `setting`,
under a digest of its own, so that rows cut off at the end are missed. The key is derived from the master key, which is
not in the database. What cannot be seen from within is a whole journal that was put back to an earlier state.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, RowMapping

from dui_bridge.journal.access import Access
from dui_bridge.journal.control_records import AuditEntry
from dui_bridge.journal.keys import blind, derive
from dui_bridge.journal.lock import number
from dui_bridge.journal.queries import audit as queries
from dui_bridge.journal.queries import locks, settings

if TYPE_CHECKING:
    from dui_bridge.journal.records import Json

_HEAD: Final = "audit_head"
_PAGE: Final = 1_000
_FIRST: Final = ""


@dataclass(frozen=True)
class _Head:
    """The last row: its id, 0 when there is none, and its digest."""

    id: int
    digest: str


class Audit:
    """The audit of a site. Every method may raise a `JournalUnusable`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._key = derive(access.key, "audit")

    def add(self, who: str, origin: str, action: str, subject: str, details: Mapping[str, Json], at: datetime) -> None:
        """Adds a row. Texts longer than their column (200; 60 for the action) are cut.

        Args:
            who: the person, or the part of the bridge that acts by itself.
            origin: host and terminal.
            action: the command.
            subject: the public id of what it was about.
            details: what was asked, without personal data: it stands in clear.
            at: aware.
        """
        values: dict[str, Any] = {
            "at": at.astimezone(UTC),
            "who": queries.fitting("who", who),
            "origin": queries.fitting("origin", origin),
            "action": queries.fitting("action", action),
            "subject": queries.fitting("subject", subject),
            "details": dict(details),
        }
        with self._access.writing() as connection:
            locks.alone(connection, number("audit"))
            head = self._head(connection)
            if head is None:
                # Unreadable: the new row follows what is there, and `verify` names it as the first that does not fit.
                head = _Head(queries.last_id(connection), _FIRST)
            values |= {"id": head.id + 1, "previous": head.digest}
            values["digest"] = self._digest(values)
            queries.add(connection, values)
            settings.put(connection, _HEAD, self._sealed(_Head(values["id"], values["digest"])))

    def verify(self) -> int | None:
        """The id of the first row that was changed, taken away or slipped in; None when all is as it was written."""
        expected, previous = 1, _FIRST
        with self._access.reading() as connection:
            head = self._head(connection)
            while rows := queries.after(connection, expected - 1, _PAGE):
                for row in rows:
                    fits = row["id"] == expected and row["previous"] == previous
                    if not fits or not hmac.compare_digest(row["digest"], self._digest(dict(row))):
                        return expected
                    expected, previous = expected + 1, row["digest"]
        if head is None:
            return expected if expected == 1 else expected - 1
        return None if head == _Head(expected - 1, previous) else min(expected, head.id + 1)

    def entries(self, after: int = 0, limit: int = 100) -> list[AuditEntry]:
        """The rows after an id, by id."""
        with self._access.reading() as connection:
            return [_entry(row) for row in queries.after(connection, after, limit)]

    def about(self, subject: str) -> list[AuditEntry]:
        """The rows of one subject, by id."""
        with self._access.reading() as connection:
            return [_entry(row) for row in queries.about(connection, subject)]

    def _digest(self, row: Mapping[str, Any]) -> str:
        return blind(
            self._key,
            str(row["id"]),
            row["at"].isoformat(),
            *(row[name] for name in ("who", "origin", "action", "subject")),
            json.dumps(row["details"], sort_keys=True, separators=(",", ":")),
            row["previous"],
        )

    def _head(self, connection: Connection) -> _Head | None:
        """The last row as it was written; None when this was tampered with."""
        text = settings.value(connection, _HEAD)
        if text is None:
            return _Head(0, _FIRST) if queries.last_id(connection) == 0 else None
        identifier, _, rest = text.partition(":")
        if not identifier.isdecimal():
            return None
        head = _Head(int(identifier), rest.partition(":")[0])
        return head if hmac.compare_digest(text.encode(), self._sealed(head).encode()) else None

    def _sealed(self, head: _Head) -> str:
        return f"{head.id}:{head.digest}:{blind(self._key, 'head', str(head.id), head.digest)}"


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        at=row["at"],
        who=row["who"],
        origin=row["origin"],
        action=row["action"],
        subject=row["subject"],
        details=row["details"],
        digest=row["digest"],
    )
