"""The DMP as a destination of the pipeline: deposits and replacements by the structure, headless (mode INDIRECTE).

Before a deposit: the INS is qualified, the patient will see the document or somebody answers for it, the DMP is open
(asked once a session), the metadata have no fault, and the version to replace is looked up, because its entryUUID
changes with its metadata.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from dui_bridge.cda.outline import parse_outline
from dui_bridge.connectors.dmp.client import DmpClient
from dui_bridge.connectors.dmp.context import Acting
from dui_bridge.connectors.dmp.errors import (
    AlreadyThere,
    AnswerUnreadable,
    DmpClosed,
    EstablishmentUnknown,
    FeedOpposed,
    InsNotQualified,
    MetadataRefused,
    NoDmp,
    NotYetVisible,
    OtherContent,
    PatientUnknown,
    ReplacedMeanwhile,
    ReplacedMissing,
    TooLarge,
    Unanswered,
    Undecided,
)
from dui_bridge.connectors.dmp.exchange import SERVICE
from dui_bridge.connectors.dmp.existence import Existence, State
from dui_bridge.connectors.dmp.lots import Lot, make_lot
from dui_bridge.connectors.dmp.pace import Pace
from dui_bridge.connectors.dmp.refusals import finding_of, without_traits
from dui_bridge.connectors.dmp.visibility import ensure_may_hide, inherited
from dui_bridge.connectors.ports import DeliveryContext, Prepared
from dui_bridge.errors import AnswerLost, DuiBridgeError, FixConfiguration, Retry
from dui_bridge.findings import Finding
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.exchange import Answer, BuiltDocument, Outcome
from dui_bridge.xds.entries import DocumentEntry, Mask
from dui_bridge.xds.lot import canonical_digest
from dui_bridge.xds.metadata import document_entry

_SESSION: Final = timedelta(hours=12)
"""How long the DMP is not asked again whether it is open."""
_MEGABYTE: Final = 1_000_000
_SPOKEN: Final = frozenset({"words", "reason", "reason_fr"})
"""Values of an error that may repeat words of the service."""

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class DmpPrepared(Prepared):
    """A document with its metadata; the lot is made and signed when it leaves.

    Args:
        entry: derived from the bytes.
        digest: of the document, for the signature of the lot.
        context: of the delivery.
        ins: whose DMP it goes to.
        acting: who sends.
    """

    entry: DocumentEntry = field(repr=False)
    digest: str
    context: DeliveryContext
    ins: QualifiedIns = field(repr=False)
    acting: Acting


class DmpDestination:
    """A `Destination`; one object serves every source of a site, so that they share its rate.

    Args:
        client: of `opening.open_dmp`.
        acting: who sends, by the geographic FINESS of the establishment.
        pace: of deposits.
        max_megabytes: of a document.
        ask_existence: whether TD0.2 is asked before the first deposit for a person.
    """

    def __init__(
        self,
        client: DmpClient,
        acting: Mapping[str, Acting],
        pace: Pace,
        *,
        max_megabytes: int,
        ask_existence: bool = True,
    ) -> None:
        self._client = client
        self._acting = acting
        self._pace = pace
        self._most = max_megabytes
        self._asks = ask_existence
        self._known: dict[QualifiedIns, tuple[datetime, Existence]] = {}

    def close(self) -> None:
        """Closes the connections."""
        self._client.line.http.close()

    def prepare(self, built: BuiltDocument, context: DeliveryContext) -> DmpPrepared:
        """Pure: the document, its metadata, and who sends it.

        Args:
            context: of the delivery; without an INS nothing leaves.
        Raises:
            InsNotQualified, NotYetVisible, AlreadyVisible, TooLarge, EstablishmentUnknown: it does not leave.
            OtherPatient, NotCda: the document is not one of this person.
            MetadataRefused: it has no canonical form, so that it cannot be signed.
        """
        if context.ins is None:
            raise InsNotQualified
        if Mask.PATIENT in context.masks and not context.released_by.strip():
            raise NotYetVisible
        if context.replaces is not None and context.earlier_masks is not None:
            ensure_may_hide(context.masks, context.earlier_masks)
        if built.size > self._most * _MEGABYTE:
            raise TooLarge(most=f"{self._most} MB", most_fr=f"{self._most} Mo")
        acting = self._acting.get(built.document.finess)
        if acting is None:
            raise EstablishmentUnknown(finess=built.document.finess)
        outline = parse_outline(built.data, max_bytes=self._most * _MEGABYTE)
        entry = document_entry(built.data, context.ins, masks=context.masks, root=outline.root, sha1=built.sha1)
        try:
            digest = canonical_digest(outline, self._client.practice.algorithms.digest)
        except ValueError:
            raise MetadataRefused(answer="XAdES", words="XML") from None
        parts = {f"{built.ids.unique_id}.xml": built.data}
        acting = replace(acting, secret_access=context.secret_access)
        return DmpPrepared(built, parts, entry, digest, context, context.ins, acting)

    def send(self, prepared: Prepared) -> Outcome:
        """Deposits it, or replaces the version that the DMP has.

        `REFUSED` when a check of ours or the DMP refuses it for good, `ALREADY_THERE` when it has these bytes.

        Raises:
            Retry, FixConfiguration: certainly not taken.
            AnswerLost: it may have been taken.
        """
        ours = _ours(prepared)
        try:
            self._make_sure_of_record(ours)
            return self._deposit(ours, again=True)
        except (Retry, AnswerLost, FixConfiguration) as error:
            raise _of_nobody(error, ours) from None
        except PatientUnknown as error:
            self._known.pop(ours.ins, None)
            return self._refused_there(error, ours)
        except DuiBridgeError as error:
            return self._refused_there(error, ours)

    def resolve(self, prepared: Prepared) -> Outcome | None:
        """Asks whether the DMP has it (TD3.1b).

        `ALREADY_THERE` with our hash, or when the DMP shows nothing but that our id is there: nobody else makes our
        ids. `REFUSED` with another hash; else `ABSENT`. None when the DMP refuses to say: a person must find out.

        Raises:
            Retry, FixConfiguration: it could not be asked now.
        """
        ours = _ours(prepared)
        unique_id = ours.entry.unique_id
        try:
            found = self._asked(lambda: self._client.locate(unique_id, ours.ins, ours.acting))
        except (Retry, FixConfiguration) as error:
            raise _of_nobody(error, ours) from None
        except DuiBridgeError:
            return None
        if found is None:
            return Outcome(Answer.ABSENT, self._now())
        if found.entry is not None and not _is_same(found.entry, ours.entry):
            return self._refused((finding_of(OtherContent()),), "XDSNonIdenticalHash")
        return Outcome(Answer.ALREADY_THERE, self._now(), unique_id)

    def _make_sure_of_record(self, ours: DmpPrepared) -> None:
        """Raises NoDmp, DmpClosed or FeedOpposed when the DMP cannot be fed, and what the question raises."""
        if not self._asks:
            return
        now, unique_id = self._now(), ours.entry.unique_id
        asked, known = self._known.get(ours.ins, (now - 2 * _SESSION, None))
        if known is None or now - asked > _SESSION:
            known = self._asked(lambda: self._client.exists(ours.ins, ours.acting, unique_id))
            self._known[ours.ins] = now, known
        if known.state is State.NONE:
            raise NoDmp
        if known.state is State.CLOSED:
            raise DmpClosed
        if known.opposed_to_feeding:
            raise FeedOpposed

    def _deposit(self, ours: DmpPrepared, *, again: bool) -> Outcome:
        lot = self._lot(ours)
        wrong = tuple(one for one in lot.findings if one.is_error)
        if wrong:
            places = "\n".join(f"{one.rule.id} {one.path or ''}" for one in wrong)
            return self._refused(wrong, "", places)
        self._pace.before()
        try:
            self._client.deposit(lot, ours.ins, ours.acting)
        except AlreadyThere as error:
            outcome = self.resolve(ours)
            if outcome is None or outcome.answer is Answer.ABSENT:
                # The id of the lot or of its signature was there, and the document is not: the DMP contradicts itself.
                raise Undecided(**error.values) from None
            return outcome
        except Undecided as error:
            if error.refusal is None or isinstance(error.refusal, AlreadyThere):
                raise
            outcome = self._found_out(ours)
            if outcome is None:
                raise
            if outcome.answer is Answer.ABSENT:
                raise error.refusal from None
            return outcome
        except ReplacedMeanwhile:
            if not again or ours.context.replaces is None:
                raise
            return self._deposit(ours, again=False)
        return Outcome(Answer.DELIVERED, self._now(), lot.unique_id)

    def _found_out(self, ours: DmpPrepared) -> Outcome | None:
        """As `resolve`; None also when it cannot be asked now."""
        try:
            return self.resolve(ours)
        except (Retry, FixConfiguration):
            return None

    def _lot(self, ours: DmpPrepared) -> Lot:
        entry, replaces, earlier = ours.entry, None, ours.context.replaces
        if earlier is not None:
            found = self._asked(lambda: self._client.locate(earlier, ours.ins, ours.acting, ours.entry.unique_id))
            if found is None:
                raise ReplacedMissing
            replaces = found.entry_uuid
            known = ours.context.earlier_masks if found.entry is None else found.entry.masks
            entry = entry.masked(inherited(entry.masks, known, released=bool(ours.context.released_by.strip())))
        try:
            return make_lot(
                entry,
                ours.built.data,
                ours.acting.author,
                self._client.practice,
                self._client.line.signer,
                at=self._now(),
                replaces=replaces,
                secret_access=ours.acting.secret_access,
                digest=ours.digest,
            )
        except ValueError:
            raise MetadataRefused(answer="XAdES", words="XML") from None

    def _asked(self, question: Callable[[], _Found]) -> _Found:
        """The answer to a question. One that nobody can read says nothing of the document: it is asked again."""
        try:
            return question()
        except (AnswerLost, AnswerUnreadable) as error:
            reason = error.message("en"), error.message("fr")
            raise Unanswered(service=SERVICE, reason=reason[0], reason_fr=reason[1]) from None

    def _refused_there(self, error: DuiBridgeError, ours: DmpPrepared) -> Outcome:
        words = without_traits(error.values.get("words", ""), ours.entry.source_patient_info)
        return self._refused((finding_of(error),), error.values.get("answer", ""), words)

    def _refused(self, findings: tuple[Finding, ...], code: str, words: str = "") -> Outcome:
        return Outcome(Answer.REFUSED, self._now(), findings=findings, code=code, received=words.encode() or None)

    def _now(self) -> datetime:
        return self._client.line.now()


def _ours(prepared: Prepared) -> DmpPrepared:
    if not isinstance(prepared, DmpPrepared):
        raise TypeError("prepared for another destination")
    return prepared


def _of_nobody(error: DuiBridgeError, ours: DmpPrepared) -> DuiBridgeError:
    """The same error, with words of the service that do not name the person of the document."""
    info = ours.entry.source_patient_info
    spoken = {name: without_traits(error.values[name], info) or "—" for name in _SPOKEN & error.values.keys()}
    return type(error)(**{**error.values, **spoken})


def _is_same(found: DocumentEntry, ours: DocumentEntry) -> bool:
    same_hash = found.hash is None or found.hash.lower() == ours.hash
    return same_hash and (found.size is None or found.size == ours.size)
