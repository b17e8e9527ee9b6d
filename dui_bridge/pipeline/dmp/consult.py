"""A professional in front of the DMP of one person: the rules first, then the sign-in, then the DMP.

Whatever the rules refuse is refused before anybody is called, but for what only the sign-in tells (the profession).
Tokens live as long as the sign-in, in memory. Who asked for what, what was refused and why stand in the audit; of the
professional it holds a keyed digest, of the person the number of their item.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Final

from dui_bridge.connectors.dmp.client import DmpClient
from dui_bridge.connectors.dmp.context import Acting, lot_author
from dui_bridge.connectors.dmp.rights import Transaction
from dui_bridge.connectors.psc.calling import air_caller
from dui_bridge.connectors.psc.client import PscClient
from dui_bridge.connectors.psc.opening import open_psc
from dui_bridge.connectors.psc.settings import Authentication, Flow, PscSettings
from dui_bridge.connectors.psc.sign_in import sign_in
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.connectors.wire.vihf import Caller
from dui_bridge.data.codes import facility_type
from dui_bridge.errors import DuiBridgeError
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.journal.records import Json
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.actions.desk import Desk
from dui_bridge.pipeline.consultation.decision import Wanted, may_consult
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.dmp.consult_errors import ConsultationRefused
from dui_bridge.pipeline.dmp.consult_person import Asking, acknowledgements_of, consent_of, digest, presumed
from dui_bridge.pipeline.dmp.opened import opened
from dui_bridge.pipeline.errors import NotDeclared
from dui_bridge.pipeline.means import SiteMeans
from dui_bridge.site.settings import Site

PSC: Final = "Pro Santé Connect"
"""How messages name the service."""

Show = Callable[[Flow, str], None]
"""Shows the professional what they need to sign in, see `psc.sign_in.sign_in`."""


@dataclass(frozen=True)
class Request:
    """What is asked of the DMP.

    Args:
        action: as the audit names it.
        document: uniqueId; empty for a search.
        situation: number of the practice situation of the professional, from 1; None: the one that fits.
        reason: for the audit.
    """

    action: str
    transaction: Transaction
    document: str = ""
    situation: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Admitted:
    """The DMP of a person, open to a professional: for the time of a block, and for what they asked."""

    name: str
    client: DmpClient
    acting: Acting
    ins: QualifiedIns


@contextmanager
def admitted(
    desk: Desk, destination: OpenDestination, asked: Asking, request: Request, show: Show
) -> Iterator[Admitted]:
    """Lets a professional in, or tells why not.

    Raises:
        ConsultationRefused: the rules of access refuse.
        FixConfiguration: something is not declared, or cannot be used; nobody was asked.
        DuiBridgeError: nobody signed in (PSC-0nn); or what the block raised, which is audited too.
    """
    ins = check(desk, asked, request, presumed(asked, desk.now))
    try:
        with opened(desk, destination) as dmp:
            caller, acting = _signed_in(desk, asked, request, show)
            check(desk, asked, request, caller)
            _audit(desk, asked, request)
            yield Admitted(dmp.name, dmp.client, acting, ins)
    except ConsultationRefused:
        raise
    except DuiBridgeError as error:
        _audit(desk, asked, request, failed=error.code)
        raise


def check(desk: Desk, asked: Asking, request: Request, caller: Caller | None) -> QualifiedIns:
    """The INS with which the DMP may be asked.

    Args:
        caller: None: nobody is named.
    Raises:
        ConsultationRefused: it may not; that is audited.
    """
    decision = may_consult(
        Wanted(request.transaction, by_hand=True, ins_kept=asked.ins is not None),
        caller,
        asked.usager,
        None if asked.rpps is None else next(reversed(acknowledgements_of(desk, asked.national_id)), None),
        consent_of(desk, asked),
        desk.now if caller is None else max(desk.now, caller.authenticated_at),
        desk.site.declaration.consultation,
    )
    if not decision.allowed or asked.ins is None:
        _audit(desk, asked, request, refused=", ".join(one.rule.id for one in decision.refusals))
        raise ConsultationRefused(asked.subject, decision.refusals)
    return asked.ins


def open_site_psc(site: Site) -> PscClient:
    """Pro Santé Connect as the site file declares it; `close` it.

    Raises:
        NotDeclared, StandInMissing; DuiBridgeError: as `psc.opening.open_psc`, DeclarationInvalid for a secret.
    """
    means, sandbox = SiteMeans(site, PSC), site.profile is Profile.SANDBOX
    settings = _settings(site, means)
    by_certificate = settings.authentication is Authentication.CERTIFICATE
    return open_psc(
        settings,
        site.profile,
        # The national service shows a public certificate, whose lists the site does not keep.
        means.trust() if sandbox else Trust(system=True),
        secret=None if by_certificate else means.psc_secret(),
        material=means.certificate("psc") if by_certificate else None,
        crl=means.lists() if sandbox else (),
    )


def _settings(site: Site, means: SiteMeans) -> PscSettings:
    settings = site.declaration.psc
    if settings is None:
        raise NotDeclared(service=PSC, key="psc")
    if settings.issuer is None and site.profile is Profile.SANDBOX:
        return settings.model_copy(update={"issuer": means.stand_in("psc")})
    return settings


def _signed_in(desk: Desk, asked: Asking, request: Request, show: Show) -> tuple[Caller, Acting]:
    at = asked.establishment
    with closing(open_site_psc(desk.site)) as psc:
        session = sign_in(psc, asked.national_id, show)
        caller = air_caller(
            session,
            finess=at.finess,
            sector=facility_type(at.category, at.facility_type).code,
            authentication=psc.settings.authentication_class,
            situation=request.situation,
        )
    person = session.professional
    desk.audit("psc sign-in", digest(desk, asked.national_id), establishment=at.finess, level=session.acr)
    return caller, Acting(caller, lot_author(caller, at.name, person.family, person.given), asked.secret_access)


def _audit(
    desk: Desk, asked: Asking, request: Request, *, refused: str | None = None, failed: str | None = None
) -> None:
    details: dict[str, Json] = {
        "professional": None if asked.rpps is None else digest(desk, asked.national_id),
        "establishment": asked.establishment.finess,
        "document": request.document or None,
        "reason": request.reason,
        "secret": asked.secret_access or None,
        "refused": refused,
        "failed": failed,
    }
    desk.audit(request.action, asked.subject, **details)
