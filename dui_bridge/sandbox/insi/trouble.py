"""What the stand-in does on a bad day, and answers that a person wants it to give."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dui_bridge.sandbox.insi.request import Search
from dui_bridge.sandbox.troubles import TroubleQueue


@dataclass
class Trouble:
    """One failure of the answers to some calls.

    Args:
        fault: a fault of `answers.FAULTS`, by name; empty for the other failures.
        nom_naissance: only searches with this birth name; empty for all.
        times: how many answers fail.
        after: how many are served before that.
        status, body: this HTTP status and these bytes instead of an answer (a proxy's page).
        delay: seconds before the answer.
        cut: the connection ends without an answer.
    """

    fault: str = ""
    nom_naissance: str = ""
    times: int = 1
    after: int = 0
    status: int | None = None
    body: bytes = b""
    delay: float = 0.0
    cut: bool = False


class Troubles(TroubleQueue[Trouble]):
    """The failures to come."""

    def next(self, search: Search) -> Trouble | None:
        """The failure of this answer, counted as used."""
        return self.take(lambda one: one.nom_naissance in {"", search.nom_naissance})


def injected(folder: Path, number: int, search: Search) -> bytes | None:
    """The answer that a file of the folder gives, as the tests of conformity ask; None when no file is meant.

    `<number>.xml` answers the call of that number (1 is the first); `<NOM>_<PRENOM>.xml`, else `<NOM>.xml`, every
    search with these traits, in which `PRENOM` is as sent.
    """
    given = " ".join(search.prenoms)
    for name in (f"{number}.xml", f"{search.nom_naissance}_{given}.xml", f"{search.nom_naissance}.xml"):
        path = folder / name
        if path.parent == folder and path.is_file():
            return path.read_bytes()
    return None
