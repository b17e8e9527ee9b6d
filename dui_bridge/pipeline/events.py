"""What the pipeline says while it works: names and numbers, never a person."""

from __future__ import annotations

from typing import Any


class Steps:
    """Receives the steps of a run. This one is silent."""

    def event(self, name: str, **values: Any) -> None:
        """One step: `run_started`, `export_waiting`, `run_ended`…"""

    def advance(self, source: str, read: int, total: int | None) -> None:
        """`read` records of `total` (None: unknown) of a source."""
