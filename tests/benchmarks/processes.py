"""Runs a command to its end and says what it cost: wall clock, processor time, peak memory.

Linux starts a child's peak memory at what its parent held when it was started, so the process that measures imports
nothing but the standard library: everything else is done in workers (`worker.py`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Failed(Exception):
    """What was to be measured did not work."""


@dataclass(frozen=True)
class Ran:
    """What one process cost.

    Args:
        wall: seconds from its start to its end.
        cpu: seconds of processor, user and system.
        peak: MB (10^6 bytes) of resident memory at its highest.
        stdout: what it printed.
    """

    wall: float
    cpu: float
    peak: float
    stdout: str


def run(command: Sequence[str | Path], *, cwd: Path | None = None) -> Ran:
    """Runs a command. Raises Failed when its exit code is not 0."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], cwd=cwd, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            words = " ".join(str(word) for word in command)
            raise Failed(f"{words}: exit code {process.returncode}\n{err.read().decode(errors='replace')[-4000:]}")
        unit = 1 if sys.platform == "darwin" else 1024
        peak = usage.ru_maxrss * unit / 1e6
        return Ran(wall, usage.ru_utime + usage.ru_stime, peak, out.read().decode())


def worker(task: str, *words: str | Path) -> dict[str, Any]:
    """Runs a task of `worker.py` in a process of its own; its answer."""
    ran = run([sys.executable, Path(__file__).with_name("worker.py"), task, *words])
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer
