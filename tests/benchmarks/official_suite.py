"""The official suite of rules, warm, against the plain way of the independent judge, in one or more processes at once.

Each process is spawned, compiles for itself, and keeps step with the others: while one way is timed, it is timed in
all of them. What is counted before the judge is loaded is ours alone.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sized
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

from schematron_speed import DOCUMENTS

from dui_bridge.validation.official import OfficialChecker
from dui_bridge.validation.packs import Kind, Pack
from tests.official_judge import PACK, SHARED, judge

_PATIENCE = 300
"""Seconds after which a process no longer waits for the others: one of them has failed."""


def measure_official(processes: int, rounds: int) -> list[dict[str, Any]] | None:
    """One answer a process, in seconds and MB (10^6 bytes); None when the shared reference is not here."""
    if SHARED is None:
        return None
    spawn = multiprocessing.get_context("spawn")
    with spawn.Manager() as manager, ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        together = manager.Barrier(processes)
        waiting = [pool.submit(_in_one_process, rounds, together) for _ in range(processes)]
        return [one.result() for one in waiting]


def _in_one_process(rounds: int, together: Barrier) -> dict[str, Any]:
    paths = {name: PACK / "ExemplesCDA" / file for name, file in DOCUMENTS.items()}
    checker = OfficialChecker(Pack("ci-sis", Kind.CISIS, PACK, ""))
    before = _peak()

    def ours(path: Path) -> None:
        _clean(path, checker.check(path.read_bytes()))

    def plain(path: Path) -> None:
        _clean(path, judge()["check"](path))

    def every(check: Callable[[Path], None]) -> None:
        for path in paths.values():
            check(path)

    first = _timed(lambda: every(ours))
    for _ in range(rounds):
        every(ours)
    peak = _peak()
    first_plain = _timed(lambda: every(plain))
    every(plain)

    rates: dict[str, dict[str, list[dict[str, float]]]] = {}
    for name, path in paths.items():
        sides: dict[str, list[dict[str, float]]] = {"ours": [], "floor": []}
        for _ in range(rounds):
            for side, check in (("ours", ours), ("floor", plain)):
                together.wait(_PATIENCE)
                sides[side].append(_timed(lambda check=check, path=path: check(path)))  # type: ignore[misc]
        rates[name] = sides
    return {
        "compile": {"ours": first, "floor": first_plain},
        "peak_mb": {"ours": peak, "floor": before},
        "rates": rates,
    }


def _clean(path: Path, found: Sized) -> None:
    """These are the suite's own examples: a way that finds something in them, or lacks a part, is not whole."""
    if found:
        raise RuntimeError(f"{path.name}: {len(found)} findings where there are none")


def _timed(run: Callable[[], object]) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def _peak() -> float:
    """Resident memory of this process at its highest. Not `getrusage`: that starts at what the parent held."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6
