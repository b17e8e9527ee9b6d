"""How a site asks the Annuaire Santé. What public texts leave open is a setting, with what was seen as its default.

Sources: ANS, public documentation of the FHIR API v2 of the Annuaire Santé (address, header, 50 entries a page, answers
within 30 seconds, 17 calls a second, copies kept 30 days at most).
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Kind(StrEnum):
    """What a mailbox is (TRE_R257-TypeBAL)."""

    PER = "PER"  # of a person
    CAB = "CAB"  # of a practice, held by one of its professionals
    ORG = "ORG"  # of a service or team of a structure
    APP = "APP"  # of a software of a structure


class AnnuaireSettings(BaseModel):
    """The Annuaire Santé. Its key is `software.annuaire_key`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = Field(None, description="Base of the FHIR API; by default the national one.")
    header: str = Field("ESANTE-API-KEY", pattern=r"^[A-Za-z0-9-]+$", description="The header that carries the key.")
    calls_per_second: float = Field(
        15, gt=0, le=100, description="At most so many calls, of one process; a key is allowed 17, of all."
    )
    timeout: int = Field(35, ge=1, le=120, description="Seconds without an answer; the service gives up after 30.")
    tries: int = Field(4, ge=1, le=10, description="Calls for one page, when it fails for now.")
    page: int = Field(50, ge=1, le=1000, description="Entries a page.")
    most: int = Field(500, ge=1, le=10_000, description="Entries that one search reads; beyond, it is to be narrowed.")
    fresh_days: int = Field(7, ge=0, le=30, description="An answer is used again for so many days without asking.")
    keep_days: int = Field(
        30, ge=1, le=30, description="An older answer is kept for so many days, for when nothing answers."
    )
    prefer: tuple[Kind, ...] = Field(
        (Kind.PER, Kind.CAB, Kind.ORG, Kind.APP),
        min_length=1,
        description="Which mailbox of an owner is proposed, the best first; a kind that is left out never is. A person "
        "records it in the DUI: nothing is written to it before.",
    )

    @field_validator("prefer")
    @classmethod
    def _each_once(cls, prefer: tuple[Kind, ...]) -> tuple[Kind, ...]:
        if len(set(prefer)) != len(prefer):
            raise ValueError("no kind stands twice")
        return prefer
