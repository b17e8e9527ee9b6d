"""`trace` as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Final

from dui_bridge.findings import Language
from dui_bridge.pipeline.reports.moments import moment
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.pipeline.reports.trace import Traced

_LABEL: Final = 18
_MAX_ROWS: Final = 12
_WAITING: Final = frozenset(
    {"blocked", "refused", "doubtful", "returned", "quarantined", "invalid", "ready", "planned"}
)
"""States of which the cause is told."""


def as_text(traced: Traced, zone: tzinfo, language: Language) -> str:
    """The way of one item, the oldest first; `zone`: in which times are shown."""
    return "\n".join(_Lines(zone, language).of(traced))


class _Lines:
    def __init__(self, zone: tzinfo, language: Language) -> None:
        self._zone, self._language = zone, language

    def of(self, traced: Traced) -> Iterator[str]:
        if traced["id"] is not None:
            yield from self._item(traced)
        for version in traced.get("versions", ()):
            yield from self._version(version)
        documents = traced.get("documents", [])
        if documents:
            yield f"  {self._text('documents')}"
        for one in documents:
            gone = "" if one["in_export"] else f", {self._text('not_in_export')}"
            state = self._text(f"one_{one['state']}")
            yield f"    {one['id']:<18}{state}{gone}  {one['type'] or ''}".rstrip()

    def _item(self, traced: Traced) -> Iterator[str]:
        read = traced["read"]
        yield "  ".join(filter(None, (traced["id"], traced["type"])))
        yield from self._labelled("dossier", traced["dossier"])
        yield from self._labelled("establishment", traced["establishment"])
        where = " ".join(filter(None, (traced["source"], read["export"])))
        yield from self._labelled(
            "label_read", f"{where}, {self._moment(read['at'])} ({read['run']})" if read["at"] else where
        )
        yield from self._labelled("place", read["place"])
        yield from self._labelled("mapping_line", read["mapping"])
        state = self._text(f"one_{traced['state']}")
        yield from self._labelled("state", state if traced["in_export"] else f"{state}, {self._text('not_in_export')}")
        if traced["state"] in ("quarantined", "invalid", "left_out", "would_differ"):
            yield from self._why(traced, "  ")

    def _version(self, version: Traced) -> Iterator[str]:
        yield ""
        yield f"  {self._text('version')} {version['version']}  {version['unique_id']}"
        if version["replaces"]:
            yield from self._labelled("replaces", version["replaces"], "    ")
        made = ", ".join(f"{name} {number}" for name, number in sorted(version["made_by"].items()))
        yield from self._labelled("label_built", f"{self._moment(version['built_at'])} ({version['run']})", "    ")
        yield from self._labelled("made_by", made, "    ")
        yield from self._labelled("bytes", f"{version['size']} ({version['media_type']})", "    ")
        yield from self._labelled("sha256", version["sha256"], "    ")
        yield from self._labelled("place", "", "    ", self._origins(version["origins"]))
        yield from self._labelled("checks", self._checks(version["checks"]), "    ")
        for delivery in version["deliveries"]:
            yield from self._delivery(delivery)

    def _origins(self, origins: Iterable[Traced]) -> Iterator[str]:
        """A row of the export a line, with its columns and the first line of the mapping that reads it."""
        rows: dict[tuple[str, int], list[Traced]] = {}
        for origin in origins:
            rows.setdefault((origin["file"], origin["row"]), []).append(origin)
        for number, ((file, row), found) in enumerate(rows.items()):
            if number == _MAX_ROWS:
                yield self._text("and_others").format(number=len(rows) - number)
                return
            columns = ", ".join(dict.fromkeys(one["column"] for one in found if one["column"]))
            mapping = next((one["mapping"] for one in found if one["mapping"]), None)
            yield f"{file}:{row}" + (f" ({columns})" if columns else "") + (f" ← {mapping}" if mapping else "")

    def _checks(self, checks: dict[str, int] | None) -> str:
        if checks is None:
            return self._text("not_kept")
        names = (("error", "errors"), ("warning", "warnings"), ("info", "remarks"))
        return ", ".join(f"{checks[severity]} {self._text(name)}" for severity, name in names)

    def _delivery(self, delivery: Traced) -> Iterator[str]:
        urgent = f", {self._text('urgent')}" if delivery["urgent"] else ""
        state = self._text(f"one_{delivery['state']}")
        yield (
            f"    {delivery['id']} → {delivery['destination']} ({self._text('op_' + delivery['operation'])}{urgent}) : "
            f"{state}, {self._moment(delivery['since'])}"
        )
        if delivery["state"] in _WAITING:
            yield from self._why(delivery, "      ")
        if delivery["not_before"]:
            yield from self._labelled("not_before", self._moment(delivery["not_before"]), "      ")
        for name in ("only_for", "written_to"):
            yield from self._labelled(name, "", "      ", delivery[name])
        for attempt in delivery["attempts"]:
            ended = self._result(attempt["result"])
            parts = [self._moment(attempt["started_at"]), ended, attempt["code"], attempt["reference"]]
            line = f"{attempt['number']}. {'  '.join(filter(None, parts))}"
            yield from self._labelled("attempt", line, "      ", [attempt["cause"] or "", attempt["answer"] or ""])
        for receipt in delivery["receipts"]:
            parts = [self._moment(receipt["at"]), receipt["about"], receipt["words"], receipt["cause"], receipt["mail"]]
            yield from self._labelled("receipt", "  ".join(filter(None, parts)), "      ")
        if (reply := delivery["reply"]) is not None:
            key = "reply_came" if reply["replied_at"] else "reply_until"
            words = self._text(key).format(at=self._moment(reply["replied_at"] or reply["until"]))
            yield from self._labelled("reply", words, "      ")
        yield from self._labelled("other_mailboxes", ", ".join(delivery["other_mailboxes"]), "      ")
        for row in delivery["outcomes"]:
            written = row["written_at"]
            words = f"{self._moment(written)}  {row['file']}" if written else self._text("outcome_waits")
            yield from self._labelled("outcome", words, "      ")

    def _result(self, result: str | None) -> str:
        """A word of the table of attempts; another word stands for itself."""
        if result is None:
            return self._text("no_answer")
        words = self._text(f"result_{result}")
        return words.removeprefix("result_")

    def _why(self, traced: Traced, indent: str) -> Iterator[str]:
        code = f" [{traced['code']}]" if traced["code"] else ""
        yield from self._labelled("label_why", f"{traced['cause']}{code}", indent)
        yield from self._labelled("label_todo", traced["action"], indent)
        yield from self._labelled("label_who", self._text(f"who_{traced['who']}"), indent)

    def _labelled(self, key: str, words: str | None, indent: str = "  ", more: Iterable[str] = ()) -> Iterator[str]:
        """A label and its words; nothing where there are none."""
        label = self._text(key)
        for line in filter(None, (words, *more)):
            yield f"{indent}{label:<{_LABEL}}{line}"
            label = ""

    def _text(self, key: str) -> str:
        return text(key, self._language)

    def _moment(self, at: str) -> str:
        return moment(datetime.fromisoformat(at), self._zone, self._language)
