"""The command in a child of this process: what the parent has imported and compiled need not be made again.

What depends on how an interpreter starts (its hash seed, its locale, its peak of memory) needs a process of its own.
"""

from __future__ import annotations

import ctypes
import gc
import io
import os
import signal
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from small_site import assert_plain_words

from dui_bridge.cli import language
from dui_bridge.cli.main import main as main

SECONDS = 60
DAC_RIGHTS = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH (capabilities(7)): what lets root read and write everything."""
CAPABILITY_VERSION_3 = 0x20080522


def without_rights_of_root() -> None:
    """This process may read and write only what modes of files allow."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = ctypes.create_string_buffer(struct.pack("Ii", CAPABILITY_VERSION_3, 0))
    data = ctypes.create_string_buffer(24)
    if libc.capget(header, data):
        raise OSError(ctypes.get_errno(), "capget")
    effective, permitted, _, *upper = struct.unpack("6I", data.raw)
    kept = struct.pack("6I", effective & ~DAC_RIGHTS, permitted & ~DAC_RIGHTS, 0, *upper)
    if libc.capset(header, ctypes.create_string_buffer(kept, 24)):
        raise OSError(ctypes.get_errno(), "capset")


@dataclass
class Forked:
    """A command under way, or ended."""

    pid: int
    said: list[bytes]
    readers: list[threading.Thread]
    code: int | None = None

    def poll(self) -> int | None:
        """The exit code (negative: the signal that ended it), None as long as it runs."""
        if self.code is None and (end := os.waitpid(self.pid, os.WNOHANG)) != (0, 0):
            self.code = os.waitstatus_to_exitcode(end[1])
        return self.code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, seconds: float = SECONDS) -> int:
        until = time.monotonic() + seconds
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                self.code = -signal.SIGKILL
                raise AssertionError("the child did not end")
            time.sleep(0.005)
        return code

    def ended(self, encoding: str = "utf-8") -> tuple[int, str, str]:
        """Exit code, standard output, and standard error in the encoding of the terminal; both hold plain words."""
        code = self.wait()
        for reader in self.readers:
            reader.join(SECONDS)
        # click writes UTF-8 to standard output where a terminal says that it knows ASCII alone.
        out, err = self.said[0].decode(errors="replace"), self.said[1].decode(encoding)
        assert_plain_words(out + err)
        return code, out, err


def forked(
    *words: str,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    before: Callable[[], None] = lambda: None,
    streams: Mapping[int, int | None] | None = None,
    encoding: str = "utf-8",
) -> Forked:
    """Starts `dui-bridge WORDS`.

    Args:
        environment: all of it; None for that of this process.
        before: called in the child, before the command.
        streams: by number of a standard stream: what to put in the place of the pipe that is read here, None to close.
        encoding: of the terminal.
    """
    pipes = [os.pipe(), os.pipe()]
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            gc.freeze()  # what is here already is looked through by no collection: its pages stay those of the parent
            ends = {1: pipes[0][1], 2: pipes[1][1], **(streams or {})}
            _stand_alone(words, environment, cwd, ends, encoding)
            before()
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(code)
    said = [b"", b""]

    def read(number: int) -> None:
        with os.fdopen(pipes[number][0], "rb") as stream:
            said[number] = stream.read()

    readers = [threading.Thread(target=read, args=(number,), daemon=True) for number in range(2)]
    for (_, writing), reader in zip(pipes, readers, strict=True):
        os.close(writing)
        reader.start()
    return Forked(pid, said, readers)


def _stand_alone(
    words: tuple[str, ...],
    environment: Mapping[str, str] | None,
    cwd: Path | None,
    ends: Mapping[int, int | None],
    encoding: str,
) -> None:
    """Makes the child as a new process would be."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
    if cwd is not None:
        os.chdir(cwd)
    for number, (name, errors) in {1: ("stdout", "strict"), 2: ("stderr", "backslashreplace")}.items():
        end = ends[number]
        if end is None:
            os.close(number)
            setattr(sys, name, None)
        else:
            os.dup2(end, number)
            raw = os.fdopen(number, "wb", closefd=False)
            setattr(sys, name, io.TextIOWrapper(raw, encoding, errors, line_buffering=number == 2))
    sys.argv = ["dui-bridge", *words]
    language._chosen.clear()
