"""The three profiles of a site, never mixed."""

from __future__ import annotations

from enum import StrEnum


class Profile(StrEnum):
    """Which services a site speaks to, and with whose identities.

    `sandbox`: local stand-ins, invented and listed test matricules. `qualification`: the national test hosts, same
    matricules. `production`: real persons only.
    """

    SANDBOX = "sandbox"
    QUALIFICATION = "qualification"
    PRODUCTION = "production"
