"""Reads one mailbox by IMAP: what came since the last time, each mail marked only when its caller has kept it.

Sources: RFC 3501, 2595 (STARTTLS), 6851 (MOVE), 4315 (UIDPLUS); ANS, référentiel socle MSSanté #2, ECO.1.0 to ECO.1.2,
as quoted in public.
"""

from __future__ import annotations

import base64
import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from dui_bridge.connectors.mssante.errors import AuthRefused, Busy, FolderMissing, TlsNotOffered, Unreachable
from dui_bridge.connectors.mssante.mailboxes import Mailbox, Secret, mailbox_of
from dui_bridge.connectors.mssante.opening import Certificates, endpoint, tls_context
from dui_bridge.connectors.mssante.replies import bare
from dui_bridge.connectors.mssante.session import SERVICE, Endpoint, network_error
from dui_bridge.connectors.mssante.settings import Auth, ImapSettings, MssanteSettings, Tls
from dui_bridge.connectors.wire.tls_errors import TlsProblem
from dui_bridge.errors import DuiBridgeError
from dui_bridge.model.profile import Profile

_MEGABYTE: Final = 1_000_000
_SLACK: Final = 65_536
"""Bytes by which a server may be wrong about a size."""
_CURSOR: Final = re.compile(r"(\d{1,10})\.(\d{1,10})", re.ASCII)
_NUMBERS: Final = re.compile(rb"\b(UID|RFC822\.SIZE) (\d{1,12})\b")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOT_NOW: Final = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail of a mailbox.

    Args:
        data: all of it; None when it is larger than the settings allow.
        cursor: what `fetch` is to be given the next time, once this mail and those before it are kept.
    """

    uid: int
    size: int
    cursor: str
    data: bytes | None = field(default=None, repr=False)


class MailboxReader:
    """One mailbox. In one thread at a time; `close` it after each reading: servers end a connection that is idle.

    Args:
        where: the server.
        context: of `wire.tls.client_context`.
        timeout: seconds without an answer.
    """

    def __init__(
        self,
        where: Endpoint,
        context: ssl.SSLContext,
        mailbox: Mailbox,
        settings: ImapSettings,
        *,
        timeout: float,
    ) -> None:
        self._where, self._context, self._mailbox = where, context, mailbox
        self._settings, self._timeout = settings, timeout
        self._most = settings.max_megabytes * _MEGABYTE
        self._imap: imaplib.IMAP4 | None = None
        self._validity = 0
        self._offered: frozenset[str] = frozenset()

    def fetch(self, cursor: str | None) -> Iterator[Fetched]:
        """The mails that came after the cursor, the oldest first, a batch at most; nothing is marked.

        The first time, without a cursor, those that nobody has seen yet. When the server has numbered its mails anew
        (UIDVALIDITY), all of them: who has kept them already knows them by their Message-ID.

        Raises:
            Unreachable, Busy: not now. What was given before is whole.
            TlsProblem, TlsNotOffered, AuthRefused, CredentialsMissing, FolderMissing: it cannot be read at all.
        """
        with self._session() as imap:
            known = None if cursor is None else _CURSOR.fullmatch(cursor)
            same = known is not None and int(known[1]) == self._validity
            after = int(known[2]) if known is not None and same else 0
            criteria = f"UNDELETED UID {after + 1}:*" if cursor is not None else "UNDELETED UNSEEN"
            (found,) = self._asked(imap, "SEARCH", None, criteria)[:1] or [b""]
            # `n:*` names the last mail even when it stands before n.
            uids = sorted(uid for uid in map(int, _digits(found)) if uid > after)[: self._settings.batch]
            for uid in uids:
                mail = self._mail(imap, uid)
                if mail is not None:
                    yield mail

    def settle(self, mail: Fetched, *, failed: bool = False) -> None:
        """Marks a mail as seen, or moves it where the settings say: call it once the mail is kept.

        Args:
            failed: it could not be handled.
        Raises:
            as `fetch`.
        """
        target = (self._settings.failed if failed else None) or self._settings.treated
        with self._session() as imap:
            if int(mail.cursor.partition(".")[0]) != self._validity:
                return  # numbered anew meanwhile: this number is another mail's
            self._asked(imap, "STORE", str(mail.uid), "+FLAGS.SILENT", r"(\Seen)")
            if target is not None:
                self._move(imap, mail.uid, target)

    def remove_handled(self, before: date) -> int:
        """Removes from the folder of handled mails (`treated`) what came before that day; how many.

        Without such a folder nothing is removed: nothing tells a mail that the bridge handled from one that was read.

        Raises:
            as `fetch`.
        """
        target = self._settings.treated
        if target is None:
            return 0
        with self._session() as imap:
            if imap.select(_quoted(target))[0] != "OK":  # nothing was ever moved there
                self._select(imap)
                return 0
            day = f"{before.day}-{_MONTHS[before.month - 1]}-{before.year}"
            (found,) = self._asked(imap, "SEARCH", None, f"UNDELETED SEEN BEFORE {day}")[:1] or [b""]
            uids = list(_digits(found))
            for uid in uids:
                self._delete(imap, uid)
            self._select(imap)
            return len(uids)

    def unseen(self) -> int:
        """How many mails of the folder nobody has seen. Raises as `fetch`."""
        with self._session() as imap:
            (found,) = self._asked(imap, "SEARCH", None, "UNDELETED UNSEEN")[:1] or [b""]
            return len(list(_digits(found)))

    def close(self) -> None:
        """Ends the connection."""
        imap, self._imap = self._imap, None
        if imap is not None:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                imap.logout()
            with contextlib.suppress(OSError):
                imap.shutdown()

    @contextlib.contextmanager
    def _session(self) -> Iterator[imaplib.IMAP4]:
        """The connection with the folder open; after an error there is none any more."""
        try:
            yield self._imap or self._open()
        except imaplib.IMAP4.abort as error:
            self._drop()
            raise _network(error) from None
        except imaplib.IMAP4.error as error:
            self._drop()
            raise self._refused(str(error)) from None
        except OSError as error:
            self._drop()
            raise network_error(error) from None
        except DuiBridgeError:
            self._drop()
            raise

    def _drop(self) -> None:
        imap, self._imap = self._imap, None
        if imap is not None:
            with contextlib.suppress(OSError):
                imap.shutdown()

    def _open(self) -> imaplib.IMAP4:
        where = self._where
        imap: _Bounded
        if where.tls is Tls.IMPLICIT:
            imap = _Implicit(where.host, where.port, ssl_context=self._context, timeout=self._timeout)
        else:
            imap = _Bounded(where.host, where.port, timeout=self._timeout)
        self._imap = imap
        imap.most = self._most + _SLACK
        if where.tls is Tls.STARTTLS:
            if "STARTTLS" not in imap.capabilities:
                raise TlsNotOffered(host=where.host)
            imap.starttls(ssl_context=self._context)
        self._authenticate(imap)
        # What it offers once the mailbox is open, which is more than before.
        told = imap.capability()[1]
        self._offered = frozenset(_words(told).upper().split())
        self._select(imap)
        return imap

    def _authenticate(self, imap: imaplib.IMAP4) -> None:
        mailbox = self._mailbox
        try:
            match mailbox.auth:
                case Auth.NONE:
                    return
                case Auth.EXTERNAL:
                    imap.authenticate("EXTERNAL", lambda _: mailbox.identity.encode())
                case Auth.XOAUTH2:
                    # A refusal tells its reasons in a second challenge, and waits for an empty line.
                    answers = iter((mailbox.xoauth2(),))
                    imap.authenticate("XOAUTH2", lambda _: next(answers, b""))
                case Auth.LOGIN:
                    plain = mailbox.plain()
                    if "AUTH=PLAIN" in imap.capabilities or not plain.isascii():
                        imap.authenticate("PLAIN", lambda _: plain)
                    else:
                        imap.login(mailbox.user, mailbox.password())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise self._refused(str(error)) from None

    def _select(self, imap: imaplib.IMAP4) -> None:
        folder = self._settings.folder
        status, told = imap.select(_quoted(folder))
        if status != "OK":
            raise FolderMissing(folder=folder, mailbox=self._mailbox.address, words=_words(told))
        found = imap.response("UIDVALIDITY")[1]
        self._validity = int(next(_digits(found[0] if found else None), "0"))

    def _mail(self, imap: imaplib.IMAP4, uid: int) -> Fetched | None:
        """A mail; None when it is gone meanwhile."""
        cursor = f"{self._validity}.{uid}"
        size = None
        for line in self._asked(imap, "FETCH", str(uid), "(UID RFC822.SIZE)"):
            numbers = dict(_NUMBERS.findall(line)) if isinstance(line, bytes) else {}
            if int(numbers.get(b"UID", b"0")) == uid and b"RFC822.SIZE" in numbers:
                size = int(numbers[b"RFC822.SIZE"])
        if size is None:
            return None
        if size > self._most:
            return Fetched(uid, size, cursor)
        for part in self._asked(imap, "FETCH", str(uid), "(UID BODY.PEEK[])"):
            if isinstance(part, tuple) and isinstance(part[1], bytes):
                return Fetched(uid, size, cursor, part[1])
        return None

    def _move(self, imap: imaplib.IMAP4, uid: int, target: str) -> None:
        command = "MOVE" if "MOVE" in self._offered else "COPY"
        status, told = imap.uid(command, str(uid), _quoted(target))
        if status != "OK" and "TRYCREATE" in _words(told):
            imap.create(_quoted(target))
            status, told = imap.uid(command, str(uid), _quoted(target))
        if status != "OK":
            raise FolderMissing(folder=target, mailbox=self._mailbox.address, words=_words(told))
        if command == "COPY":
            self._delete(imap, str(uid))

    def _delete(self, imap: imaplib.IMAP4, uid: str) -> None:
        self._asked(imap, "STORE", uid, "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in self._offered:  # without it an EXPUNGE would take what others have marked, too
            self._asked(imap, "EXPUNGE", uid)

    def _asked(self, imap: imaplib.IMAP4, command: str, *arguments: str | None) -> list[object]:
        status, told = imap.uid(command, *arguments)  # type: ignore[arg-type]  # SEARCH takes None for no charset
        if status != "OK":
            raise imaplib.IMAP4.error(_words(told))
        return list(told)

    def _refused(self, words: str) -> Busy | AuthRefused:
        if any(one in words.upper() for one in _NOT_NOW):
            return Busy(answer="NO", words=bare(words))
        return AuthRefused(mailbox=self._mailbox.address, answer="NO", words=bare(words))


def open_mailbox(
    settings: MssanteSettings,
    profile: Profile,
    certificates: Certificates,
    address: str,
    secret: Secret | None = None,
    *,
    now: datetime,
) -> MailboxReader:
    """The reader of one mailbox of a site; `close` it. Nothing is connected yet.

    Args:
        secret: what reads its password or access token; None for a mailbox that needs none.
        now: aware.
    Raises:
        AddressOfOtherProfile, CiphersWrong, TlsProblem, FileUnusable: the settings or certificates cannot be used.
    """
    where = endpoint(settings, settings.imap, profile)
    context = tls_context(settings, certificates, now=now)
    mailbox = mailbox_of(address, settings, secret)
    return MailboxReader(where, context, mailbox, settings.imap, timeout=settings.timeout)


class _Bounded(imaplib.IMAP4):
    """A server announces the size of what it sends: no more is read than a mail may be."""

    most = _SLACK

    def read(self, size: int) -> bytes:
        if size > self.most:
            raise self.abort("more was announced than may come")
        return super().read(size)


class _Implicit(_Bounded, imaplib.IMAP4_SSL):
    """TLS from the first byte."""


def _network(error: BaseException) -> TlsProblem | Unreachable:
    cause = error.__context__
    if isinstance(cause, OSError):
        return network_error(cause, connected=True)
    reason, reason_fr = "the connection was cut", "la connexion a été coupée"
    return Unreachable(service=SERVICE, reason=reason, reason_fr=reason_fr)


def _digits(line: object) -> Iterator[str]:
    if isinstance(line, bytes):
        yield from re.findall(r"\d{1,12}", line.decode("ascii", "replace"))


def _words(told: list[object] | object) -> str:
    first = told[0] if isinstance(told, list) and told else told
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first or "—")


def _quoted(folder: str) -> str:
    """A folder name as IMAP takes it: modified UTF-7 (RFC 3501 §5.1.3) in quotes."""
    encoded = re.sub("[^ -~]+", lambda found: f"&{_utf7(found[0])}-", folder.replace("&", "&-"))
    escaped = encoded.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _utf7(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
