"""The journal of a site, on the database that the site names."""

from __future__ import annotations

from dui_bridge.journal.store import Journal
from dui_bridge.site.secrets import read_secret
from dui_bridge.site.settings import Site


def open_journal(site: Site) -> Journal:
    """Opens it; SQLite in the site's data folder unless the site names a PostgreSQL database.

    Raises:
        JournalUnusable: see `journal.errors`.
        DeclarationInvalid: the master key or the secret that holds the URL cannot be read.
    """
    reference = site.journal_url
    url = read_secret(reference) if reference is not None else None
    return Journal.open(site.data, site.key(), url=url)
