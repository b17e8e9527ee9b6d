"""How a site speaks to its MSSanté operator. What public texts leave open is a setting, with its default.

Sources: ANS, référentiel socle MSSanté #2 (clients) v1.0.1 and #1 (operators) v1.6.0, as quoted in public; ANS, volet
"Transmission au LPS d'un document CDA par courriel MSS"; CNAM, messagerie de Mon espace santé v1.3.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Auth(StrEnum):
    """How a mailbox is opened once TLS is up; no public text says which an operator wants."""

    NONE = "none"  # the certificate alone
    EXTERNAL = "external"  # SASL EXTERNAL: the mailbox is that of the certificate
    LOGIN = "login"  # user and password
    XOAUTH2 = "xoauth2"  # user and access token of a person (Pro Santé Connect)


class Tls(StrEnum):
    """When TLS begins; there is no connection without it."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class Audience(StrEnum):
    """Whom a destination writes to."""

    PROFESSIONALS = "professionals"
    USAGER = "usager"


class SmtpSettings(_Closed):
    """Submission of mails."""

    host: str | None = Field(None, description="The server; by default `host`.")
    port: int = Field(587, ge=1, le=65535, description="Its port: 587, or 465 with implicit TLS.")
    tls: Tls = Field(Tls.STARTTLS, description="When TLS begins.")
    delivery_reports: bool = Field(True, description="Ask for delivery reports (DSN) where the server offers them.")
    longest: int = Field(
        600, ge=1, le=3600, description="Seconds for the answer to a whole mail (RFC 5321: 10 minutes)."
    )
    per_connection: int = Field(50, ge=1, le=1000, description="Mails that one connection carries.")


class ImapSettings(_Closed):
    """Reading of the mailboxes."""

    host: str | None = Field(None, description="The server; by default `host`.")
    port: int = Field(143, ge=1, le=65535, description="Its port: 143, or 993 with implicit TLS.")
    tls: Tls = Field(Tls.STARTTLS, description="When TLS begins.")
    folder: str = Field("INBOX", min_length=1, description="The folder that is read.")
    treated: str | None = Field(
        None, description="Where a mail goes once it is handled, as `Traités`; by default it stays, marked as seen."
    )
    failed: str | None = Field(
        None, description="Where a mail goes that could not be handled, as `En erreur`; by default as `treated`."
    )
    max_megabytes: int = Field(50, ge=1, le=500, description="A larger mail is not fetched; a person must look at it.")
    batch: int = Field(50, ge=1, le=1000, description="At most so many mails at a time.")


class MailboxSettings(_Closed):
    """What differs for one mailbox."""

    auth: Auth | None = Field(None, description="How it is opened; by default as `auth` of the operator.")
    user: str | None = Field(
        None,
        description="Its user name at the operator, by default its address; with `external`, by default that of the "
        "certificate.",
    )
    name: str | None = Field(None, description="Name shown with its address; by default that of the establishment.")
    reply_to: str | None = Field(None, description="Where answers go, when not to itself.")


class MessageSettings(_Closed):
    """The form of mails, where public texts do not agree or say nothing."""

    accents: bool = Field(False, description="Accents in the label of the subject; without, its line is plain ASCII.")
    birth_date: bool = Field(True, description="The birth date in the subject, which is optional there.")
    replaced: Literal["after_prefix", "before_prefix"] = Field(
        "after_prefix", description="Where [Annule et remplace] stands in the subject: after XDM/1.0/DDM+ or before."
    )
    pdf: bool = Field(True, description="Attach each document as PDF/A-1 too.")
    file_number: bool = Field(True, description="The dossier number in the names of the PDF, which is optional there.")
    read_receipt: bool = Field(True, description="Ask for a receipt of reading (MDN).")
    final: bool = Field(
        False, description="The person is not to answer: mails to citizens say so (X-MSS-MES: FIN), no others."
    )
    text: str | None = Field(None, description="Text of mails to professionals, instead of the usual one.")
    citizen_text: str | None = Field(None, description="Text of mails to citizens, instead of the usual one.")
    receipt_form: Literal["new", "old"] = Field(
        "new", description="Form of the receipts of errors that are sent: `processed/error` with a field Error, or one."
    )


class MssanteSettings(_Closed):
    """The MSSanté operator. The certificate is `mssante` of the site's certificates, trust is IGC-Santé alone."""

    kind: Literal["mssante"] = "mssante"
    host: str = Field(min_length=1, description="The operator's server.")
    smtp: SmtpSettings = Field(SmtpSettings(), description="Submission.")
    imap: ImapSettings = Field(ImapSettings(), description="Reading.")
    audience: Audience = Field(
        Audience.PROFESSIONALS,
        description="Whom it writes to. Oppositions and rules differ, and a mail never goes to both: a site that "
        "writes to both has two destinations.",
    )
    auth: Auth = Field(Auth.EXTERNAL, description="How mailboxes are opened.")
    mailboxes: dict[str, MailboxSettings] = Field({}, description="By address, what differs from one to another.")
    domains: tuple[str, ...] | None = Field(
        None,
        description="Domains of the trusted space, each with all below it; nothing goes elsewhere. By default "
        "`mssante.fr`, and with a white list only what it names.",
    )
    white_list: Path | None = Field(
        None, description="The national list of domains (XML), kept fresh by the site; its domains are added."
    )
    ciphers: str | None = Field(None, description="Suites of TLS 1.2, in OpenSSL's words; by default those of Python.")
    max_megabytes: int = Field(25, ge=1, le=500, description="Largest mail, attachments encoded.")
    timeout: int = Field(60, ge=1, le=600, description="Seconds without an answer.")
    content_type: str = Field("04", description="The activity in which documents are sent (JDV_J59).")
    content_type_label: str = Field("Hospitalisation de jour", description="Its label.")
    message: MessageSettings = Field(MessageSettings(), description="The form of mails.")
