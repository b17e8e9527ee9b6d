"""The read-only pages of a stand-in, for a browser."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

_STYLE: Final = (
    "body{font-family:sans-serif;margin:2em}td,th{padding:.3em .8em;text-align:left;border-bottom:1px solid}"
    "pre{white-space:pre-wrap}"
)


class PagesListener(ThreadingHTTPServer):
    """The pages over HTTP.

    Args:
        address: host and port; 0 takes a free one.
        page: the page of a path, None for a path that has none.
    """

    daemon_threads = True

    def __init__(self, address: tuple[str, int], page: Callable[[str], str | None]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                """Nothing: a path can hold an identifier."""

            def do_GET(self) -> None:
                found = page(self.path)
                body = (found or "").encode("utf-8")
                self.send_response_only(404 if found is None else 200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        super().__init__(address, Handler)


def html(title: str, body: str) -> str:
    """A page; the title holds no personal data, the body is HTML already."""
    return (
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"</head><body><h1>{title}</h1>{body}</body></html>"
    )
