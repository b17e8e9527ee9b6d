"""Policy files: the package's own defaults, then those that a site names, which may only add to them.

Several files, and several statements that cover the same establishment, add up: the most restrictive wins, whatever the
order. What exceeds a default's limit is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from dui_bridge.data.codes import rows
from dui_bridge.declared import Mapping, Node, Problems, Scalar, load, loads
from dui_bridge.declared import Sequence as ListNode
from dui_bridge.findings import Finding, Place
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Channel
from dui_bridge.pipeline.policy.defaults import (
    DOMAINS,
    SHARING,
    Choice,
    Denied,
    Establishment,
    PolicyRules,
    Statement,
    cell_of,
    default_file,
    deny_list,
    folded,
    sends_to,
    type_words,
    words_pattern,
)
from dui_bridge.pipeline.policy.facts import domain_of
from dui_bridge.pipeline.policy.recipient_facts import RecipientKind
from dui_bridge.pipeline.policy.recipient_rules import NEVER_THERE
from dui_bridge.pipeline.policy.rules import BOUNDED, TOO_PERMISSIVE
from dui_bridge.site.rules import UNKNOWN_VALUE, unknown_value

KEYS: Final = {
    "grace_after_exit": "How long after the exit of a usager a document may still be dated and shared: 30d.",
    "author_without_rpps": "What the DMP gets of an author without an RPPS: auto or ask.",
    "sensitive": "Categories of establishment whose documents are always asked for, added to the defaults.",
    "anonymity_recorded": "Domains in which a blank anonymity holds a document, added to the defaults.",
    "never_titles": "Words in the title of a document_essms that keep it from the DMP, added to the deny-list.",
    "mailbox_age": "How long after it was last known a mailbox is written to unasked: 365d.",
    "minors_asked": "Domains in which a minor's own mailbox is asked about, added to the defaults.",
    "treating_doctor_consent": "Domains in which the treating doctor needs a consent, added to the defaults.",
    "reply_within": "Until when somebody who was written to is to reply: kind of recipient → hours as 48h.",
    "recipients": "Who gets a type of document by MSSanté: type → kind of recipient → yes or no.",
    "all": "Choices for every establishment: channel → type → auto, ask or never.",
    "domains": "Choices by domain: domain → channel → type → choice.",
    "categories": "Choices by category of establishment: category → channel → type → choice.",
    "establishments": "Choices by FINESS: FINESS → channel → type → choice.",
}
"""Every key of a policy file, and what it is for."""

MAX_GRACE_DAYS: Final = 365
MAX_MAILBOX_DAYS: Final = 999
REPLY_HOURS: Final = r"([1-9][0-9]{0,2})h"
TYPES: Final = tuple(kind.value for kind in TypeDocument)
CHANNEL_KEYS: Final = tuple(channel.value for channel in Channel if channel in SHARING)
RECIPIENTS: Final = tuple(kind.value for kind in RecipientKind)
_LISTED: Final = 12
"""So many names are shown when none is near."""
FINESS: Final = r"([0-9]{2}|2[AB])[0-9]{7}"


def load_policy(paths: Iterable[Path], problems: Problems) -> PolicyRules:
    """The defaults with what the site's files add.

    Args:
        paths: the files, in any order.
        problems: takes the findings of all of them, with their places; where there is an error the rules are not to be
            used (`problems.check()`).
    Raises:
        FileUnusable: a file cannot be opened.
        DeclarationInvalid: a file is not YAML of the kind read here.
    """
    rules, graces = default_rules(), []
    for path in paths:
        file = _File(problems)
        rules = file.read(load(path), rules)
        if file.grace_days is not None:
            graces.append(file.grace_days)
        if file.mailbox_days is not None:
            rules = replace(rules, mailbox_days=min(rules.mailbox_days, file.mailbox_days))
    return replace(rules, grace_days=min(graces)) if graces else rules


@cache
def default_rules() -> PolicyRules:
    """What holds at a site without policy files."""
    problems = Problems("defaults.yaml")
    file = _File(problems)
    rules = file.read(
        loads(default_file(), problems.file), PolicyRules(0, Choice.AUTO, frozenset(), frozenset(), deny_list())
    )
    problems.check()
    return replace(rules, grace_days=file.grace_days or 0, mailbox_days=file.mailbox_days or 0)


def check_destination(
    rules: PolicyRules,
    channel: Channel,
    types: MappingOf[str, str],
    establishments: Sequence[Establishment],
    problems: Problems,
    place: Callable[[str], Place],
) -> None:
    """Says what of a destination's `types` cannot be at this site.

    An error where no establishment may have it so; a warning where some may and others stay stricter.

    Args:
        types: type → choice, as the site file gives them.
        establishments: all of the site.
        place: type → where it stands in the site file.
    """
    for kind, given in types.items():
        chosen = Choice(given)
        over = [one for one in establishments if chosen.rank < _limit(rules.sensitive, channel, kind, one).rank]
        if not over:
            continue
        limits = {one.finess: _limit(rules.sensitive, channel, kind, one) for one in over}
        en, fr = type_words(kind)
        where = ", ".join(f"{one.category} {one.finess}" for one in over)
        values = {
            "chosen": chosen.value, "type": en, "type_fr": fr, "channel": channel.value, "where": where,
            "limit": min(limits.values(), key=lambda one: one.rank).value,
        }  # fmt: skip
        rule = TOO_PERMISSIVE if len(over) == len(establishments) else BOUNDED
        problems.findings.append(Finding(rule, place(kind), values))


def _limit(sensitive: Collection[str], channel: Channel, kind: str, establishment: Establishment) -> Choice:
    limit = cell_of(channel, kind, establishment.domain).limit
    asked = channel is not Channel.LOCAL and establishment.category in sensitive
    return max(limit, Choice.ASK, key=lambda one: one.rank) if asked else limit


@dataclass(frozen=True, slots=True)
class _Covers:
    """For which establishments a block of choices holds; each None: any."""

    domain: str | None = None
    category: str | None = None
    finess: str | None = None

    def domains(self) -> tuple[str | None, ...]:
        """The domains that it may reach; a FINESS may be of any."""
        if self.category is not None:
            return (domain_of(self.category),)
        return (self.domain,) if self.domain is not None else DOMAINS

    def __str__(self) -> str:
        return self.domain or self.category or self.finess or "*"


class _File:
    """Reads one policy file onto the rules known so far. `grace_days`, `mailbox_days`: what it says, or None."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._statements: dict[tuple[Channel, str], tuple[Statement, ...]] = {}
        self._sensitive: frozenset[str] = frozenset()
        self.grace_days: int | None = None
        self.mailbox_days: int | None = None

    def read(self, root: Node, known: PolicyRules) -> PolicyRules:
        document = {key: value for key, _, value in self._items(root, KEYS)}
        self._statements = dict(known.statements)
        self._sensitive = known.sensitive | frozenset(self._names(document.get("sensitive"), _categories()))
        self.grace_days = self._days(document.get("grace_after_exit"), MAX_GRACE_DAYS)
        self.mailbox_days = self._days(document.get("mailbox_age"), MAX_MAILBOX_DAYS)
        self._channels(document.get("all"), _Covers())
        for name, _, value in self._items(document.get("domains"), DOMAINS):
            self._channels(value, _Covers(domain=name))
        for name, _, value in self._items(document.get("categories"), _categories()):
            self._channels(value, _Covers(category=name))
        for name, place, value in self._items(document.get("establishments")):
            if re.fullmatch(FINESS, name):
                self._channels(value, _Covers(finess=name))
            else:
                self._problems.expected("a FINESS number of 9 characters", "un numéro FINESS de 9 caractères", place)
        without_rpps = self._choice(document.get("author_without_rpps"), (Choice.AUTO, Choice.ASK))
        return PolicyRules(
            grace_days=known.grace_days,
            author_without_rpps=max(known.author_without_rpps, without_rpps or Choice.AUTO, key=lambda one: one.rank),
            sensitive=self._sensitive,
            anonymity_recorded=known.anonymity_recorded
            | frozenset(self._names(document.get("anonymity_recorded"), DOMAINS)),
            denied=(*known.denied, *self._titles(document.get("never_titles"))),
            statements=self._statements,
            recipients={**known.recipients, **dict(self._recipients(document.get("recipients"), known.recipients))},
            mailbox_days=known.mailbox_days,
            reply_hours={**known.reply_hours, **dict(self._replies(document.get("reply_within"), known.reply_hours))},
            minors_asked=known.minors_asked | frozenset(self._names(document.get("minors_asked"), DOMAINS)),
            treating_doctor_consent=known.treating_doctor_consent
            | frozenset(self._names(document.get("treating_doctor_consent"), DOMAINS)),
        )

    def _recipients(
        self, node: Node | None, known: MappingOf[tuple[str, str], bool]
    ) -> Iterator[tuple[tuple[str, str], bool]]:
        """What the file says of each type and kind of recipient; a `no` is never lifted by another file."""
        for kind, _, recipients in self._items(node, TYPES):
            for name, _, value in self._items(recipients, RECIPIENTS):
                word = value.text if isinstance(value, Scalar) else None
                if word not in ("yes", "no"):
                    self._problems.expected("yes or no", "yes ou no", value.place)
                elif word == "yes" and sends_to(kind, name) == "never":
                    en, fr = type_words(kind)
                    values = {"type": en, "type_fr": fr, "recipient": name}
                    self._problems.findings.append(Finding(NEVER_THERE, value.place, values))
                else:
                    yield (kind, name), word == "yes" and known.get((kind, name), True)

    def _replies(self, node: Node | None, known: MappingOf[str, int]) -> Iterator[tuple[str, int]]:
        """Kind of recipient → hours; of two files the shorter time counts."""
        for name, place, value in self._items(node, RECIPIENTS):
            hours = re.fullmatch(REPLY_HOURS, value.text or "", re.ASCII) if isinstance(value, Scalar) else None
            if hours is None:
                self._problems.expected("a number of hours as 48h", "des heures : 48h", value.place or place)
            else:
                yield name, min(int(hours[1]), known.get(name, int(hours[1])))

    def _channels(self, node: Node | None, covers: _Covers) -> None:
        for channel_name, _, types in self._items(node, CHANNEL_KEYS):
            channel = Channel(channel_name)
            for kind, _, value in self._items(types, TYPES):
                choice = self._choice(value, tuple(Choice))
                if choice is not None and self._is_possible(channel, kind, choice, covers, value.place):
                    said = Statement(choice, value.place, covers.domain, covers.category, covers.finess)
                    self._statements[channel, kind] = (*self._statements.get((channel, kind), ()), said)

    def _is_possible(self, channel: Channel, kind: str, choice: Choice, covers: _Covers, at: Place) -> bool:
        """Whether some establishment that the block covers may have it so."""
        about = [Establishment("", covers.category or "", domain) for domain in covers.domains()]
        limit = min((_limit(self._sensitive, channel, kind, one) for one in about), key=lambda one: one.rank)
        if choice.rank >= limit.rank:
            return True
        en, fr = type_words(kind)
        values = {
            "chosen": choice.value, "type": en, "type_fr": fr, "channel": channel.value, "where": str(covers),
            "limit": limit.value,
        }  # fmt: skip
        self._problems.findings.append(Finding(TOO_PERMISSIVE, at, values))
        return False

    def _items(self, node: Node | None, known: Collection[str] | None = None) -> Iterator[tuple[str, Place, Node]]:
        """The keys of a map that are known; the others are findings."""
        if node is None or (isinstance(node, Scalar) and node.text is None):
            return
        if not isinstance(node, Mapping):
            self._problems.expected("a map of keys", "des clés et leurs valeurs", node.place)
            return
        for name, place, value in node.items():
            if known is None or self._is_known(name, place, known):
                yield name, place, value

    def _names(self, node: Node | None, known: Collection[str]) -> Iterator[str]:
        """The names of a list that are known; the others are findings."""
        for text, place in self._texts(node):
            if self._is_known(text, place, known):
                yield text

    def _is_known(self, name: str, place: Place, known: Collection[str]) -> bool:
        if name in known:
            return True
        listed = len(known) <= _LISTED
        values = unknown_value(name, known, "a name known here", "un nom connu ici", listed=listed)
        self._problems.findings.append(Finding(UNKNOWN_VALUE, place, values))
        return False

    def _texts(self, node: Node | None) -> Iterator[tuple[str, Place]]:
        if node is None:
            return
        if not isinstance(node, ListNode):
            self._problems.expected("a list", "une liste", node.place)
            return
        for item in node:
            if isinstance(item, Scalar) and item.text:
                yield item.text, item.place
            else:
                self._problems.expected("a text", "un texte", item.place)

    def _titles(self, node: Node | None) -> Iterator[Denied]:
        for text, place in self._texts(node):
            if folded(text):
                yield Denied(text, f"'{text}' ({place})", f"« {text} » ({place})", words_pattern([text]))
            else:
                self._problems.expected("words", "des mots", place)

    def _choice(self, node: Node | None, choices: Collection[Choice]) -> Choice | None:
        if node is None:
            return None
        chosen = next((one for one in choices if isinstance(node, Scalar) and one == node.text), None)
        if chosen is not None:
            return chosen
        self._problems.expected(" or ".join(choices), " ou ".join(choices), node.place)
        return None

    def _days(self, node: Node | None, most: int) -> int | None:
        if node is None:
            return None
        days = re.fullmatch(r"([0-9]{1,3})d", node.text or "", re.ASCII) if isinstance(node, Scalar) else None
        if days is not None and int(days[1]) <= most:
            return int(days[1])
        self._problems.expected(
            f"a number of days as 30d, at most {most}d", f"des jours : 30d, {most}d au plus", node.place
        )
        return None


@cache
def _categories() -> frozenset[str]:
    return frozenset(row["category"] for row in rows("categories"))
