"""The Annuaire Santé of one site: asked, or answered from what was kept, with its age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dui_bridge.connectors.annuaire.cache import Answers
from dui_bridge.connectors.annuaire.client import AnnuaireClient
from dui_bridge.connectors.annuaire.entries import Found, Wanted
from dui_bridge.connectors.annuaire.search import search
from dui_bridge.connectors.annuaire.settings import AnnuaireSettings
from dui_bridge.errors import Retry


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A search that was made again: what was kept, and what is answered now."""

    before: Found
    now: Found

    @property
    def gone(self) -> tuple[str, ...]:
        """Mailboxes that are no longer answered, or whose owner is no longer active."""
        return tuple(sorted(_active(self.before) - _active(self.now)))

    @property
    def new(self) -> tuple[str, ...]:
        """Mailboxes that are answered now."""
        return tuple(sorted(_active(self.now) - _active(self.before)))


class Annuaire:
    """Who has which mailboxes. One object in one thread at a time; `close` it.

    Args:
        client: closed with this object.
        now: aware.
    """

    def __init__(
        self, client: AnnuaireClient, answers: Answers, settings: AnnuaireSettings, now: Callable[[], datetime]
    ) -> None:
        self._client, self._answers, self._now = client, answers, now
        self.settings = settings

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def mailboxes(self, wanted: Wanted, *, ask: bool = False) -> Found:
        """Whose mailboxes are looked for. What was answered less than `fresh_days` ago is not asked again.

        When the directory does not answer, what it answered less than `keep_days` ago counts, marked `stale`.

        Args:
            ask: ask in any case.
        Raises:
            Retry: it does not answer, and nothing is kept.
            FixConfiguration, AskService: as `AnnuaireClient.search`; FileUnusable: the folder of kept answers.
        """
        kept = self._answers.of(wanted, self._now())
        if kept is not None and not ask and kept.age(self._now()) <= timedelta(days=self.settings.fresh_days):
            return kept
        try:
            return self._ask(wanted)
        except Retry:
            if kept is None:
                raise
            return replace(kept, stale=True)

    def refresh(self, older_than: timedelta = timedelta(0)) -> tuple[list[Refreshed], Retry | None]:
        """Makes the searches again whose kept answer is older; what was done, and why it stopped if it did.

        Raises:
            FixConfiguration, AskService: as `mailboxes`.
        """
        now, done = self._now(), []
        for kept in list(self._answers.all(now)):
            if kept.age(now) < older_than:
                continue
            try:
                done.append(Refreshed(kept, self._ask(kept.wanted)))
            except Retry as error:
                return done, error
        return done, None

    def _ask(self, wanted: Wanted) -> Found:
        found = search(self._client, wanted, self._now())
        self._answers.keep(found)
        return found


def _active(found: Found) -> set[str]:
    return {one.address for one in found.mailboxes if one.active}
