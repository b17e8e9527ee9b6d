"""Read-only pages: the mails that were taken, and those that the mailboxes hold."""

from __future__ import annotations

from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from html import escape
from pathlib import Path
from typing import Final

from dui_bridge.sandbox.mssante.store import Store
from dui_bridge.sandbox.pages import html

_HEADERS: Final = (
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "Disposition-Notification-To",
    "X-MSS-NIL",
    "X-MSS-CODECDA",
    "X-MSS-INS",
    "X-MSS-MES",
)
_KINDS: Final = {"sent": "Courriels pris", "served": "Courriels des boîtes"}


def page(store: Store, path: str) -> str | None:
    """The page of a path: `/`, `/sent/<number>` or `/served/<number>`; None for another.

    A title holds no personal data.
    """
    if path == "/":
        return html("Courriels du bac à sable", "".join(_list(kind, files) for kind, files in _files(store).items()))
    kind, _, number = path.strip("/").partition("/")
    files = _files(store).get(kind, [])
    if not (number.isascii() and number.isdecimal() and 1 <= int(number) <= len(files)):
        return None
    return html("Un courriel du bac à sable", '<p><a href="/">tous</a></p>' + _mail(files[int(number) - 1]))


def _files(store: Store) -> dict[str, list[Path]]:
    folders = {"sent": store.sent, "served": store.served}
    return {kind: sorted(folder.glob("*.eml"), key=_number) for kind, folder in folders.items()}


def _number(file: Path) -> int:
    return int(file.name.partition("-")[0])


def _list(kind: str, files: Iterable[Path]) -> str:
    rows = [
        f'<tr><td><a href="/{kind}/{rank}">{rank}</a></td>'
        + "".join(f"<td>{escape(str(message.get(name, '')))}</td>" for name in ("Date", "From", "To", "Subject"))
        + "</tr>"
        for rank, message in enumerate(map(_head, files), 1)
    ]
    head = "<tr><th></th><th>date</th><th>de</th><th>à</th><th>objet</th></tr>"
    return f"<h2>{_KINDS[kind]}</h2><table>{head}{''.join(rows)}</table>"


def _mail(file: Path) -> str:
    message = _read(file)
    rows = "".join(
        f"<tr><th>{name}</th><td>{escape(str(message[name]))}</td></tr>" for name in _HEADERS if message[name]
    )
    texts, names = [], []
    for part in message.walk():
        data = part.get_payload(decode=True)
        if part.get_filename():
            names.append(f"{part.get_filename()} ({len(data) if isinstance(data, bytes) else 0} octets)")
        elif part.get_content_type() == "text/plain":
            texts.append(data.decode("utf-8", "replace") if isinstance(data, bytes) else "")
        elif part.get_content_maintype() == "message" and part.get_content_type() != "message/rfc822":
            texts.append("\n".join(str(one) for one in part.get_payload()))
    listed = "".join(f"<li>{escape(name)}</li>" for name in names)
    return f"<table>{rows}</table>{''.join(f'<pre>{escape(text)}</pre>' for text in texts)}<ul>{listed}</ul>"


def _head(file: Path) -> EmailMessage:
    return BytesHeaderParser(policy=policy.default).parsebytes(file.read_bytes().partition(b"\r\n\r\n")[0])


def _read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), policy=policy.default)
