"""A walk through the life of an identity: whatever happens, in any order and whatever the DUI says meanwhile, the INS of
an identity that is not qualified leaves by no carrier; and that of a qualified one leaves by each.

What makes an identity qualified is said here a second time, as the two things that it takes (a number that INSi or the
DUI gave, a dated check against a document) and what takes them away; it shares nothing with the table of transitions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from cda_dossiers import FOYER, FULL, IDS, PDF, PROJET, USAGERE
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dui_bridge.cda.content import document_content
from dui_bridge.cda.level1 import build_level1
from dui_bridge.ins import carriers
from dui_bridge.ins.effective import effective, first_seen, seen_again
from dui_bridge.ins.gate import QualifiedIns, qualified_ins
from dui_bridge.ins.invented import invented_matricule
from dui_bridge.ins.matricule import INS_NIA, INS_NIR, key
from dui_bridge.ins.statut import Evenement, Identite
from dui_bridge.ins.traits import traits_of
from dui_bridge.ins.transitions import EvenementRefuse, answer_event, apply, merge
from dui_bridge.model.identite import DocumentControle, Ins, PieceIdentite, StatutIdentite, Usager
from dui_bridge.model.insi import Individu, MatriculeIns
from dui_bridge.model.profile import Profile

CHECKED = frozenset({StatutIdentite.VALIDEE, StatutIdentite.QUALIFIEE})
RECOVERED = frozenset({StatutIdentite.RECUPEREE, StatutIdentite.QUALIFIEE})
FIRST_DAY = date(2026, 1, 1)
OFTEN_QUALIFIED = (*StatutIdentite, *(StatutIdentite.QUALIFIEE,) * 4)
NAMES = ("LACAZE", "Lacazé", "DURAND")
"""Two ways to write one name, and another name."""

listed = tuple(invented_matricule(*traits) for traits in (("F", 1987, 3, "33063"), ("F", 1987, 3, "33064")))
ordinary = tuple(f"{n}{key(n):02d}" for n in ("2870333063999", "2870333063998"))
NUMBERS = {Profile.SANDBOX: listed, Profile.QUALIFICATION: listed, Profile.PRODUCTION: ordinary}

which = st.integers(0, 1)
maybe_which = st.sampled_from((None, 0, 1))
names = st.sampled_from(NAMES)
flags = st.sampled_from((True, None, False))
pieces = st.sampled_from((None, PieceIdentite.CNI, PieceIdentite.PERMIS_CONDUIRE))
natures = st.sampled_from((INS_NIR, INS_NIA))
marks = st.sampled_from((Evenement.DOUTE, Evenement.FICTIF))
MARKS = {Evenement.DOUTE: "douteuse", Evenement.FICTIF: "fictive"}
LIFTS = {Evenement.LEVEE_DOUTE: "douteuse", Evenement.LEVEE_FICTIF: "fictive"}


@dataclass
class Truth:
    """What it takes to be qualified, and what takes it away.

    Args:
        number: the one that INSi or the DUI gave, and that nothing has taken away since; under `oid`.
        checked: a check was made and not undone; it has a day when `dated`.
        marks: doubtful or fictive, whoever said it.
        asked: INSi has spoken: the DUI no longer gives a number.
        name: the birth name as INSi holds it.
    """

    number: str | None = None
    oid: str | None = None
    checked: bool = False
    dated: bool = False
    marks: set[str] = field(default_factory=set)
    asked: bool = False
    name: str | None = None
    past: set[str] = field(default_factory=set)

    @property
    def qualified(self) -> bool:
        return self.number is not None and self.checked and not self.marks

    def gets(self, number: str | None, oid: str | None) -> None:
        self.past |= {self.number} if self.number else set()
        self.number, self.oid = number, oid

    def breaks(self) -> None:
        self.gets(None, None)
        self.name, self.checked, self.dated = None, False, False

    def is_marked(self, mark: str) -> None:
        self.breaks()
        self.marks = {"fictive"} if "fictive" in {mark, *self.marks} else {mark}

    def answered(self, number: str, oid: str, name: str) -> None:
        assert not self.marks, "a doubtful or fictive identity is never recovered"
        if self.number is None:
            self.checked = self.checked and self.dated
        self.gets(number, oid)
        self.name, self.asked = name, True

    def hears(self, said: Usager, says: Usager) -> None:
        """What the DUI's words change: `said` before, `says` now."""
        for mark in ("douteuse", "fictive"):
            if getattr(said.ins, mark) is True and getattr(says.ins, mark) is False:
                self.marks.discard(mark)
        was, now = check_day(said.ins), check_day(says.ins)
        later = now is not None and now != FIRST_DAY and (was is None or was == FIRST_DAY or now > was)
        if not self.asked and not self.marks and (later or says.ins.statut is not said.ins.statut):
            given = says.ins.statut in RECOVERED and says.ins.matricule
            self.gets(says.ins.matricule if given else None, says.ins.oid if given else None)
            self.checked, self.dated = now is not None, now not in {None, FIRST_DAY}
        else:
            self._hears_no_act(said, says)
            if was is not None and now is None:
                self.checked = self.dated = False
            if not self.marks and later:
                self.checked = self.dated = True
        for mark in ("douteuse", "fictive"):
            if getattr(says.ins, mark) is True and mark not in self.marks:
                self.is_marked(mark)

    def _hears_no_act(self, said: Usager, says: Usager) -> None:
        if not same_name(said.nom_naissance, says.nom_naissance) and not same_name(self.name, says.nom_naissance):
            self.breaks()
        if self.number is None:
            return
        matricule, oid = says.ins.matricule, says.ins.oid
        other_number = matricule != said.ins.matricule and matricule not in {self.number, *self.past}
        if other_number or (matricule == self.number and oid not in {None, said.ins.oid, self.oid}):
            self.breaks()


