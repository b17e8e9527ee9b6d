"""Who may receive what: each rule on a case that nothing else stops, then what must hold whatever the facts are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.findings import Who
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Channel
from dui_bridge.model.states import DeliveryEvent
from dui_bridge.pipeline.policy.chain import CHAIN, Ruling, Verdict, decide
from dui_bridge.pipeline.policy.checks import Circumstances, DestinationFacts
from dui_bridge.pipeline.policy.declaration import default_rules
from dui_bridge.pipeline.policy.defaults import SHARING, Choice, Establishment
from dui_bridge.pipeline.policy.facts import DocumentFacts, UsagerFacts

TODAY = date(2026, 11, 22)
DMP, PRO, USAGER, LOCAL = Channel.DMP, Channel.MSSANTE_PRO, Channel.MSSANTE_USAGER, Channel.LOCAL


@dataclass(frozen=True)
class Held:
    """A hold as the journal gives it."""

    id: int = 7
    source: str | None = None
    finess: str | None = None
    doc_type: str | None = None
    destination: str | None = None
    dossier_id: int | None = None
    series_id: int | None = None
    by: str = "agent"


@dataclass(frozen=True)
class Decided:
    verdict: str
    by: str = "dr"


IME = Establishment("010000024", "IME", "PH")
ALICE = UsagerFacts(
    anonymous=False,
    birth_date="2015-03-02",
    opposition_dmp=False,
    opposition_mssante_usager=False,
    opposition_mssante_pro=False,
    information_dmp=True,
    consent_out_of_team=True,
    ins_qualified=True,
    deceased=False,
    archived=False,
    entry_date=date(2024, 9, 1),
    legal_representative=True,
)
LETTER = DocumentFacts(
    type="lettre_liaison_sortie",
    title="Lettre de liaison",
    dated=date(2026, 11, 20),
    signed_on=date(2026, 11, 20),
    signed_by="professionnel",
    author_rpps=True,
    author_physician=True,
    with_ins=True,
)


def circumstances(channel: Channel = DMP, **changes: Any) -> Circumstances:
    start = None if channel is LOCAL else date(2026, 11, 1)
    # By the defaults a mail is asked for: auto is what a site may choose there.
    types = {} if channel in (DMP, LOCAL) else {"lettre_liaison_sortie": "auto"}
    about = Circumstances(TODAY, DestinationFacts("there", str(channel), channel, start, types), IME, "atlas", 3, 4)
    return replace(about, **changes)


def to(about: Circumstances, **changes: Any) -> Circumstances:
    return replace(about, destination=replace(about.destination, **changes))


def ruled(
    usager: UsagerFacts = ALICE, document: DocumentFacts = LETTER, about: Circumstances | None = None, **rules: Any
) -> Ruling:
    return decide(usager, document, about or circumstances(), replace(default_rules(), **rules))


@pytest.mark.parametrize("channel", list(Channel))
def test_a_case_that_nothing_stops_may_leave(channel: Channel) -> None:
    ruling = ruled(about=circumstances(channel))

    assert (ruling.verdict, ruling.cause, ruling.event) == (Verdict.ALLOW, "POL-001", DeliveryEvent.ALLOW)
    assert "there" in ruling.message("fr")
    assert all(step.passed for step in ruling.steps)


_ADULT = replace(ALICE, birth_date="1980-01-01", legal_representative=False)
_HIDDEN = replace(LETTER, hidden_from_representatives=True)
_PDS = Establishment("010000032", "LHSS", "PDS")
_CSAPA = Establishment("010000040", "CSAPA", "PDS")
_BEFORE = replace(LETTER, dated=date(2026, 10, 31))
_CATCH_ALL = replace(LETTER, type="document_essms")

# verdict, rule, who; what differs from the case that nothing stops
TABLE: list[tuple[str, str, Who, UsagerFacts, DocumentFacts, Circumstances]] = [
    ("hold", "POL-002", Who.IT, ALICE, LETTER, circumstances(LOCAL, run_held=True)),
    ("hold", "POL-002", Who.IT, ALICE, LETTER, circumstances(run_held=True)),
    ("hold", "POL-003", Who.IT, ALICE, LETTER, circumstances(LOCAL, holds=(Held(),))),
    ("hold", "POL-003", Who.IT, ALICE, LETTER, circumstances(holds=(Held(source="other"), Held(source="atlas")))),
    ("hold", "POL-003", Who.IT, ALICE, LETTER, circumstances(holds=(Held(finess="010000024"),))),
    ("hold", "POL-003", Who.IT, ALICE, LETTER, circumstances(holds=(Held(doc_type="lettre_liaison_sortie"),))),
    ("hold", "POL-003", Who.IT, ALICE, LETTER, circumstances(holds=(Held(destination="there"),))),
    ("hold", "POL-003", Who.IT, ALICE, LETTER, circumstances(holds=(Held(dossier_id=3),))),
    ("hold", "POL-003", Who.IT, ALICE, LETTER, circumstances(holds=(Held(series_id=4),))),
    ("hold", "POL-008", Who.DUI, ALICE, LETTER, circumstances(not_standing="dossier_held")),
    ("hold", "POL-008", Who.DUI, ALICE, LETTER, circumstances(LOCAL, not_standing="gone")),
    ("hold", "POL-020", Who.DUI, ALICE, replace(LETTER, valid=False), circumstances()),
    ("ask", "POL-017", Who.DUI, ALICE, replace(LETTER, title="Contrat de séjour"), circumstances()),
    ("hold", "POL-004", Who.IT, ALICE, LETTER, to(circumstances(), start=None)),
    ("hold", "POL-005", Who.DUI, ALICE, replace(LETTER, dated=None), circumstances()),
    ("hold", "POL-005", Who.DUI, ALICE, replace(LETTER, dated=None), circumstances(LOCAL, baseline=TODAY)),
    ("hold", "POL-006", Who.NOBODY, ALICE, _BEFORE, circumstances()),
    ("hold", "POL-006", Who.NOBODY, ALICE, LETTER, to(circumstances(LOCAL), start=TODAY)),
    ("hold", "POL-007", Who.NOBODY, ALICE, LETTER, circumstances(baseline=date(2026, 11, 21))),
    ("hold", "POL-009", Who.IT, ALICE, LETTER, circumstances(LOCAL, added=True)),
    ("hold", "POL-009", Who.IT, ALICE, LETTER, circumstances(added=True)),
    ("hold", "POL-010", Who.MAPPING, ALICE, replace(LETTER, type=None), circumstances()),
    (
        "never",
        "POL-013",
        Who.NOBODY,
        ALICE,
        replace(LETTER, type="dlu"),
        circumstances(establishment=Establishment("1", "CHRS", "AHI")),
    ),
    ("hold", "POL-011", Who.IT, ALICE, LETTER, circumstances(establishment=None)),
    ("hold", "POL-011", Who.IT, ALICE, LETTER, circumstances(establishment=Establishment("1", "?", None))),
    ("never", "POL-012", Who.DUI, ALICE, replace(_CATCH_ALL, title="Contrat de Séjour 2026"), circumstances()),
    ("never", "POL-013", Who.NOBODY, ALICE, LETTER, to(circumstances(), types={"lettre_liaison_sortie": "never"})),
    ("never", "POL-013", Who.NOBODY, ALICE, LETTER, to(circumstances(LOCAL), types={"lettre_liaison_sortie": "never"})),
    ("never", "POL-014", Who.NOBODY, ALICE, LETTER, circumstances(decision=Decided("refuse"))),
    ("ask", "POL-015", Who.DUI, ALICE, _CATCH_ALL, circumstances()),
    ("ask", "POL-015", Who.DUI, ALICE, LETTER, to(circumstances(PRO), types={})),
    ("ask", "POL-015", Who.DUI, ALICE, LETTER, to(circumstances(LOCAL), types={"lettre_liaison_sortie": "ask"})),
    ("ask", "POL-016", Who.DUI, ALICE, LETTER, circumstances(establishment=_CSAPA)),
    ("hold", "POL-020", Who.DUI, ALICE, replace(LETTER, signed_on=None), circumstances()),
    ("hold", "POL-020", Who.DUI, ALICE, replace(LETTER, signed_on=TODAY + timedelta(1)), circumstances()),
    ("hold", "POL-021", Who.DUI, ALICE, replace(LETTER, in_force=False), circumstances()),
    (
        "hold",
        "POL-022",
        Who.DUI,
        ALICE,
        replace(LETTER, type="synthese_medicale", author_physician=None),
        circumstances(),
    ),
    ("never", "POL-030", Who.NOBODY, replace(ALICE, anonymous=True), LETTER, circumstances()),
    ("never", "POL-030", Who.NOBODY, replace(ALICE, anonymous=True), LETTER, circumstances(USAGER)),
    ("hold", "POL-031", Who.DUI, replace(ALICE, anonymous=None), LETTER, circumstances(establishment=_PDS)),
    ("never", "POL-032", Who.NOBODY, replace(ALICE, archived=True), LETTER, circumstances(PRO)),
    ("never", "POL-033", Who.NOBODY, replace(ALICE, deceased=True, death_date=TODAY), LETTER, circumstances()),
    ("never", "POL-033", Who.NOBODY, replace(ALICE, deceased=True), LETTER, circumstances(PRO)),
    (
        "never",
        "POL-033",
        Who.NOBODY,
        replace(ALICE, deceased=True, death_date=date(2026, 10, 1)),
        LETTER,
        circumstances(PRO),
    ),
    ("never", "POL-034", Who.DUI, replace(ALICE, exit_date=date(2026, 10, 20)), LETTER, circumstances()),
    ("never", "POL-040", Who.NOBODY, replace(ALICE, opposition_dmp=True), LETTER, circumstances(informed_on=TODAY)),
    ("never", "POL-040", Who.NOBODY, replace(ALICE, opposition_mssante_usager=True), LETTER, circumstances(USAGER)),
    ("never", "POL-040", Who.NOBODY, replace(ALICE, opposition_mssante_pro=True), LETTER, circumstances(PRO)),
    ("hold", "POL-041", Who.DUI, replace(ALICE, opposition_dmp=None), LETTER, circumstances()),
    ("hold", "POL-042", Who.DUI, replace(ALICE, information_dmp=False), LETTER, circumstances(informed_on=TODAY)),
    ("hold", "POL-043", Who.DUI, replace(ALICE, information_dmp=None), LETTER, circumstances()),
    (
        "hold",
        "POL-043",
        Who.DUI,
        replace(ALICE, information_dmp=None),
        LETTER,
        circumstances(informed_on=TODAY + timedelta(1)),
    ),
    (
        "hold",
        "POL-043",
        Who.DUI,
        replace(ALICE, information_dmp=None),
        LETTER,
        circumstances(informed_on=date(2024, 8, 31)),
    ),
    ("never", "POL-044", Who.NOBODY, replace(ALICE, consent_out_of_team=False), LETTER, circumstances(PRO)),
    ("hold", "POL-045", Who.DUI, replace(ALICE, consent_out_of_team=None), LETTER, circumstances(PRO)),
    (
        "hold",
        "POL-050",
        Who.IDENTITO,
        replace(ALICE, ins_qualified=False, ins_refusals=("sex",)),
        LETTER,
        circumstances(),
    ),
    ("hold", "POL-050", Who.IDENTITO, replace(ALICE, ins_qualified=None), LETTER, circumstances(USAGER)),
    ("hold", "POL-051", Who.IDENTITO, replace(ALICE, ins_qualified=None), LETTER, circumstances(PRO)),
    ("hold", "POL-051", Who.IDENTITO, replace(ALICE, ins_qualified=False), LETTER, circumstances(LOCAL)),
    ("hold", "POL-052", Who.IT, ALICE, replace(LETTER, with_ins=None), circumstances()),
    ("hold", "POL-060", Who.DUI, _ADULT, _HIDDEN, circumstances()),
    (
        "hold",
        "POL-060",
        Who.DUI,
        replace(_ADULT, birth_date=None, legal_representative=None),
        _HIDDEN,
        circumstances(PRO),
    ),
    ("hold", "POL-065", Who.DUI, _ADULT, replace(LETTER, secret_connection=True), circumstances()),
    (
        "hold",
        "POL-065",
        Who.DUI,
        replace(ALICE, birth_date=None),
        replace(LETTER, secret_connection=True),
        circumstances(),
    ),
    ("never", "POL-061", Who.NOBODY, ALICE, _HIDDEN, circumstances(USAGER)),
    ("never", "POL-061", Who.NOBODY, ALICE, replace(LETTER, hidden_from_usager=True), circumstances(USAGER)),
    (
        "hold",
        "POL-062",
        Who.DUI,
        ALICE,
        replace(LETTER, hidden_from_usager=True, masked_from_professionals=True),
        circumstances(),
    ),
    ("never", "POL-063", Who.NOBODY, ALICE, replace(LETTER, masked_from_professionals=True), circumstances(PRO)),
    ("ask", "POL-064", Who.DUI, ALICE, replace(LETTER, hidden_from_usager=True), circumstances()),
]


@pytest.mark.parametrize(("verdict", "rule", "who", "usager", "document", "about"), TABLE)
def test_a_rule_decides(
    verdict: str, rule: str, who: Who, usager: UsagerFacts, document: DocumentFacts, about: Circumstances
) -> None:
    ruling = ruled(usager, document, about)

    assert (ruling.verdict, ruling.cause, ruling.who, ruling.event) == (verdict, rule, who, DeliveryEvent.BLOCK)
    for told in (ruling.message("en"), ruling.message("fr"), ruling.remedy("en"), ruling.remedy("fr")):
        assert told
        assert "{" not in told


def test_every_rule_of_the_chain_is_in_the_table() -> None:
    assert {link.rule.id for link in CHAIN} - {row[1] for row in TABLE} == {"POL-023"}  # a site must ask for that one


PASSING: list[tuple[str, UsagerFacts, DocumentFacts, Circumstances]] = [
    ("a hold of something else", ALICE, LETTER, circumstances(holds=(Held(doc_type="dlu"), Held(dossier_id=99)))),
    ("a backfill before the start", ALICE, _BEFORE, circumstances(backfill=True, baseline=TODAY)),
    ("a backfill of a destination that was added", ALICE, LETTER, circumstances(backfill=True, added=True)),
    ("the first day of a destination", ALICE, replace(LETTER, dated=date(2026, 11, 1)), circumstances()),
    ("held for validated by the DUI", ALICE, replace(LETTER, signed_on=None, valid=True), circumstances()),
    ("validated, not signed", ALICE, replace(LETTER, signed_on=None, validated_on=TODAY), circumstances()),
    ("a day of grace left", replace(ALICE, exit_date=date(2026, 10, 21)), LETTER, circumstances()),
    ("blanks replaced by a declared information", replace(ALICE, opposition_dmp=None, information_dmp=None), LETTER, circumstances(informed_on=TODAY)),
    ("a minor without a recorded representative", replace(ALICE, legal_representative=None), _HIDDEN, circumstances()),
    ("a represented adult", replace(_ADULT, legal_representative=True), _HIDDEN, circumstances()),
    ("recipients of the team", replace(ALICE, consent_out_of_team=None), LETTER, circumstances(PRO, recipients_in_team=True)),
    ("what is asked, and allowed by a person", ALICE, _CATCH_ALL, circumstances(decision=Decided("allow"))),
    ("a document of the site's own, whatever is known", UsagerFacts(), DocumentFacts(), circumstances(LOCAL)),
    ("no opposition flag for another channel", replace(ALICE, opposition_mssante_pro=True), LETTER, circumstances()),
]  # fmt: skip


@pytest.mark.parametrize(("usager", "document", "about"), [row[1:] for row in PASSING], ids=[row[0] for row in PASSING])
def test_a_case_passes(usager: UsagerFacts, document: DocumentFacts, about: Circumstances) -> None:
    assert ruled(usager, document, about).verdict is Verdict.ALLOW


def test_an_author_without_rpps_is_asked_about_only_where_the_site_says_so() -> None:
    document = replace(LETTER, author_rpps=None)

    assert ruled(document=document).allows
    assert ruled(document=document, author_without_rpps=Choice.ASK).cause == "POL-023"


def test_the_most_restrictive_rule_wins_and_every_step_is_told() -> None:
    usager = replace(ALICE, information_dmp=None, archived=True)

    ruling = ruled(usager, _CATCH_ALL, circumstances(run_held=True))

    assert ruling.cause == "POL-032"
    stopped = [step.rule.id for step in ruling.steps if not step.passed]
    assert stopped == ["POL-002", "POL-015", "POL-032", "POL-043"]
    assert all(step.words("fr") and step.words("en") for step in ruling.steps)


def test_a_decision_answers_what_is_asked_and_nothing_else() -> None:
    allowed = circumstances(decision=Decided("allow", "Dr Martin"), establishment=_CSAPA)

    ruling = ruled(document=_CATCH_ALL, about=allowed)

    assert ruling.allows
    assert [step.rule.id for step in ruling.steps if step.decided_by] == ["POL-015", "POL-016"]
    assert "Dr Martin" in next(step for step in ruling.steps if step.decided_by).words("fr")
    assert ruled(replace(ALICE, opposition_dmp=True), _CATCH_ALL, allowed).verdict is Verdict.NEVER


def test_a_destination_cannot_choose_beyond_the_limit_of_the_default() -> None:
    ruling = ruled(document=_CATCH_ALL, about=to(circumstances(), types={"document_essms": "auto"}))

    assert ruling.cause == "POL-015"
    assert "PH" in ruling.message("fr")


def test_a_destination_chooses_within_the_limit() -> None:
    document = replace(LETTER, type="projet_personnalise")

    assert ruled(document=document).verdict is Verdict.ASK
    assert ruled(document=document, about=to(circumstances(), types={"projet_personnalise": "auto"})).allows


@pytest.mark.parametrize("title", ["RIB", "Rib de Madame", "Avis d’imposition 2025", "DIPC et annexes", "photos"])
def test_the_deny_list_reads_titles_without_accents_or_case(title: str) -> None:
    assert ruled(document=replace(_CATCH_ALL, title=title)).cause == "POL-012"


@pytest.mark.parametrize("title", [None, "Synthèse sociale", "Ribavirine : suivi", "Projet de vie"])
def test_the_deny_list_leaves_other_titles_alone(title: str | None) -> None:
    assert ruled(document=replace(_CATCH_ALL, title=title)).cause == "POL-015"


# --- properties -----------------------------------------------------------------------------------------------------

_FLAGS = st.sampled_from([None, True, False])
_DAYS = st.none() | st.dates(date(2026, 9, 1), date(2026, 12, 31))
_TYPES = st.sampled_from([None, "unknown", *(kind.value for kind in TypeDocument)])
_WORDS = st.sampled_from([None, "Contrat de séjour", "Lettre"])


def _mostly(permissive: Any, other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what lets it pass: else hardly any case would be allowed."""
    return st.one_of(st.just(permissive), st.just(permissive), st.just(permissive), other)


