"""The tables, the same on SQLite and PostgreSQL. A change here goes with a migration and a new `HEAD`.

No clear key of a document or an usager is stored: `doc_key` and `usager_key` hold keyed digests (keys.blind). What is
called sealed is encrypted with the key of its dossier (vault).
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
    text,
)

HEAD = "0007"
"""The migration that these tables are at; known without importing Alembic, whose import is slow."""

revisions = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Alembic's own: what migration a journal is at."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC and given back in UTC (SQLite keeps no time zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_indexes = count()


@event.listens_for(Index, "after_parent_attach")
def _place(index: Index, _table: Table) -> None:
    # Of two that serve as well SQLite takes the one made later: they are made in the order in which they stand here.
    index.info["place"] = next(_indexes)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

setting = Table(
    "setting",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("source", String(200), nullable=False),
    Column("export", String(400), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("state", String(20), nullable=False),
    Column("counts", JSON, nullable=False),
    Column("versions", JSON, nullable=False),
    Column("cause", String(80)),  # why it is held or failed
    Column("kind", String(10), nullable=False, server_default="full"),  # a `RunKind`
    Column("cursor", Text),  # how far it went, of one that is held: stored as the source's once it is released
    Index(None, "source", "started_at"),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", String(200), nullable=False),
    Column("source", String(200), nullable=False),
    Column("kind", String(60), nullable=False),
    Column("doc_key", String(64), nullable=False),
    Column("usager_key", String(64), nullable=False),
    Column("finess", String(9), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("set_id", String(64), nullable=False),
    UniqueConstraint("source", "kind", "doc_key", "generation"),
    UniqueConstraint("set_id"),
)

document_version = Table(
    "document_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("unique_id", String(64), nullable=False),
    Column("replaces", ForeignKey("document_version.unique_id")),
    Column("raw_parts", JSON, nullable=False),
    Column("mapped_fingerprint", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("built_at", UtcDateTime, nullable=False),
    Column("handed_over_at", UtcDateTime),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("versions", JSON, nullable=False),
    Column("dossier_id", ForeignKey("dossier.id")),  # None for versions of journals made before revision 0002
    Column("cda_id", ForeignKey("payload.id")),
    Column("pdf_id", ForeignKey("payload.id")),
    Column("media_type", String(60), nullable=False, server_default="text/xml"),
    Column("sha1", String(40), nullable=False, server_default=""),
    Column("facts", LargeBinary),  # sealed JSON: what policy reads of the document
    Column("facts_digest", String(16), nullable=False, server_default=""),  # keyed; of what a reading may change of it
    UniqueConstraint("series_id", "version"),
    UniqueConstraint("unique_id"),
    # Of the few that wait only: an index of every state would lure SQLite away from the one of the series.
    Index(
        "ix_document_version_waiting",
        "id",
        sqlite_where=text("state = 'built'"),
        postgresql_where=text("state = 'built'"),
    ),
)

dossier = Table(
    "dossier",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(200), nullable=False),
    Column("usager_key", String(64), nullable=False),
    Column("finess", String(9)),
    Column("wrapped_key", LargeBinary),  # None once erased: nothing sealed with it can be read any more
    Column("number", LargeBinary, nullable=False),  # sealed: the dossier number as the DUI shows it
    Column("facts", LargeBinary),  # sealed JSON: what policy reads of the usager
    Column("traits", JSON, nullable=False),  # trait → keyed digest
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("gone_at", UtcDateTime),  # no longer in a full reading
    UniqueConstraint("source", "usager_key"),
)

item = Table(
    "item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(200), nullable=False),
    Column("kind", String(10), nullable=False),  # usager | document
    Column("key", String(64), nullable=False),
    Column("dossier_id", ForeignKey("dossier.id"), nullable=False),
    Column("series_id", ForeignKey("series.id")),
    Column("doc_type", String(60)),
    Column("finess", String(9)),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("cause", String(80), nullable=False),
    Column("who", String(20), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("gone_at", UtcDateTime),  # no longer in a full reading
    Column("detail", LargeBinary),  # sealed JSON: origin, mapping line, values of the message
    UniqueConstraint("source", "kind", "key"),
    Index("ix_item_run", "source", "run_id", "state"),
    Index("ix_item_series", "series_id"),
    Index("ix_item_dossier", "dossier_id", "kind"),
)

payload = Table(
    "payload",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dossier_id", ForeignKey("dossier.id"), nullable=False),
    Column("role", String(20), nullable=False),  # cda | pdf | request | answer | exchange
    Column("name", String(32), nullable=False),  # random: bound to the sealed bytes, and the name of the file
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary),  # sealed; None when it stands in a file, or is purged
    Column("in_file", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("purged_at", UtcDateTime),
    UniqueConstraint("name"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version_id", ForeignKey("document_version.id"), nullable=False),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("dossier_id", ForeignKey("dossier.id"), nullable=False),
    Column("source", String(200), nullable=False),
    Column("destination", String(200), nullable=False),
    Column("operation", String(20), nullable=False),
    Column("finess", String(9), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("cause", String(80), nullable=False),
    Column("who", String(20), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    Column("reference", String(400), nullable=False),
    Column("worker", String(60)),
    Column("task_id", ForeignKey("task.id")),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("replayed_at", UtcDateTime),
    Index("ix_delivery_series", "series_id", "destination"),
    Index("ix_delivery_version", "version_id"),
    Index("ix_delivery_dossier", "dossier_id"),
    Index("ix_delivery_state", "state", "destination", "id"),
    Index(
        "ix_delivery_ready",
        "destination",
        "urgent",
        "id",
        sqlite_where=text("state = 'ready'"),
        postgresql_where=text("state = 'ready'"),
    ),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", ForeignKey("delivery.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("worker", String(60), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("result", String(20)),
    Column("code", String(40), nullable=False),
    Column("reference", String(400), nullable=False),
    Column("answer_id", ForeignKey("payload.id")),
    UniqueConstraint("delivery_id", "number"),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version_id", ForeignKey("document_version.id"), nullable=False),
    Column("destination", String(200), nullable=False),
    Column("verdict", String(10), nullable=False),  # allow | refuse
    Column("by", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", String(400), nullable=False),
    Index("ix_decision_version", "version_id", "destination"),
)

hold = Table(
    "hold",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(200)),  # each scope None: any
    Column("finess", String(9)),
    Column("doc_type", String(60)),
    Column("destination", String(200)),
    Column("dossier_id", ForeignKey("dossier.id")),
    Column("series_id", ForeignKey("series.id")),
    Column("reason", String(400), nullable=False),
    Column("by", String(200), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("released_at", UtcDateTime),
    Column("released_by", String(200)),
)

information = Table(
    "information",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("finess", String(9), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("day", Date, nullable=False),
    Column("by", String(200), nullable=False),
    Column("evidence", String(400), nullable=False),
    Column("declared_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime),
)

brake = Table(
    "brake",
    metadata,
    Column("destination", String(200), primary_key=True),
    Column("paused_at", UtcDateTime),
    Column("paused_by", String(200), nullable=False),
    Column("reason", String(400), nullable=False),
    Column("until", UtcDateTime),
    Column("resumed", String(20), nullable=False),  # '' | probing: one item goes first
    Column("circuit", String(20), nullable=False),  # closed | open | probing
    Column("failures", Integer, nullable=False),
    Column("last_code", String(40), nullable=False),
    Column("retry_at", UtcDateTime),
    Column("tokens", Float, nullable=False),
    Column("tokens_at", UtcDateTime, nullable=False),
    Column("last_success_at", UtcDateTime),
)

task = Table(
    "task",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),  # replay | backfill
    Column("state", String(20), nullable=False),  # running | paused | cancelled | done
    Column("parameters", JSON, nullable=False),
    Column("progress", JSON, nullable=False),
    Column("by", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(200), nullable=False),
    Column("dossier_id", ForeignKey("dossier.id"), nullable=False),
    Column("delivery_id", ForeignKey("delivery.id")),
    Column("row", LargeBinary, nullable=False),  # sealed JSON: what the DUI is to be told
    Column("created_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before", UtcDateTime),
    Column("written_at", UtcDateTime),
    Column("file", String(200), nullable=False),
    Index(
        "ix_outbox_waiting",
        "source",
        "id",
        sqlite_where=text("written_at IS NULL"),
        postgresql_where=text("written_at IS NULL"),
    ),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(200), nullable=False),
    Column("origin", String(200), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("details", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)

identity = Table(
    "identity",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dossier_id", ForeignKey("dossier.id"), nullable=False),
    Column("statut", String(12), nullable=False),  # RNIV: provisoire | validee | recuperee | qualifiee
    Column("state", String(12), nullable=False),  # what it waits for
    Column("cause", String(80), nullable=False),
    Column("who", String(20), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("local", String(64), nullable=False),  # keyed digest of the traits that the DUI gave
    Column("ins_index", String(64)),  # keyed digest of the matricule: blind look-up
    Column("record", LargeBinary, nullable=False),  # sealed JSON: matricule, history, traits of INSi, document seen
    Column("called_at", UtcDateTime),
    Column("verified_at", UtcDateTime),  # INSi last confirmed it
    UniqueConstraint("dossier_id"),
    Index("ix_identity_ins", "ins_index"),
    Index("ix_identity_state", "state"),
)

identity_call = Table(
    "identity_call",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dossier_id", ForeignKey("dossier.id"), nullable=False),
    Column("run_id", String(60), nullable=False),  # '' when a person called
    Column("step", String(40), nullable=False),  # of the ladder
    Column("by", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("code", String(40), nullable=False),  # 00, 01, 02, or the code of an error; '' while it lasts
    Column("message_id", String(80), nullable=False),
    Column("request_id", ForeignKey("payload.id")),
    Column("answer_id", ForeignKey("payload.id")),
    Index("ix_identity_call_at", "at"),
    Index("ix_identity_call_dossier", "dossier_id"),
)

identity_event = Table(
    "identity_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dossier_id", ForeignKey("dossier.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("event", String(30), nullable=False),
    Column("before", String(12), nullable=False),
    Column("after", String(12), nullable=False),
    Column("by", String(200), nullable=False),
    Column("origin", String(200), nullable=False),
    Column("reason", String(400), nullable=False),
    Column("detail", LargeBinary, nullable=False),  # sealed JSON
    Index("ix_identity_event_dossier", "dossier_id"),
)
