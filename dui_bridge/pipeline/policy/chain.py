"""The chain: every rule in order, and the ruling that follows. The most restrictive rule that decides wins; among those
of equal weight, the first of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final

from dui_bridge.findings import Language, Rule, Who, fill
from dui_bridge.model.exchange import Channel
from dui_bridge.model.states import DeliveryEvent
from dui_bridge.pipeline.policy import checks, rules
from dui_bridge.pipeline.policy.checks import Case, Circumstances, Values
from dui_bridge.pipeline.policy.defaults import SHARING, PolicyRules
from dui_bridge.pipeline.policy.facts import DocumentFacts, UsagerFacts

if TYPE_CHECKING:
    from dui_bridge.pipeline.policy.recipients import Addressed


class Verdict(StrEnum):
    """What the chain says, from the most permissive on."""

    ALLOW = "allow"
    ASK = "ask"  # a person decides for this version
    HOLD = "hold"  # not as things stand: it is asked again as soon as they change
    NEVER = "never"  # forbidden by the law, the person or the site

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS: Final = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Link:
    """One rule of the chain.

    Args:
        rule: its id and texts.
        verdict: what follows when it decides.
        check: None when the case passes, else the values of the text.
        passed: English and French words when it passes.
        channels: where it is asked.
    """

    rule: Rule
    verdict: Verdict
    check: Callable[[Case], Values | None]
    passed: tuple[str, str]
    channels: frozenset[Channel] = SHARING


_ALL: Final = frozenset(Channel)
_DMP: Final = frozenset({Channel.DMP})
_TO_PRO: Final = frozenset({Channel.MSSANTE_PRO})
_TO_USAGER: Final = frozenset({Channel.MSSANTE_USAGER})
_BY_INS: Final = _DMP | _TO_USAGER
"""Where the person is found by the INS, and by nothing else."""
_ASK, _HOLD, _NEVER = Verdict.ASK, Verdict.HOLD, Verdict.NEVER

CHAIN: Final[tuple[Link, ...]] = (
    Link(rules.RUN_HELD, _HOLD, checks.run_held, ("its run is not held", "son exécution n'est pas retenue"), _ALL),
    Link(rules.ON_HOLD, _HOLD, checks.on_hold, ("no hold covers it", "aucune retenue ne le couvre"), _ALL),
    Link(
        rules.NOT_STANDING, _HOLD, checks.not_standing,
        ("the last reading still gives it", "la dernière lecture le donne toujours"), _ALL,
    ),
    Link(rules.NOT_LIVE, _HOLD, checks.not_live, ("the destination has a start date", "la destination a un début")),
    Link(rules.DATE_UNKNOWN, _HOLD, checks.date_unknown, ("its date is enough", "sa date suffit"), _ALL),
    Link(rules.BEFORE_START, _HOLD, checks.before_start, ("not before the start", "pas avant le début"), _ALL),
    Link(
        rules.BASELINE, _HOLD, checks.before_baseline,
        ("not before the baseline", "pas avant la situation de départ"), _ALL,
    ),
    Link(
        rules.ADDED, _HOLD, checks.added,
        ("not one of many for a destination that came later", "pas un envoi en nombre vers une nouvelle destination"),
        _ALL,
    ),
    Link(rules.TYPE_UNKNOWN, _HOLD, checks.type_unknown, ("its type is known", "son type est connu")),
    Link(
        rules.DOMAIN_UNKNOWN, _HOLD, checks.domain_unknown,
        ("the domain of its establishment is known", "le domaine de son établissement est connu"),
    ),
    Link(rules.DENIED, _NEVER, checks.denied, ("not on the deny-list", "hors de la liste interdite"), _DMP),
    Link(
        rules.TYPE_NEVER, _NEVER, checks.type_never,
        ("its type may go there", "son type peut y aller"), _ALL,
    ),
    Link(
        rules.REFUSED, _NEVER, checks.refused,
        ("nobody refused this version", "personne n'a refusé cette version"), _ALL,
    ),
    # The first of what is asked: whoever allows such a document undertakes, by name, to make it visible.
    Link(
        rules.ASK_HIDDEN, _ASK, checks.ask_hidden, ("the patient sees it", "le patient le voit"), _DMP,
    ),
    Link(
        rules.ASK, _ASK, checks.ask,
        ("its type needs no decision here", "son type n'appelle pas de décision ici"), _ALL,
    ),
    Link(
        rules.ASK_TITLE, _ASK, checks.titled_as_denied,
        ("no title of the deny-list", "aucun titre de la liste interdite"), _DMP,
    ),
    Link(
        rules.ASK_SENSITIVE, _ASK, checks.ask_sensitive,
        ("the establishment is not of a sensitive category", "l'établissement n'est pas d'une catégorie sensible"),
    ),
    Link(rules.UNSIGNED, _HOLD, checks.unsigned, ("signed or validated", "signé ou validé")),
    Link(
        rules.NOT_IN_FORCE, _HOLD, checks.not_in_force,
        ("neither in preparation nor given up", "ni en préparation ni abandonné"),
    ),
    Link(
        rules.NOT_A_PHYSICIAN, _HOLD, checks.not_a_physician,
        ("its author may share this type", "son auteur peut partager ce type"),
    ),
    Link(
        rules.AUTHOR_WITHOUT_RPPS, _ASK, checks.author_without_rpps,
        ("nothing to ask about its author", "rien à demander sur son auteur"), _DMP,
    ),
    Link(rules.ANONYMOUS, _NEVER, checks.anonymous, ("not recorded as anonymous", "non déclarée anonyme"), _ALL),
    Link(
        rules.ANONYMITY_UNKNOWN, _HOLD, checks.anonymity_unknown,
        ("anonymity is recorded, or not a question here", "anonymat renseigné, ou sans objet ici"), _BY_INS,
    ),
    Link(rules.ARCHIVED, _NEVER, checks.archived, ("not recorded as archived", "dossier non archivé")),
    Link(rules.DECEASED, _NEVER, checks.deceased, ("no decease stands against it", "aucun décès ne s'y oppose")),
    Link(
        rules.AFTER_EXIT, _NEVER, checks.after_exit,
        ("not written after the person left", "pas écrit après la sortie"),
    ),
    Link(rules.OPPOSED, _NEVER, checks.opposed, ("no opposition recorded", "aucune opposition enregistrée")),
    Link(
        rules.OPPOSITION_UNKNOWN, _HOLD, checks.opposition_unknown,
        ("the absence of opposition is recorded, or all were informed", "non-opposition enregistrée, ou tous informés"),
    ),
    Link(
        rules.NOT_INFORMED, _HOLD, checks.not_informed,
        ("not recorded as uninformed", "non déclarée non informée"), _DMP,
    ),
    Link(
        rules.INFORMATION_UNKNOWN, _HOLD, checks.information_unknown,
        ("the information is recorded, or all were informed", "information enregistrée, ou tous informés"), _DMP,
    ),
    Link(
        rules.CONSENT_REFUSED, _NEVER, checks.consent_refused,
        ("no refusal stands against these recipients", "aucun refus ne vise ces destinataires"), _TO_PRO,
    ),
    Link(
        rules.CONSENT_UNKNOWN, _HOLD, checks.consent_unknown,
        ("the recipients are of the team, or the person consented", "destinataires de l'équipe, ou accord recueilli"),
        _TO_PRO,
    ),
    Link(rules.INS_NOT_QUALIFIED, _HOLD, checks.ins_not_qualified, ("the INS is qualified", "INS qualifiée"), _BY_INS),
    Link(
        rules.INS_NO_LONGER, _HOLD, checks.ins_no_longer,
        ("it carries no INS that may not leave", "aucune INS qui ne doive sortir"), _ALL,
    ),
    Link(rules.WITHOUT_INS, _HOLD, checks.without_ins, ("it carries the INS", "il porte l'INS"), _BY_INS),
    Link(
        rules.NO_REPRESENTATIVES, _HOLD, checks.no_representatives,
        ("its visibility suits the person", "sa visibilité convient à la personne"),
    ),
    Link(
        rules.SECRET_OF_ADULT, _HOLD, checks.secret_of_adult,
        ("no secret connection, or a minor's", "pas de connexion secrète, ou celle d'un mineur"),
    ),
    Link(
        rules.HIDDEN_FROM_ADDRESSEE, _NEVER, checks.hidden_from_addressee,
        ("not hidden from its addressee", "non masqué à son destinataire"), _TO_USAGER,
    ),
    Link(rules.NOBODY_SEES, _HOLD, checks.nobody_sees, ("somebody can read it", "quelqu'un peut le lire"), _DMP),
    Link(
        rules.MASKED, _NEVER, checks.masked,
        ("not masked from professionals", "non masqué aux professionnels"), _TO_PRO,
    ),
)  # fmt: skip
"""Every rule, in the order in which `explain` tells them."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule said of the case. `decided_by`: who allowed what it asks for."""

    link: Link
    values: Values | None
    decided_by: str = ""

    @property
    def rule(self) -> Rule:
        return self.link.rule

    @property
    def passed(self) -> bool:
        return self.values is None or bool(self.decided_by)

    @property
    def verdict(self) -> Verdict:
        return Verdict.ALLOW if self.passed else self.link.verdict

    def words(self, language: Language = "en") -> str:
        """The step for a person, on one line."""
        if self.values is None:
            return self.link.passed[1 if language == "fr" else 0]
        text = fill(self.rule.fr if language == "fr" else self.rule.en, self.values)
        if not self.decided_by:
            return text
        return f"{text} {'Décidé par' if language == 'fr' else 'Decided by'} {self.decided_by}."


