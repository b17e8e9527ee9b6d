"""`ins check`: what will fail when INSi is asked, person by person, before anything is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from dui_bridge.findings import Finding, Language, Severity
from dui_bridge.ins.effective import effective, first_seen
from dui_bridge.ins.gate import ins_refusals
from dui_bridge.ins.preflight import Proposal, preflight
from dui_bridge.ins.rules import NIR_DISAGREES
from dui_bridge.ins.statut import Interdit, forbids
from dui_bridge.journal.records import Json
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.identity.decide import reasons
from dui_bridge.pipeline.identity.people import people
from dui_bridge.pipeline.identity.rules import WITHHELD
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.site.settings import Site
from dui_bridge.validation.packs import places

_ORDER: Final = tuple(Severity)


@dataclass(frozen=True)
class CheckedPerson:
    """What was found about one person, worst first. `proposals`: values for a person to accept in the DUI."""

    source: str
    number: str = field(repr=False)
    finess: str
    findings: tuple[Finding, ...] = field(repr=False)
    proposals: tuple[Proposal, ...] = field(repr=False)

    @property
    def callable(self) -> bool:
        """Whether INSi may be asked."""
        return not any(one.is_error for one in self.findings)

    def row(self, language: Language) -> dict[str, Json]:
        """For machines."""
        return {
            "source": self.source,
            "dossier": self.number,
            "establishment": self.finess,
            "callable": self.callable,
            "findings": [
                {
                    "code": one.rule.id,
                    "severity": str(one.severity),
                    "path": one.path,
                    "message": one.message(language),
                    "remedy": one.remedy(language),
                    "who": str(one.rule.who),
                }
                for one in self.findings
            ],
            "proposals": [
                {"trait": one.trait, "value": one.value, "confidence": one.confidence, "code": one.why.id}
                for one in self.proposals
            ],
        }


@dataclass(frozen=True)
class Checked:
    """The page.

    Args:
        counts: `ready` and `blocked` (INSi may be asked or not; or the INS that the DUI gives may not leave),
            `qualified` by the DUI itself, `anonymous`, `held`.
        people: those about whom something was found.
    """

    counts: Counter[str]
    people: tuple[CheckedPerson, ...]

    @property
    def exit_code(self) -> int:
        """1 when something was found that makes a call fail, or likely to."""
        return int(any(one.severity is not Severity.INFO for person in self.people for one in person.findings))

    def causes(self) -> list[tuple[Finding, int, list[CheckedPerson]]]:
        """Each cause with one of its findings, how many persons it is found of, and these; the worst first."""
        of: dict[str, list[tuple[Finding, CheckedPerson]]] = {}
        for person in self.people:
            for rule, finding in {one.rule.id: one for one in reversed(person.findings)}.items():
                of.setdefault(rule, []).append((finding, person))
        found = [(hits[0][0], len(hits), [person for _, person in hits]) for hits in of.values()]
        return sorted(found, key=lambda one: (_ORDER.index(one[0].severity), -one[1], one[0].rule.id))

    def as_dict(self, language: Language) -> dict[str, Json]:
        """For machines."""
        causes: list[Json] = [
            {"code": one.rule.id, "severity": str(one.severity), "number": number} for one, number, _ in self.causes()
        ]
        people: list[Json] = [one.row(language) for one in self.people]
        return {"counts": dict(self.counts), "causes": causes, "people": people}

    def lines(self, language: Language, limit: int) -> Iterator[str]:
        """For a terminal: the counts, then each cause with the dossiers and what is proposed, `limit` of each."""
        for name, number in self.counts.items():
            yield f"{number:>6}  {text(f'ins_check_{name}', language)}"
        for finding, number, persons in self.causes():
            yield ""
            yield f"{text(f'severity_{finding.severity}', language).upper()} {finding.rule.id} ({number})"
            for person in persons[:limit]:
                yield from _block(person, finding.rule.id, language)
            if number > limit:
                yield f"    … +{number - limit} (--limit, --json)"


def check(site: Site, sources: Sequence[str], steps: Steps) -> Checked:
    """Checks the persons of sources; nobody is asked.

    Raises:
        DuiBridgeError: as `pipeline.identity.people.people`.
    """
    counts: Counter[str] = Counter(dict.fromkeys(("ready", "blocked", "qualified", "anonymous", "held"), 0))
    found: list[CheckedPerson] = []
    known = places()
    for source in sources:
        for mapped in people(site, source, steps):
            if mapped.dossier is None or mapped.establishment is None:
                counts["held"] += 1
                continue
            usager = mapped.dossier.usager
            if usager.anonyme is True:
                counts["anonymous"] += 1
                continue
            today = datetime.now(mapped.establishment.timezone).date()
            done = preflight(usager, mapped.marks, today, known)
            findings: tuple[Finding, ...] = done.findings
            identite = first_seen(usager)
            if Interdit.TRANSMISSION_INS in forbids(identite):
                counts["ready" if done.callable else "blocked"] += 1
            elif gate := ins_refusals(effective(usager, identite), site.profile, mapped.marks):
                counts["blocked"] += 1
                findings = (Finding(WITHHELD, None, reasons(gate), "usager", mapped.key), *findings)
            else:
                counts["qualified"] += 1
                findings = tuple(one for one in findings if one.rule is NIR_DISAGREES)
            if findings:
                ordered = tuple(sorted(findings, key=lambda one: _ORDER.index(one.severity)))
                found.append(_person(source, mapped, ordered, done.proposals))
    return Checked(counts, tuple(found))


def _person(
    source: str, mapped: Mapped, findings: tuple[Finding, ...], proposals: tuple[Proposal, ...]
) -> CheckedPerson:
    finess = mapped.establishment.finess if mapped.establishment is not None else ""
    return CheckedPerson(source, mapped.key, finess, findings, proposals)


def _block(person: CheckedPerson, rule: str, language: Language) -> Iterator[str]:
    finding = next(one for one in person.findings if one.rule.id == rule)
    yield f"    {person.source} {person.number}  {finding.message(language)} {finding.remedy(language)}".rstrip()
    for one in islice((one for one in person.proposals if one.why.id == rule), 3):
        yield f"      → {text(f'trait_{one.trait}', language)} : {one.value} ({one.confidence:.0%})"
