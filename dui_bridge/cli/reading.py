"""Reading a file that a person names."""

from __future__ import annotations

from pathlib import Path

from dui_bridge.errors import FileUnusable, os_reasons


def read_up_to(file: Path, max_bytes: int) -> bytes:
    """The bytes of a file; one more than `max_bytes` of one that is larger, for its reader to refuse.

    Raises:
        FileUnusable: it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            return stream.read(max_bytes + 1)
    except OSError as error:
        raise FileUnusable(file=str(file), **os_reasons(error)) from None
