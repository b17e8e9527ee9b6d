"""How a site speaks to the DMP. What published texts and messages do not agree on is a setting, with what was seen.

Sources: messages and samples of the GIE SESAM-Vitale (paths, forms of the VIHF, signature of the lot); ANS, volet
"Transmission de document CDA en HL7 v2"; conditions of use of the DMP (rates).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dui_bridge.connectors.dmp.contextual_settings import WebSettings

_OID = r"^[0-2](\.(0|[1-9][0-9]*))+$"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VihfSettings(_Closed):
    """The forms of the assertion (VIHF) on which messages differ."""

    version: str = Field("3.0", description="VIHF_Version: 3.0 in every message seen, 4.0 in one text.")
    mode_attribute: Literal["Authentification_Mode", "Authentification_mode"] = Field(
        "Authentification_Mode", description="How the attribute of the mode is spelled."
    )
    purpose_system_name: str = Field("mode acces VIHF 2.0", description="codeSystemName of the purpose.")
    declaration: str = Field("CONF_EXI_PGSSIS", description="AuthnContextDecl of the mode INDIRECTE_RENFORCEE.")
    validity: int | None = Field(None, ge=10, le=3600, description="Seconds, in Conditions; none by default.")


class AutomateSettings(_Closed):
    """Who feeds when no professional is behind: the role and the authentication that the VIHF tells."""

    role: str = Field("AUTOMATE", description="Code of the role.")
    role_system: str = Field("1.2.250.1.213.1.1.4.6", pattern=_OID, description="Its code system.")
    role_label: str = Field("Automate", description="Its label.")
    authentication: Literal["unspecified", "TLSClient", "Password"] = Field(
        "unspecified", description="Class of SAML 2.0: what really happened."
    )


class ContentTypeSettings(_Closed):
    """The activity in which documents are submitted (contentTypeCode of a lot, JDV_J59)."""

    code: str = Field("04", description="The code.")
    system: str = Field("1.2.250.1.213.2.2", pattern=_OID, description="Its code system.")
    label: str = Field("Hospitalisation de jour", description="Its label.")


class DmpSettings(_Closed):
    """The DMP. Its certificates are `dmp` (calls) and `sign` (lots and assertions) of the site's certificates."""

    kind: Literal["dmp"] = "dmp"
    base: str | None = Field(
        None, description="Address of its services; by default that of production. The other profiles have none."
    )
    repository: str = Field("repository", description="Path or address of deposits and retrieval (ITI-41, ITI-43).")
    registry: str = Field("registry", description="Path or address of queries and updates (ITI-18, ITI-57).")
    patients: str = Field("patients", description="Path or address of the existence of a DMP (TD0.2).")
    repository_id: str = Field(
        "1.2.250.1.213.4.1.1.1.2", pattern=_OID, description="Repository of documents whose entry names none."
    )
    timeout: int = Field(60, ge=1, le=600, description="Seconds without a byte.")
    longest: int = Field(600, ge=1, le=3600, description="Seconds for a whole answer.")
    feeds_per_second: float | None = Field(
        None,
        gt=0,
        lt=5,
        description="Deposits a second, of all processes of the site together; by default 4 (the DMP wants fewer than "
        "5 of a structure), and no limit in the sandbox.",
    )
    daily_documents: int | None = Field(
        None, ge=1, description="Deposits a day; by default 20 in qualification (training platform), else no limit."
    )
    max_megabytes: int = Field(50, ge=1, le=500, description="Largest document that is sent or taken.")
    capture: Path | None = Field(
        None,
        description="A folder that keeps what is sent and answered, masked. With it, what is exchanged about each "
        "document is also kept as it was, but for the secrets, sealed in the journal (`dui-bridge dmp evidence`).",
    )
    ask_existence: bool = Field(True, description="Ask once for each person whether the DMP is open, before a deposit.")
    both_masks: bool = Field(
        False, description="MASQUE_PS together with INVISIBLE_PATIENT (cumul-invisible_patient-masque_ps)."
    )
    hash_and_size: bool = Field(True, description="Send hash and size of documents.")
    lookup: Literal["LeafClass", "ObjectRef"] = Field(
        "LeafClass", description="What TD3.1b asks for: our own entry, with its hash, or its id alone."
    )
    signature_hash: Literal["sha1", "sha256"] = Field("sha1", description="Of the signature of the lot (RSA).")
    digest_hash: Literal["sha1", "sha256"] = Field("sha1", description="Of its references.")
    vihf: VihfSettings = Field(VihfSettings(), description="The forms of the assertion.")
    automate: AutomateSettings = Field(AutomateSettings(), description="Who feeds.")
    content_type: ContentTypeSettings = Field(ContentTypeSettings(), description="The activity of the lots.")
    web: WebSettings = Field(WebSettings(), description="Its site for professionals, opened in a browser.")
