"""Hostile inputs by the thousand for a reader, in a process of its own: how slow, how large, what it writes.

`DUI_BRIDGE_FUZZ` inputs a test, 2,000 by default; `make fuzz` takes 20,000. The same number gives the same inputs.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

COUNT = int(os.environ.get("DUI_BRIDGE_FUZZ", "2000"))
MAX_SECONDS = 1.0
MAX_MEMORY = 200 * 1024 * 1024

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGING = {"os.mkdir", "os.rename", "os.remove", "os.symlink", "os.link", "os.truncate", "os.chmod", "os.rmdir"}


@dataclass(frozen=True)
class Fuzzed:
    """What a reader did: CPU seconds of its slowest input, most bytes of memory it added, paths it changed."""

    inputs: int
    slowest: float
    memory: int
    changed: tuple[str, ...]


class Crashed(AssertionError):
    """A reader raised on an input."""


def fuzzed(read: Callable[[bytes], object], inputs: Callable[[Random], bytes], count: int = COUNT) -> Fuzzed:
    """Runs a reader on so many inputs. Both functions must be importable (no lambda).

    Raises:
        Crashed: the reader raised; the message says on which input, from 0.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        return apart.submit(_run, read, inputs, count).result()


def assert_bounded(seen: Fuzzed) -> None:
    """No input over a second, no process over 200 MB, nothing written."""
    assert seen.slowest < MAX_SECONDS
    assert seen.memory < MAX_MEMORY
    assert seen.changed == ()


def mutant(data: bytes, random: Random) -> bytes:
    """Bytes with one to eight faults: bits, numbers, pieces removed, repeated, moved, or cut off."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 8)):
        if not changed:
            break
        at = random.randrange(len(changed))
        length = random.choice((1, 2, 4, 8, 64, 512))
        match random.randrange(7):
            case 0:
                changed[at] ^= 1 << random.randrange(8)
            case 1:
                changed[at : at + length] = random.choice((b"\0", b"\xff", b"\x7f", b"\x80")) * length
            case 2:
                changed[at : at + length] = random.randbytes(length)
            case 3:
                del changed[at : at + length]
            case 4:
                changed[at:at] = changed[at : at + length] * random.choice((1, 2, 16))
            case 5:
                other = random.randrange(len(changed))
                changed[at : at + length] = changed[other : other + length]
            case _:
                if random.randrange(4) == 0:
                    del changed[at:]
    return bytes(changed)


def _run(read: Callable[[bytes], object], inputs: Callable[[Random], bytes], count: int) -> Fuzzed:
    sys.dont_write_bytecode = True
    # What the process had before it was forked is not the reader's.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    begin = _status("VmRSS")
    changed: set[str] = set()
    sys.addaudithook(lambda event, arguments: _note(event, arguments, changed))
    slowest = 0.0
    for number in range(count):
        data = inputs(Random(number))
        started = time.process_time()
        try:
            read(data)
        # Whatever it is, it is a fault of the reader.
        except BaseException as error:
            raise Crashed(f"input {number} of {len(data)} bytes: {type(error).__name__}: {error}") from error
        slowest = max(slowest, time.process_time() - started)
    return Fuzzed(count, slowest, _status("VmHWM") - begin, tuple(sorted(changed)))


def _status(name: str) -> int:
    """A measure of this process in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def _note(event: str, arguments: tuple[object, ...], changed: set[str]) -> None:
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
    if writes or event in _CHANGING:
        changed.add(f"{event} {arguments[0]!r}")
