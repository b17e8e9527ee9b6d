"""In which language to speak: the site's when one is read, else the environment's locale."""

from __future__ import annotations

import os

from dui_bridge.findings import Language

_chosen: list[Language] = []


def choose(language: Language) -> None:
    """What a site's configuration says."""
    _chosen[:] = [language]


def language() -> Language:
    """French where the site or the locale says so, else English."""
    if _chosen:
        return _chosen[0]
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "fr" if locale.lower().startswith("fr") else "en"
