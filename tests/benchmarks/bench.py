"""Medians of whole runs, each as a multiple of a floor measured in the same run: `make bench`.

Ratios travel between machines, absolute times do not. Prints one Markdown table; writes it and all samples as JSON to
`--out`. The environment is the one of the interpreter that runs this file. A missed target is shown, it does not make
the command fail: on a machine that is busy with something else a figure means nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from delivery_rates import measure_deliveries
from deposit_rows import deposit_rows
from official_rates import measure_validation
from processes import Failed, worker
from start_up import measure_start_up
from table import Measure, Series, Skipped, Target, as_markdown
from whole_runs import CURRENT, DRAFT, Site, generated_site, measure_demo, measure_memory


@dataclass(frozen=True)
class Sizes:
    """How much is measured, and how often."""

    start_ups: int
    runs: int
    demos: int
    mapped_usagers: int
    rendered: int
    small_export: int
    large_export: int
    large_runs: int
    demo_usagers: int | None
    validations: int
    """0 leaves the official suite out: to compile it alone takes longer than all the rest of a quick run."""
    deliveries: int
    delivery_rounds: int
    status_rows: int
    searches: int
    deposits: int
    mails: int


FULL = Sizes(21, 5, 3, 2_000, 40, 1_000, 100_000, 1, None, 5, 500, 3, 100_000, 300, 100, 20)
QUICK = Sizes(1, 1, 1, 20, 2, 5, 10, 1, 3, 0, 10, 1, 200, 5, 2, 2)


def main() -> int:
    """Parses the command line, measures, prints and writes. Exit code 2 when something could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bench-out"), help="receives bench.md and bench.json")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works: figures mean nothing")
    options = parser.parse_args()
    sizes = QUICK if options.quick else FULL
    load = os.getloadavg()[0]
    started = datetime.now(UTC)
    measures: list[Measure | Skipped] = []
    try:
        with tempfile.TemporaryDirectory(prefix="dui-bridge-bench-") as folder:
            for measure in _measures(Path(folder), sizes):
                sys.stderr.write(f"{measure.key}\n")
                measures.append(measure)
    except Failed as failure:
        sys.stderr.write(f"{failure}\n")
        return 2
    judged = not options.quick
    table = as_markdown(measures, judged=judged)
    answer = {
        "at": started.isoformat(timespec="seconds"),
        "quick": options.quick,
        "machine": _machine(load),
        "measures": [measure.as_dict(judged=judged) for measure in measures],
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "bench.md").write_text(table, encoding="utf-8")
    (options.out / "bench.json").write_text(json.dumps(answer, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(table)
    return 0


def _measures(folder: Path, sizes: Sizes) -> Iterator[Measure | Skipped]:
    command = Path(sys.executable).with_name("dui-bridge")
    yield from measure_start_up(command, folder, sizes.start_ups)

    current = generated_site(command, folder / "current", sizes.mapped_usagers, CURRENT)
    rates = worker("rates", current.config, str(sizes.rendered), str(sizes.runs))
    yield _reading(rates["reading"], current)
    yield _cda(rates["cda"])
    rendered = _rendered(rates["rendered"])
    yield rendered

    yield from measure_demo(command, folder, sizes.demos, sizes.demo_usagers, 1000 / rendered.value.median)

    small = generated_site(command, folder / "small", sizes.small_export, DRAFT)
    large = generated_site(command, folder / "large", sizes.large_export, DRAFT)
    yield measure_memory(command, small, large, sizes.runs, sizes.large_runs)

    yield from measure_deliveries(sizes.deliveries, sizes.delivery_rounds, sizes.status_rows)

    yield _searches(worker("searches", str(sizes.searches), str(sizes.runs)))
    yield from deposit_rows(worker("deposits", str(sizes.deposits), str(sizes.runs)))
    yield from _mails(worker("mails", str(sizes.mails), str(sizes.runs)))

    if sizes.validations:
        yield from measure_validation(sizes.validations)


def _reading(answer: dict[str, Any], site: Site) -> Measure:
    if answer["dossiers"] != site.usagers:
        raise Failed(f"{answer['dossiers']} dossiers of {site.usagers} usagers were mapped")
    floor = "`csv.reader` over the same files"
    return _rate("mapped_rate", "rows read, joined and mapped", "rows", answer, floor, Target(0.03, at_most=False))


def _cda(answer: dict[str, Any]) -> Measure:
    floor = "`etree.tostring` of the finished tree"
    return _rate("cda_rate", "CDA built around a ready PDF", "documents", answer, floor, None)


def _rendered(answer: dict[str, Any]) -> Measure:
    floor = "the finished PDF and tree only written again"
    target = Target(12, at_most=False, of_ratio=False)
    return _rate("rendered_rate", "level 1 documents rendered, built and checked", "documents", answer, floor, target)


def _searches(answer: dict[str, Any]) -> Measure:
    ours = Series("searches at INSi over mutual TLS, one connection", tuple(answer["ours"]))
    floor = Series("bare httpx posts the same bytes", tuple(answer["floor"]))
    return Measure("searches", ours, "searches/s", floor, Target(0.6, at_most=False), {"searches": answer["searches"]})


def _mails(answer: dict[str, Any]) -> Iterator[Measure]:
    rows = {
        "mails": ("ours", "mails with a document of 1 MB over mutual TLS, made and sent", Target(0.5, at_most=False)),
        "mails_handed_over": ("handed_over", "the same, made before", Target(0.9, at_most=False)),
    }
    floor = Series("bare smtplib hands over the same bytes", tuple(answer["floor"]))
    for key, (measured, name, target) in rows.items():
        ours = Series(name, tuple(answer[measured]))
        yield Measure(key, ours, "mails/s", floor, target, {"mails": answer["mails"]})


def _rate(key: str, name: str, what: str, answer: dict[str, Any], floor: str, target: Target | None) -> Measure:
    """A rate per core, from the seconds of processor that a worker counted."""
    count = answer[what]
    ours = Series(f"{name}, per core", tuple(count / seconds for seconds in answer["ours"]))
    of_floor = Series(floor, tuple(count / seconds for seconds in answer["floor"]))
    return Measure(key, ours, f"{what}/s", of_floor, target, answer)


def _machine(load: float) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_before": load,
    }


if __name__ == "__main__":
    sys.exit(main())
