"""Who of those around a usager gets a document by MSSanté, and why the others do not.

The chain says whether a document may leave by a channel; this says to whom. Every recipient gets a verdict and the rule
that decided; the most restrictive rule wins, among equals the first of the table. Whoever gets it is of the team, or
the person consented to sharing with them: that is what the chain's `recipients_in_team` asks.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from dui_bridge.findings import Language, Rule, fill
from dui_bridge.ins.carriers import CITIZEN_MAIL
from dui_bridge.model.exchange import Channel
from dui_bridge.pipeline.policy import recipient_rules, rules
from dui_bridge.pipeline.policy.chain import Verdict
from dui_bridge.pipeline.policy.checks import Values, not_qualified
from dui_bridge.pipeline.policy.defaults import CHANNELS, Establishment, PolicyRules, sends_to, type_words
from dui_bridge.pipeline.policy.facts import DocumentFacts, UsagerFacts
from dui_bridge.pipeline.policy.recipient_facts import Recipient, RecipientKind

WORDS: Final[Mapping[RecipientKind, tuple[str, str]]] = {
    RecipientKind.EQUIPE: ("the team", "l'équipe"),
    RecipientKind.MEDECIN_TRAITANT: ("the treating doctor", "le médecin traitant"),
    RecipientKind.PHARMACIE: ("a pharmacy", "une pharmacie"),
    RecipientKind.HOPITAL: ("a hospital", "un hôpital"),
    RecipientKind.STRUCTURE: ("another structure", "une autre structure"),
    RecipientKind.PROFESSIONNEL: ("another professional", "un autre professionnel"),
    RecipientKind.USAGER: ("the person", "la personne"),
}
"""Kinds of recipients in English and French."""


@dataclass(frozen=True)
class Sending:
    """All that is neither of the usager nor of the document nor of a recipient.

    Args:
        today: in the time zone of the establishment.
        establishment: None when the site does not know the FINESS.
        channels: those for which the site has a destination.
        trusts: whether a domain is of the MSSanté trust space; None: the destination alone checks it.
        suspect: mailboxes that a mail came back from, lower case.
        allowed_by: who decided for this version that it leaves; empty for nobody.
        person: what stands for the person's own mailbox among those that are suspect.
    """

    today: date
    establishment: Establishment | None
    channels: frozenset[Channel]
    trusts: Callable[[str], bool] | None = None
    suspect: Container[str] = field(default=(), repr=False)
    allowed_by: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Addressed:
    """What policy says of one recipient. `values`: of the rule's text; no trait of a person."""

    recipient: Recipient
    verdict: Verdict
    rule: Rule
    values: Values

    @property
    def channel(self) -> Channel:
        return channel_of(self.recipient)

    @property
    def sends(self) -> bool:
        return self.verdict is Verdict.ALLOW

    def message(self, language: Language = "en") -> str:
        """Why, for a person."""
        return fill(self.rule.fr if language == "fr" else self.rule.en, self.values)


@dataclass(frozen=True, slots=True)
class _Case:
    document: DocumentFacts
    usager: UsagerFacts
    recipient: Recipient
    sending: Sending
    rules: PolicyRules

    @property
    def domain(self) -> str | None:
        return self.sending.establishment.domain if self.sending.establishment is not None else None

    @property
    def is_usager(self) -> bool:
        return self.recipient.kind is RecipientKind.USAGER


def channel_of(recipient: Recipient) -> Channel:
    """By which channel, with its own consents and oppositions, a recipient is written to."""
    return Channel.MSSANTE_USAGER if recipient.kind is RecipientKind.USAGER else Channel.MSSANTE_PRO


def choose_recipients(
    document: DocumentFacts,
    usager: UsagerFacts,
    recipients: Sequence[Recipient],
    sending: Sending,
    known: PolicyRules,
) -> tuple[Addressed, ...]:
    """What is decided of each recipient, in their order. A person's decision answers what is asked, nothing else."""
    return tuple(_address(_Case(document, usager, one, sending, known)) for one in recipients)


def written_to(chosen: Sequence[Addressed]) -> tuple[Recipient, ...]:
    """Who gets it, each mailbox once; the person has none here: that address is made of the INS."""
    found: dict[str, Recipient] = {}
    for one in chosen:
        if one.sends:
            found.setdefault((one.recipient.mailbox or "").lower(), one.recipient)
    return tuple(found.values())


def _address(case: _Case) -> Addressed:
    asks = not case.sending.allowed_by
    found = [
        (verdict, rule, values)
        for rule, verdict, check in _CHECKS
        if (asks or verdict is not Verdict.ASK) and (values := check(case)) is not None
    ]
    # The first of equals; without any, it is sent.
    verdict, rule, values = max(
        found, key=lambda one: one[0].rank, default=(Verdict.ALLOW, rules.ALLOWED, {"destination": "MSSanté"})
    )
    return Addressed(case.recipient, verdict, rule, values)


def _channel_off(case: _Case) -> Values | None:
    return _channel(case) if channel_of(case.recipient) not in case.sending.channels else None


def _anonymous(case: _Case) -> Values | None:
    return {} if case.usager.anonymous is True else None


def _opposed(case: _Case) -> Values | None:
    return _channel(case) if _opposition(case) is True else None


def _opposition(case: _Case) -> bool | None:
    usager = case.usager
    return usager.opposition_mssante_usager if case.is_usager else usager.opposition_mssante_pro


