"""Where the official reference material is, for the tests that need it."""

from __future__ import annotations

import os
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parent.parent


def shared_path() -> Path | None:
    """The folder named by `DUI_BRIDGE_SHARED`, else `shared` beside the checkout; None when there is neither."""
    named = os.environ.get("DUI_BRIDGE_SHARED")
    folder = Path(named) if named else _CHECKOUT.parent / "shared"
    return folder if folder.is_dir() else None
