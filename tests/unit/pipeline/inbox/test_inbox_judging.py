"""Whose dossier a received document belongs to, what it does there, and what its sender is answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dui_bridge.ins.invented import invented_matricule
from dui_bridge.ins.traits import Traits
from dui_bridge.pipeline.inbox import rules
from dui_bridge.pipeline.inbox.arrivals import check_received
from dui_bridge.pipeline.inbox.arrivals import document as read
from dui_bridge.pipeline.inbox.judging import filed_by_person, refused_by_person
from dui_bridge.pipeline.inbox.records import Decision, Effect, KeptState, Subject
from tests.cda_dossiers import built as cda_of
from tests.cda_dossiers import with_usager
from tests.inbox_world import HERS, NOW, SOMEBODY, World, came, document, judged, kept
from tests.mss_mails import CITIZEN, DOCTOR, SUBJECT, with_documents
from tests.xdm_archives import archive, packed, unpacked
from tests.xds_deposits import cda

OTHER_INS = invented_matricule("M", 1970, 1, "75056")
NOBODY = Traits("INCONNU", "JEAN", "JEAN", "M", "1970-01-01", "75056")


def about(**changes: Any) -> Any:
    """The mail, its document being about somebody else."""
    own = document()
    return came(documents=(replace(own, subject=replace(own.subject, **changes)),))


def test_a_qualified_ins_on_both_sides_files_it() -> None:
    found = judged(came())
    assert (found.decision, found.person, found.code) == (Decision.FILED, HERS, "")
    assert [one.effect for one in found.documents] == [Effect.NEW]


def test_the_document_is_handed_over_as_it_stands_in_the_archive() -> None:
    (own,) = came().documents
    assert own.data == cda()
    assert own.pdf is not None
    assert own.pdf.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("given", "world", "cause"),
    [
        (came(), World([replace(HERS, qualified=False)]), rules.NOT_QUALIFIED_HERE),
        (came(qualified=False), World(), rules.NOT_QUALIFIED_THERE),
        (came(), World([replace(HERS, traits=replace(HERS.traits, nom_naissance="DURAND"))]), rules.TRAITS_DIFFER),
        (came(), World([replace(HERS, traits=replace(HERS.traits, date_naissance="1988-07-15"))]), rules.TRAITS_DIFFER),
        (came(), World([replace(HERS, oid="1.2.250.1.213.1.4.9")]), rules.TRAITS_DIFFER),
        (came(), World([HERS, replace(HERS, dossier_id=9)]), rules.SEVERAL_DOSSIERS),
        (came(), World([replace(HERS, matricule="")]), rules.BY_TRAITS),
        (about(matricule="", oid="", named=("", "")), World(), rules.BY_TRAITS),
        (about(matricule="", oid=""), World(), rules.INS_ONCE),
        (about(named=("", "")), World(), rules.INS_ONCE),
        (about(traits=replace(HERS.traits, sexe="")), World(), rules.TRAITS_DIFFER),
    ],
    ids=lambda value: value.id if hasattr(value, "id") else "",
)
def test_whatever_is_near_a_dossier_without_being_its_own_waits_for_a_person(
    given: Any, world: World, cause: Any
) -> None:
    found = judged(given, world)
    assert (found.decision, found.person, found.code) == (Decision.REVIEW, None, "")
    assert found.cause is not None
    assert found.cause.rule is cause
    assert found.candidates


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (about(matricule=OTHER_INS, named=(OTHER_INS, HERS.oid), traits=NOBODY), "902"),
        (about(matricule="", oid="", named=("", ""), traits=NOBODY), "903"),
        (about(named=(OTHER_INS, HERS.oid)), "904"),
        (about(named=(HERS.matricule, "1.2.250.1.213.1.4.9")), "904"),
        (about(matricule=OTHER_INS[:13], named=(OTHER_INS[:13], HERS.oid), traits=NOBODY), "905"),
        (came(sender="dr.dupont@orange.fr"), "901"),
        (came(with_documents(zip=archive()[:-40])), "906"),
        (came(documents=()), "906"),
        (came(documents=(document(), document(unique_id="2.25.9", subject=Subject(traits=NOBODY)))), "906"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_code(given: Any, code: str) -> None:
    found = judged(given)
    assert (found.decision, found.code, found.person) == (Decision.REFUSED, code, None)


def test_the_dossier_of_the_mailbox_s_establishment_is_meant_where_several_have_the_person() -> None:
    elsewhere = replace(HERS, dossier_id=9, finess="750000001")
    assert judged(came(), World([elsewhere, HERS])).person is HERS
    assert judged(came(), World([elsewhere, HERS]), finess="").decision is Decision.REVIEW


def test_a_hash_that_is_not_the_one_told_refuses_all() -> None:
    files = unpacked(archive())
    name = next(one for one in files if one.endswith("DOC0001.XML"))
    files[name] = files[name].replace(b"LACAZE", b"LACASE")
    assert judged(came(with_documents(zip=packed(files)))).code == "906"


def test_what_is_no_valid_cda_is_refused() -> None:
    wrong = cda().replace(b'<typeId root="2.16.840.1.113883.1.3"', b'<typeId root="1.2.3"')
    assert wrong != cda()
    found = judged(came(documents=(document(data=wrong, findings=tuple(check_received(wrong))),)))
    assert (found.decision, found.code) == (Decision.REFUSED, "906")
    right = document(findings=tuple(check_received(cda())))
    assert judged(came(documents=(right,))).decision is Decision.FILED


def test_a_document_that_is_here_is_ignored_and_answered_as_before() -> None:
    found = judged(came(), World(earlier=[kept()]))
    assert (found.decision, found.code, [one.effect for one in found.documents]) == (
        Decision.FILED,
        "",
        [Effect.DUPLICATE],
    )
    waiting = judged(came(), World(earlier=[kept(KeptState.REVIEW)]))
    assert (waiting.decision, waiting.cause and waiting.cause.rule) == (Decision.REVIEW, rules.WAITING)


def test_one_that_was_refused_is_judged_again() -> None:
    found = judged(came(), World(earlier=[kept(KeptState.REFUSED)]))
    assert (found.decision, [one.effect for one in found.documents]) == (Decision.FILED, [Effect.NEW])


def test_the_same_document_twice_in_a_mail_counts_once() -> None:
    found = judged(came(documents=(document(), document())))
    assert [one.effect for one in found.documents] == [Effect.NEW, Effect.DUPLICATE]


@pytest.mark.parametrize(
    "earlier",
    [
        kept(unique_id="2.25.1", version=0, sha256="0"),
        kept(unique_id="2.25.1", set_id="2.25.5", version=None, sha256="0"),
    ],
    ids=["by series", "by the id it names"],
)
def test_a_new_version_replaces_the_one_that_is_here(earlier: Any) -> None:
    given = came(documents=(document(replaces=("2.25.1",)),))
    found = judged(given, World(earlier=[earlier]))
    assert (found.decision, found.documents[0].effect, found.documents[0].target) == (
        Decision.FILED,
        Effect.REPLACES,
        earlier,
    )


@pytest.mark.parametrize(
    "earlier",
    [kept(unique_id="2.25.2", version=99, sha256="0"), kept(unique_id="2.25.2", set_id="", replaces=(document().unique_id,))],
    ids=["by its number", "by what replaced it"],
)  # fmt: skip
def test_a_version_that_a_newer_one_has_overtaken_is_refused(earlier: Any) -> None:
    found = judged(came(), World(earlier=[earlier]))
    assert (found.decision, found.code) == (Decision.REFUSED, "900")


@pytest.mark.parametrize(
    ("earlier", "cause"),
    [
        (kept(sha256="0"), rules.CONFLICT),
        (kept(unique_id="2.25.2", sha256="0"), rules.CONFLICT),
        (kept(unique_id="2.25.1", version=0, dossier_id=SOMEBODY.dossier_id), rules.OTHER_DOSSIER),
        (kept(unique_id="2.25.1", version=0, sender="x@autre.mssante.fr"), rules.OTHER_SENDER),
        (kept(unique_id="2.25.1", version=0, sender="x@medecin.mssante.fr"), rules.OTHER_SENDER),
        (kept(KeptState.REVIEW, unique_id="2.25.1", version=0), rules.WAITING),
    ],
)
def test_what_would_change_another_s_document_waits_for_a_person(earlier: Any, cause: Any) -> None:
    found = judged(came(), World(earlier=[earlier]))
    assert (found.decision, found.cause and found.cause.rule) == (Decision.REVIEW, cause)
    assert found.candidates == (HERS,)


def test_who_sent_it_may_replace_it_however_the_address_is_written() -> None:
    earlier = kept(unique_id="2.25.1", version=0, sender=f" {DOCTOR.upper()}")
    assert judged(came(), World(earlier=[earlier])).decision is Decision.FILED


@pytest.mark.parametrize(
    "headers",
    [
        {"From": CITIZEN},
        {"From": CITIZEN.upper()},
        {"From": CITIZEN.replace("@", "@x.") + "."},
        {"Return-Path": f"<{CITIZEN}>"},
    ],
)
def test_what_a_citizen_sends_waits_for_a_person_whatever_it_is(headers: dict[str, str]) -> None:
    mail = with_documents(headers)
    unknown = about(matricule=OTHER_INS, named=(OTHER_INS, HERS.oid), traits=NOBODY).documents
    for given, world, candidates in (
        (came(mail), World(), (HERS,)),
        (came(mail), World(earlier=[kept()]), ()),
        (came(mail, documents=unknown), World(), ()),
        (came(mail, documents=()), World(), ()),
    ):
        found = judged(given, world)
        assert (found.decision, found.code, found.person) == (Decision.REVIEW, "", None)
        assert (found.cause and found.cause.rule, found.candidates) == (rules.CITIZEN, candidates)


def test_a_cancellation_cancels_what_is_here_and_nothing_else() -> None:
    given = came(with_documents({"Subject": f"[Annule] {SUBJECT}"}))
    assert given.cancels
    found = judged(given, World(earlier=[kept()]))
    assert (found.decision, found.documents[0].effect) == (Decision.FILED, Effect.CANCELS)
    nothing = judged(given)
    assert (nothing.decision, nothing.cause and nothing.cause.rule) == (Decision.REVIEW, rules.NOTHING_TO_CANCEL)
    again = judged(given, World(earlier=[kept(KeptState.CANCELLED)]))
    assert again.documents[0].effect is Effect.DUPLICATE


@pytest.mark.parametrize("mention", ["[Annule et remplace] ", "", "Annulation de séance "])
def test_other_words_cancel_nothing(mention: str) -> None:
    assert not came(with_documents({"Subject": f"XDM/1.0/DDM+{mention}LACAZE"})).cancels


def test_the_subject_of_a_mail_never_says_who_it_is_about() -> None:
    found = judged(came(with_documents({"Subject": "XDM/1.0/DDM+Lettre DURAND Paul 01/01/1970"})))
    assert found.person is HERS


def test_an_unqualified_document_is_read_without_an_ins() -> None:
    data = cda_of(with_usager(ins=type(with_usager().usager.ins)()))
    found = read(data, ("", ""), None, lambda _: ())
    assert (found.subject.matricule, found.subject.traits.nom_naissance) == ("", HERS.traits.nom_naissance)
    assert judged(came(documents=(found,))).cause is not None


def test_every_refusal_has_its_answer_and_every_code_is_used() -> None:
    named = {
        rule.id
        for name, rule in vars(rules).items()
        if name.isupper() and hasattr(rule, "id") and rule.severity == "error"
    }
    assert rules.ANSWERS.keys() == named
    assert set(rules.ANSWERS.values()) == {"900", "901", "902", "903", "904", "905", "906"}


def test_what_came_is_told_as_it_came() -> None:
    given = came()
    assert (given.sender, given.at, given.others, given.qualified) == (DOCTOR, NOW, 0, True)


def test_a_person_files_or_refuses_what_waits() -> None:
    waits = judged(came(qualified=False))
    filed = filed_by_person(waits, HERS)
    assert (filed.decision, filed.person, filed.cause, filed.candidates) == (Decision.FILED, HERS, None, ())
    refused = refused_by_person(waits, "ce n'est pas elle")
    assert (refused.decision, refused.code, refused.person) == (Decision.REFUSED, "906", None)
    assert refused.documents == filed.documents == waits.documents
