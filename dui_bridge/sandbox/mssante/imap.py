"""The side of the stand-in that is read: as much of IMAP4rev1 (RFC 3501) as a client that fetches mails needs."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any, Final

from dui_bridge.sandbox.mssante.access import EXPIRED, Access, Auth
from dui_bridge.sandbox.mssante.imap_fetch import SEEN
from dui_bridge.sandbox.mssante.imap_folder import DONE, OpenFolder
from dui_bridge.sandbox.mssante.imap_wire import Cut, Wire, decoded
from dui_bridge.sandbox.mssante.imap_words import BadCommand, Word, plain, words
from dui_bridge.sandbox.mssante.store import Folder, Store
from dui_bridge.sandbox.mssante.trouble import Step, Troubles

_STARTS: Final = "OK TLS peut commencer"
_FLAGS: Final = "\\Answered \\Flagged \\Deleted \\Seen \\Draft"
_MECHANISMS: Final[Mapping[Auth, str]] = {
    Auth.NONE: "LOGINDISABLED",
    Auth.EXTERNAL: "AUTH=EXTERNAL LOGINDISABLED",
    Auth.LOGIN: "AUTH=PLAIN AUTH=LOGIN",
    Auth.XOAUTH2: "AUTH=XOAUTH2 LOGINDISABLED",
}


class ImapListener(ThreadingTCPServer):
    """Each connection has its thread.

    Args:
        opened: called with the address of each mailbox that is opened, before it is looked into.
        implicit: whether TLS is there from the start; else by STARTTLS.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        store: Store,
        access: Access,
        troubles: Troubles,
        context: ssl.SSLContext,
        opened: Callable[[str], None],
        *,
        implicit: bool,
    ) -> None:
        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                _Session(Wire(self.request, troubles), store, access, context, opened).run(implicit=implicit)

        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a handshake that was refused, or a client that went away, is no event of the stand-in."""


class _Session:
    """One connection: which mailbox is open, and which folder of it."""

    def __init__(
        self, wire: Wire, store: Store, access: Access, context: ssl.SSLContext, opened: Callable[[str], None]
    ) -> None:
        self._wire, self._store, self._access, self._context = wire, store, access, context
        self._opened = opened
        self._mailbox: str | None = None
        self._folder: OpenFolder | None = None
        self._ends = False

    def run(self, *, implicit: bool) -> None:
        """Serves the client until one of the two ends it."""
        try:
            if implicit:
                self._secure()
            self._greet()
            while not self._ends and (command := self._wire.command()) is not None:
                self._obey(command)
        except Cut:
            self._ends = True
        finally:
            self._wire.close()

    def _greet(self) -> None:
        try:
            self._wire.suffer(Step.IMAP_GREETING)
        except BadCommand as error:
            self._wire.say(f"* BYE {error}")
            raise Cut from None
        word = "OK" if self._mailbox is None else "PREAUTH"
        self._wire.say(f"* {word} [CAPABILITY {self._capabilities()}] Bonjour")

    def _secure(self) -> None:
        self._wire.secure(self._context)
        if self._access.auth is Auth.NONE:
            self._open(self._access.by_certificate(self._wire.name))

    def _obey(self, command: str) -> None:
        tag, _, rest = command.strip().partition(" ")
        try:
            name, *arguments = words(rest)
            by_uid = plain(name).upper() == "UID" and bool(arguments)
            verb = plain(arguments.pop(0) if by_uid else name).upper()
            answer = self._do(verb, arguments, by_uid=by_uid)
        except BadCommand as error:
            answer = str(error)
        except (ValueError, IndexError):
            answer = "BAD Commande illisible"
        self._wire.say(f"{tag} {answer}")
        if answer is _STARTS:
            self._secure()

    def _do(self, verb: str, given: list[Word], *, by_uid: bool) -> str:
        anywhere: dict[str, Callable[[], str]] = {
            "CAPABILITY": self._capability,
            "NOOP": lambda: DONE if self._folder is None else self._folder.noop(),
            "LOGOUT": self._logout,
            "STARTTLS": self._starttls,
            "LOGIN": lambda: self._login(given),
            "AUTHENTICATE": lambda: self._authenticate(given),
            "LIST": self._list,
            "CREATE": lambda: self._create(given),
            "SUBSCRIBE": lambda: DONE,
            "STATUS": lambda: self._status(given),
            "SELECT": lambda: self._select(given, writable=True),
            "EXAMINE": lambda: self._select(given, writable=False),
        }
        if verb in anywhere:
            return anywhere[verb]()
        folder = self._folder
        if folder is None:
            raise BadCommand("BAD Commande inconnue, ou pas dans cet etat")
        inside: dict[str, Callable[[], str]] = {
            "CHECK": folder.noop,
            "EXPUNGE": lambda: folder.expunge(given, by_uid=by_uid),
            "SEARCH": lambda: folder.search(given, by_uid=by_uid),
            "FETCH": lambda: folder.fetch(given, by_uid=by_uid),
            "STORE": lambda: folder.store(given, by_uid=by_uid),
            "COPY": lambda: folder.copy(given, by_uid=by_uid, moves=False),
            "MOVE": lambda: folder.copy(given, by_uid=by_uid, moves=True),
        }
        if verb in {"CLOSE", "UNSELECT"}:
            self._folder = None
            return folder.close() if verb == "CLOSE" else DONE
        if verb not in inside:
            raise BadCommand("BAD Commande inconnue")
        return inside[verb]()

    # --- getting in ------------------------------------------------------------------------------------------------

    def _capabilities(self) -> str:
        if not self._wire.is_secure:
            return "IMAP4rev1 LITERAL+ STARTTLS LOGINDISABLED"
        return f"IMAP4rev1 LITERAL+ SASL-IR UIDPLUS MOVE UNSELECT {_MECHANISMS[self._access.auth]}"

    def _capability(self) -> str:
        self._wire.say(f"* CAPABILITY {self._capabilities()}")
        return DONE

    def _logout(self) -> str:
        self._wire.say("* BYE Au revoir")
        self._ends = True
        return DONE

    def _starttls(self) -> str:
        if self._wire.is_secure:
            raise BadCommand("BAD TLS est deja la")
        self._wire.suffer(Step.IMAP_STARTTLS)
        return _STARTS

    def _login(self, given: list[Word]) -> str:
        self._may_log_in(Auth.LOGIN)
        name, password = (plain(word).encode("latin-1").decode("utf-8", "replace") for word in given)
        return self._open(self._access.by_password(name, password))

    def _authenticate(self, given: list[Word]) -> str:
        self._may_log_in(self._access.auth)
        mechanism = plain(given[0]).upper()
        if f"AUTH={mechanism}" not in _MECHANISMS[self._access.auth].split():
            return "NO [CANNOT] Mecanisme inconnu"
        sent = self._wire.ask() if len(given) == 1 else decoded(plain(given[1]).encode("latin-1"))
        if mechanism == "EXTERNAL":
            return self._open(self._access.by_certificate(self._wire.name, sent.decode("utf-8", "replace")))
        if mechanism == "XOAUTH2":
            mailbox = self._access.by_token(sent)
            if mailbox is None:
                self._wire.ask(EXPIRED)
            return self._open(mailbox)
        name, password = (sent, self._wire.ask(b"Password:")) if mechanism == "LOGIN" else sent.split(b"\0")[1:]
        return self._open(
            self._access.by_password(name.decode("utf-8", "replace"), password.decode("utf-8", "replace"))
        )

    def _may_log_in(self, auth: Auth) -> None:
        if self._mailbox is not None:
            raise BadCommand("BAD Une boite est deja ouverte")
        if not self._wire.is_secure or self._access.auth is not auth:
            raise BadCommand("NO [PRIVACYREQUIRED] Pas ainsi")
        self._wire.suffer(Step.IMAP_AUTH)

    def _open(self, mailbox: str | None) -> str:
        if mailbox is None:
            return "NO [AUTHENTICATIONFAILED] Acces refuse"
        self._opened(mailbox)
        self._mailbox = mailbox.lower()
        return "OK Boite ouverte"

    # --- folders ---------------------------------------------------------------------------------------------------

    def _owner(self) -> str:
        if self._mailbox is None:
            raise BadCommand("BAD Pas de boite ouverte")
        return self._mailbox

    def _known(self, name: Word) -> Folder:
        folder = self._store.folder(self._owner(), plain(name))
        if folder is None:
            raise BadCommand("NO [NONEXISTENT] Ce dossier n'existe pas")
        return folder

    def _list(self) -> str:
        for one in self._store.folders(self._owner()):
            self._wire.say(f'* LIST () "/" "{one.name}"')
        return DONE

    def _create(self, given: list[Word]) -> str:
        is_new = self._store.make_folder(self._owner(), plain(given[0]))
        return DONE if is_new else "NO [ALREADYEXISTS] Ce dossier existe"

    def _status(self, given: list[Word]) -> str:
        folder = self._known(given[0])
        mails = self._store.mails(self._owner(), folder.name)
        numbers = {
            "MESSAGES": len(mails),
            "RECENT": 0,
            "UIDNEXT": folder.next,
            "UIDVALIDITY": folder.validity,
            "UNSEEN": sum(SEEN not in mail.flags for mail in mails),
        }
        asked = [plain(word).upper() for word in given[1]]
        told = " ".join(f"{name} {numbers[name]}" for name in asked if name in numbers)
        self._wire.say(f'* STATUS "{folder.name}" ({told})')
        return DONE

    def _select(self, given: list[Word], *, writable: bool) -> str:
        self._folder = None
        self._wire.suffer(Step.IMAP_SELECT)
        folder = self._known(given[0])
        self._folder = OpenFolder(self._wire, self._store, self._owner(), folder, writable=writable)
        for line in (
            f"FLAGS ({_FLAGS})",
            f"OK [PERMANENTFLAGS ({_FLAGS} \\*)] Drapeaux" if writable else "OK [PERMANENTFLAGS ()] Aucun",
            f"{len(self._folder)} EXISTS",
            "0 RECENT",
            f"OK [UIDVALIDITY {folder.validity}] UID valides",
            f"OK [UIDNEXT {folder.next}] UID suivant",
        ):
            self._wire.say(f"* {line}")
        return f"OK [READ-{'WRITE' if writable else 'ONLY'}] Dossier ouvert"
