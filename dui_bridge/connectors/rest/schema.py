"""The JSON Schema of the `source.rest` part of a mapping; the keys are those that `declaration` reads."""

from __future__ import annotations

from typing import Any, Final

from dui_bridge.connectors.rest.cursor import DAYS, EVERY_DAY
from dui_bridge.connectors.wire.schema_forms import KEEP, NAMES, SHARED, TEXT, Schema, by_name, form

_PATH: Final[Schema] = {"type": "string", "pattern": "^/"}
_SECRET: Final[Schema] = {
    "type": "object",
    "properties": {"env": TEXT, "file": TEXT},
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}
_DELETED: Final[tuple[str, Schema]] = (
    "What marks a deleted object: a key that is true or a date, or `{KEY: [values]}`.",
    {"anyOf": [TEXT, {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": NAMES}]},
)

AUTH: Final[dict[str, tuple[str, Schema]]] = {
    "token_url": ("Where a token is had: an https address, or a path below the base address.", TEXT),
    "client_id": ("`{env: NAME}` or `{file: /absolute/path}`.", _SECRET),
    "client_secret": ("`{env: NAME}` or `{file: /absolute/path}`.", _SECRET),
    "scope": ("The scope to ask for.", TEXT),
}
"""Keys of `auth: {client_credentials: …}`, with what they mean and their form."""

PAGE: Final[dict[str, tuple[str, Schema]]] = {
    "cursor": ("Where an answer holds the next page: a path (`suivant` by default), or `link` for the header.", TEXT),
    "as": ("The parameter that takes it; `curseur` by default.", TEXT),
    "size": ("Objects of a page (200 by default), or `none`.", TEXT),
    "size_as": ("The parameter that takes it; `taille` by default.", TEXT),
    "total": ("Where an answer holds the length of the whole list; `total` by default.", TEXT),
    "ignored": ("Other keys of an answer that say nothing of the list.", NAMES),
}
"""Keys of `page`, with what they mean and their form."""

CONTENT: Final[dict[str, tuple[str, Schema]]] = {
    "of": ("The list whose objects name files, when there are several.", TEXT),
    "url": ("The path of the address, which the mapping then reads as `fichier`.", TEXT),
    "sha256": ("The path of the digest; a file without it, or with another, is refused.", TEXT),
    "hosts": ("Other hosts than the DUI's that may serve files.", NAMES),
}
"""Keys of `content`, with what they mean and their form."""

PART: Final[dict[str, tuple[str, Schema]]] = {
    "path": ("Below the base address; `{id}` stands for a key of the usager.", _PATH),
    "items": ("The path of the list in an answer; by default the name of the list.", TEXT),
    "key": ("The key that identifies an object; `id` by default.", TEXT),
    "keep": KEEP,
    "deleted": _DELETED,
}
"""Keys of one list below the usagers, with what they mean and their form."""

KEYS: Final[dict[str, tuple[str, Schema]]] = {
    "base": ("The https address that paths stand below, when the site does not give it.", TEXT),
    "auth": (
        "How the DUI lets us in; `site` leaves it to the site.",
        {
            "anyOf": [
                {"enum": ["site", "..."]},
                form({"client_credentials": ("OAuth 2.0.", form(AUTH, list(AUTH)[:3]))}),
            ]
        },
    ),
    "each": ("The path of the list with one object per usager; its last word is the name to use in `each`.", _PATH),
    **{key: PART[key] for key in ("items", "key", "keep")},
    "page": ("How a list goes on.", form(PAGE)),
    "then": ("The lists below a usager.", by_name(form(PART, ("path",)))),
    "cursor": ("The parameter that asks for what was modified since a time; all is read each time without it.", TEXT),
    "full_every": ("The day on which all is read (`run --whole`); sunday by default.", {"enum": [*DAYS, EVERY_DAY]}),
    "content": ("The files.", form(CONTENT, ("url",))),
    "deleted": _DELETED,
    **SHARED,
}
"""Keys of `source.rest`, with what they mean and their form."""


def rest_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of what stands under `source.rest`."""
    return form(KEYS, required=("each",))
