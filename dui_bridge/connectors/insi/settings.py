"""How a site calls the téléservice INSi."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from dui_bridge.connectors.insi.echelle import LADDER, Step


class CallOn(StrEnum):
    """What makes a search for a person: recovery in bulk is not allowed, a search belongs to the care of somebody."""

    ADMISSION = "admission"
    STAY = "stay"
    CORRECTED = "corrected"
    DOCUMENT = "document"
    ANY = "any"  # every person of an export: only where the stand-in answers


EVENTS: Final = tuple(event for event in CallOn if event is not CallOn.ANY)


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VerificationSettings(_Closed):
    """The unit verification, which no public contract describes: names come from the vendor's own copy of the WSDL."""

    namespace: str = Field(description="Of the request.")
    root: str = Field(description="Name of the request's root element.")
    action: str = Field(
        "urn:ServiceIdentiteCertifiee:1.0.0:verifierInsAvecTraitsIdentite", description="Of the operation."
    )
    answer_namespace: str = Field("http://www.cnamts.fr/INSiLot2/REPUnitaire", description="Of the answer.")


class InsiSettings(_Closed):
    """The téléservice INSi. Its certificate is `insi` of the site's certificates, its IDAM that of the software."""

    url: str | None = Field(None, description="By default that of the profile; the sandbox has none.")
    timeout: int = Field(15, ge=1, le=120, description="Seconds without an answer.")
    daily_cap: int = Field(200, ge=0, description="At most so many calls a day; the others wait.")
    call_on: tuple[CallOn, ...] = Field(
        EVENTS, description="What makes a search for a person; `any` (everybody) in the sandbox profile only."
    )
    recent_days: int = Field(30, ge=1, le=365, description="Days after which an admission, stay or check is no event.")
    ladder: tuple[Step, ...] = Field(LADDER, min_length=1, description="What is tried in turn, until one is found.")
    max_calls: int = Field(8, ge=1, le=30, description="Calls for one search of one person.")
    reverify_years: int = Field(3, ge=1, le=10, description="Age of a recovered identity that is to be verified again.")
    verification: VerificationSettings | None = Field(None, description="Off unless given.")

    @field_validator("ladder")
    @classmethod
    def _begins_with_first(cls, ladder: tuple[Step, ...]) -> tuple[Step, ...]:
        if ladder[0] is not Step.FIRST or len(set(ladder)) != len(ladder):
            raise ValueError("the ladder begins with 'first', and no step stands twice")
        return ladder
