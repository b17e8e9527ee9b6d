"""The official suite, warm: documents a second per core, as a ratio to the judge's plain way in the same process.

    python tests/benchmarks/schematron_speed.py [ours|ratio]

`ours` (a process without the judge) gives compile time and peak memory; `ratio` gives the speeds.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dui_bridge.validation.official import OfficialChecker
from dui_bridge.validation.packs import Kind, Pack
from dui_bridge.validation.rules import Use
from tests.official_judge import PACK, judge

DOCUMENTS = {
    "N1": "DOC_NON_STRUCTURE_CDA-R2-N1.xml",
    "FLUDT": "DLU-EHPAD-FLUDT_2022.01.xml",
    "IPS-FR": "IPS-FR_2024.01.xml",
}
ROUNDS = 7


def median_cpu(run: Callable[[], object]) -> float:
    """Median CPU seconds, after one run to warm up."""
    run()
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return statistics.median(times)


def peak() -> int:
    """Peak memory of this process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Prints one line a document."""
    with_judge = sys.argv[1:] != ["ours"]
    checker = OfficialChecker(Pack("ci-sis", Kind.CISIS, PACK, ""))
    start = time.process_time()
    checker.check((PACK / "ExemplesCDA" / DOCUMENTS["N1"]).read_bytes())
    sys.stdout.write(f"compile, first document: {time.process_time() - start:.2f} s CPU, {peak()} MiB\n")
    for name, file in DOCUMENTS.items():
        path = PACK / "ExemplesCDA" / file
        data = path.read_bytes()
        ours = median_cpu(lambda data=data: checker.check(data, Use.SENT))
        line = f"{name:8} {1 / ours:7.1f} documents/s per core"
        if with_judge:
            line += f"  {median_cpu(lambda path=path: judge()['check'](path)) / ours:5.1f} x the plain way"
        sys.stdout.write(f"{line}  {peak()} MiB\n")


if __name__ == "__main__":
    main()
