"""Where the site of the DMP for professionals (Web PS) stands, and how it is called in AIR.

Source: GIE SESAM-Vitale, PDT-INF-527, "Accès Web au système DMP", v7 (2024-04-22): paths of the pages, and no name of a
host. No public text describes the call in AIR (TD0.10): it is off unless given.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AirWebSettings(_Closed):
    """The call with an assertion of the professional (TD0.10)."""

    address: str | None = Field(None, description="Where the form is sent; by default the address of the page.")
    assertion_field: str = Field(min_length=1, description="The field that holds the assertion.")
    target_field: str | None = Field(None, description="The field that holds the address of the page, if it has one.")
    encoding: Literal["base64", "base64url", "plain"] = Field("base64", description="How the assertion is written.")


class WebSettings(_Closed):
    """The site of the DMP for professionals."""

    base: str | None = Field(None, description="Its address (https); no public text gives it.")
    path: str = Field("AccesDirect", description="What stands before the name of a page.")
    air: AirWebSettings | None = Field(None, description="Off unless given.")
