"""The tables of what comes back by mail, beside those of `schema`.

A mail has a key of its own, wrapped as that of a dossier: what it holds of a person is forgotten with that key. Message
ids, the ids of documents, and the addresses of correspondents stand as keyed digests (keys.blind).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from dui_bridge.journal.schema import UtcDateTime, delivery, metadata

A_MAIL = "reference LIKE '%@%'"
"""The reference of a delivery by mail is its Message-ID."""

Index("ix_delivery_mail", delivery.c.reference, sqlite_where=text(A_MAIL), postgresql_where=text(A_MAIL))

_REPLAYED = text("replayed_at IS NOT NULL")
Index("ix_delivery_replayed", delivery.c.id, sqlite_where=_REPLAYED, postgresql_where=_REPLAYED)

mailbox = Table(
    "mailbox",
    metadata,
    Column("address", String(254), primary_key=True),
    Column("folder", String(200), primary_key=True),
    Column("cursor", String(40)),  # UIDVALIDITY and the last UID that is kept
    Column("first_at", UtcDateTime, nullable=False),  # when it was first read, or tried
    Column("read_at", UtcDateTime, nullable=False),
    Column("success_at", UtcDateTime),  # when it was last read to its end
    Column("code", String(40), nullable=False),  # of what kept it from being read; '' when it was
)

received = Table(
    "received",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mailbox", String(254), nullable=False),
    Column("cursor", String(40), nullable=False),
    Column("fingerprint", String(64), nullable=False),  # keyed; of its Message-ID and body
    Column("name", String(32), nullable=False),  # random: bound to what is sealed, and the name of the file
    Column("wrapped_key", LargeBinary),  # None once it is erased
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary),  # sealed: the mail as it came; None when it stands in a file, or is purged
    Column("in_file", Boolean, nullable=False),
    Column("detail", LargeBinary),  # sealed JSON: what a person is shown of it
    Column("kind", String(20), nullable=False),
    Column("code", String(10), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", String(20), nullable=False),
    Column("cause", String(80), nullable=False),
    Column("who", String(20), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("marked", Boolean, nullable=False),  # as seen, in the mailbox
    Column("delivery_id", ForeignKey("delivery.id")),
    Column("dossier_id", ForeignKey("dossier.id")),
    Column("purged_at", UtcDateTime),
    UniqueConstraint("mailbox", "fingerprint"),
    UniqueConstraint("name"),
    Index("ix_received_state", "state", "id"),
    Index("ix_received_delivery", "delivery_id"),
    Index("ix_received_dossier", "dossier_id"),
)

received_document = Table(
    "received_document",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("received_id", ForeignKey("received.id"), nullable=False),
    Column("dossier_id", ForeignKey("dossier.id")),  # None before it is filed
    Column("unique_index", String(64), nullable=False),  # keyed digest of its unique id
    Column("set_index", String(64), nullable=False),  # of its setId; '' without one
    Column("replaces", Text, nullable=False),  # of those that it replaces, with a space between
    Column("version", Integer),
    Column("sha256", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("terms", LargeBinary),  # sealed JSON: its ids in clear, its sender, the name under which it was laid
    Index("ix_received_document_received", "received_id"),
    Index("ix_received_document_unique", "unique_index"),
    Index("ix_received_document_set", "set_index"),
)

receipt = Table(
    "receipt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("received_id", ForeignKey("received.id"), nullable=False),
    Column("delivery_id", ForeignKey("delivery.id")),  # None: of a mail that is not known here
    Column("original", String(64), nullable=False),  # keyed digest of the Message-ID that it names; '' for none
    Column("told", String(20), nullable=False),
    Column("code", String(20), nullable=False),
    Column("cause", String(80), nullable=False),
    Column("recipient", String(64), nullable=False),  # keyed digest of the address
    Column("at", UtcDateTime, nullable=False),
    Index("ix_receipt_received", "received_id"),
    Index("ix_receipt_delivery", "delivery_id"),
    Index("ix_receipt_original", "original"),
)

answer = Table(
    "answer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("received_id", ForeignKey("received.id"), nullable=False),
    Column("code", String(3), nullable=False),  # 900 to 906; '' when all was integrated
    Column("at", UtcDateTime, nullable=False),  # the date that it bears
    Column("state", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before", UtcDateTime),
    Column("cause", String(80), nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("received_id"),
    Index("ix_answer_state", "state"),
)

suspect = Table(
    "suspect",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address_index", String(64), nullable=False),  # keyed digest of the address, in lower case
    Column("since", UtcDateTime, nullable=False),
    Column("cause", String(80), nullable=False),
    Column("delivery_id", ForeignKey("delivery.id"), nullable=False),
    Column("address", LargeBinary),  # sealed with the key of the delivery's dossier
    Column("cleared_at", UtcDateTime),
    Column("cleared_by", String(200), nullable=False),
    Index("ix_suspect_address", "address_index"),
)

addressee = Table(
    "addressee",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", ForeignKey("delivery.id"), nullable=False),
    Column("role", String(10), nullable=False),  # written, or meant: the delivery is for these only
    Column("who", String(64), nullable=False),  # keyed digest of what stays when the mailbox changes; '' for nothing
    Column("address", String(64), nullable=False),  # keyed digest of the mailbox; '' for none
    Column("at", UtcDateTime, nullable=False),
    Index("ix_addressee_delivery", "delivery_id"),
)

awaited = Table(
    "awaited",
    metadata,
    Column("delivery_id", ForeignKey("delivery.id"), primary_key=True),
    Column("until", UtcDateTime),  # None: no reply is awaited
    Column("replied_at", UtcDateTime),
    Index("ix_awaited_until", "until"),
)
