"""Reads the mailboxes of the demo once: what became of the mails that left, and what others sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from dui_bridge.findings import Language
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.actions.desk import Actor, Desk
from dui_bridge.pipeline.actions.mail import receive_now
from dui_bridge.pipeline.inbox.posts import mail_destinations
from dui_bridge.site.settings import Site

DEMO: Final = Actor("demo", "demo")
"""Who acts in the demo."""


def read_mailboxes(site: Site, journal: Journal, language: Language) -> str:
    """What came, in words; empty for a site that sends no mail. Raises DuiBridgeError."""
    if not mail_destinations(site):
        return ""
    return receive_now(Desk(site, journal, DEMO, datetime.now(UTC)), language).words(language)
