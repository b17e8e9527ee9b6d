"""Rows read, joined and mapped, against `csv.reader` over the same files."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

from processes import Failed

from dui_bridge.connectors.ports import Waiting
from dui_bridge.declared import Problems
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.mappings.run import Context
from dui_bridge.pipeline.assemble import AssembledMapping, assemble_mapping
from dui_bridge.site.settings import Site, load_site

SOURCE = "atlas-ph"


def assembled(site: Site) -> AssembledMapping:
    """The sample's mapping, compiled."""
    path = site.sources[SOURCE].mapping
    problems = Problems(path.name)
    mapping = assemble_mapping(path, problems)
    problems.check()
    return mapping


def mapped(site: Site, mapping: AssembledMapping) -> Iterator[Mapped]:
    """Every record of the site's export, read through the source and mapped, one at a time."""
    plan = mapping.plan
    if plan is None:
        raise Failed("the mapping has errors")
    now = datetime.now(UTC)
    context = Context(today=now.date(), establishments=site.establishments)
    with closing(mapping.open_source(site.sources[SOURCE].path)) as source:
        if isinstance(source.prepare(now), Waiting):
            raise Failed("the generated export is not complete")
        for record in source.records():
            yield plan.apply(record, context)


def measure_reading(config: Path, runs: int) -> dict[str, Any]:
    """Seconds of processor for every pass, ours and the floor's, and the rows that each pass consumes."""
    site = load_site(config)
    mapping = assembled(site)
    files = [file for folder in site.sources[SOURCE].path.iterdir() for file in sorted(folder.glob("*.CSV"))]
    rows = sum(_count(file) for file in files)
    dossiers = sum(one.dossier is not None for one in mapped(site, mapping))
    ours: list[float] = []
    floor: list[float] = []
    for _ in range(runs):
        started = process_time()
        for file in files:
            with file.open(encoding="cp1252", newline="") as stream:
                deque(csv.reader(stream, delimiter=";"), maxlen=0)
        floor.append(process_time() - started)
        started = process_time()
        deque(mapped(site, mapping), maxlen=0)
        ours.append(process_time() - started)
    return {"rows": rows, "dossiers": dossiers, "ours": ours, "floor": floor}


def _count(file: Path) -> int:
    with file.open(encoding="cp1252", newline="") as stream:
        return sum(1 for _ in csv.reader(stream, delimiter=";")) - 1
