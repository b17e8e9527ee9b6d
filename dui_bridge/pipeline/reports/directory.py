"""`annuaire search|refresh|check`: mailboxes of the Annuaire Santé, for a machine or for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import Any, Final

from pydantic import TypeAdapter

from dui_bridge.connectors.annuaire.choose import Choice
from dui_bridge.connectors.annuaire.directory import Refreshed
from dui_bridge.connectors.annuaire.entries import Found, Mailbox
from dui_bridge.findings import Language, shown
from dui_bridge.pipeline.reports.moments import moment
from dui_bridge.pipeline.reports.texts import text

_FOUND: Final = TypeAdapter(Found)
_LINE: Final = 160


def found_json(found: Found, choice: Choice) -> dict[str, Any]:
    """What was answered, and the address that is chosen; without addresses of the red list."""
    public = tuple(replace(one, address="") if one.red_list else one for one in found.mailboxes)
    told: dict[str, Any] = _FOUND.dump_python(replace(found, mailboxes=public), mode="json")
    chosen = None if choice.mailbox is None else choice.mailbox.address
    return {**told, "wanted": found.wanted.given_only(), "chosen": chosen}


def found_lines(found: Found, choice: Choice, zone: tzinfo, language: Language) -> Iterator[str]:
    """A line a mailbox: ✓ the one that is chosen, ✗ one that is never."""
    for one in found.mailboxes:
        sign = "✓" if one == choice.mailbox else "·" if one in choice.candidates else "✗"
        yield f"{sign} {mailbox_line(one, language)}"
    yield text("annuaire_answered", language).format(date=moment(found.asked_at, zone, language))


def checked_json(checked: Sequence[Found]) -> list[dict[str, Any]]:
    """Each address, with whose it is."""
    return [
        {"address": one.wanted.address, "usable": is_usable(one), **_FOUND.dump_python(one, mode="json")}
        for one in checked
    ]


def checked_lines(checked: Sequence[Found], language: Language) -> Iterator[str]:
    """A line an address and owner: ✗ one that is not in the directory, or of nobody who is active."""
    for found in checked:
        sign = "✓" if is_usable(found) else "✗"
        if not found.mailboxes:
            yield f"{sign} {shown(found.wanted.address)}  {text('annuaire_unknown', language)}"
        for one in found.mailboxes:
            yield f"{sign} {mailbox_line(one, language)}"


def is_usable(found: Found) -> bool:
    """Whether somebody who is active has the address that was checked."""
    return any(one.active for one in found.mailboxes)


def refreshed_json(refreshed: Sequence[Refreshed]) -> list[dict[str, Any]]:
    """Each search that was made again, with the mailboxes that went and came."""
    return [
        {
            "wanted": one.now.wanted.given_only(),
            "before": one.before.asked_at.isoformat(),
            "gone": one.gone,
            "new": one.new,
        }
        for one in refreshed
    ]


def refreshed_lines(refreshed: Sequence[Refreshed], language: Language) -> Iterator[str]:
    """What changed, then how much was asked."""
    for one in refreshed:
        yield from (text("annuaire_gone", language).format(mailbox=shown(address)) for address in one.gone)
        yield from (text("annuaire_new", language).format(mailbox=shown(address)) for address in one.new)
    yield text("annuaire_kept", language).format(
        count=len(refreshed), gone=sum(len(one.gone) for one in refreshed), new=sum(len(one.new) for one in refreshed)
    )


def mailbox_line(one: Mailbox, language: Language) -> str:
    """Address, kind, owner, number, professions, specialties, structures, own words, then what speaks against it."""
    structures = (" ".join(filter(None, (at.name, *at.finess[:1], at.postal_code, at.city))) for at in one.structures)
    against = (
        ("annuaire_inactive", not one.active),
        ("annuaire_red_list", one.red_list),
        ("annuaire_paper", one.digitization is False),
    )
    name = one.name if one.rpps else ""
    parts = (
        # What is on the red list is not to be shown; whoever has the address already finds it by `check`.
        "…" if one.red_list else one.address,
        one.kind.value if one.kind is not None else "",
        name,
        one.rpps,
        *(label or code for code, label in (*one.professions, *one.specialties)),
        *structures,
        one.description,
        one.service,
        *(f"({text(key, language)})" for key, applies in against if applies),
    )
    return "  ".join(shown(part, _LINE) for part in parts if part)
