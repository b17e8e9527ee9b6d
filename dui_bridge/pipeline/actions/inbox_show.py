"""What a person sees of one mail that came: what it brings, whose it may be, what it reports, what was answered.

`--out` writes the files that it brings, for whoever compares them with a dossier before anything is filed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Final

from dui_bridge.connectors.mssante.failure_codes import LABELS
from dui_bridge.connectors.mssante.notices import Notice
from dui_bridge.connectors.mssante.reading import Kind as MailKind
from dui_bridge.connectors.mssante.reading import ReadMail, read_mail
from dui_bridge.connectors.wire.durable import write_through
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.findings import Language
from dui_bridge.ins.compare import Kind, differences
from dui_bridge.journal.inbox_records import HANDED, AnswerState, KnownMail, MailState
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.actions.desk import Desk, Done
from dui_bridge.pipeline.actions.inbox_list import candidates, cause_of, named_mail, row, told_row
from dui_bridge.pipeline.inbox.answering import AUDITED
from dui_bridge.pipeline.inbox.arrivals import arrival, came_at
from dui_bridge.pipeline.inbox.laying import name_of
from dui_bridge.pipeline.inbox.records import Arrival, Person, ReceivedDocument, Subject
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.reports.identities import MARKS, shown_traits
from dui_bridge.pipeline.reports.texts import text

_PREFIX: Final = re.compile(r"XDM/\d\.\d/DDM\+?\s?", re.IGNORECASE)
_UNSAFE: Final = re.compile(r"[^\w .,()'-]+")
_LONGEST: Final = 50
"""Characters of a name before its suffix: no file system takes more than 255 bytes."""
_TRAIT: Final = 20
_VALUE: Final = 28


@dataclass(frozen=True)
class _Opened:
    """A mail as it is kept; `came` only of one with an archive."""

    read: ReadMail
    came: Arrival | None = field(default=None, repr=False)

    @property
    def documents(self) -> tuple[ReceivedDocument, ...]:
        return () if self.came is None else self.came.documents


def shown(desk: Desk, subject: str, language: Language, out: Path | None = None) -> Done:
    """One mail, with its documents, the dossiers that may be meant, what it reports, and its answer.

    Args:
        out: a folder that the files of the mail are written to, each readable by this user only; that is audited.
    Raises:
        MailUnknown.
        FileUnusable: a file cannot be written, or is there already.
    """
    mail = named_mail(desk, subject)
    opened, meant = _opened(desk, mail), candidates(desk, mail)
    documents = () if opened is None else opened.documents
    written: list[str] = []
    if out is not None and opened is not None:
        desk.audit("inbox show", f"mail-{mail.id}", out=True)
        written = _write(out, opened)
    compared = [_compared(documents[0].subject, one) for one in meant] if documents else []
    notices = () if opened is None else opened.read.notices
    known = row(mail, language)
    values: dict[str, Json] = {
        "mail": f"mail-{mail.id}",
        **known,
        "subject": mail.detail.get("subject") or "",
        "sent": mail.detail.get("sent"),
        "action": cause_of(mail, language).action if mail.cause else "",
        "documents": mail.detail.get("documents") or [],
        "attachments": [] if opened is None else _attached(opened.read),
        "candidates": [{"source": one.source, "establishment": one.finess, "dossier": one.number} for one in meant],
        "compared": [dict(one) for one in compared],
        "reports": [_reported(one, language) for one in notices],
        "delivery": None if mail.delivery_id is None else f"delivery-{mail.delivery_id}",
        "answer": _answer(desk, mail),
        "attempts": _attempts(mail),
        "written": [*written],
    }
    page = _Page(values, compared, desk.zone, language)
    return Done("inbox_shown", values, told=tuple(page.lines(told_row(known, mail, page.zone, language))))


def _opened(desk: Desk, mail: KnownMail) -> _Opened | None:
    """What is kept of a mail; None once that is gone. Nothing is checked here: that was done when it came."""
    data = desk.journal.inbox.body(mail.id)
    if data is None:
        return None
    read = read_mail(data)
    if read.kind is not MailKind.XDM:
        return _Opened(read)
    return _Opened(read, arrival(read, mailbox=mail.mailbox, at=came_at(mail, read), check=lambda _: ()))


def _attached(read: ReadMail) -> list[Json]:
    return [{"name": one.name, "bytes": len(one.section.data())} for one in read.attached]


def _compared(document: Subject, person: Person) -> dict[str, Json]:
    """Both sides of every trait, the document's first; `differences` names those that are not written the same."""
    apart = differences(person.traits, document.traits)
    return {
        "source": person.source,
        "dossier": person.number,
        "document": {"matricule": document.matricule, **dict(shown_traits(document.traits))},
        "here": {"matricule": person.matricule, **dict(shown_traits(person.traits))},
        "differences": [{"trait": one.trait, "kind": str(one.kind)} for one in apart],
    }


def _reported(notice: Notice, language: Language) -> Json:
    finding = notice.finding
    return {
        "told": notice.told.value,
        "recipient": notice.recipient,
        "code": notice.code,
        "cause": "" if finding is None else finding.message(language),
        "words": "" if finding is not None and notice.words in finding.message(language) else notice.words,
    }


def _answer(desk: Desk, mail: KnownMail) -> dict[str, Json] | None:
    """The answer to its sender, with its Message-ID and what the server said of it, as they were audited."""
    answer = desk.journal.receipts.answer_to(mail.id)
    if answer is None:
        return None
    audited = [one for one in desk.journal.audit.about(f"mail-{mail.id}") if one.action == AUDITED]
    details = audited[-1].details if audited else {}
    return {
        "code": answer.code,
        "state": answer.state.value,
        "cause": answer.cause,
        "message_id": details.get("message_id"),
        "reply": details.get("reply"),
    }


