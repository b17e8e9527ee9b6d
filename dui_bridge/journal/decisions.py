"""What persons decide and declare: verdicts, holds, informations. Nothing of it is ever overwritten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from dui_bridge.journal.access import Access
from dui_bridge.journal.control_records import KnownDecision, KnownHold, KnownInformation, Verdict
from dui_bridge.journal.policy_mark import changing_policy
from dui_bridge.journal.queries import decisions as queries
from dui_bridge.model.exchange import Channel


class Decisions:
    """Times are aware. A text longer than its column (400 for reasons and evidence, 200 for names) is cut."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def decide(self, version_id: int, destination: str, verdict: Verdict, by: str, reason: str, at: datetime) -> None:
        """Records what a person decided of one version for one destination; the latest decision counts.

        Raises:
            JournalOvertaken: there is no such version.
        """
        with self._access.writing() as connection:
            if not queries.has_version(connection, version_id):
                raise self._access.overtaken()
            queries.add_decision(connection, version_id, destination, Verdict(verdict), by, reason, at)

    def decision(self, version_id: int, destination: str) -> KnownDecision | None:
        """The latest decision on this version for this destination."""
        with self._access.glancing() as connection:
            return queries.latest_decision(connection, version_id, destination)

    def let_go(self, destinations: Collection[str], finess: str | None = None) -> list[int]:
        """The deliveries that a person let go and that arrived there, by id; not those whose place a later version
        took."""
        with self._access.reading() as connection:
            return queries.let_go(connection, destinations, finess)

    def hold(
        self,
        *,
        reason: str,
        by: str,
        until: datetime | None,
        at: datetime,
        source: str | None = None,
        finess: str | None = None,
        doc_type: str | None = None,
        destination: str | None = None,
        dossier_id: int | None = None,
        series_id: int | None = None,
    ) -> int:
        """Keeps back all that the given scopes mean together, until a time or until it is released; its id.

        Raises:
            JournalOvertaken: there is no such dossier or series.
        """
        with changing_policy(self._access) as connection:
            return queries.add_hold(
                connection,
                {
                    "source": source,
                    "finess": finess,
                    "doc_type": doc_type,
                    "destination": destination,
                    "dossier_id": dossier_id,
                    "series_id": series_id,
                    "reason": reason,
                    "by": by,
                    "since": at,
                    "until": until,
                },
            )

    def release(self, hold_id: int, by: str, at: datetime) -> bool:
        """Ends a hold. False when there is none with this id, or it was released before."""
        with changing_policy(self._access) as connection:
            return queries.release_hold(connection, hold_id, by, at)

    def holds(self, now: datetime) -> list[KnownHold]:
        """The holds that last, the oldest first."""
        with self._access.glancing() as connection:
            return queries.holds(connection, now)

    def inform(self, finess: str, channel: Channel, day: date, by: str, evidence: str, at: datetime) -> int:
        """Records that all usagers of an establishment were informed of a channel on a day; its id."""
        with changing_policy(self._access) as connection:
            return queries.add_information(connection, finess, Channel(channel), day, by, evidence, at)

    def withdraw(self, information_id: int, at: datetime) -> bool:
        """Takes such a declaration back. False when there is none with this id, or it was withdrawn before."""
        with changing_policy(self._access) as connection:
            return queries.withdraw_information(connection, information_id, at)

    def informations(self, *, withdrawn: bool = False) -> list[KnownInformation]:
        """The declarations in force; with those that were withdrawn when asked for."""
        with self._access.glancing() as connection:
            return queries.informations(connection, withdrawn=withdrawn)
