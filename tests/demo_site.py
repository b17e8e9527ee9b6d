"""The demo's folder as tests use it, and the command line run in this process."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from lxml import etree

CDA = {"c": "urn:hl7-org:v3"}
HUGE = etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True)


@dataclass(frozen=True)
class Invocation:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


def invoke(*words: str) -> Invocation:
    """Runs `dui-bridge WORDS` in this process, as its entry point does."""
    from dui_bridge.cli import language
    from dui_bridge.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    code = 0
    language._chosen.clear()
    with (
        mock.patch.object(sys, "argv", ["dui-bridge", *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return Invocation(code, out.getvalue(), err.getvalue())


@dataclass
class DemoSite:
    """`demo --out OUT`."""

    out: Path
    first: Invocation = field(default_factory=lambda: Invocation(0, "", ""))
    sealed: list[bytes] = field(default_factory=list)
    """What was sealed in the journal by the first run."""

    @property
    def config(self) -> Path:
        return self.out / "site" / "bridge.yaml"

    @property
    def mapping(self) -> Path:
        return self.out / "site" / "atlas-ph" / "atlas-ph.yaml"

    def export(self, name: str) -> Path:
        """A file of the export that is read."""
        return self.out / "export" / "atlas-ph" / "20261120" / name

    def documents(self, vendor: str = "*") -> dict[str, bytes]:
        """Every file handed over, by name."""
        return {path.name: path.read_bytes() for path in sorted((self.out / "documents").glob(f"{vendor}/*"))}

    def cdas(self, vendor: str = "*") -> dict[str, etree._Element]:
        """The root of every CDA, by file name."""
        # What is still being written has a hidden name.
        found = sorted((self.out / "documents").glob(f"{vendor}/[!.]*.xml"))
        return {path.name: etree.fromstring(path.read_bytes(), HUGE) for path in found}

    def run(self, *options: str, source: str = "atlas-ph") -> dict[str, Any]:
        """`run --json` of one source of the site: its summary. The stand-in of INSi answers, but to a dry run."""
        with contextlib.nullcontext() if "--dry-run" in options else self.stand_ins():
            ran = invoke("run", "--config", str(self.config), "--json", "--source", source, *options)
        assert ran.code == 0, ran.stderr
        (summary,) = ran.json["sources"]
        return dict(summary)

    def stand_ins(self) -> AbstractContextManager[object]:
        """As `sandbox serve`, in this process; nothing for a site that calls nobody."""
        from dui_bridge.demo.stand_ins import stand_ins
        from dui_bridge.site.settings import load_site

        site = load_site(self.config)
        return contextlib.nullcontext() if site.declaration.insi is None else stand_ins(site)

    def edit(self, file: str, change: Callable[[str], str]) -> None:
        """Changes a file of the export; the text must really change."""
        path = self.export(file)
        before = path.read_bytes().decode("cp1252")
        after = change(before)
        assert after != before
        path.write_bytes(after.encode("cp1252"))

    @property
    def report(self) -> str:
        return (self.out / "report.html").read_text(encoding="utf-8")
