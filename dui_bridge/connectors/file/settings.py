"""How a site names a folder that documents are written to."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class FileSettings(BaseModel):
    """A folder: each document is written as `<path>/<source>/<unique id>.xml`, with its PDF beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["file"] = "file"
    path: Path = Field(description="The folder; made when it does not exist. It holds personal data in clear.")
