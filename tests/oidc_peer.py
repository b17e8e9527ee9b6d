"""A certified service of OpenID Connect (npm `oidc-provider`), started for tests: `interop/oidc/harness` says how.

It needs `node` 20 or newer and `npm`, which brings the rest as the lock says (3 MB, once).
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dui_bridge.sandbox.pki import Pki

HARNESS = Path(__file__).parent / "interop" / "oidc" / "harness"
PRESENT = bool(shutil.which("node") and shutil.which("npm"))
ABSENT = "node or npm is not here"
PERSON = "899700000017"
"""The only one whom it knows."""


@dataclass(frozen=True)
class Oidc:
    """One that runs."""

    issuer: str
    pki: Pki


def installed(folder: Path) -> Path:
    """The harness with its packages in a folder; made once for all who ask for the same folder."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            for source in HARNESS.iterdir():
                shutil.copy(source, folder)
            quiet = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--silent"]
            subprocess.run(["npm", "ci", *quiet], cwd=folder, check=True, timeout=300)
            (folder / "ready").touch()
    return folder


@contextmanager
def running_oidc(folder: Path, pki: Pki) -> Iterator[Oidc]:
    """Starts one."""
    command: list[str | Path] = ["node", folder / "server.mjs", pki.server.certificate, pki.server.key, pki.ca]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = process.stdout.readline().strip()
            assert port, "the harness did not start"
            yield Oidc(f"https://localhost:{port}", pki)
        finally:
            process.kill()