def _facts(made: type, permissive: Any) -> st.SearchStrategy[Any]:
    forms = {
        "birth_date": st.sampled_from([None, "1980", "2008-11", "2015-03-02"]),
        "type": _TYPES,
        "title": _WORDS,
        "signed_by": _WORDS,
        "ins_refusals": st.sampled_from([(), ("sex", "other")]),
        "addressees": st.sampled_from([(), ("1", "2")]),
        "ins": st.sampled_from([None, "0123456789abcdef"]),
    }
    return st.builds(
        made,
        **{
            one.name: _mostly(
                getattr(permissive, one.name),
                forms.get(one.name, _DAYS if one.name.endswith(("_date", "_on", "dated")) else _FLAGS),
            )
            for one in fields(made)
        },
    )


_USAGERS = _facts(UsagerFacts, ALICE)
_DOCUMENTS = _facts(DocumentFacts, LETTER)
_ABOUT = st.builds(
    circumstances,
    st.sampled_from(list(Channel)),
    establishment=_mostly(IME, st.sampled_from([None, _CSAPA, _PDS])),
    decision=st.sampled_from([None, Decided("allow"), Decided("refuse")]),
    informed_on=_DAYS,
    recipients_in_team=_FLAGS,
    run_held=_mostly(False, st.booleans()),
    baseline=_mostly(None, _DAYS),
    backfill=st.booleans(),
    added=_mostly(False, st.booleans()),
)

