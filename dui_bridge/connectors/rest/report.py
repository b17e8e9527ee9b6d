"""Outcome rows sent to the DUI by its API, let in as its reading is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from dui_bridge.connectors.rest import errors
from dui_bridge.connectors.rest.access import Access
from dui_bridge.connectors.wire.outcome_text import Cells, writable
from dui_bridge.connectors.wire.template import Unfillable, fill

_TAKEN: Final = frozenset({200, 201, 202, 204})


class RestReport:
    """Tells one DUI.

    Args:
        access: to the DUI; the token is asked for at the first request.
        path: below the base address; `{name}` stands for a fact of the row.
    """

    def __init__(self, access: Access, path: str) -> None:
        self._access, self._path = access, path

    def post(self, row: Cells, facts: Mapping[str, str], key: str) -> None:
        """One row, as one object.

        Args:
            facts: what fills the path.
            key: of the row, always the same for it: sent as `Idempotency-Key`, so that a server that knows the header
                does not take a row twice when its answer was lost.
        Raises:
            ReportRefused: this row is not taken, or the path cannot be filled; others may be.
            CredentialsRefused, SecretMissing, TlsRefused, Unavailable, AnswerUnreadable: nothing can be told now.
        """
        try:
            path = fill(self._path, facts, lambda text: quote(text, safe=""))
        except Unfillable as blank:
            raise errors.ReportRefused(what=self._what, status=f"{{{blank.column}}}") from None
        self._post(path, _clean(row), key)

    def post_all(self, rows: Sequence[Cells], keys: Sequence[str]) -> None:
        """Rows as one array. Raises like `post`."""
        key = keys[0] if len(keys) == 1 else hashlib.sha256("\n".join(keys).encode()).hexdigest()[:36]
        self._post(self._path, [_clean(row) for row in rows], key)

    def close(self) -> None:
        """Closes the connections."""
        self._access.close()

    @property
    def _what(self) -> str:
        return f"POST {self._path}"

    def _post(self, path: str, body: object, key: str) -> None:
        data = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        answer = self._access.post(path, data, headers, self._what)
        if answer.status not in _TAKEN:
            raise errors.ReportRefused(what=self._what, status=str(answer.status))


def _clean(row: Cells) -> dict[str, str | int | None]:
    return {name: writable(value, "utf-8")[0] if isinstance(value, str) else value for name, value in row.items()}
