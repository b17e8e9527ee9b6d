"""`dui-bridge schema site|mapping|policy`: JSON Schemas for editors."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from dui_bridge.cli.output import as_json

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Of(StrEnum):
    """The YAML files that a user writes."""

    SITE = "site"
    MAPPING = "mapping"
    POLICY = "policy"


@app.command()
def schema(of: Annotated[Of, typer.Argument(help="Which file.", show_default=False)]) -> None:
    """Print the JSON Schema of a site file, of a mapping or of a policy file.

    For completion and checks in an editor. The same schemas stand in config/schemas of the project; a YAML file names
    its own in its first line: # yaml-language-server: $schema=mapping.schema.json
    """
    from dui_bridge.pipeline.schemas import SCHEMAS

    as_json(SCHEMAS[of.value]())