# What only forbids: whatever the case, adding it never lets more pass.
_USAGER_RESTRICTIONS: list[dict[str, Any]] = [
    *({name: True} for name in ("anonymous", "archived", "deceased", "opposition_dmp", "opposition_mssante_pro")),
    {"opposition_mssante_usager": True},
    {"ins_qualified": None},
    {"information_dmp": False},
    {"consent_out_of_team": False},
    {"ins_qualified": False},
    {"deceased": True, "death_date": None},
    {"exit_date": date(2020, 1, 1)},
]
_DOCUMENT_RESTRICTIONS: list[dict[str, Any]] = [
    *({name: True} for name in ("masked_from_professionals", "hidden_from_usager", "hidden_from_representatives")),
    {"secret_connection": True},
    {"signed_on": None, "validated_on": None, "valid": None},
    {"in_force": False},
    {"author_physician": None},
    {"author_rpps": None},
    {"dated": None},
]
_ABOUT_RESTRICTIONS: list[dict[str, Any]] = [
    {"run_held": True},
    {"holds": (Held(),)},
    {"decision": Decided("refuse")},
    {"informed_on": None},
    {"recipients_in_team": None},
    {"baseline": date(2027, 1, 1)},
    {"backfill": False},
    {"added": True},
]


@given(_USAGERS, _DOCUMENTS, _ABOUT, st.sampled_from(_USAGER_RESTRICTIONS))
def test_a_restriction_on_the_person_never_lets_more_pass(
    usager: UsagerFacts, document: DocumentFacts, about: Circumstances, change: dict[str, Any]
) -> None:
    before = ruled(usager, document, about)

    after = ruled(replace(usager, **change), document, about)

    assert not after.allows or before.allows


