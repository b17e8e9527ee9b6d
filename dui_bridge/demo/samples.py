"""Where the samples are: in a checkout beside the package, in a wheel inside it."""

from __future__ import annotations

from pathlib import Path

import dui_bridge
from dui_bridge.errors import FileUnusable

VENDORS = ("atlas-ph", "serenia-ehpad", "passerelle-pds")


def samples_root() -> Path:
    """The folder of the samples: of the vendors, and `insi`. Raises FileUnusable when the installation lacks them."""
    package = Path(dui_bridge.__file__).parent
    for candidate in (package / "samples", package.parent / "samples"):
        if all((candidate / vendor / f"{vendor}.yaml").is_file() for vendor in VENDORS):
            return candidate
    raise FileUnusable(
        file=str(package / "samples"),
        reason="the samples are not installed",
        reason_fr="les exemples ne sont pas installés",
    )
