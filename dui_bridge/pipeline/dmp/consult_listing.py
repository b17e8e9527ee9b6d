"""What a search found, as an operator and as a machine read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from dui_bridge.findings import Language, shown
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.xds.entries import Author, DocumentEntry, Mask
from dui_bridge.xds.forms import component, is_dtm
from dui_bridge.xds.submission import is_signature
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, DELETED, DEPRECATED

STATUSES: Final = {APPROVED: "approved", ARCHIVED: "archived", DEPRECATED: "replaced", DELETED: "deleted"}
"""availabilityStatus → how it is named here; `one_<name>` is its text."""
_BY_PATIENT: Final = "90"
"""classCode of what the person laid in their DMP themselves (source: TRE_A03; shown apart, EX_3.1-1040)."""
_DAY: Final = 8
_FIRST: Final = "00010101000000"


@dataclass(frozen=True)
class Listing:
    """Documents, the latest first.

    Args:
        rows: one object each.
        by_person: those that the person laid there themselves.
        whole: False when the DMP says that there are more.
    """

    subject: str
    rows: tuple[Mapping[str, Json], ...]
    by_person: tuple[Mapping[str, Json], ...]
    whole: bool

    def as_dict(self) -> dict[str, Json]:
        """For machines."""
        return {
            "done": "dmp_search",
            "subject": self.subject,
            "whole": self.whole,
            "documents": [dict(one) for one in self.rows],
            "by_person": [dict(one) for one in self.by_person],
        }

    def lines(self, language: Language) -> Iterator[str]:
        """For a person: one line a document."""
        yield text("dmp_found", language).format(number=len(self.rows), subject=self.subject)
        yield from (_line(one, language) for one in self.rows)
        if self.by_person:
            yield text("dmp_by_person", language).format(number=len(self.by_person))
            yield from (_line(one, language) for one in self.by_person)
        if not self.whole:
            yield text("dmp_more", language)


def listing(subject: str, entries: Iterable[DocumentEntry], zone: tzinfo, *, whole: bool) -> Listing:
    """The documents of a search, without the signatures of their lots; times are told in this zone."""
    found = sorted(
        (one for one in entries if not is_signature(one)),
        key=lambda one: (one.creation_time or "", one.unique_id),
        reverse=True,
    )
    both: dict[bool, list[Mapping[str, Json]]] = {False: [], True: []}
    for one in found:
        both[one.class_code is not None and one.class_code.code == _BY_PATIENT].append(_row(one, zone))
    return Listing(subject, tuple(both[False]), tuple(both[True]), whole)


def _row(entry: DocumentEntry, zone: tzinfo) -> dict[str, Json]:
    kind, group = entry.type_code, entry.class_code
    return {
        "unique_id": entry.unique_id,
        "title": shown(entry.title or ""),
        "type": "" if kind is None else shown(kind.code),
        "type_name": "" if kind is None else shown(kind.display),
        "class": "" if group is None else shown(group.code),
        "created": local(entry.creation_time or "", zone),
        "authors": [one for one in map(_author, entry.authors) if one],
        "status": STATUSES.get(entry.status or "", shown(entry.status or "")),
        "masks": [mask.value for mask in Mask if mask in entry.masks],
        "media_type": shown(entry.mime_type),
        "size": entry.size,
    }


def local(dtm: str, zone: tzinfo) -> str:
    """A time of a registry (UTC) as the site reads it: `2026-11-22T09:30`, or as much of a day as it tells."""
    if not is_dtm(dtm):
        return ""
    if len(dtm) <= _DAY:
        return "-".join(filter(None, (dtm[:4], dtm[4:6], dtm[6:8])))
    at = datetime.strptime(dtm + _FIRST[len(dtm) :], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _author(author: Author) -> str:
    person = author.person or ""
    named = " ".join(filter(None, (component(person, 3), component(person, 2))))
    places = [component(one, 1) for one in author.institutions]
    return shown(", ".join(filter(None, (named, *places))))


def _line(row: Mapping[str, Json], language: Language) -> str:
    authors = row["authors"]
    told = [
        row["created"],
        row["type_name"] or row["type"],
        row["title"],
        "; ".join(str(one) for one in authors) if isinstance(authors, list) else "",
        "" if row["status"] == "approved" else text(f"dmp_{row['status']}", language),
        "" if not isinstance(row["masks"], list) else " ".join(str(one) for one in row["masks"]),
        row["unique_id"],
    ]
    return "  ".join(str(one) for one in told if one)
