"""The journal of a site, on the database that the site names."""

from __future__ import annotations

from dui_bridge.journal.errors import JournalMissing
from dui_bridge.journal.store import Journal
from dui_bridge.site.secrets import read_secret
from dui_bridge.site.settings import Site


def open_journal(site: Site, *, make: bool = False) -> Journal:
    """Opens it; SQLite in the site's data folder unless the site names a PostgreSQL database.

    Args:
        make: makes it when it is not there: for what reads a source or prepares a site before it does.
    Raises:
        JournalMissing: not with `make`.
        JournalUnusable: see `journal.errors`.
        DeclarationInvalid: the master key or the secret that holds the URL cannot be read.
    """
    reference = site.journal_url
    url = read_secret(reference) if reference is not None else None
    return Journal.open(site.data, site.key(), url=url, make=make)


def journal_if_any(site: Site) -> Journal | None:
    """Opens it; None when there is none. Raises as `open_journal` otherwise."""
    try:
        return open_journal(site)
    except JournalMissing:
        return None