def _attempts(mail: KnownMail) -> int | None:
    """How often its documents were posted to the DUI, when it may hold them twice, or although they are not filed."""
    handed = mail.detail.get(HANDED)
    times = handed.get("times") if isinstance(handed, dict) else None
    return times if isinstance(times, int) and (times > 1 or mail.state is not MailState.FILED) else None


def _write(folder: Path, opened: _Opened) -> list[str]:
    """Writes what a mail brings; the names of the files."""
    files: dict[str, bytes] = {}
    for one in opened.documents:
        name = name_of(one.unique_id)
        files[f"{name}.xml"] = one.data
        if one.pdf is not None and one.pdf_from == "archive":
            files[f"{name}.pdf"] = one.pdf
    if not opened.documents and opened.read.archive is not None:
        files["IHE_XDM.zip"] = opened.read.archive
    for number, attached in enumerate(opened.read.attached, 1):
        files[f"{number}-{_safe(attached.name)}"] = attached.section.data()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, data in files.items():
            write_through(folder / name, data, over=False, mode=0o600)
    except OSError as error:
        raise FileUnusable(file=str(folder), **os_reasons(error)) from None
    return list(files)


def _safe(name: str) -> str:
    """A name that somebody else chose, as a file here may have it: nothing that leads elsewhere or hides."""
    stem, _, suffix = _UNSAFE.sub("_", name).strip(" .").rpartition(".")
    return f"{stem[:_LONGEST]}.{suffix[:10]}" if stem else suffix[:_LONGEST]


def _rows(listed: Json) -> Iterator[dict[str, Json]]:
    return (one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict))


@dataclass(frozen=True)
class _Page:
    """One mail for a terminal, a label and its words on each line."""

    values: Mapping[str, Json]
    compared: Sequence[Mapping[str, Json]]
    zone: tzinfo
    language: Language

    def lines(self, known: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
        """`known`: what a list tells of it, in words."""
        values = self.values
        yield from self._line("state", text(f"one_{values['state']}", self.language))
        for name in ("kind", "at", "mailbox", "from"):
            yield from self._line(name, known[name])
        yield from self._line("subject", _PREFIX.sub("", str(values["subject"])))
        yield from self._line("cause", f"{values['cause']} [{values['code']}]" if values["cause"] else "")
        yield from self._line("action", values["action"])
        yield from self._listed("documents", ("title", "type_code", "type_label", "author", "unique_id"))
        for one in _rows(values["attachments"]):
            yield from self._line("attachments", f"{one['name']} ({one['bytes']} {text('bytes', self.language)})")
        for one in _rows(values["reports"]):
            said = (text(f"told_{one['told']}", self.language), one["recipient"], one["cause"], one["words"])
            yield from self._line("reports", ", ".join(str(part) for part in said if part))
        for both in self.compared:
            yield from self._columns(both)
        if not self.compared:
            yield from self._listed("candidates", ("source", "establishment", "dossier"))
        yield from self._line("delivery", values["delivery"])
        yield from self._line("answer", self._answered())
        yield from self._line("attempts", values["attempts"])
        written = values["written"]
        yield from self._line("written", ", ".join(map(str, written)) if isinstance(written, list) else "")

    def _line(self, name: str, words: Json) -> Iterator[dict[str, Json]]:
        if words not in (None, ""):
            yield {"name": text(f"mail_{name}", self.language), "value": str(words)}

    def _listed(self, name: str, parts: Sequence[str]) -> Iterator[dict[str, Json]]:
        for one in _rows(self.values[name]):
            yield from self._line(name, ", ".join(str(one[part]) for part in parts if one.get(part)))

    def _columns(self, one: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
        """The document beside one dossier, a mark where they differ, as `ins worklist` does."""
        yield from self._line("candidates", f"{one['source']} {one['dossier']}")
        document, here, apart = one["document"], one["here"], one["differences"]
        if not (isinstance(document, dict) and isinstance(here, dict) and isinstance(apart, list)):
            return
        marks = {str(each["trait"]): MARKS[Kind(str(each["kind"]))] for each in apart if isinstance(each, dict)}
        if document["matricule"] != here["matricule"]:
            marks["matricule"] = "≠" if document["matricule"] and here["matricule"] else "?"
        head = text("mail_documents", self.language)
        yield {"value": f"  {'':<{_TRAIT}}  {head:<{_VALUE}}{text('dossier', self.language)}"}
        for name, theirs in document.items():
            label = text("label_matricule" if name == "matricule" else f"trait_{name}", self.language)
            sides = f"{theirs or '-'!s:<{_VALUE}}{here[name] or '-'}"
            yield {"value": f"  {label:<{_TRAIT}}{marks.get(name, ''):<2}{sides}"}

    def _answered(self) -> str:
        answer = self.values["answer"]
        if not isinstance(answer, dict):
            return ""
        code, state = str(answer["code"]), str(answer["state"])
        what = f"{code} ({LABELS[code]})" if code in LABELS else text("answered_integrated", self.language)
        asked_nothing = state == AnswerState.NONE and not code
        how = text("answered_unasked" if asked_nothing else f"answered_{state}", self.language)
        cause = answer["cause"]
        why = explain_cause(str(cause), None, self.language).message if cause else ""
        return ", ".join(str(one) for one in (what, how, why, answer["reply"], answer["message_id"]) if one)
