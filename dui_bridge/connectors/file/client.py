"""Writes documents to a folder: whole or not at all, never over something else.

The PDF takes its name first and the CDA last, so that whoever watches for `*.xml` finds the PDF beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from dui_bridge.connectors.file.errors import OTHER_CONTENT, folder_unusable
from dui_bridge.connectors.ports import DeliveryContext, Prepared
from dui_bridge.connectors.wire.laid_set import has_content, lay_set
from dui_bridge.findings import Finding
from dui_bridge.model.exchange import Answer, BuiltDocument, Outcome


def _now() -> datetime:
    return datetime.now(UTC)


class FileDestination:
    """The folder `<path>/<source>/`, one `<unique id>.xml` and, when the document has one, `<unique id>.pdf`.

    Args:
        path: the destination's folder; made when it does not exist.
        source: the name of the source, as the site gives it.
        clock: gives aware times.
    """

    def __init__(self, path: Path, source: str, clock: Callable[[], datetime] = _now) -> None:
        self.folder = path / source
        self._clock = clock

    def prepare(self, built: BuiltDocument, context: DeliveryContext) -> Prepared:
        """The files of a document in the order in which they take their names; no name holds anything of a person."""
        files = {f"{built.ids.unique_id}.pdf": built.pdf} if built.pdf is not None else {}
        return Prepared(built, {**files, f"{built.ids.unique_id}.xml": built.data})

    def send(self, prepared: Prepared) -> Outcome:
        """Writes what is not there yet, so that it may be called again after a crash.

        `REFUSED`, with nothing written, when another content has one of the names.

        Raises:
            FolderUnusable: the folder cannot be used; no file is half written.
        """
        try:
            state = {name: has_content(self.folder, name, data) for name, data in prepared.files.items()}
            others = [name for name, same in state.items() if same is False]
            if others:
                return self._outcome(
                    Answer.REFUSED,
                    prepared,
                    tuple(Finding(OTHER_CONTENT, values={"file": str(self.folder / name)}) for name in others),
                )
            absent = {name: data for name, data in prepared.files.items() if state[name] is None}
            if not absent:
                return self._outcome(Answer.ALREADY_THERE, prepared)
            lay_set(self.folder, absent)
        except OSError as error:
            raise folder_unusable(self.folder, error) from None
        return self._outcome(Answer.DELIVERED, prepared)

    def resolve(self, prepared: Prepared) -> Outcome:
        """`ALREADY_THERE` when every file is there with the same SHA-256, else `ABSENT`. Raises FolderUnusable."""
        try:
            there = all(has_content(self.folder, name, data) for name, data in prepared.files.items())
        except OSError as error:
            raise folder_unusable(self.folder, error) from None
        return self._outcome(Answer.ALREADY_THERE, prepared) if there else Outcome(Answer.ABSENT, self._clock())

    def _outcome(self, answer: Answer, prepared: Prepared, findings: tuple[Finding, ...] = ()) -> Outcome:
        reference = f"{self.folder.name}/{list(prepared.files)[-1]}"
        return Outcome(answer, self._clock(), reference, findings)

    def close(self) -> None:
        """Nothing is held."""