@given(_USAGERS, _DOCUMENTS, _ABOUT, st.sampled_from(_DOCUMENT_RESTRICTIONS))
def test_a_restriction_on_the_document_never_lets_more_pass(
    usager: UsagerFacts, document: DocumentFacts, about: Circumstances, change: dict[str, Any]
) -> None:
    before = ruled(usager, document, about)

    after = ruled(usager, replace(document, **change), about)

    assert not after.allows or before.allows


@given(_USAGERS, _DOCUMENTS, _ABOUT, st.sampled_from(_ABOUT_RESTRICTIONS))
def test_a_restriction_on_the_circumstances_never_lets_more_pass(
    usager: UsagerFacts, document: DocumentFacts, about: Circumstances, change: dict[str, Any]
) -> None:
    before = ruled(usager, document, about)

    after = ruled(usager, document, replace(about, **change))

    assert not after.allows or before.allows


@given(_USAGERS, _DOCUMENTS, _ABOUT)
def test_a_destination_that_says_never_gets_nothing_of_it(
    usager: UsagerFacts, document: DocumentFacts, about: Circumstances
) -> None:
    ruling = ruled(usager, document, to(about, types={kind.value: "never" for kind in TypeDocument}))

    assert not ruling.allows or document.type not in {kind.value for kind in TypeDocument}


