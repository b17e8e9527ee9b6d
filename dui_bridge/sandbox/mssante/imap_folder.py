"""A folder that an IMAP client has open: what the commands on its mails do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from dui_bridge.sandbox.mssante.imap_fetch import SEEN, answer, flags, items, marks_seen
from dui_bridge.sandbox.mssante.imap_wire import Wire
from dui_bridge.sandbox.mssante.imap_words import BadCommand, Word, found, numbered, plain
from dui_bridge.sandbox.mssante.store import Folder, Mail, Store
from dui_bridge.sandbox.mssante.trouble import Step

DONE: Final = "OK Fait"

_DELETED: Final = "\\Deleted"


class OpenFolder:
    """The mails that the client knows of keep their sequence numbers until it is told otherwise.

    Each method does one command and gives what follows its tag.

    Args:
        mailbox: whose folder it is.
        writable: opened by SELECT, not by EXAMINE.
    Raises:
        BadCommand: the command is refused.
    """

    def __init__(self, wire: Wire, store: Store, mailbox: str, folder: Folder, *, writable: bool) -> None:
        self._wire, self._store = wire, store
        self._mailbox, self._name, self._writable = mailbox, folder.name, writable
        self._known = [mail.uid for mail in self._mails()]

    def __len__(self) -> int:
        """How many mails the client knows of."""
        return len(self._known)

    def noop(self) -> str:
        """Tells what has changed."""
        there = [mail.uid for mail in self._mails()]
        for uid in [uid for uid in self._known if uid not in there]:
            self._forget(uid)
        self._known = there
        self._wire.say(f"* {len(there)} EXISTS")
        return DONE

    def close(self) -> str:
        """Takes away what is marked as deleted, without a word."""
        for mail in self._mails() if self._writable else []:
            if _DELETED in mail.flags:
                self._store.expunge(self._mailbox, self._name, mail.uid)
        return DONE

    def expunge(self, given: list[Word], *, by_uid: bool) -> str:
        """Takes away what is marked as deleted; of these UIDs only, when they are given."""
        self._must_write()
        meant = self._meant(given, by_uid=True) if by_uid else self._numbered()
        self._remove(mail for _, mail in meant if _DELETED in mail.flags)
        return DONE

    def search(self, given: list[Word], *, by_uid: bool) -> str:
        """The numbers of the mails that are looked for."""
        self._wire.suffer(Step.IMAP_SEARCH)
        numbers = [mail.uid if by_uid else sequence for sequence, mail in found(self._numbered(), given)]
        self._wire.say(" ".join(["* SEARCH", *map(str, numbers)]))
        return DONE

    def fetch(self, given: list[Word], *, by_uid: bool) -> str:
        """Parts of mails, which are marked as seen unless they are only looked at."""
        asked = items(given[1], by_uid=by_uid)
        for sequence, mail in self._meant(given, by_uid=by_uid):
            line = answer(sequence, mail, asked)
            self._wire.suffer(Step.IMAP_FETCH, line)
            self._wire.send(line)
            if marks_seen(asked) and self._writable:
                self._store.flag(self._mailbox, self._name, mail.uid, mail.flags | {SEEN})
        return DONE

    def store(self, given: list[Word], *, by_uid: bool) -> str:
        """Other flags."""
        self._must_write()
        self._wire.suffer(Step.IMAP_STORE)
        how = plain(given[1]).upper()
        named = frozenset(plain(word) for part in given[2:] for word in (part if isinstance(part, list) else [part]))
        for sequence, mail in self._meant(given, by_uid=by_uid):
            kept = mail.flags | named if how[0] == "+" else mail.flags - named if how[0] == "-" else named
            self._store.flag(self._mailbox, self._name, mail.uid, kept)
            if not how.endswith(".SILENT"):
                uid = b"UID %d " % mail.uid if by_uid else b""
                self._wire.send(b"* %d FETCH (%s%s)\r\n" % (sequence, uid, flags(replace(mail, flags=kept))))
        return DONE

    def copy(self, given: list[Word], *, by_uid: bool, moves: bool) -> str:
        """The mails in another folder; then no more in this one, when they move (RFC 6851)."""
        self._wire.suffer(Step.IMAP_MOVE)
        if moves:
            self._must_write()
        to = self._store.folder(self._mailbox, plain(given[1]))
        if to is None:
            return "NO [TRYCREATE] Ce dossier n'existe pas"
        meant = [mail for _, mail in self._meant(given, by_uid=by_uid)]
        new = [self._store.copy(self._mailbox, mail, to.name) for mail in meant]
        told = f"OK [COPYUID {to.validity} {_listed(mail.uid for mail in meant)} {_listed(new)}] Fait" if new else DONE
        if not moves:
            return told
        self._wire.say(f"* {told}")
        self._remove(meant)
        return DONE

    def _mails(self) -> list[Mail]:
        return self._store.mails(self._mailbox, self._name)

    def _numbered(self) -> list[tuple[int, Mail]]:
        """The mails that the client knows of and that are still there, by sequence number."""
        there = {mail.uid: mail for mail in self._mails()}
        return [(sequence, there[uid]) for sequence, uid in enumerate(self._known, 1) if uid in there]

    def _meant(self, given: list[Word], *, by_uid: bool) -> list[tuple[int, Mail]]:
        return numbered(self._numbered(), plain(given[0]), by_uid=by_uid)

    def _must_write(self) -> None:
        if not self._writable:
            raise BadCommand("NO [READ-ONLY] Dossier ouvert en lecture")

    def _remove(self, mails: Iterable[Mail]) -> None:
        for mail in mails:
            self._store.expunge(self._mailbox, self._name, mail.uid)
            self._forget(mail.uid)

    def _forget(self, uid: int) -> None:
        self._wire.say(f"* {self._known.index(uid) + 1} EXPUNGE")
        self._known.remove(uid)


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))
