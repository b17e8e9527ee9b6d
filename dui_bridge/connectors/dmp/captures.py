"""What a capture of the exchanges with the DMP may show: codes, ids of documents, statuses; nothing of a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from dui_bridge.xds.vocabulary import LCM, QUERY, RIM, RS

_XDS: Final = "urn:ihe:iti:xds-b:2007"

SHOWN: Final = frozenset(
    {
        *(f"{{{RS}}}{name}" for name in ("RegistryResponse", "RegistryErrorList")),
        *(f"{{{QUERY}}}{name}" for name in ("AdhocQueryRequest", "AdhocQueryResponse", "ResponseOption")),
        f"{{{LCM}}}SubmitObjectsRequest",
        # A slot shows its name; its values stand in elements of their own. An ExternalIdentifier holds the patient's.
        *(f"{{{RIM}}}{name}" for name in ("AdhocQuery", "Association", "Classification", "ExtrinsicObject", "Slot")),
        *(f"{{{_XDS}}}{name}" for name in ("DocumentUniqueId", "RepositoryUniqueId")),
    }
)
"""Elements besides those that every capture shows, in Clark notation."""

SHOWN_ATTRIBUTES: Final[Mapping[str, Collection[str]]] = {
    # The words of an error may name the person that it is about.
    f"{{{RS}}}RegistryError": frozenset({"errorCode", "severity"}),
    # A document may stand in the message itself.
    f"{{{_XDS}}}Document": frozenset({"id"}),
}
"""Elements of which no more than these attributes is shown."""