def same_name(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.upper().replace("É", "E") == other.upper().replace("É", "E")


def check_day(ins: Ins) -> date | None:
    """The day of the check that the DUI states; `FIRST_DAY` for one that it states without a day."""
    if ins.document.type is PieceIdentite.PERMIS_CONDUIRE:
        return None
    if ins.statut in CHECKED:
        return ins.document.le or FIRST_DAY
    return ins.document.le if ins.statut is None else None


@cache
def built(person: Usager, ins: QualifiedIns | None) -> str:
    """A document by the real builder."""
    dossier = FULL.model_copy(update={"usager": person})
    return build_level1(document_content(dossier, PROJET, FOYER, IDS, ins), PDF).decode()


class Life(RuleBasedStateMachine):
    """One person, its identity in the bridge, and the DUI that goes on saying what it wants."""

    @initialize(
        profile=st.sampled_from(Profile), statut=st.sampled_from(OFTEN_QUALIFIED), dated=st.booleans(), piece=pieces
    )
    def begins(self, profile: Profile, statut: StatutIdentite, dated: bool, piece: PieceIdentite | None) -> None:
        self.profile = profile
        self.numbers = NUMBERS[profile]
        self.day = FIRST_DAY
        ins = Ins(matricule=self.numbers[0], oid=INS_NIR, statut=statut, document=self._check(piece, dated))
        # The address of a citizen's mailbox holds the number: the DUI has both, whatever the status.
        mails = tuple(f"{number}@patient.mssante.fr" for number in self.numbers)
        self.usager = USAGERE.model_copy(update={"ins": ins, "courriels": mails, "numero_securite_sociale": None})
        self.identite = first_seen(self.usager)
        self.presumed: frozenset[str] = frozenset()
        given = (ins.matricule, ins.oid) if statut in RECOVERED else (None, None)
        day = check_day(ins)
        self.truth = Truth(*given, checked=day is not None, dated=day not in {None, FIRST_DAY})

    # What the DUI says

    @rule(statut=st.sampled_from((None, *StatutIdentite)), dated=st.booleans(), piece=pieces)
    def the_dui_says_a_status(self, statut: StatutIdentite | None, dated: bool, piece: PieceIdentite | None) -> None:
        document = self._check(piece) if dated else self.usager.ins.document
        self._says(statut=statut, document=document)

    @rule(held=maybe_which, oid=st.one_of(st.none(), natures))
    def the_dui_says_a_number(self, held: int | None, oid: str | None) -> None:
        self._says(matricule=None if held is None else self.numbers[held], oid=oid)

    @rule(name=names)
    def the_dui_says_a_birth_name(self, name: str) -> None:
        self._reads(nom_naissance=name)

    @rule(mark=st.sampled_from(("douteuse", "fictive", "homonyme")), value=flags)
    def the_dui_marks_the_identity(self, mark: str, value: bool | None) -> None:
        self._says(**{mark: value})

    @rule(value=flags)
    def the_dui_says_anonymous(self, value: bool | None) -> None:
        self._reads(anonyme=value)

    @rule(presumed=st.booleans())
    def the_mapping_presumes_the_birth_name(self, presumed: bool) -> None:
        self.presumed = frozenset({"usager.nom_naissance"}) if presumed else frozenset()

    # What INSi answers

    @rule(name=names, number=which, oid=natures, older=maybe_which, accepts=st.booleans())
    def insi_answers(self, name: str, number: int, oid: str, older: int | None, accepts: bool) -> None:
        individu = self._found(name, number, oid, older)
        event = answer_event(self.identite, traits_of(self.usager), individu)
        if event is Evenement.INSI_DIFFERENT and not accepts:
            self.anything_happens_with_nothing_to_show_for_it(event)
        else:
            event = Evenement.INSI_OK if event is Evenement.INSI_DIFFERENT else event
            self._takes(event, individu, name, accepts)

    @rule(name=names, number=which, oid=natures, event=st.sampled_from((Evenement.INSI_OK, Evenement.NIA_VERS_NIR)))
    def an_answer_is_forced_in(self, name: str, number: int, oid: str, event: Evenement) -> None:
        self._takes(event, self._found(name, number, oid, None), name, accepts=False)

    # What people do

    @rule(piece=pieces, dated=st.booleans())
    def a_professional_checks_a_document(self, piece: PieceIdentite | None, dated: bool) -> None:
        if self._happens(Evenement.DOCUMENT_OK, document=self._check(piece, dated)):
            assert dated
            assert piece is not PieceIdentite.PERMIS_CONDUIRE
            assert not self.truth.marks
            self.truth.checked = self.truth.dated = True

    @rule(event=st.sampled_from(Evenement))
    def anything_happens_with_nothing_to_show_for_it(self, event: Evenement) -> None:
        if not self._happens(event):
            return
        assert event not in {Evenement.INSI_OK, Evenement.NIA_VERS_NIR, Evenement.DOCUMENT_OK}
        truth = self.truth
        if event in MARKS:
            truth.is_marked(MARKS[event])
        truth.marks.discard(LIFTS.get(event, ""))
        unlike = event is Evenement.INSI_DIFFERENT and truth.number is not None
        if unlike or event in {Evenement.TRAIT_MODIFIE, Evenement.VERIFICATION_KO}:
            truth.breaks()
        if event is Evenement.DECLASSEMENT:
            truth.checked = truth.dated = False
        truth.asked |= event in {Evenement.INSI_DIFFERENT, Evenement.VERIFICATION_KO}

    @rule(name=names, number=which, mark=st.one_of(st.none(), marks))
    def another_identity_is_merged_into_this_one(self, name: str, number: int, mark: Evenement | None) -> None:
        found = self._found(name, number, INS_NIR, None)
        other = apply(Identite(), Evenement.INSI_OK, local=traits_of(self.usager), individu=found, accepte=True)
        other = apply(other, Evenement.DOCUMENT_OK, document=self._check())
        other = apply(other, mark) if mark else other
        self.identite = merge(self.identite, other)
        truth = self.truth
        truth.asked = True
        known = {None, self.numbers[number], *(self.numbers if self.numbers[number] in truth.past else ())}
        unlike = truth.number not in known or (truth.name is not None and not same_name(truth.name, name))
        if mark is None and unlike:
            truth.is_marked("douteuse")
        if mark is not None:
            truth.is_marked(MARKS[mark])
        truth.past.add(self.numbers[number])

    @rule()
    def this_identity_is_merged_into_one_of_which_nothing_is_known(self) -> None:
        blank = Identite(declaration=self.identite.declaration)
        self.identite = merge(blank, self.identite)
        self.truth.breaks()

    @rule(number=which)
    def all_goes_by_the_book(self, number: int) -> None:
        """The DUI says nothing against it, INSi knows the person, a professional has checked a document: it leaves."""
        for lift in (Evenement.LEVEE_FICTIF, Evenement.LEVEE_DOUTE):
            self._says(douteuse=False, fictive=False, matricule=None)
            self.anything_happens_with_nothing_to_show_for_it(lift)
        self._reads(nom_naissance=NAMES[1], anonyme=False)
        self.presumed = frozenset()
        self._takes(Evenement.INSI_OK, self._found(NAMES[0], number, INS_NIR, None), NAMES[0], accepts=True)
        self.a_professional_checks_a_document(PieceIdentite.CNI, True)
        assert qualified_ins(effective(self.usager, self.identite), self.profile) is not None
        self.what_leaves_is_qualified_and_what_is_qualified_leaves()

    # What must hold

    @invariant()
    def what_leaves_is_qualified_and_what_is_qualified_leaves(self) -> None:
        person = effective(self.usager, self.identite)
        ins = qualified_ins(person, self.profile, self.presumed)
        document = built(person, ins)
        if not self.truth.qualified or self.usager.anonyme or self.presumed:
            assert ins is None
            assert not any(number[:13] in document for number in self.numbers)
            return
        number = self.truth.number
        assert number is not None
        assert ins is not None
        assert ins.matricule == number
        assert f'extension="{number}"' in document
        assert [one for one in self.numbers if one in document] == [number]
        assert f'mailto:{carriers.citizen_address(ins)}"' in document
        assert self.truth.name is None or f'<family qualifier="BR">{self.truth.name}<' in document
        written = (carriers.xds_patient_id(ins), carriers.hl7_cx(ins), json.dumps(carriers.fhir_identifier(ins)))
        assert all(number in text and ins.oid in text for text in written)

    def _check(self, piece: PieceIdentite | None = None, dated: bool = True) -> DocumentControle:
        self.day += timedelta(days=1)
        return DocumentControle(type=piece, le=self.day if dated else None)

    def _says(self, **words: object) -> None:
        self._reads(ins=self.usager.ins.model_copy(update=words))

    def _reads(self, **changes: object) -> None:
        said, says = self.usager, self.usager.model_copy(update=changes)
        unread = effective(says, self.identite)
        self.identite, self.usager = seen_again(self.identite, says), says
        assert effective(says, self.identite) == unread, "words count before they are kept"
        self.truth.hears(said, says)

    def _found(self, name: str, number: int, oid: str, older: int | None) -> Individu:
        def of(one: int, nature: str) -> MatriculeIns:
            return MatriculeIns(self.numbers[one][:13], nature, self.numbers[one][13:])

        history = () if older is None else (of(older, INS_NIR),)
        return Individu(
            of(number, oid), name, "ANNE LISE MARIE JOSEPHE", "F", "1987-03-14", "33063", historique=history
        )

    def _takes(self, event: Evenement, individu: Individu, name: str, accepts: bool) -> None:
        local = traits_of(self.usager)
        if self._happens(event, local=local, individu=individu, accepte=accepts):
            assert accepts or same_name(name, self.usager.nom_naissance)
            self.truth.answered(individu.actif.matricule15, individu.actif.oid, name)
            self.truth.past |= {one.matricule15 for one in individu.historique}

    def _happens(self, event: Evenement, **given: Any) -> bool:
        try:
            self.identite = apply(self.identite, event, **given)
        except EvenementRefuse:
            return False
        return True


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
