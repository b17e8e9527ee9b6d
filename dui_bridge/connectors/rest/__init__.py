"""REST source: a DUI that gives its usagers page by page, and their documents by addresses that expire."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dui_bridge.connectors.rest import errors
from dui_bridge.connectors.rest.access import Access, address_in, is_local, is_safe
from dui_bridge.connectors.rest.client import RestSource
from dui_bridge.connectors.rest.declaration import parse_auth, parse_settings
from dui_bridge.connectors.rest.handing import RestInbox
from dui_bridge.connectors.rest.http import Http, Timing
from dui_bridge.connectors.rest.pages import Online, Saved
from dui_bridge.connectors.rest.report import RestReport
from dui_bridge.connectors.rest.settings import ClientCredentials, RestSettings
from dui_bridge.connectors.rest.shape import shape_of

__all__ = [
    "ClientCredentials",
    "RestInbox",
    "RestReport",
    "RestSettings",
    "RestSource",
    "Timing",
    "open_inbox",
    "open_report",
    "open_source",
    "parse_auth",
    "parse_settings",
    "shape_of",
]


def open_source(
    settings: RestSettings,
    path: Path | str,
    used: Mapping[str, frozenset[str]] | None = None,
    *,
    as_is: bool = False,
    auth: ClientCredentials | None = None,
    timing: Timing | None = None,
) -> RestSource:
    """The source at an address.

    Args:
        settings: the `source.rest` part of the mapping.
        path: the base address that the site gives; a path that is no address leaves it to the mapping. With `as_is` a
            folder of saved answers (`residents.json`, `documents/<id>.json`, and the files that these name).
        used: alias → the top-level keys that the mapping reads.
        as_is: read the folder, ask nobody.
        auth: how the DUI lets us in, when the mapping leaves it to the site.
        timing: the clock.
    Raises:
        NoAddress, NoAccess: neither the mapping nor the site says.
    """
    if as_is:
        return RestSource(settings, Saved(settings, Path(path)), used)
    return RestSource(settings, Online(settings, _access(settings, path, auth, timing)), used)


def open_report(
    settings: RestSettings,
    path: Path | str,
    post: str,
    *,
    auth: ClientCredentials | None = None,
    timing: Timing | None = None,
) -> RestReport:
    """What tells the same DUI what became of its documents.

    Args:
        post: the path below the base address.
        settings, path, auth, timing: as of `open_source`.
    Raises:
        NoAddress, NoAccess.
    """
    return RestReport(_access(settings, path, auth, timing), post)


def open_inbox(base: str, post: str, auth: ClientCredentials, timing: Timing | None = None) -> RestInbox:
    """What takes documents that came by mail.

    Args:
        base: the address that paths stand below. post: the path.
        timing: the clock.
    Raises:
        NoAddress: it is not https, or not an address.
    """
    return RestInbox(_opened(base, auth, timing), post)


def _access(settings: RestSettings, path: Path | str, auth: ClientCredentials | None, timing: Timing | None) -> Access:
    return _opened(address_in(str(path)) or settings.base, settings.auth or auth, timing)


def _opened(base: str | None, credentials: ClientCredentials | None, timing: Timing | None) -> Access:
    if base is None or not is_safe(base):
        raise errors.NoAddress
    if credentials is None:
        raise errors.NoAccess
    return Access(Http(is_local=is_local(base), timing=timing), base, credentials)
