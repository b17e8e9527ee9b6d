"""A folder of invented residents, the stand-in that serves it, and a source that reads it without waiting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dui_bridge.connectors.rest import RestSettings, RestSource, Timing, open_source, parse_settings
from dui_bridge.declared import Problems, loads
from dui_bridge.model.exchange import Record
from dui_bridge.sandbox.dui_rest import DuiRestServer, Quirks

START = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)  # a Wednesday
PDF = b"%PDF-1.7 un document"
SECRET = "mot-de-passe-tres-secret"

DECLARED = """
auth: {client_credentials: {token_url: /oauth/token, client_id: {env: DUI_ID}, client_secret: {env: DUI_SECRET}}}
each: /residents
then: "/residents/{id}/documents"
cursor: modifieDepuis
full_every: sunday
content: {url: contenu.url, sha256: contenu.sha256}
deleted: supprime
"""


def resident(number: int, **values: Any) -> dict[str, Any]:
    stamp = (START - timedelta(days=300) + timedelta(minutes=number)).isoformat()
    return {"id": f"r{number:04}", "version": 1, "dateModification": stamp, "nom": f"NOM{number}", **values}


def document(name: str, data: bytes = PDF, **values: Any) -> dict[str, Any]:
    content = {"mime": "application/pdf", "sha256": hashlib.sha256(data).hexdigest(), "url": f"files/{name}.pdf"}
    return {"id": name, "titre": f"Titre {name}", "contenu": content, **values}


@dataclass
class World:
    """The clock moves by what is slept, and by hand."""

    server: DuiRestServer
    folder: Path
    now: datetime = START
    slept: list[float] = field(default_factory=list)
    sources: list[RestSource] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def source(self, extra: str = "", declared: str = DECLARED, **options: Any) -> RestSource:
        timing = Timing(sleep=self.sleep)
        made = open_source(settings(declared + extra), self.server.url, timing=timing, **options)
        self.sources.append(made)
        made.prepare(self.now)
        return made

    def read(self, cursor: str | None = None, extra: str = "") -> tuple[list[Record], RestSource]:
        source = self.source(extra)
        return list(source.records(cursor)), source

    def asked(self, part: str) -> list[str]:
        return [request for request in self.server.requests if part in request]


def settings(declared: str) -> RestSettings:
    problems = Problems("m.yaml")
    found = parse_settings(loads(declared, "m.yaml"), problems, "residents")
    assert found is not None, [finding.line() for finding in problems.findings]
    return found


def write(folder: Path, residents: list[dict[str, Any]], documents: dict[str, list[dict[str, Any]]]) -> None:
    (folder / "files").mkdir(parents=True)
    (folder / "documents").mkdir()
    (folder / "residents.json").write_text(json.dumps({"residents": residents}))
    for key, found in documents.items():
        (folder / "documents" / f"{key}.json").write_text(json.dumps({"documents": found}))
        for one in found:
            (folder / "files" / f"{one['id']}.pdf").write_bytes(PDF)


@contextmanager
def world(folder: Path, count: int = 3, **documents: list[dict[str, Any]]) -> Iterator[World]:
    write(folder, [resident(number) for number in range(count)], documents)
    made: list[World] = []
    server = DuiRestServer(
        folder,
        client_id="pont",
        client_secret=SECRET,
        quirks=Quirks(),
        clock=lambda: (made[0].now if made else START).timestamp(),
    )
    with server:
        made.append(World(server, folder))
        yield made[0]
        for source in made[0].sources:
            source.close()


def keys(records: list[Record]) -> list[str]:
    return [record.key for record in records]
