"""A site file (`bridge.yaml`) as it is written: every key, its form, and what it is for.

The models are fed with text only; they are also where the JSON Schema of the file comes from. A relative path is
relative to the folder of the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from dui_bridge.connectors.annuaire.settings import AnnuaireSettings
from dui_bridge.connectors.dmp.settings import DmpSettings
from dui_bridge.connectors.file.settings import FileSettings
from dui_bridge.connectors.insi.settings import InsiSettings
from dui_bridge.connectors.mssante.settings import MssanteSettings
from dui_bridge.connectors.psc.settings import PscSettings
from dui_bridge.findings import Language
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Channel
from dui_bridge.model.identite import Civilite
from dui_bridge.model.profile import Profile
from dui_bridge.model.types import OuiNon
from dui_bridge.site.forms import (
    Category,
    Cron,
    Duration,
    FacilityType,
    Factor,
    Finess,
    Mailbox,
    Name,
    Oid,
    OidRoot,
    Percent,
    Phone,
    Port,
    Rate,
    Rpps,
    SiteId,
    TimeOfDay,
    TimeZone,
    Url,
    Variable,
    refusal,
)
from dui_bridge.site.rules import AUTHOR_WITHOUT_ID, INBOX_WAY, LITERAL_SECRET, SECRET_SOURCE

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]


class Declared(BaseModel):
    """Base of every part of the file: closed, never changed once read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SecretReference(Declared):
    """Where a secret stands: a file, or an environment variable. Never the secret itself."""

    file: Path | None = Field(None, description="A file that only the bridge's user can read (mode 0600).")
    env: Variable | None = Field(None, description="The name of an environment variable.")

    @model_validator(mode="before")
    @classmethod
    def _never_a_literal(cls, value: object) -> object:
        if isinstance(value, str):
            raise refusal(LITERAL_SECRET)
        return value

    @model_validator(mode="after")
    def _one_of_both(self) -> SecretReference:
        if (self.file is None) == (self.env is None):
            raise refusal(SECRET_SOURCE)
        return self


class Software(Declared):
    """What was declared to the national services; set by the vendor, apart from the version of this package."""

    name: str | None = Field(None, description="The name of the software as it was declared.")
    version: str | None = Field(None, description="Its version as it was declared.")
    insi_idam: SecretReference | None = Field(None, description="The identifier given for the INSi service.")
    dmp_homologation: SecretReference | None = Field(None, description="The DMP homologation number.")
    annuaire_key: SecretReference | None = Field(None, description="The key of the API of the Annuaire Santé.")
    mssante_nil: str | None = Field(None, description="The MSSanté NIL number.")
    psc_secret: SecretReference | None = Field(None, description="The secret that Pro Santé Connect gave the bridge.")