_PERMISSIONS = [
    (DMP, "opposition_dmp"),
    (DMP, "information_dmp"),
    (DMP, "ins_qualified"),
    (USAGER, "opposition_mssante_usager"),
    (USAGER, "ins_qualified"),
    (PRO, "opposition_mssante_pro"),
    (PRO, "consent_out_of_team"),
]


@pytest.mark.parametrize(("channel", "name"), _PERMISSIONS)
@given(_DOCUMENTS)
def test_a_blank_in_the_place_of_a_permission_shares_nothing(
    channel: Channel, name: str, document: DocumentFacts
) -> None:
    assert not ruled(replace(ALICE, **{name: None}), document, circumstances(channel)).allows


@given(_DOCUMENTS, _ABOUT, st.sampled_from(sorted(SHARING)))
def test_nothing_is_shared_of_a_person_of_whom_nothing_is_known(
    document: DocumentFacts, about: Circumstances, channel: Channel
) -> None:
    undeclared = replace(to(about, channel=channel), informed_on=None)

    assert not ruled(UsagerFacts(), document, undeclared).allows


@given(_USAGERS, _ABOUT, st.sampled_from(sorted(SHARING)))
def test_nothing_is_shared_of_a_document_of_which_nothing_is_known(
    usager: UsagerFacts, about: Circumstances, channel: Channel
) -> None:
    assert not ruled(usager, DocumentFacts(), to(about, channel=channel)).allows


