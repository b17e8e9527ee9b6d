"""What a report says of a mail that was sent: delivery (DSN), disposition (MDN), integration error, bounce in words.

Sources: RFC 3464 (DSN), RFC 8098 and 2298 (MDN); ANS, volet "Transmission au LPS d'un document CDA par courriel MSS",
v1.1.2 (the error in Disposition) and v1.1.3 (a field Error): both are in use.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dui_bridge.connectors.mssante.failure_codes import (
    SUSPECT,
    bounce_words,
    cause_at,
    integration_cause,
    reply_code,
    status_in,
)
from dui_bridge.connectors.mssante.failures import DELAYED, WITH_WARNING
from dui_bridge.connectors.mssante.mime import Section, read_fields
from dui_bridge.connectors.mssante.replies import bare
from dui_bridge.connectors.mssante.wording import plain
from dui_bridge.findings import Finding, Rule
from dui_bridge.ins.carriers import CITIZEN_MAIL, is_citizen_service

_MOST_WORDS: Final = 500
_MOST_TEXT: Final = 65_536
_ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\"@\\]{1,64}@[^\s<>()\[\],;:\"@\\]{1,255}")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|\([^()]*\)')
_BRACKETS: Final = re.compile(r"<([^<>]{1,400})>")
_KO: Final = re.compile(r"\[\s*ko\b[^\[\]]{0,80}\]\s*(?:\[\s*(\d{1,3})\s*\])?")
_ERROR_CODE: Final = re.compile(r"\s*(\d{1,3})\b")
_ACCEPTED: Final = re.compile(r"\s*0+\s*(?:\^|\Z)")
"""HL7 table 0357: 0 says that the message was accepted."""
_OLD_ERROR: Final = re.compile(r"/\s*error\s*[:,]\s*(.{0,500})", re.IGNORECASE | re.DOTALL)
_SAID_ERROR: Final = re.compile(r"\berreur\s+(\d{1,3})\^")
_CODES: Final = re.compile(r"\A\s*[2-5]\d\d[ -](?:#?[2-5](?:\.\d{1,3}){2}\s)?")
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_DAEMON: Final = re.compile(
    r"(?:mailer-daemon|postmaster|mail-daemon|no-?reply|ne-?pas-?repondre|daemon|mailerdaemon)[^@]{0,40}@"
)
_CITIZEN_SERVICE: Final = "@monespacesante.fr"
"""Mon espace santé writes from there too."""
_MAIL_SYSTEM: Final = re.compile(r"(?:mailer-?daemon|postmaster|mail-daemon|daemon)@")
_AWAY: Final = re.compile(
    r"\A\s*(?:reponse automatique|automatic reply|auto(?:matic)?[ -]?(?:reply|response)|out of office|absen[ct])"
)
_IN_BULK: Final = frozenset({"bulk", "list", "junk", "auto_reply"})
_SURE_SUBJECT: Final = re.compile(
    r"\A(?!(?:re|tr|fwd?) ?:).{0,80}(?:undelivered mail returned to sender|undeliverable|returned mail|failure notice|"
    r"mail delivery (?:failed|failure|system)|delivery status notification|delivery (?:failure|has failed)|"
    r"non remis|non distribue|echec de la? ?(?:remise|distribution))"
)


class Told(StrEnum):
    """What became of the mail at one recipient."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    FAILED = "failed"
    READ = "read"  # processed or displayed there
    DELETED = "deleted"  # without having been read
    UNTOLD = "untold"  # a receipt that says that none is given: denied, or it could not be made
    NOT_INTEGRATED = "not_integrated"


