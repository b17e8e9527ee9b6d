"""Hands what a filed mail brings to the DUI: into its folder, or to its API."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from dui_bridge.connectors.rest import ClientCredentials, RestInbox, open_inbox
from dui_bridge.connectors.rest.errors import DocumentsRefused
from dui_bridge.connectors.rest.settings import SecretRef
from dui_bridge.errors import DuiBridgeError, JournalUnusable
from dui_bridge.journal.records import Json
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.inbox.laying import lay, name_of, told
from dui_bridge.pipeline.inbox.records import Arrival, Effect, Judged, Judgement, Person
from dui_bridge.site.declaration import InboxRest, SecretReference
from dui_bridge.site.settings import Site

_FOLDER: Final = "inbox"
"""Of the DUI, in the data folder, when the site file names none."""
_KEY_DIGITS: Final = 32


class Handing(Protocol):
    """One way to the DUI; `close` it."""

    def hand(self, mail_id: int, judgement: Judgement, arrival: Arrival) -> None:
        """Hands over what a filed mail brings; it may be called again for the same mail after a crash.

        Raises:
            DocumentsRefused: the DUI does not want these.
            DuiBridgeError: nothing can be handed over now.
        """

    def close(self) -> None:
        """Frees what it holds."""


class ByFolder:
    """Lays files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hand(self, mail_id: int, judgement: Judgement, arrival: Arrival) -> None:
        """As `Handing.hand`. Raises FileUnusable."""
        lay(self._folder, judgement, arrival)

    def close(self) -> None:
        """Nothing is held."""


class ByRest:
    """Posts the documents of a mail in one request: they are taken whole or not at all.

    That it is begun is committed first, so that the DUI is told of each attempt which one it is. Once the DUI cannot
    be reached nothing more is tried with this object.
    """

    def __init__(self, site: Site, journal: Journal, rest: InboxRest) -> None:
        self._site, self._journal, self._rest = site, journal, rest
        self._inbox: RestInbox | None = None
        self._down: DuiBridgeError | None = None

    def hand(self, mail_id: int, judgement: Judgement, arrival: Arrival) -> None:
        """As `Handing.hand`."""
        person = judgement.person
        listed = [one for one in judgement.documents if one.effect is not Effect.DUPLICATE]
        if person is None or not listed:
            return
        if self._down is not None:
            raise self._down
        body = json.dumps({"documents": [_document(one, person, arrival) for one in listed]}, ensure_ascii=False)
        key = handing_key(self._site.declaration.site, person, listed)
        attempt = self._journal.inbox.begin_handing(mail_id, key)
        # A journal that was put back does not know of the attempts since its backup.
        attempt += int(_is_before(arrival.at, self._journal.restoration.last()))
        try:
            self._opened().post(body.encode(), key, attempt)
        except (DocumentsRefused, JournalUnusable):
            raise
        except DuiBridgeError as error:
            self._down = error
            raise

    def close(self) -> None:
        """Closes the connections."""
        if self._inbox is not None:
            self._inbox.close()

    def _opened(self) -> RestInbox:
        if self._inbox is None:
            client = self._rest.auth.client_credentials
            auth = ClientCredentials(
                client.token_url, _secret(client.client_id), _secret(client.client_secret), client.scope
            )
            self._inbox = open_inbox(self._rest.base, self._rest.post, auth)
        return self._inbox


def open_handing(site: Site, journal: Journal) -> Handing:
    """The way that the site file declares; by default the folder `inbox` in `data`."""
    declared = site.declaration.inbox
    if declared is not None and declared.rest is not None:
        return ByRest(site, journal, declared.rest)
    return ByFolder(site.data / _FOLDER if declared is None or declared.path is None else declared.path)


def handing_key(site: str, person: Person, listed: list[Judged]) -> str:
    """The same for the same documents that do the same in the same dossier, and for nothing else."""
    what = [(one.effect.value, one.document.unique_id, one.document.sha256) for one in listed]
    text = json.dumps([site, person.source, person.finess, person.number, what])
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_DIGITS]


def _document(judged: Judged, person: Person, arrival: Arrival) -> dict[str, Json]:
    """A document as its JSON in a folder tells it, with its files inside."""
    return told(judged, person, arrival, dict(_files(judged)))


def _files(judged: Judged) -> Iterator[tuple[str, Json]]:
    document = judged.document
    if judged.effect is Effect.CANCELS:
        return
    name = name_of(document.unique_id)
    if document.data:
        yield "cda", _file(f"{name}.xml", "text/xml", document.data)
    if document.pdf is not None:
        yield "pdf", _file(f"{name}.pdf", "application/pdf", document.pdf)


def _file(name: str, media: str, data: bytes) -> dict[str, Json]:
    return {
        "name": name,
        "media_type": media,
        "sha256": hashlib.sha256(data).hexdigest(),
        "content": base64.b64encode(data).decode("ascii"),
    }


def _is_before(at: datetime, restored: datetime | None) -> bool:
    return restored is not None and at < restored


def _secret(reference: SecretReference) -> SecretRef:
    return SecretRef(reference.env, reference.file)
