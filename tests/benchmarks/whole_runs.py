"""The command itself, from start to end: the demo, a second run of it, and the memory of a large export."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import Failed, Ran, run, worker
from table import Measure, Series, Target

NIGHT = "20261120"
VENDOR = "atlas-ph"
DRAFT, CURRENT = "B", "V"


@dataclass(frozen=True)
class Site:
    """A demo site on a generated export."""

    config: Path
    usagers: int
    rows: int


def generated_site(command: Path, folder: Path, usagers: int, state: str) -> Site:
    """The demo's site, its export replaced by a generated one whose projects are all in that state; INSi is not asked."""
    prepared = folder.with_name("prepared")
    if not prepared.exists():
        run([command, "demo", "--prepare", "--out", prepared])
    shutil.copytree(prepared, folder)
    config = folder / "site" / "bridge.yaml"
    lines = config.read_text(encoding="utf-8").splitlines(keepends=True)
    config.write_text("".join(line for line in lines if not line.startswith("insi:")), encoding="utf-8")
    export = folder / "export" / VENDOR / NIGHT
    sample = export.rename(folder / "sample")
    rows = worker("export", export, sample, str(usagers), state)["rows"]
    return Site(config, usagers, rows)


def measure_demo(command: Path, folder: Path, runs: int, usagers: int | None, render_ms: float) -> list[Measure]:
    """The whole demo, each time in a new folder, then `run` on the unchanged site.

    Args:
        usagers: of a generated export in the place of the sample; None for the sample.
        render_ms: milliseconds of processor of one rendered document, warm.
    Raises:
        Failed: the second run built something, or lost something.
    """
    demos: list[Ran] = []
    again: list[Ran] = []
    summaries: list[dict[str, Any]] = []
    built = 0
    for number in range(runs):
        out = folder / f"demo-{number}"
        if usagers is not None:
            generated_site(command, out, usagers, CURRENT)
        demos.append(run([command, "demo", "--out", out]))
        built = len(list((out / "documents" / "atlas-ph").rglob("*.xml")))
        again.append(run([command, "run", "--config", out / "site" / "bridge.yaml", "--source", "atlas-ph", "--json"]))
        (source,) = json.loads(again[-1].stdout)["sources"]
        summaries.append(source["documents"])
        shutil.rmtree(out)
    unchanged = summaries[-1]["unchanged"]
    if any(one["built"] or one["unchanged"] != built for one in summaries):
        raise Failed(f"a second run is not a quiet one: {summaries}")
    walls = _walls(demos)
    return [
        Measure(
            "demo_wall",
            Series(f"the whole demo, {built} documents", walls),
            "s",
            Series(f"{built} documents rendered, warm", (built * render_ms / 1000,)),
            None,
            {"documents": built, **_costs(demos)},
        ),
        Measure(
            "unchanged_rate",
            Series(
                f"a second `run` of the demo, {unchanged} unchanged", tuple(unchanged / wall for wall in _walls(again))
            ),
            "documents/s",
            Series("the first run", tuple(built / wall for wall in walls)),
            None,
            _costs(again),
        ),
    ]


def measure_memory(command: Path, small: Site, large: Site, small_runs: int, large_runs: int) -> Measure:
    """Peak memory of `run` on a large site against a small one; every project is a draft, so nothing is built.

    Raises:
        Failed: a run did not map every usager, or built something.
    """
    little = [_read_and_mapped(command, small) for _ in range(small_runs)]
    much = [_read_and_mapped(command, large) for _ in range(large_runs)]
    return Measure(
        "memory",
        Series(f"peak memory of `run`, {large.usagers:,} usagers ({large.rows:,} rows)", _peaks(much)),
        "MB",
        Series(f"{small.usagers:,} usagers", _peaks(little)),
        Target(1.5, at_most=True),
        {"rows": large.rows, "rows_floor": small.rows, **_costs(much)},
    )


def _read_and_mapped(command: Path, site: Site) -> Ran:
    ran = run([command, "run", "--config", site.config, "--source", "atlas-ph", "--json"])
    (source,) = json.loads(ran.stdout)["sources"]
    if source["usagers"]["mapped"] != site.usagers or source["documents"]["built"]:
        raise Failed(f"not every usager was mapped, or something was built: {source}")
    return ran


def _walls(runs: Sequence[Ran]) -> tuple[float, ...]:
    return tuple(one.wall for one in runs)


def _peaks(runs: Sequence[Ran]) -> tuple[float, ...]:
    return tuple(one.peak for one in runs)


def _costs(runs: Sequence[Ran]) -> dict[str, Any]:
    return {
        "wall_s": [one.wall for one in runs],
        "cpu_s": [one.cpu for one in runs],
        "peak_mb": [one.peak for one in runs],
    }
