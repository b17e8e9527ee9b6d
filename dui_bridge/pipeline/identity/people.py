"""Reads the persons of a source, for what is about identities only: nothing is built, nothing is recorded of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

from dui_bridge.connectors.ports import Waiting
from dui_bridge.declared import Problems
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.mappings.run import Context
from dui_bridge.pipeline.assemble import assemble_mapping, digest_of
from dui_bridge.pipeline.errors import UnknownSource
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.identity.errors import NothingToRead
from dui_bridge.site.settings import Site


def people(site: Site, name: str, steps: Steps) -> Iterator[Mapped]:
    """The usagers of the newest complete export of a source; those that the mapping leaves out are not among them.

    A dossier that is held (`dossier` is None) is. Its source is closed at the end.

    Raises:
        UnknownSource, NothingToRead: there is no such source, or no complete export yet.
        DuiBridgeError: the mapping does not check, the export cannot be read.
    """
    if name not in site.sources:
        raise UnknownSource(source=name, known=", ".join(site.sources))
    declared = site.sources[name]
    problems = Problems(declared.mapping.name)
    mapping = assemble_mapping(declared.mapping, problems, every_column=False)
    problems.check()
    if mapping.plan is None:
        raise ValueError("the mapping has errors")
    with closing(mapping.open_source(declared.path)) as source:
        ready = source.prepare(datetime.now(UTC))
        if isinstance(ready, Waiting):
            words = [next((one.message(shown) for one in ready.findings), "") for shown in ("en", "fr")]
            raise NothingToRead(source=name, reason=words[0], reason_fr=words[1])
        context = Context(datetime.now(UTC).date(), site.establishments, partial(digest_of, source))
        for read, record in enumerate(source.records(None), start=1):
            mapped = mapping.plan.apply(record, context)
            steps.advance(name, read, ready.records)
            if mapped.left_out is None:
                yield mapped
