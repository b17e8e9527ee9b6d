"""The operator's post: takes mails, puts them in mailboxes, and lets the recipients answer as they are told to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final, Literal

from dui_bridge.sandbox.mssante.reports import Form, Outcome, citizen_bounce, delivery_report, receipt
from dui_bridge.sandbox.mssante.store import Recipient, Store, Taken

TRUSTED: Final = "mssante.fr"
"""The domain below which all are on the white list."""


@dataclass(frozen=True, slots=True)
class Correspondent:
    """How the side of a recipient behaves; whoever is not told of takes every mail in silence.

    Args:
        address: whose; `@domain` for all of a domain.
        refusal: the answer to RCPT (`550 5.1.1 …`): the mail is not taken for this recipient.
        diagnostic: the mail is taken, then comes back with this answer of the next server (`550 5.1.1 …`).
        bounce: the mail is taken, then Mon espace santé sends it back: a reason of `reports.BOUNCES`.
        receipt: what the software of the recipient answers: `processed`, or an error code (`902`).
        form: how that answer is written.
    """

    address: str
    refusal: str = ""
    diagnostic: str = ""
    bounce: Literal["", "closed", "unknown", "invalid", "too_big"] = ""
    receipt: str = ""
    form: Form = Form.NEW


class Post:
    """What happens to the mails.

    Args:
        store: where they are kept.
        has_mailbox: whether an address is one of the operator's own mailboxes: mails to it are put there.
        domains: the white list beside `TRUSTED`.
        correspondents: how recipients behave.
        reports: whether deliveries are reported to those who ask; failures always are.
        mails: where mails for the mailboxes are laid down, see `collect`; None for nowhere.
        clock: aware.
    """

    def __init__(
        self,
        store: Store,
        has_mailbox: Callable[[str], bool],
        *,
        domains: Iterable[str] = (),
        correspondents: Iterable[Correspondent] = (),
        reports: bool = True,
        mails: Path | None = None,
        clock: Callable[[], datetime],
    ) -> None:
        self.store = store
        self.correspondents = {one.address.lower(): one for one in correspondents}
        self._has_mailbox = has_mailbox
        self._domains = frozenset(one.lower() for one in domains)
        self._reports = reports
        self._mails = mails
        self._clock = clock
        self._collecting = Lock()

    def refusal(self, address: str) -> str:
        """The answer to a RCPT that is refused; empty when it is not."""
        domain = address.rpartition("@")[2].lower()
        if domain not in self._domains and domain != TRUSTED and not domain.endswith(f".{TRUSTED}"):
            return "550 5.1.2 Domaine hors de la liste blanche MSSante"
        return self._correspondent(address).refusal

    def take(self, content: bytes, sender: str, recipients: Sequence[Recipient], envid: str, ret: str) -> Taken:
        """Keeps a mail and lets its recipients answer."""
        mail = self.store.take(content, sender, recipients, envid, ret, self._clock())
        for recipient in recipients:
            self._deliver(mail, recipient)
        return mail

    def serve(self, mailbox: str, content: bytes, folder: str = "INBOX") -> int:
        """Puts a mail in a folder of a mailbox; its UID."""
        return self.store.serve(mailbox.lower(), content, self._clock(), folder)

    def collect(self, mailbox: str) -> None:
        """Puts into a mailbox what was laid down for it, `<mails>/<address>/*.eml`, which is then taken away.

        Raises:
            OSError: a file cannot be read or taken away.
        """
        if self._mails is None:
            return
        with self._collecting:
            for path in sorted((self._mails / mailbox).glob("*.eml")):
                # A person's editor ends lines with LF alone, which no server sends.
                lines = path.read_bytes().replace(b"\r\n", b"\n")
                self.serve(mailbox, lines.replace(b"\n", b"\r\n"))
                path.unlink()

    def report(self, mail: Taken, recipient: Recipient, outcome: Outcome, diagnostic: str = "") -> None:
        """The operator tells the sender what became of a mail (DSN)."""
        self._answer(mail.sender, delivery_report(mail, recipient, outcome, diagnostic, self._clock()))

    def receipt(self, mail: Taken, address: str, code: str = "processed", form: Form = Form.NEW) -> None:
        """The software of a recipient tells what it did with a mail (MDN), or by an ordinary mail."""
        written = receipt(mail, address, code, form, self._clock())
        if written is not None:
            self._answer(*written)

    def bounce(self, mail: Taken, address: str, reason: str) -> None:
        """Mon espace santé sends a mail back."""
        self._answer(mail.sender, citizen_bounce(mail, address, reason, self._clock()))

    def _deliver(self, mail: Taken, recipient: Recipient) -> None:
        told = self._correspondent(recipient.address)
        if told.diagnostic:
            if recipient.wants("FAILURE"):
                self.report(mail, recipient, Outcome.FAILED, told.diagnostic)
            return
        if told.bounce:
            self.bounce(mail, recipient.address, told.bounce)
            return
        if self._has_mailbox(recipient.address):
            self._arrives(recipient.address, mail.content, mail.sender)
        if self._reports and recipient.wants("SUCCESS"):
            self.report(mail, recipient, Outcome.RELAYED)
        if told.receipt:
            self.receipt(mail, recipient.address, told.receipt, told.form)

    def _answer(self, address: str, content: bytes, sender: str = "") -> None:
        if self._has_mailbox(address):
            self._arrives(address, content, sender)

    def _arrives(self, address: str, content: bytes, sender: str) -> None:
        """Puts a mail in a mailbox with what the server that does so writes on it (RFC 5321 4.4)."""
        self.serve(address, f"Return-Path: <{sender}>\r\nDelivered-To: {address}\r\n".encode() + content)

    def _correspondent(self, address: str) -> Correspondent:
        domain = f"@{address.rpartition('@')[2]}".lower()
        known = self.correspondents
        return known.get(address.lower()) or known.get(domain) or Correspondent(address)
