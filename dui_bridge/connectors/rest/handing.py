"""Documents that came by mail, handed to the DUI by its API, let in as its reading is."""

from __future__ import annotations

from typing import Final

from dui_bridge.connectors.rest import errors
from dui_bridge.connectors.rest.access import Access

_OF_THE_DOCUMENTS: Final = frozenset({400, 409, 413, 415, 422})
"""Statuses that are about what was sent, and would be the same tomorrow."""


class RestInbox:
    """Hands documents to one DUI.

    Args:
        access: to the DUI; the token is asked for at the first request.
        path: below the base address.
    """

    def __init__(self, access: Access, path: str) -> None:
        self._access, self._path = access, path

    def post(self, body: bytes, key: str, attempt: int) -> None:
        """Documents, as one JSON object; they are taken when the DUI answers 2xx.

        Args:
            key: always the same for the same documents: sent as `Idempotency-Key`, so that a server that knows the
                header does not take them twice when its answer was lost.
            attempt: 1, or more when an earlier one may have been taken: sent as `Dui-Bridge-Attempt`.
        Raises:
            DocumentsRefused: these are not taken; others may be.
            TakesNoDocuments, CredentialsRefused, SecretMissing, TlsRefused, NotThere, Unavailable, AnswerUnreadable:
                nothing can be handed over now.
        """
        what = f"POST {self._path}"
        headers = {"Content-Type": "application/json", "Idempotency-Key": key, "Dui-Bridge-Attempt": str(attempt)}
        status = self._access.post(self._path, body, headers, what).status
        if status in _OF_THE_DOCUMENTS:
            raise errors.DocumentsRefused(what=what, status=str(status))
        if not 200 <= status < 300:
            raise errors.TakesNoDocuments(what=what, status=str(status))

    def close(self) -> None:
        """Closes the connections."""
        self._access.close()
