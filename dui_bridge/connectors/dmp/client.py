"""The transactions of the DMP, each allowed by the matrix of rights before anything leaves.

Sources: IHE ITI TF-2 §3.18, §3.41, §3.43; IHE ITI, Metadata Update; messages of the GIE SESAM-Vitale.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Final

from lxml import etree

from dui_bridge.connectors.dmp.context import Acting
from dui_bridge.connectors.dmp.errors import (
    AnswerUnreadable,
    DocumentNotGiven,
    MetadataRefused,
    NotInRegistry,
    Undecided,
)
from dui_bridge.connectors.dmp.exchange import SERVICE, Call, Line, private_of
from dui_bridge.connectors.dmp.existence import ACTION as EXISTENCE
from dui_bridge.connectors.dmp.existence import Existence, existence_request, read_existence
from dui_bridge.connectors.dmp.lots import Lot, Practice, submission_set
from dui_bridge.connectors.dmp.refusals import of_registry
from dui_bridge.connectors.dmp.retrieval import Retrieved, keep
from dui_bridge.connectors.dmp.rights import Transaction, ensure
from dui_bridge.connectors.dmp.visibility import ensure_together
from dui_bridge.connectors.wire.mtom import Part
from dui_bridge.connectors.wire.net_errors import NoAnswer
from dui_bridge.connectors.wire.vihf import Purpose
from dui_bridge.errors import DuiBridgeError
from dui_bridge.ins.carriers import xds_patient_id
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.xds import queries, retrieving
from dui_bridge.xds.check import check
from dui_bridge.xds.entries import Contents, DocumentEntry, Mask
from dui_bridge.xds.messages import (
    NotXds,
    RegistryError,
    provide_and_register,
    read_registry_response,
    submit_objects,
)
from dui_bridge.xds.purpose import Purpose as Aim
from dui_bridge.xds.records import to_objects
from dui_bridge.xds.submission import metadata_update, status_update
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, DELETED, PARTIAL_SUCCESS

_DEPOSIT: Final = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
_QUERY: Final = "urn:ihe:iti:2007:RegistryStoredQuery"
_RETRIEVE: Final = "urn:ihe:iti:2007:RetrieveDocumentSet"
_UPDATE: Final = "urn:ihe:iti:2010:UpdateDocumentSet"
TRANSACTIONS: Final = {EXISTENCE: "TD0.2", _DEPOSIT: "TD2.1", _QUERY: "TD3.1", _RETRIEVE: "TD3.2", _UPDATE: "TD3.3"}
"""What the DMP calls them, by their action."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the services listen: whole https addresses."""

    repository: str
    registry: str
    patients: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found.

    Args:
        whole: False when the registry says that it could give a part only.
        errors: what it said about that.
    """

    contents: Contents
    whole: bool = True
    errors: tuple[RegistryError, ...] = ()


@dataclass(frozen=True, slots=True)
class Located:
    """A document that the DMP has: its entryUUID now, and its entry when the DMP shows it to who asks."""

    entry_uuid: str
    entry: DocumentEntry | None = None


@dataclass(frozen=True, slots=True)
class DmpClient:
    """The transactions, over one `Line`.

    Args:
        lookup: what TD3.1b asks for.
        repository_id: of documents whose entry names none.
        production: or a test (told in TD0.2).
    All raise what `Line.ask` raises, and `NotAllowed` or `NotOwn` before anything leaves.
    """

    line: Line
    addresses: Addresses
    practice: Practice
    lookup: queries.Returned
    repository_id: str
    production: bool

    def exists(self, ins: QualifiedIns, acting: Acting, about: str = "") -> Existence:
        """TD0.2. Whoever asks keeps the answer for the session: the DMP wants no needless question.

        Args:
            about: uniqueId of the document that it is asked for.
        """
        ensure(acting.caller, Transaction.EXISTS)
        question = existence_request(
            ins,
            message=self.line.new_id(),
            query=self.line.new_id(),
            at=self.line.now(),
            system=self.practice.system,
            software=self.line.software.name,
            production=self.production,
        )
        with self.line.ask(Call(self.addresses.patients, EXISTENCE, question, acting, ins, about=about)) as answer:
            return read_existence(answer.body)

    def deposit(self, lot: Lot, ins: QualifiedIns, acting: Acting) -> None:
        """TD2.1: deposits or replaces. It returns when the DMP took the lot whole.

        Raises:
            Undecided: the answer does not say whether it was taken, or it was taken in part.
            DuiBridgeError: the refusal, see `refusals.REGISTRY`.
        """
        ensure(acting.caller, Transaction.FEED)
        types = {entry.id: entry.mime_type for entry in lot.contents.entries}
        names = {entry: f"{entry}@dui-bridge" for entry in lot.documents}
        parts = [
            Part(names[entry], types[entry], len(data), partial(BytesIO, data)) for entry, data in lot.documents.items()
        ]
        body = provide_and_register(lot.objects, names)
        call = Call(
            self.addresses.repository,
            _DEPOSIT,
            body,
            acting,
            ins,
            changes=True,
            parts=parts,
            about=lot.contents.entries[0].unique_id,
        )
        self._submit(call)

    def locate(self, unique_id: str, ins: QualifiedIns, acting: Acting, about: str = "") -> Located | None:
        """TD3.1b: the document of that uniqueId; None when the DMP has none.

        Args:
            about: uniqueId of another document that it is asked for: the one that is to replace it.
        """
        ensure(acting.caller, Transaction.LOOK_UP)
        query = queries.get_documents([unique_id], returned=self.lookup)
        answer = self._query(query, ins, acting, about=about or unique_id)
        found = answer.contents
        entry = next((one for one in found.entries if one.unique_id == unique_id), None)
        if entry is not None:
            return Located(entry.id, entry)
        if found.entries or len(found.references) > 1:
            raise AnswerUnreadable(reason="another document", reason_fr="un autre document")
        if found.references:
            return Located(found.references[0])
        if not answer.whole:
            raise AnswerUnreadable(reason="a part of an answer", reason_fr="une réponse partielle")
        return None

    def search(
        self,
        ins: QualifiedIns,
        acting: Acting,
        *more: queries.Parameter,
        statuses: Iterable[str] = (APPROVED,),
        purpose: Purpose = Purpose.NORMAL,
    ) -> Found:
        """TD3.1a: the documents of a person. Those of an earlier INS are kept: an INS may change."""
        ensure(acting.caller, Transaction.SEARCH)
        query = queries.find_documents(xds_patient_id(ins), *more, statuses=statuses)
        return self._query(query, ins, acting, purpose)

    def retrieve(
        self, entry: DocumentEntry, ins: QualifiedIns, acting: Acting, into: Path, *, purpose: Purpose = Purpose.NORMAL
    ) -> Retrieved:
        """TD3.2: one document, written to a file that does not exist yet.

        Raises:
            DocumentNotGiven: the answer does not have it.
            DocumentAltered: size or SHA-1 are not those of the entry; no file is left.
            FileUnusable: it cannot be written.
        """
        ensure(acting.caller, Transaction.READ)
        asked = retrieving.DocumentRequest(entry.repository_id or self.repository_id, entry.unique_id, entry.home)
        body = retrieving.retrieve_request([asked])
        call = Call(self.addresses.repository, _RETRIEVE, body, acting, ins, purpose=purpose, about=entry.unique_id)
        with self.line.ask(call) as answer:
            try:
                read = retrieving.read_retrieve_response(answer.body)
            except NotXds as error:
                raise _not_ours(error, answer.body, ins) from None
            given = next((one for one in read.documents if one.unique_id == entry.unique_id), None)
            if given is None:
                if read.response.errors and not read.response.is_success:
                    raise of_registry(read.response, private_of(ins))
                raise DocumentNotGiven
            return keep(given, answer.documents, entry, into)

    def mask(self, entry: DocumentEntry, masks: Iterable[Mask], ins: QualifiedIns, acting: Acting) -> None:
        """TD3.3a: masks the document to professionals, or shows it to them again; other masks stay as they are.

        Args:
            masks: MASQUE_PS, or nothing.
        Raises:
            MasksTogether: the patient does not see it, and the DMP does not take both masks.
        """
        ensure(acting.caller, Transaction.MASK, entry)
        asked = frozenset(masks) & {Mask.PROFESSIONALS}
        after = (entry.masks - {Mask.PROFESSIONALS}) | asked
        ensure_together(entry.masks, after, self.practice.policy)
        self._change(entry, after, ins, acting)

    def make_visible(self, entry: DocumentEntry, to: Mask, ins: QualifiedIns, acting: Acting) -> None:
        """TD3.3b: makes it visible to the patient or to the legal representatives; it never hides."""
        ensure(acting.caller, Transaction.MAKE_VISIBLE, entry)
        self._change(entry, entry.masks - {to}, ins, acting)

    def delete(self, entry: DocumentEntry, ins: QualifiedIns, acting: Acting) -> None:
        """TD3.3c."""
        ensure(acting.caller, Transaction.DELETE, entry)
        self._status(entry, DELETED, ins, acting)

    def archive(self, entry: DocumentEntry, ins: QualifiedIns, acting: Acting) -> None:
        """TD3.3d, archives."""
        ensure(acting.caller, Transaction.ARCHIVE, entry)
        self._status(entry, ARCHIVED, ins, acting)

    def unarchive(self, entry: DocumentEntry, ins: QualifiedIns, acting: Acting) -> None:
        """TD3.3d, takes out of the archive."""
        ensure(acting.caller, Transaction.ARCHIVE, entry)
        self._status(entry, APPROVED, ins, acting)

    def _query(
        self,
        query: queries.StoredQuery,
        ins: QualifiedIns,
        acting: Acting,
        purpose: Purpose = Purpose.NORMAL,
        about: str = "",
    ) -> Found:
        body = queries.adhoc_query(query)
        call = Call(self.addresses.registry, _QUERY, body, acting, ins, purpose=purpose, about=about)
        with self.line.ask(call) as answer:
            try:
                read = queries.read_query_response(answer.body)
            except NotXds as error:
                raise _not_ours(error, answer.body, ins) from None
        status = read.response.status
        if not read.response.is_success and status != PARTIAL_SUCCESS:
            raise of_registry(read.response, private_of(ins))
        return Found(read.contents, status != PARTIAL_SUCCESS, read.response.errors)

    def _change(self, entry: DocumentEntry, masks: Iterable[Mask], ins: QualifiedIns, acting: Acting) -> None:
        self._update(Aim.METADATA_UPDATE, entry, ins, acting, entry.masked(masks))

    def _status(self, entry: DocumentEntry, new: str, ins: QualifiedIns, acting: Acting) -> None:
        self._update(Aim.STATUS_UPDATE, entry, ins, acting, new)

    def _update(
        self, aim: Aim, entry: DocumentEntry, ins: QualifiedIns, acting: Acting, change: DocumentEntry | str
    ) -> None:
        """ITI-57, in a lot of its own, whose id is new."""
        lot = submission_set(
            self.practice,
            acting.author,
            patient_id=xds_patient_id(ins),
            unique_id=f"2.25.{self.line.new_id().int}",
            at=self.line.now(),
        )
        if entry.status is None:
            raise NotInRegistry
        if isinstance(change, str):
            contents = status_update(lot, entry.id, entry.status, change)
        elif entry.logical_id is None or entry.version is None:
            raise NotInRegistry
        else:
            given = replace(change, repository_id=change.repository_id or self.repository_id)
            contents = metadata_update(lot, given)
        # What the registry gave of a document goes back as it was: it is not ours to judge.
        wrong = [
            one
            for one in check(to_objects(contents), aim, policy=self.practice.policy)
            if one.is_error and not any(one.path.startswith(f"{sent.id}/") for sent in contents.entries)
        ]
        if wrong:
            raise MetadataRefused(answer=wrong[0].rule.id, words=wrong[0].message("fr"))
        body = submit_objects(contents)
        try:
            self._submit(Call(self.addresses.registry, _UPDATE, body, acting, ins, changes=True, about=entry.unique_id))
        except Undecided as error:
            done = None if error.refusal is None else self._stands(entry.unique_id, change, ins, acting)
            if error.refusal is None or done is None:
                raise
            if not done:
                raise error.refusal from None

    def _stands(self, unique_id: str, change: DocumentEntry | str, ins: QualifiedIns, acting: Acting) -> bool | None:
        """Whether a document stands as an update was to leave it; None when the DMP does not say."""
        try:
            found = self.locate(unique_id, ins, acting)
        except DuiBridgeError:
            return None
        if found is None:
            return change == DELETED
        if found.entry is None:
            return None
        if isinstance(change, str):
            return found.entry.status == change
        return found.entry.masks == change.masks

    def _submit(self, call: Call) -> None:
        """What changes something: it returns when all of it was done. Raises Undecided when a part of it was."""
        with self.line.ask(call) as answer:
            try:
                response = read_registry_response(answer.body)
            except NotXds as error:
                raise NoAnswer(service=SERVICE, reason=str(error), reason_fr=error.message("fr")) from None
        if response.is_success:
            return
        refusal = of_registry(response, private_of(call.ins))
        if response.status != PARTIAL_SUCCESS:
            raise refusal
        part = Undecided(answer=refusal.values.get("answer", "?"), words=refusal.values.get("words", "—"))
        part.refusal = refusal
        raise part


def _not_ours(error: NotXds, body: etree._Element, ins: QualifiedIns) -> DuiBridgeError:
    """An answer of another kind: a refusal in the general form, or nothing that can be read."""
    try:
        response = read_registry_response(body)
    except NotXds:
        return AnswerUnreadable(reason=error.message("en"), reason_fr=error.message("fr"))
    return of_registry(response, private_of(ins))
