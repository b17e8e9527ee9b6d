"""One search at INSi for traits that a person gives: outside any dossier, each call in the audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dui_bridge.connectors.insi.echelle import Next, next_call
from dui_bridge.connectors.insi.parcours import Parcours, climb
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.findings import Finding
from dui_bridge.ins.preflight import preflight
from dui_bridge.journal.identities import SEARCH
from dui_bridge.journal.records import Json
from dui_bridge.journal.store import Journal
from dui_bridge.model.identite import Usager
from dui_bridge.model.insi import Appel
from dui_bridge.pipeline.errors import NotDeclared
from dui_bridge.pipeline.identity.service import INSI, open_insi
from dui_bridge.site.settings import Site
from dui_bridge.validation.packs import places


@dataclass(frozen=True)
class Searched:
    """What came of it. `parcours` is None when the findings forbid the call."""

    findings: tuple[Finding, ...]
    parcours: Parcours | None = field(repr=False)

    @property
    def exit_code(self) -> int:
        """0 when a person was found, else 1."""
        return int(self.parcours is None or self.parcours.individu is None)


def search_traits(
    site: Site,
    journal: Journal,
    traits: Mapping[str, object],
    *,
    by: str,
    origin: str,
    told: Callable[[Appel], None] = lambda _: None,
    capture: Capture | None = None,
) -> Searched:
    """Climbs the ladder for a person, within the daily cap; nothing of the person is kept.

    Each call is in the audit before it is made, and counts with all others of the day even if it does not end.

    Args:
        traits: fields of `Usager`.
        by, origin: who asks and from where, for the audit.
        told: of each call, once it is over.
    Raises:
        NotDeclared: the site file does not declare `insi`.
        DuiBridgeError: as `open_insi`, and of the service; the calls made were told.
    """
    settings = site.declaration.insi
    if settings is None:
        raise NotDeclared(service=INSI, key="insi")
    today = datetime.now(site.zone)
    usager = Usager.model_validate({"identifiant_local": "", **traits})
    checked = preflight(usager, (), today.date(), places())
    if checked.envoi is None:
        return Searched(checked.findings, None)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    envoi, done = checked.envoi, list[Appel]()

    def noted(action: str, **details: str | None) -> None:
        given: dict[str, Json] = {name: value for name, value in details.items() if value is not None}
        journal.audit.add(by, origin, action, "", given, datetime.now(UTC))

    def may_call() -> bool:
        if journal.identities.calls_since(midnight) >= settings.daily_cap:
            return False
        following = next_call(envoi, done, settings.ladder, settings.max_calls)
        noted(SEARCH, step=following.step if isinstance(following, Next) else None)
        return True

    def traced(call: Appel) -> None:
        done.append(call)
        answer = call.reponse
        code, message = (call.erreur, None) if answer is None else (answer.code.value, answer.message_id)
        noted(f"{SEARCH} ended", step=call.etape, code=code, message=message)
        told(call)

    with closing(open_insi(site, capture)) as service:
        parcours = climb(
            service,
            envoi,
            now=lambda: datetime.now(UTC),
            traced=traced,
            may_call=may_call,
            ladder=settings.ladder,
            max_calls=settings.max_calls,
        )
    return Searched(checked.findings, parcours)
