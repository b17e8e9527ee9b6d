"""The DMP of a person on its site for professionals, opened in the name of one who signed in here (TD0.10, AIR)."""

from __future__ import annotations

from pathlib import Path

from dui_bridge.connectors.dmp.contextual import Page, air_form, air_settings, form_page
from dui_bridge.connectors.dmp.rights import Transaction
from dui_bridge.connectors.dmp.settings import DmpSettings
from dui_bridge.connectors.wire.durable import write_through
from dui_bridge.connectors.wire.vihf import signed_vihf
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.pipeline.actions.desk import Desk, Done
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.dmp.consult import Request, Show, admitted
from dui_bridge.pipeline.dmp.consult_person import Asking
from dui_bridge.pipeline.dmp.errors import DmpNotDeclared


def web_in_air(
    desk: Desk,
    destination: OpenDestination,
    asked: Asking,
    show: Show,
    page: Page,
    out: Path,
    *,
    situation: int | None = None,
) -> Done:
    """Writes a page for the browser, readable by this user only; the DMP itself is not called.

    The page holds an assertion that is good for one call, and with it the INS and the number of the homologation.

    Raises:
        FileUnusable: the file is there already, or cannot be written.
        WebUnknown, AddressOfOtherProfile: the site is not configured, or may not be; nobody was asked.
        ConsultationRefused, FixConfiguration: the professional may not.
        DuiBridgeError: nobody signed in.
    """
    settings = destination.settings
    if not isinstance(settings, DmpSettings):
        raise DmpNotDeclared
    air_settings(settings.web, desk.site.profile)
    if out.exists():
        raise FileUnusable(file=str(out), reason="it is there already", reason_fr="il existe déjà")
    request = Request("dmp web air", Transaction.SEARCH, situation=situation)
    with admitted(desk, destination, asked, request, show) as dmp:
        line, caller = dmp.client.line, dmp.acting.caller
        assertion = signed_vihf(
            caller,
            line.software,
            dmp.ins,
            line.signer,
            assertion_id=line.new_id(),
            now=line.now(),
            secret_access=dmp.acting.secret_access,
            forms=line.forms,
        )
        form = air_form(settings.web, desk.site.profile, page, caller, assertion, dmp.ins)
        _write(out, form_page(form))
    desk.audit(request.action, asked.subject, page=page.value)
    return Done("dmp_web_air", {"subject": asked.subject, "file": str(out)})


def _write(out: Path, page: bytes) -> None:
    try:
        write_through(out, page, over=False, mode=0o600)
    except OSError as error:
        raise FileUnusable(file=str(out), **os_reasons(error)) from None
