"""How a site asks Pro Santé Connect. What public texts leave open is a setting, with what was seen as its default.

Sources: ANS, public implementation guides and samples of Pro Santé Connect (addresses, scope, `acr_values`, userinfo);
OpenID Connect Core 1.0; OpenID Connect CIBA Core 1.0; RFC 7636, RFC 8252, RFC 8705, RFC 9207.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Flow(StrEnum):
    """How the person is asked."""

    CIBA = "ciba"  # on their e-CPS, with nothing in between
    CODE = "code"  # in their browser, which comes back to an address of ours or of the DUI


class Authentication(StrEnum):
    """How the bridge makes itself known to the service."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    CERTIFICATE = "tls_client_auth"


class CibaSettings(_Closed):
    """Asking on the e-CPS."""

    address: str | None = Field(
        None, description="Where it is asked; by default what the service publishes, else what was seen of the profile."
    )
    interval: int = Field(5, ge=1, le=60, description="Seconds between two questions when the service tells none.")
    longest: int = Field(120, ge=10, le=600, description="Seconds after which the person is no longer waited for.")


class CodeSettings(_Closed):
    """Asking in a browser."""

    redirect_uri: str | None = Field(
        None, description="Where the browser comes back, when the DUI receives it; by default a port of this machine."
    )
    host: Literal["127.0.0.1", "localhost"] = Field("127.0.0.1", description="How that address names this machine.")
    port: int = Field(0, ge=0, le=65535, description="Its port; 0 for any free one.")
    path: str = Field("/psc", pattern=r"^/[A-Za-z0-9/_-]*$", description="Its path.")
    longest: int = Field(300, ge=10, le=3600, description="Seconds after which the browser is no longer waited for.")


class PscSettings(_Closed):
    """Pro Santé Connect. Its secret and its certificate are `psc` of the site's."""

    issuer: str | None = Field(None, description="By default that of the profile; the sandbox has none.")
    discovery: str = Field(
        ".well-known/wallet-openid-configuration",
        description="Path below the issuer, or address, of what it publishes.",
    )
    hosts: tuple[str, ...] = Field((), description="Further hosts on which the service may stand.")
    client_id: str = Field(min_length=1, description="The identifier that the service gave to the bridge.")
    authentication: Authentication = Field(
        Authentication.BASIC, description="The way in which the bridge makes itself known."
    )
    flow: Flow = Field(Flow.CIBA, description="The way in which the person is asked.")
    scope: str = Field("openid scope_all", pattern=r"(^| )openid( |$)", description="What is asked for.")
    acr: str = Field("eidas1", min_length=1, description="The level of authentication that is asked for.")
    acr_parameter: Literal["acr_values", "acr"] = Field(
        "acr_values", description="The parameter that asks for it: one text has the second form."
    )
    acr_accepted: tuple[str, ...] = Field(
        ("eidas1", "eidas2", "eidas3"), min_length=1, description="The levels that are taken."
    )
    algorithms: tuple[Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"], ...] = Field(
        ("RS256",), min_length=1, description="Signatures of identity tokens that are taken."
    )
    national_id: str = Field(
        "SubjectNameID", min_length=1, description="The claim that holds the national id (PS_IdNat)."
    )
    leeway: int = Field(30, ge=0, le=300, description="Seconds by which clocks may differ.")
    oldest: int = Field(300, ge=10, le=3600, description="Seconds after which an identity token is refused as old.")
    max_age: int | None = Field(
        None, ge=0, description="Seconds since the person was asked for the last time, at most."
    )
    timeout: int = Field(15, ge=1, le=120, description="Seconds without an answer.")
    authentication_class: str = Field(
        "MobileTwoFactorUnregistered", description="What a VIHF says of it (class of SAML 2.0)."
    )
    ciba: CibaSettings = Field(CibaSettings(), description="The settings of `ciba`.")
    code: CodeSettings = Field(CodeSettings(), description="The settings of `code`.")