def _other_addressee(case: _Case) -> Values | None:
    named = case.document.addressees
    return {} if named and case.recipient.key not in named else None


def _not_for_them(case: _Case) -> Values | None:
    document, kind = case.document.type or "", case.recipient.kind.value
    default, site = sends_to(document, kind), case.rules.recipients.get((document, kind))
    addressed = case.recipient.key in case.document.addressees
    if default != "never" and (addressed or default == "yes" if site is None else site):
        return None
    en, fr = type_words(document)
    return {"type": en, "type_fr": fr, **_recipient(case)}


def _not_now(case: _Case) -> Values | None:
    begins, ends, today = case.recipient.begins, case.recipient.ends, case.sending.today
    return {} if (begins is not None and begins > today) or (ends is not None and ends < today) else None


def _consents(case: _Case) -> tuple[bool | None, ...] | None:
    """What the person said of sharing with this recipient, in general and in particular; None: of the team."""
    usager, kind = case.usager, case.recipient.kind
    if kind in (RecipientKind.EQUIPE, RecipientKind.USAGER):
        return None
    if kind is RecipientKind.MEDECIN_TRAITANT:
        said = (usager.consent_out_of_team, usager.consent_treating_doctor)
        in_team = case.domain is not None and case.domain not in case.rules.treating_doctor_consent
        return None if in_team and False not in said else said
    own = {
        RecipientKind.PHARMACIE: usager.consent_pharmacy,
        RecipientKind.HOPITAL: usager.consent_hospital,
        RecipientKind.STRUCTURE: usager.consent_structure,
    }
    return (usager.consent_out_of_team, own.get(kind))


def _consent_refused(case: _Case) -> Values | None:
    said = _consents(case)
    return _recipient(case) if said is not None and False in said else None


def _consent_unknown(case: _Case) -> Values | None:
    said = _consents(case)
    return _recipient(case) if said is not None and True not in said else None


def _ins(case: _Case) -> Values | None:
    return not_qualified(case.usager) if case.is_usager else None


def _hidden(case: _Case) -> Values | None:
    document = case.document
    hidden = document.hidden_from_usager is True or document.hidden_from_representatives is True
    return {} if case.is_usager and hidden else None


def _minor(case: _Case) -> Values | None:
    asked = case.domain is None or case.domain in case.rules.minors_asked
    return {} if case.is_usager and asked and case.usager.minor_on(case.sending.today) is not False else None


def _no_mailbox(case: _Case) -> Values | None:
    return {} if not case.is_usager and not case.recipient.mailbox else None


def _not_mssante(case: _Case) -> Values | None:
    mailbox, trusts = case.recipient.mailbox, case.sending.trusts
    if not mailbox:
        return None
    # A citizen's address in the place of a professional's holds a matricule.
    citizen = mailbox.lower().endswith(CITIZEN_MAIL)
    return {} if citizen or (trusts is not None and not trusts(mailbox.rpartition("@")[2])) else None


def _suspect(case: _Case) -> Values | None:
    mailbox = case.sending.person if case.is_usager else case.recipient.mailbox
    return {} if mailbox and mailbox.lower() in case.sending.suspect else None


def _stale(case: _Case) -> Values | None:
    known_on, days = case.recipient.known_on, case.rules.mailbox_days
    if known_on is None or not case.recipient.mailbox or case.sending.today <= known_on + timedelta(days=days):
        return None
    return {"date": known_on.isoformat(), "days": str(days)}


def _channel(case: _Case) -> Values:
    en, fr = CHANNELS[channel_of(case.recipient)]
    return {"channel": en, "channel_fr": fr}


def _recipient(case: _Case) -> dict[str, str]:
    en, fr = WORDS[case.recipient.kind]
    return {"recipient": en, "recipient_fr": fr}


_CHECKS: Final[tuple[tuple[Rule, Verdict, Callable[[_Case], Values | None]], ...]] = (
    (rules.ANONYMOUS, Verdict.NEVER, _anonymous),
    (rules.OPPOSED, Verdict.NEVER, _opposed),
    (recipient_rules.OTHER_ADDRESSEE, Verdict.NEVER, _other_addressee),
    (recipient_rules.NOT_FOR_THEM, Verdict.NEVER, _not_for_them),
    (recipient_rules.NOT_NOW, Verdict.NEVER, _not_now),
    (recipient_rules.CONSENT_REFUSED, Verdict.NEVER, _consent_refused),
    (rules.HIDDEN_FROM_ADDRESSEE, Verdict.NEVER, _hidden),
    (recipient_rules.CHANNEL_OFF, Verdict.HOLD, _channel_off),
    (recipient_rules.CONSENT_UNKNOWN, Verdict.HOLD, _consent_unknown),
    (rules.INS_NOT_QUALIFIED, Verdict.HOLD, _ins),
    (recipient_rules.NO_MAILBOX, Verdict.HOLD, _no_mailbox),
    (recipient_rules.NOT_MSSANTE, Verdict.HOLD, _not_mssante),
    (recipient_rules.SUSPECT, Verdict.HOLD, _suspect),
    (recipient_rules.MINOR, Verdict.ASK, _minor),
    (recipient_rules.STALE, Verdict.ASK, _stale),
)
ASKING: Final = tuple(rule.id for rule, verdict, _ in _CHECKS if verdict is Verdict.ASK)
"""What is asked of a person about a recipient."""
