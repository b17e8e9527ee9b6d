"""The stand-in of an operator of MSSanté: SMTP and IMAP over TLS on the loopback interface only, and pages beside."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from weakref import WeakSet

from dui_bridge.sandbox.mssante.access import Access, Auth, Mailbox
from dui_bridge.sandbox.mssante.imap import ImapListener
from dui_bridge.sandbox.mssante.pages import page
from dui_bridge.sandbox.mssante.post import Correspondent, Post
from dui_bridge.sandbox.mssante.smtp import LARGEST, Smtp
from dui_bridge.sandbox.mssante.store import Mail, Store, Taken
from dui_bridge.sandbox.mssante.trouble import Trouble, Troubles
from dui_bridge.sandbox.pages import PagesListener
from dui_bridge.sandbox.pki import Holder, Pki

_LOOPBACK: Final = "127.0.0.1"
_T = TypeVar("_T")


class MssanteServer:
    """An operator of MSSanté, as far as public texts tell. A context manager: it answers between the two.

    TLS 1.2 at least. A client's certificate of another authority, expired or revoked ends the handshake. What is kept
    in the folder is found again by the next stand-in there: `sent/<n>-<id>.eml`, the mails that were taken, as
    received; `served/<n>-<id>.eml`, those that its mailboxes hold; and `mssante.sqlite`.

    Args:
        pki: the certificates: its clients are let in, the revoked one is not.
        folder: where the mails are kept.
        auth: what is wanted of a client after TLS.
        mailboxes: those that can be opened.
        domains: the white list beside everything below mssante.fr.
        correspondents: how recipients behave.
        troubles: failures to come.
        mails: a folder of mails to serve: those in `<address of a mailbox>/` are put there when it is opened.
        reports: whether deliveries are reported to those who ask; failures always are.
        largest: bytes of a mail.
        holder: the server's certificate, when it is to be another than the good one.
        clock: aware; the time of the reports.
    Raises:
        OSError: a file cannot be read or written.
    """

    def __init__(
        self,
        pki: Pki,
        folder: Path,
        *,
        auth: Auth = Auth.EXTERNAL,
        mailboxes: Iterable[Mailbox] = (Mailbox(),),
        domains: Iterable[str] = (),
        correspondents: Iterable[Correspondent] = (),
        troubles: Iterable[Trouble] = (),
        mails: Path | None = None,
        reports: bool = True,
        largest: int = LARGEST,
        holder: Holder | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        access = Access(auth, mailboxes)
        self.store = Store(folder)
        self.troubles = Troubles(troubles)
        self.post = Post(
            self.store,
            access.has,
            domains=domains,
            correspondents=correspondents,
            reports=reports,
            mails=mails,
            clock=clock,
        )
        context = access.context(pki, holder or pki.server)
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)  # a client that went away is no event of the stand-in
        self._open: WeakSet[Smtp] = WeakSet()

        def connection(*, starttls: bool) -> Smtp:
            starting = context if starttls else None
            made = Smtp(self.post, access, self.troubles, self._loop, starttls=starting, largest=largest)
            self._open.add(made)
            return made

        self._smtp, self._smtps = (
            self._loop.run_until_complete(
                self._loop.create_server(
                    partial(connection, starttls=tls is None), _LOOPBACK, 0, ssl=tls, start_serving=False
                )
            )
            for tls in (None, context)
        )
        self._imap, self._imaps = (
            ImapListener(
                (_LOOPBACK, 0), self.store, access, self.troubles, context, self.post.collect, implicit=implicit
            )
            for implicit in (False, True)
        )
        self._pages = PagesListener((_LOOPBACK, 0), partial(page, self.store))
        self._threads = [threading.Thread(target=self._loop.run_forever, daemon=True)]
        self._threads += [
            threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
            for one in (self._imap, self._imaps, self._pages)
        ]

    @property
    def smtp(self) -> tuple[str, int]:
        """Host and port of submission with STARTTLS."""
        return "localhost", self._smtp.sockets[0].getsockname()[1]

    @property
    def smtps(self) -> tuple[str, int]:
        """The same with TLS from the start."""
        return "localhost", self._smtps.sockets[0].getsockname()[1]

    @property
    def imap(self) -> tuple[str, int]:
        """Host and port of IMAP with STARTTLS."""
        return "localhost", self._imap.server_address[1]

    @property
    def imaps(self) -> tuple[str, int]:
        """The same with TLS from the start."""
        return "localhost", self._imaps.server_address[1]

    @property
    def addresses(self) -> dict[str, str]:
        """Where it answers: `mssante` (submission), `mssante-imap`, both with STARTTLS, and `mssante-pages`."""
        return {
            "mssante": "smtp://{}:{}".format(*self.smtp),
            "mssante-imap": "imap://{}:{}".format(*self.imap),
            "mssante-pages": self.pages_url,
        }

    @property
    def pages_url(self) -> str:
        """The list of mails, for a browser."""
        return f"http://localhost:{self._pages.server_address[1]}/"

    @property
    def taken(self) -> list[Taken]:
        """Every mail that was taken, in order."""
        return self.store.taken()

    def mails(self, mailbox: str, folder: str = "INBOX") -> list[Mail]:
        """The mails of a folder of a mailbox, by UID."""
        return self.store.mails(mailbox.lower(), folder)

    def __enter__(self) -> MssanteServer:
        for thread in self._threads:
            thread.start()
        for server in (self._smtp, self._smtps):
            self._run(server.start_serving())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        for listener in (self._imap, self._imaps, self._pages):
            listener.shutdown()
            listener.server_close()
        for thread in self._threads:
            thread.join()
        self._loop.close()
        self.store.close()

    async def _end(self) -> None:
        for server in (self._smtp, self._smtps):
            server.close()
        for connection in list(self._open):
            connection.abort()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*left, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
