"""A registry and a repository of IPF, started for tests: `interop/ipf/harness` says what it does.

It needs `mvn` and a JDK 17 or newer; Maven brings the rest (about 45 MB, once).
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from dui_bridge.sandbox.pki import Pki

HARNESS = Path(__file__).parent / "interop" / "ipf" / "harness"
REPOSITORY_ID = "1.2.250.1.213.4.1.1.1.2"
"""Of the repository: that of the DMP."""


@dataclass(frozen=True)
class Ipf:
    """One that runs.

    Paths that end in `/repository` take ITI-41 and 43, in `/registry` ITI-18 and 57; `/iti41`, `/iti42`… one each;
    `/iti41-with-NAME` and `/iti57-with-NAME` leave the deviation of that name.
    """

    url: str
    """Plain HTTP."""
    tls_url: str
    """TLS 1.2, for clients with a certificate of the same PKI."""
    pki: Pki

    def seen(self, what: str) -> bytes:
        """Of the last submission: `received` and `adapted` (XML), `changes` (deviation, before, after; tabs)."""
        return httpx.get(f"{self.url}/seen/{what}", trust_env=False).raise_for_status().content


@contextmanager
def running_ipf(classes: str, pki: Pki) -> Iterator[Ipf]:
    """Starts one, empty."""
    with TemporaryDirectory() as folder:
        options = ["-Xmx512m", "-XX:TieredStopAtLevel=1", f"-Djava.io.tmpdir={folder}"]
        files = [pki.server.certificate, pki.server.key, pki.ca]
        command: list[str | Path] = ["java", *options, "-cp", classes, "Harness", *files]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                ports = process.stdout.readline().split()
                assert len(ports) == 2, "the harness did not start"
                yield Ipf(f"http://localhost:{ports[0]}", f"https://localhost:{ports[1]}", pki)
            finally:
                process.kill()
