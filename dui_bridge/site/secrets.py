"""Secrets: read from a file or the environment when they are needed, never kept in the configuration.

No message shows what a secret file holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dui_bridge.declared import Problems
from dui_bridge.errors import DeclarationInvalid
from dui_bridge.findings import Finding, Place
from dui_bridge.model.profile import Profile
from dui_bridge.site import rules

KEY_BYTES: Final = 32
PUBLISHED_DEMO_KEY: Final = hashlib.sha256(
    b"dui-bridge: the published key of the demo, known to everyone, for the sandbox profile only"
).digest()
"""The master key of the demo. Public: every profile but `sandbox` refuses it."""

_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret stands: a file or an environment variable; `at` is the place that says so."""

    at: Place
    file: Path | None = None
    env: str | None = None

    def __str__(self) -> str:
        return str(self.file) if self.file is not None else f"${self.env}"


def read_master_key(secret: Secret, profile: Profile) -> bytes:
    """The 32 bytes of the master key. Raises DeclarationInvalid, placed where the site file names the secret."""
    problems = Problems(secret.at.file)
    key = examine_master_key(secret, profile, problems)
    if key is None or problems.has_errors:
        raise DeclarationInvalid(secret.at.file, [one for one in problems.findings if one.is_error])
    return key


def read_secret(secret: Secret) -> str:
    """A secret that is a text on one line. Raises DeclarationInvalid, placed where the site file names it."""
    problems = Problems(secret.at.file)
    data = _read(secret, problems)
    if data is None:
        raise DeclarationInvalid(secret.at.file, [one for one in problems.findings if one.is_error])
    return data.decode("utf-8", "surrogateescape").strip()


def examine_master_key(secret: Secret, profile: Profile, problems: Problems) -> bytes | None:
    """The master key, or None; adds what is wrong with it."""
    text = _read(secret, problems)
    if text is None:
        return None
    key = _decode(text)
    if key is None:
        problems.add(rules.NOT_A_KEY, secret.at, source=str(secret))
    elif profile is not Profile.SANDBOX and hmac.compare_digest(key, PUBLISHED_DEMO_KEY):
        problems.add(rules.DEMO_KEY, secret.at, source=str(secret))
        return None
    return key


def _read(secret: Secret, problems: Problems) -> bytes | None:
    if secret.file is None:
        value = os.environ.get(secret.env or "")
        if value is None:
            problems.add(rules.VARIABLE_MISSING, secret.at, name=secret.env or "")
        return None if value is None else value.encode("utf-8", "surrogateescape")
    try:
        with secret.file.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            data = stream.read(_LONGEST)
    except OSError as error:
        values = {"path": str(secret.file), **rules.reasons(error)}
        problems.findings.append(Finding(rules.SECRET_UNREADABLE, secret.at, values))
        return None
    if (finding := wide_permissions(secret.file, mode, secret.at)) is not None:
        problems.findings.append(finding)
    return data


def wide_permissions(file: Path, mode: int, at: Place) -> Finding | None:
    """A warning when someone else than the owner has any right on a secret file."""
    if mode & 0o077 == 0:
        return None
    return Finding(rules.WIDE_PERMISSIONS, at, {"path": str(file), "mode": f"{mode:04o}"})


def _decode(text: bytes) -> bytes | None:
    """32 bytes from hexadecimal or base64 text, else None."""
    given = text.strip()
    if re.fullmatch(rb"[0-9A-Fa-f]{64}", given):
        return bytes.fromhex(given.decode("ascii"))
    try:
        key = base64.b64decode(given, validate=True)
    except binascii.Error:
        return None
    return key if len(key) == KEY_BYTES else None
