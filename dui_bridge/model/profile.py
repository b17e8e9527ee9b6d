"""The three profiles of a site, never mixed."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

SANDBOX_ORGANISATION: Final = "dui-bridge sandbox"
"""The organisation (`O`) in every name that the sandbox's authorities give: they are good nowhere else."""

SANDBOX_STRUCTURE: Final = "1000000018"
"""National id of the structure in the sandbox's certificates (`OU`): 1 and a FINESS that belongs to nobody.

At the stand-ins it acts for every establishment, as a legal entity does for its own.
"""

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine: the sandbox calls no other, and no other profile calls this one."""


class Profile(StrEnum):
    """Which services a site speaks to, and with whose identities.

    `sandbox`: local stand-ins, invented and listed test matricules. `qualification`: the national test hosts, same
    matricules. `production`: real persons only.
    """

    SANDBOX = "sandbox"
    QUALIFICATION = "qualification"
    PRODUCTION = "production"