@dataclass(frozen=True, slots=True)
class Ruling:
    """What policy says of one document and one destination.

    Args:
        verdict: whether it may leave.
        rule: the one that decided; `POL-001` when all passed.
        values: of the rule's text; may hold a name of an operator, no trait of a person.
        steps: every rule that the channel is asked, in order.
        recipients: of a mail: what is said of each.
    """

    verdict: Verdict
    rule: Rule
    values: Mapping[str, str]
    steps: tuple[Step, ...]
    recipients: tuple[Addressed, ...] = ()

    @property
    def allows(self) -> bool:
        return self.verdict is Verdict.ALLOW

    @property
    def event(self) -> DeliveryEvent:
        return DeliveryEvent.ALLOW if self.allows else DeliveryEvent.BLOCK

    @property
    def cause(self) -> str:
        return self.rule.id

    @property
    def who(self) -> Who:
        return self.rule.who

    def message(self, language: Language = "en") -> str:
        """Why, for a person."""
        return fill(self.rule.fr if language == "fr" else self.rule.en, self.values)

    def remedy(self, language: Language = "en") -> str:
        """What to do, for a person."""
        return fill(self.rule.remedy_fr if language == "fr" else self.rule.remedy_en, self.values)


def decide(usager: UsagerFacts, document: DocumentFacts, circumstances: Circumstances, known: PolicyRules) -> Ruling:
    """Asks every rule of the channel. A decision of a person for this version answers what is asked, nothing else."""
    case = Case(usager, document, circumstances, known)
    decision = circumstances.decision
    allowed_by = (decision.by or "?") if decision is not None and decision.verdict == "allow" else ""
    steps = tuple(
        Step(link, values, allowed_by if values is not None and link.verdict is _ASK else "")
        for link in chain_of(circumstances.destination.channel)
        for values in (link.check(case),)
    )
    stopping = [step for step in steps if not step.passed]
    if not stopping:
        return Ruling(Verdict.ALLOW, rules.ALLOWED, {"destination": circumstances.destination.name}, steps)
    worst = max(stopping, key=lambda step: step.verdict.rank)  # the first of equals
    return Ruling(worst.verdict, worst.rule, worst.values or {}, steps)


@cache
def chain_of(channel: Channel) -> tuple[Link, ...]:
    """The rules that a channel is asked, in order."""
    return tuple(link for link in CHAIN if channel in link.channels)