class Profession(Declared):
    """A profession or function: a code of an official system, or a text alone."""

    code: str = Field(description="The code, or the name of the function.")
    libelle: str | None = Field(None, description="The label that documents show.")
    systeme: Oid | None = Field(None, description="The code system (OID); without it the code is the site's own.")

    @model_validator(mode="before")
    @classmethod
    def _text_alone(cls, value: object) -> object:
        return {"code": value, "libelle": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler.resolve_ref_schema(handler(schema))
        whole = dict(made)
        made.clear()
        made.update({"description": whole.pop("description", ""), "anyOf": [{"type": "string"}, whole]})
        return made


class Person(Declared):
    """A professional who answers for documents. Without an RPPS the national id is made of FINESS and `code_local`."""

    rpps: Rpps | None = Field(None, description="The RPPS number, 11 digits.")
    code_local: str | None = Field(None, description="The person's code in the establishment.")
    civilite: Civilite | None = Field(None, description="M or MME.")
    nom: str = Field(description="Family name.")
    prenom: str | None = Field(None, description="First name.")
    profession: Profession | None = Field(None, description="Profession or function.")
    role: str | None = Field(None, description="Role, as documents show it.")
    courriel_mss: Mailbox | None = Field(None, description="MSSanté address.")

    @model_validator(mode="after")
    def _has_an_id(self) -> Person:
        if self.rpps is None and self.code_local is None:
            raise refusal(AUTHOR_WITHOUT_ID)
        return self


class Address(Declared):
    """The postal address that documents show."""

    lines: tuple[str, ...] = Field((), description="Street and complements, one a line.")
    postal_code: str | None = Field(None, description="Postcode.")
    city: str | None = Field(None, description="Town.")


class Contact(Declared):
    """Who to call."""

    dsi: str | None = Field(None, description="The IT officer.")
    identito: str | None = Field(None, description="The identitovigilance referent.")


class EstablishmentDeclaration(Declared):
    """One establishment of the organisme gestionnaire."""

    finess: Finess = Field(description="FINESS géographique, 9 characters.")
    finess_ej: Finess | None = Field(None, description="FINESS of the legal entity.")
    name: str = Field(description="The name as documents show it.")
    category: Category = Field(description="IME, SESSAD, EHPAD… gives the facility type of documents.")
    facility_type: FacilityType | None = Field(None, description="Facility type (JDV_J02), by default by category.")
    local_codes: tuple[str, ...] = Field((), description="How the DUI names the establishment.")
    mailbox: Mailbox | None = Field(None, description="The establishment's MSSanté mailbox.")
    timezone: TimeZone = Field("Europe/Paris", description="The zone in which its dates are local.")
    oid_ipp: Oid | None = Field(
        None, description="Root of the local patient ids; by default made from the site and the FINESS."
    )
    default_author: Person | None = Field(None, description="Who signs when a document names no author.")
    legal_authenticator: Person | None = Field(
        None, description="Who answers for documents that name no director; the default author when absent."
    )
    phone: Phone | None = Field(None, description="Telephone number that documents show.")
    address: Address | None = Field(None, description="Postal address that documents show.")
    contact: Contact | None = Field(None, description="Who to call.")


class Pkcs12(Declared):
    """A certificate with its key."""

    pkcs12: Path = Field(description="The PKCS #12 file.")
    password: SecretReference | None = Field(None, description="Its password.")


class Trust(Declared):
    """Whom the bridge trusts."""

    ca: Path = Field(description="The certification authorities (PEM).")
    crl: Path | None = Field(None, description="Revocation lists (PEM or DER), kept fresh by the site.")


class Certificates(Declared):
    """One certificate a usage."""

    insi: Pkcs12 | None = Field(None, description="To call INSi.")
    dmp: Pkcs12 | None = Field(None, description="To call the DMP (ORG_AUTH_CLI).")
    sign: Pkcs12 | None = Field(None, description="To sign the lots and assertions of the DMP (ORG_SIGN).")
    mssante: Pkcs12 | None = Field(None, description="To call the MSSanté operator.")
    psc: Pkcs12 | None = Field(None, description="To call Pro Santé Connect, if not by a secret.")
    trust: Trust | None = Field(None, description="Whom to trust.")


class Guard(Declared):
    """When a run, or what a destination that is added would get, is held for a person."""

    usagers_drop: Percent | None = Field("20%", description="Fewer usagers than last time by this part (and over 5).")
    new_documents: Factor | None = Field(
        "x5",
        description="More documents than usual by this factor (and over 50), from a reading, or for a destination that "
        "is added or put back.",
    )


class SourceSettings(Declared):
    """One export of one vendor."""

    mapping: Path = Field(description="The mapping file.")
    path: Path = Field(description="The folder in which exports arrive.")
    schedule: Cron | None = Field(None, description="When to read it.")
    expected_by: TimeOfDay | None = Field(None, description="Alert when no export came by this time.")
    guard: Guard = Field(Guard(), description="When to hold a run.")
    outcomes: Path | None = Field(None, description="The folder in which the outcome rows for the DUI are written.")
    every: Duration | None = Field(None, description="Read it again after this time, instead of `schedule`.")
    urgent: Path | None = Field(None, description="A folder watched by `serve`: an export laid there is read at once.")


class Sending(Declared):
    """What every destination has."""

    start: Day | None = Field(None, description="Older documents are not sent.")
    types: dict[TypeDocument, Literal["ask", "auto", "never"]] = Field({}, description="Which documents, and how.")
    rate: Rate | None = Field(None, description="At most so many deliveries.")
    urgent_within: Duration = Field("30min", description="An urgent document that waits longer is an alert.")
    retries: int = Field(8, ge=0, le=50, description="Tries after a passing failure, before a person is asked.")


class FileDestinationSettings(FileSettings, Sending):
    """A folder: each document is written as `<path>/<source>/<unique id>.xml`, with its PDF beside it."""


class DmpDestinationSettings(DmpSettings, Sending):
    """The DMP. Its certificates are `certificates.dmp` (calls) and `certificates.sign` (lots and assertions)."""


class MssanteDestinationSettings(MssanteSettings, Sending):
    """The MSSanté operator: mails of the establishments that have a `mailbox`, with `certificates.mssante`."""

    receive_every: Duration = Field("5min", description="How often `serve` reads the mailboxes.")
    receipt_within: Duration = Field("72h", description="A mail of which no receipt came in this time is an alert.")
    secrets: dict[str, SecretReference] = Field(
        {}, description="By the address of a mailbox, its password or access token, for `login` and `xoauth2`."
    )


class DummySettings(Sending):
    """A destination of the sandbox profile that counts what it takes, and fails as often as it is told to."""

    kind: Literal["dummy"] = "dummy"
    path: Path = Field(description="Its own store (SQLite).")
    plays: Channel = Field(Channel.LOCAL, description="The channel whose rules of policy apply.")
    asked: OuiNon = Field(True, description="Whether it can be asked what it has, as the DMP; a mail cannot.")
    slow: Percent = Field("0%", description="Answers after `delay`.")
    delay: Duration = Field("1s", description="How slow a slow answer is.")
    transient: Percent = Field("0%", description="Fails for now, before it takes anything.")
    permanent: Percent = Field("0%", description="Refuses for good.")
    cut_before: Percent = Field("0%", description="The connection breaks before anything is taken.")
    cut_after: Percent = Field("0%", description="Takes it, and the connection breaks before the answer.")
    wrong: Percent = Field("0%", description="Takes it, and answers what nobody can read.")
    down: OuiNon = Field(False, description="Does not answer at all.")
    seed: int = Field(0, description="Of the probabilities.")


DestinationSettings = Annotated[
    FileDestinationSettings | DmpDestinationSettings | MssanteDestinationSettings | DummySettings,
    Field(discriminator="kind"),
]
KINDS_BY_NAME = ("dmp", "mssante")
"""Destinations whose name says their kind."""


class Retention(Declared):
    """How long the journal keeps what was sent; ids, hashes and states stay."""

    delivered: Duration = Field("30d", description="The bytes of a document, after it was delivered everywhere.")
    unsettled: Duration = Field(
        "180d", description="The bytes of a document that was refused or came back; what is blocked or doubtful stays."
    )


class Sandbox(Declared):
    """The stand-ins of a site of the sandbox profile (`dui-bridge sandbox serve`)."""

    pki: Path = Field(description="The folder of the test certificates (`dui-bridge sandbox pki` makes it).")
    store: Path | None = Field(
        None, description="Where the stand-ins keep what they took (`dmp/`); by default `sandbox` in `data`."
    )
    insi_persons: Path | None = Field(
        None, description="Whom the stand-in of INSi knows besides the official test identities (CSV)."
    )
    insi_answers: Path | None = Field(
        None, description="A folder of answers that it gives as they are: `<number of the call>.xml`, `<NAME>.xml`."
    )
    mssante_answers: Path | None = Field(
        None, description="How the recipients of mails behave, and what fails at the MSSanté operator (YAML)."
    )
    mssante_mails: Path | None = Field(
        None,
        description="Mails that the MSSanté operator serves: what is laid in `<address of a mailbox>/*.eml` is taken "
        "into that mailbox when it is next opened.",
    )
    dmp_answers: Path | None = Field(None, description="What fails at the DMP (YAML).")
    schemas: Path | None = Field(
        None,
        description="The folder of the official schemas of the DMP: its stand-in then checks every request with them. "
        "By default `reference/xds/schema` in the folder that `DUI_BRIDGE_SHARED` names, if it is there.",
    )


class ConsultationSettings(Declared):
    """When a site lets its professionals consult the DMP."""

    acknowledgement_days: int = Field(
        180, ge=1, le=366, description="Days after which a professional confirms the rules of access again."
    )
    text_version: str | None = Field(
        None, description="The version of these rules that must have been confirmed; any by default."
    )
    signed_in_minutes: int = Field(
        240, ge=1, le=720, description="Minutes after which a professional signs in again (ours: half a day)."
    )
    visible_within_days: int = Field(
        14,
        ge=1,
        le=366,
        description="Days from its deposit within which whoever undertook it makes a document visible to the patient; "
        "then `status` alerts (ours: no text gives a delay).",
    )


class Serve(Declared):
    """`dui-bridge serve`."""

    port: Port = Field("8787", description="Of the HTTP endpoint on 127.0.0.1 (/health, /ready, /metrics).")


class DuiClient(Declared):
    """OAuth 2.0 client credentials (RFC 6749 §4.4)."""

    token_url: str = Field(description="An https address, or a path below `base`.")
    client_id: SecretReference = Field(description="The client that the DUI's vendor registered.")
    client_secret: SecretReference = Field(description="Its secret.")
    scope: str | None = Field(None, description="What the token is asked for, when the DUI wants to be told.")


class DuiAuth(Declared):
    """How the DUI lets the bridge in."""

    client_credentials: DuiClient = Field(description="OAuth 2.0 client credentials.")


class InboxRest(Declared):
    """The DUI's API that takes documents."""

    base: Url = Field(description="The address that paths stand below: https, or http on this machine.")
    post: str = Field(description="The path that documents are posted to, one request for each mail.")
    auth: DuiAuth = Field(description="The credentials of the bridge there.")


class InboxSettings(Declared):
    """Where documents go that others send by MSSanté: a folder or an API."""

    path: Path | None = Field(None, description="The DUI's inbox: a folder, with one of each source in it.")
    rest: InboxRest | None = Field(None, description="The DUI's API, instead of a folder.")

    @model_validator(mode="after")
    def _one_of_both(self) -> InboxSettings:
        if (self.path is None) == (self.rest is None):
            raise refusal(INBOX_WAY)
        return self


class Alerts(Declared):
    """Who hears of trouble."""

    digest: TimeOfDay | None = Field(None, description="When the daily digest leaves.")
    mail: tuple[Mailbox, ...] = Field((), description="Who receives it.")
    heartbeat: Url | None = Field(None, description="An address called at each good run.")


class SiteDeclaration(Declared):
    """The configuration of one site of dui-bridge."""

    site: SiteId = Field(description="Part of every document id: never changed once live.")
    profile: Profile = Field(description="sandbox, qualification or production; never mixed.")
    language: Language = Field("fr", description="Language of messages and reports.")
    data: Path = Field(description="Folder of the journal and all that the bridge keeps.")
    oid_root: OidRoot | None = Field(None, description="An OID that the site owns; document ids are made under it.")
    report: Path | None = Field(None, description="The report of a run (HTML); by default report.html in `data`.")
    master_key: SecretReference = Field(description="32 bytes, hexadecimal or base64; other keys derive from it.")
    software: Software | None = Field(None, description="What was declared to the national services.")
    establishments: tuple[EstablishmentDeclaration, ...] = Field(min_length=1, description="At least one.")
    certificates: Certificates | None = Field(None, description="Usage → file.")
    insi: InsiSettings | None = Field(None, description="The téléservice INSi; without it nobody is searched there.")
    psc: PscSettings | None = Field(None, description="Pro Santé Connect; without it nobody consults the DMP.")
    consultation: ConsultationSettings = Field(ConsultationSettings(), description="The consultation of the DMP.")
    annuaire: AnnuaireSettings | None = Field(None, description="The Annuaire Santé; without it nobody is looked up.")
    sources: dict[Name, SourceSettings] = Field({}, description="The exports that are read, by name.")
    destinations: dict[Name, DestinationSettings] = Field({}, description="Where documents go, by name.")
    policy: tuple[Path, ...] = Field((), description="Rules on who may receive what.")
    urgent_types: tuple[TypeDocument, ...] = Field((TypeDocument.DLU,), description="Documents that overtake others.")
    retention: Retention = Field(Retention(), description="How long payloads are kept.")
    journal: SecretReference | None = Field(
        None, description="The URL of a PostgreSQL database (postgresql://…); by default SQLite in `data`."
    )
    serve: Serve = Field(Serve(), description="The resident process.")
    sandbox: Sandbox | None = Field(None, description="The stand-ins of national services, in the sandbox profile.")
    inbox: InboxSettings | None = Field(
        None, description="Where received documents are handed over; by default the folder `inbox` in `data`."
    )
    alerts: Alerts | None = Field(None, description="Who hears of trouble.")
    operators: Path | None = Field(None, description="Who may do what.")

    @model_validator(mode="before")
    @classmethod
    def _kind_by_name(cls, value: Any) -> Any:
        """`dmp: {…}` needs no `kind: dmp`."""
        if not isinstance(value, dict) or not isinstance(value.get("destinations"), dict):
            return value
        destinations = {
            name: {"kind": name, **given} if name in KINDS_BY_NAME and isinstance(given, dict) else given
            for name, given in value["destinations"].items()
        }
        return {**value, "destinations": destinations}