_ACTIONS: Final[Mapping[str, Told]] = {
    "delivered": Told.DELIVERED,
    "relayed": Told.DELIVERED,
    "expanded": Told.DELIVERED,
    "delayed": Told.DELAYED,
    "failed": Told.FAILED,
}
_DISPOSITIONS: Final[Mapping[str, Told]] = {
    "displayed": Told.READ,
    "processed": Told.READ,
    "dispatched": Told.READ,
    "deleted": Told.DELETED,
    "denied": Told.UNTOLD,
    "failed": Told.UNTOLD,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told of one recipient.

    Args:
        recipient: address that the mail was sent to; empty when the report does not say.
        final: address that it ended at, when it differs.
        code: a reply code, or that of an integration error, or the word of a disposition; may be empty.
        status: enhanced status, `5.1.1`; of delivery reports only.
        cause: why it failed, or with which reserve it did not; None when all is well.
        words: of the peer; may name persons.
        named: False for a recipient whom only a text for people names: that may be any address.
    """

    told: Told
    recipient: str = ""
    final: str = ""
    code: str = ""
    status: str = ""
    cause: Rule | None = None
    words: str = ""
    named: bool = True

    @property
    def suspect(self) -> bool:
        """Whether nothing more should be sent to this address before somebody has looked."""
        return self.named and self.cause is not None and self.cause.id in SUSPECT

    @property
    def finding(self) -> Finding | None:
        """The cause with its words; None when nothing failed."""
        if self.cause is None:
            return None
        answer = " ".join(one for one in (self.code, self.status) if one) or "?"
        return Finding(self.cause, values={"answer": answer, "words": bare(_CODES.sub("", self.words))})


def of_delivery(report: Section, given: str) -> tuple[str, tuple[Notice, ...]]:
    """What a `message/delivery-status` says: the envelope id, and a notice for each recipient.

    Args:
        given: the words of the part for people, for a report that gives no diagnostic.
    """
    blocks = _blocks(report)
    envelope = next((one["original-envelope-id"] for one in blocks if one.get("original-envelope-id")), "")
    groups = [one for one in blocks if "action" in one or "final-recipient" in one or "status" in one]
    return envelope.strip(), tuple(_delivery(one, given) for one in groups)


def of_disposition(report: Section, subject: str, text: str) -> tuple[str, tuple[Notice, ...]]:
    """What a `message/disposition-notification` says: the Message-ID of the mail, and a notice, if it says anything.

    Args:
        subject: of the report: an integration error is told there too.
        text: of the part for people.
    """
    fields = {name: value for block in reversed(_blocks(report)) for name, value in block.items()}
    # `automatic-action/MDN-sent-automatically; processed/error`: how, then what.
    disposition = fields.get("disposition", "")
    if not disposition:
        return fields.get("original-message-id", ""), ()
    kind, _, modifier = disposition.partition(";")[2].strip().partition("/")
    kind = kind.strip().lower()
    told = _DISPOSITIONS.get(kind, Told.UNTOLD)
    old = _OLD_ERROR.search(disposition)
    error = fields.get("error") or fields.get("failure") or (old[1] if old is not None else "")
    recipient, final = _recipients(fields)
    if _ACCEPTED.match(error) is not None and ko_code(subject) is None:
        return fields.get("original-message-id", ""), (Notice(told, recipient, final, kind),)
    coded = _ERROR_CODE.match(error) is not None or ko_code(subject) is not None
    # A receipt that is not given gives a reason too: without a code that is none of an integration.
    if coded or (told is not Told.UNTOLD and (error or "error" in modifier.lower())):
        notice = not_integrated(error, subject, text)
        found = Notice(Told.NOT_INTEGRATED, recipient, final, notice.code, "", notice.cause, notice.words)
    elif told is Told.READ and ("warning" in fields or "warning" in modifier.lower()):
        words = fields.get("warning", "").strip()[:_MOST_WORDS]
        found = Notice(told, recipient, final, kind, cause=WITH_WARNING, words=words)
    else:
        found = Notice(told, recipient, final, kind)
    return fields.get("original-message-id", ""), (found,)


def not_integrated(error: str, subject: str, text: str) -> Notice:
    """An integration error, from whichever of its places gives its code: the field, the subject, the text."""
    code = _ERROR_CODE.match(error)
    said = _SAID_ERROR.search(_folded(text[:_MOST_TEXT]))
    found = code[1] if code is not None else ko_code(subject) or (said[1] if said is not None else "")
    # `902^Identifiant de patient inconnu^applicationErrorCondition| E^Error^errorSeverity`
    parts = error.split("^")
    words = (parts[1] if len(parts) > 1 else error).strip()
    return Notice(Told.NOT_INTEGRATED, code=found, cause=integration_cause(found), words=words[:_MOST_WORDS])


def ko_code(subject: str) -> str | None:
    """The code in a subject `[KO Intégration système !][902] …`; empty when it tells none, None for another subject."""
    found = _KO.search(_folded(subject[:1000]))
    return None if found is None else found[1] or ""


def of_bounce(
    mail: Section, sender: str, subject: str, said: str, own: Sequence[str], returned: Sequence[str] = ()
) -> tuple[Notice, ...]:
    """The notices of a mail that says in words only that another was not delivered; empty when it does not.

    Args:
        sender: its address.
        said: its text.
        own: addresses that are not the recipient's, in lower case.
        returned: whom the mail went to that it brings back.
    """
    if not _of_mail_system(mail, sender, subject):
        return ()
    failed = [one for one in mail.value("x-failed-recipients").replace(",", " ").split() if "@" in one]
    written = next((one for one in _addresses(said) if one.lower() not in own), "")
    if not failed and (len(returned) == 1 if not written else written.lower() in {one.lower() for one in returned}):
        failed = [written or returned[0]]
    recipients = failed or [written]
    words = _folded(f"{subject} {said}")
    citizens = any(one.lower().endswith((CITIZEN_MAIL, _CITIZEN_SERVICE)) for one in (sender, *recipients))
    known = bounce_words(words, citizens=citizens)
    # A machine may well write something else than that a mail did not arrive.
    if known is None and not mail.value("x-failed-recipients") and not _SURE_SUBJECT.search(_folded(subject)):
        return ()
    status = status_in(said)
    code = reply_code(status, said) or (known.code if known is not None else "")
    shown = _excerpt(said)
    return tuple(
        Notice(
            Told.FAILED,
            one,
            "",
            code,
            status,
            known.rule if known is not None and not status else cause_at(one, status, code, words),
            shown,
            named=bool(failed) or not written,
        )
        for one in recipients[:50]
    )


def is_automatic(mail: Section, sender: str) -> bool:
    """Whether a machine wrote it, so that nothing is ever answered."""
    return (
        mail.value("return-path").strip() == "<>"
        or _auto_submitted(mail) not in {"", "no"}
        or _DAEMON.match(sender.lower()) is not None
    )


def is_bulk(mail: Section) -> bool:
    """Whether it came to many, by a list: whoever answers answers all of them."""
    return mail.value("precedence").strip().lower() in _IN_BULK or any(
        name.startswith("list-") for name in mail.headers
    )


def _of_mail_system(mail: Section, sender: str, subject: str) -> bool:
    """Whether a mail system wrote it, and not the software of somebody who is away: that has no sender to return to
    either, and says that something is closed."""
    address = sender.lower()
    if _MAIL_SYSTEM.match(address) is not None:
        return True
    if is_citizen_service(address) or address.endswith(_CITIZEN_SERVICE):
        return True
    away = (
        _auto_submitted(mail) == "auto-replied"
        or is_bulk(mail)
        or any(name in mail.headers for name in ("x-autoreply", "x-autorespond"))
        or _AWAY.match(_folded(subject)) is not None
    )
    return not away and mail.value("return-path").strip() == "<>"


def _auto_submitted(mail: Section) -> str:
    return mail.value("auto-submitted").split(";")[0].strip().lower()


def text_of(mail: Section) -> str:
    """What a mail says in words: its first part of plain text, else of HTML without its tags, bounded."""
    texts = [one for one in mail.leaves() if one.media.name in {"text/plain", "text/html", ""} and not one.name]
    plain_texts = [one for one in texts if one.media.name != "text/html"]
    for one in (*plain_texts, *texts):
        said = one.in_words(_MOST_TEXT)
        if one.media.name == "text/html":
            said = html.unescape(_TAG.sub(" ", said))
        if said.strip():
            return said
    return ""


def _blocks(report: Section) -> list[dict[str, str]]:
    """The blocks of fields of a report; without a blank line before them they stand among the headers of the part."""
    own = {name: values[0] for name, values in report.headers.items() if not name.startswith("content-")}
    within = read_fields(report.start(_MOST_TEXT))
    return [own, *within] if own else within


def _delivery(fields: Mapping[str, str], given: str) -> Notice:
    action = fields.get("action", "").split(" ")[0].strip().lower()
    diagnostic = fields.get("diagnostic-code", "")
    status = status_in(fields.get("status", "")) or status_in(diagnostic)
    told = _ACTIONS.get(action) or (Told.DELIVERED if status.startswith("2") else Told.FAILED)
    words = diagnostic.partition(";")[2].strip() or diagnostic or (_excerpt(given) if told is Told.FAILED else "")
    code = reply_code(status, diagnostic)
    recipient, final = _recipients(fields)
    cause = DELAYED if told is Told.DELAYED else None
    if told is Told.FAILED:
        cause = cause_at(recipient, status, code, _folded(f"{diagnostic} {given}"))
    return Notice(told, recipient, final, code, status, cause, words[:_MOST_WORDS])


def _recipients(fields: Mapping[str, str]) -> tuple[str, str]:
    """Whom the mail was sent to, and where it ended when that is another address."""
    original, final = (address_in(fields.get(name, "")) for name in ("original-recipient", "final-recipient"))
    return original or final, final if original and final.lower() != original.lower() else ""


def address_in(value: str) -> str:
    """The first address in a header or a field, without its brackets and the type before it; empty without any.

    What stands in quotes or before brackets is a name, and never counts: anybody may write an address there.
    """
    unnamed = _QUOTED.sub(" ", value[:2000])
    return next(_addresses(" ".join(_BRACKETS.findall(unnamed)) or unnamed), "")


def addresses_in(value: str) -> tuple[str, ...]:
    """All the addresses in a header, names left out as by `address_in`."""
    unnamed = _QUOTED.sub(" ", value)
    return tuple(_addresses(" ".join(_BRACKETS.findall(unnamed)) or unnamed))


def _addresses(text: str) -> Iterator[str]:
    for found in _ADDRESS.finditer(text):
        yield found[0].strip(".'")


def _folded(text: str) -> str:
    return plain(text).lower()


def _excerpt(text: str) -> str:
    return " ".join(text[:4000].split())[:_MOST_WORDS]