@given(_USAGERS, _DOCUMENTS, _ABOUT)
def test_facts_kept_as_json_give_the_same_ruling(
    usager: UsagerFacts, document: DocumentFacts, about: Circumstances
) -> None:
    kept_usager = UsagerFacts.from_json(json.loads(json.dumps(usager.to_json())))
    kept_document = DocumentFacts.from_json(json.loads(json.dumps(document.to_json())))

    assert (kept_usager, kept_document) == (usager, document)
    assert ruled(kept_usager, kept_document, about) == ruled(usager, document, about)


@given(_USAGERS, _DOCUMENTS, _ABOUT)
def test_an_opposition_is_lifted_by_nothing(usager: UsagerFacts, document: DocumentFacts, about: Circumstances) -> None:
    opposed = replace(usager, opposition_dmp=True, opposition_mssante_pro=True, opposition_mssante_usager=True)

    ruling = ruled(opposed, document, about)

    assert ruling.verdict is Verdict.NEVER or about.destination.channel is LOCAL


@given(_USAGERS, _DOCUMENTS, _ABOUT)
def test_every_ruling_says_why_and_who(usager: UsagerFacts, document: DocumentFacts, about: Circumstances) -> None:
    ruling = ruled(usager, document, about)

    assert ruling.message("fr")
    assert ruling.remedy("fr")
    assert ruling.who
    assert ruling.allows is all(step.passed for step in ruling.steps)


def test_the_page_for_operators_tells_every_rule_in_order() -> None:
    page = (Path(__file__).parents[4] / "docs" / "policy.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `(POL-\d{3})` ", page, re.MULTILINE) == [link.rule.id for link in CHAIN]
