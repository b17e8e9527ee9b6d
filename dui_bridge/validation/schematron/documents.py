"""The documents that a Schematron looks into (value sets, code lists): found when it is compiled, read once a process.

Calls of `doc()`, `document()` and `doc-available()` are rewritten to variables and functions of the stylesheet, which
know the documents found here and no others: a document under check can name a file (a code system's OID becomes a file
name), it can never make one be read. Two ways of searching a document, `//name[text() = string(x)]` and
`//name[@attribute = $x]`, become look-ups by key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dui_bridge.validation.schematron.files import existing
from dui_bridge.validation.schematron.schema import Let, Schema
from dui_bridge.validation.schematron.xpath import (
    closing,
    is_string,
    meaningful,
    quoted,
    split,
    tokens,
    unquoted,
)

_CALLS: Final = frozenset({"doc", "document", "doc-available"})
_PLAIN_ATTRIBUTE: Final = re.compile(r"@[\w.-]+\Z")


@dataclass
class Documents:
    """What the rewriting of one Schematron has found so far.

    Args:
        schema: whose addresses are resolved.
        files: variable → file; each is handed to the stylesheet as a parameter.
        addresses: address as it is computed while running → variable.
        missing: the literal addresses that lead to no file of the pack.
        keys: (element, `text()` or `@attribute`) → name of a key.
        listed: variables of documents of which only the elements of one name are looked up → that name.
        plain: variables of documents that are also used in another way.
    """

    schema: Schema
    files: dict[str, Path] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    listed: dict[str, set[str]] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._constants: Mapping[str, str] = {
            let.name: unquoted(let.value.strip())
            for let in self.schema.lets
            if is_string(let.value.strip()) and len(meaningful(tokens(let.value))) == 1
        }

    def rewritten(self, expression: str, local: Mapping[str, str]) -> str:
        """An XPath with its documents replaced.

        Args:
            local: the variables of the rule in force, name → XPath.
        """
        if "doc" not in expression:
            return expression
        return "".join(self._rewritten(tokens(expression), local))

    def whole(self) -> dict[str, str | None]:
        """Variable → the one element name that is looked up in it, or None when the whole document is needed."""
        return {
            variable: next(iter(names)) if len(names) == 1 and variable not in self.plain else None
            for variable, names in ((v, self.listed.get(v, set())) for v in self.files)
        }

    def _rewritten(self, parts: Sequence[str], local: Mapping[str, str]) -> Iterator[str]:
        index = 0
        while index < len(parts):
            part = parts[index]
            before = parts[index - 1] if index else ""
            following = index + 1
            while following < len(parts) and parts[following] == " ":
                following += 1
            called = (
                part in _CALLS and parts[following : following + 1] == ["("] and before not in {"/", "//", "@", "::"}
            )
            end = closing(parts, following) if called else -1
            if end < 0:
                yield part
                index += 1
                continue
            call, variables = self._call(part, parts[following + 1 : end], local)
            lookup, index = self._lookup(call, variables, parts, end + 1, local)
            yield lookup

    def _call(self, name: str, argument: Sequence[str], local: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
        """The replacement of one call, and the variables of the documents that it may give."""
        pieces = [self._constant(piece, local) for piece in _concatenated(meaningful(argument))]
        if all(piece is not None for piece in pieces):
            address = "".join(piece or "" for piece in pieces)
            variable = self._variable(address)
            if name == "doc-available":
                return ("false()" if variable is None else "true()"), ()
            if variable is not None:
                return f"${variable}", (variable,)
        inner = "".join(self._rewritten(argument, local))
        possible = tuple(self._computed(pieces))
        return f"sch:{name}({inner})", () if name == "doc-available" else possible

    def _constant(self, piece: Sequence[str], local: Mapping[str, str]) -> str | None:
        if len(piece) == 1 and is_string(piece[0]):
            return unquoted(piece[0])
        if len(piece) == 1 and piece[0].startswith("$") and piece[0][1:] not in local:
            return self._constants.get(piece[0][1:])
        return None

    def _variable(self, address: str) -> str | None:
        """The variable of the document at a literal address; None when there is no such file."""
        if address in self.addresses:
            return self.addresses[address]
        file = existing(self.schema.file.parent / address, self.schema.pack)
        if file is None:
            if address not in self.missing:
                self.missing.append(address)
            return None
        known = next((v for v, f in self.files.items() if f == file), None)
        variable = known or f"sch:document-{len(self.files)}"
        self.files[variable] = file
        self.addresses[address] = variable
        return variable

    def _computed(self, pieces: Sequence[str | None]) -> Iterator[str]:
        """The documents that an address computed while running may mean: those between its fixed beginning and end."""
        fixed = [index for index, piece in enumerate(pieces) if piece is not None]
        beginning = pieces[0] if pieces and pieces[0] is not None else ""
        ending = pieces[-1] if len(fixed) > 1 and pieces[-1] is not None else ""
        folder, slash, stem = beginning.rpartition("/")
        place = existing_folder(self.schema.file.parent / folder, self.schema.pack)
        if place is None:
            return
        for file in sorted(place.iterdir()):
            if file.is_file() and file.name.startswith(stem) and file.name.endswith(ending or (".xml", ".rdf")):
                variable = self._variable(folder + slash + file.name)
                if variable is not None:
                    yield variable

    def _lookup(
        self, call: str, variables: tuple[str, ...], parts: Sequence[str], after: int, local: Mapping[str, str]
    ) -> tuple[str, int]:
        """A call and what follows it as a look-up by key when it has one of the two shapes; the next index."""
        rest = [(index, part) for index, part in enumerate(parts[after:], after) if part != " "]
        if len(rest) > 3 and rest[0][1] == "//" and rest[2][1] == "[":
            name, opening = rest[1][1], rest[2][0]
            end = closing(parts, opening)
            condition = meaningful(parts[opening + 1 : end])
            found = None if end < 0 or "[" in condition else self._by_key(name, condition, local)
            if found is not None:
                key, value, more = found
                for variable in variables:
                    self.listed.setdefault(variable, set()).add(name)
                conditions = f"[{more}]" if more else ""
                return f"key('{key}', {value}, {call}){conditions}", end + 1
        self.plain.update(variables)
        return call, after

    def _by_key(self, name: str, condition: Sequence[str], local: Mapping[str, str]) -> tuple[str, str, str] | None:
        """The key, the value looked up, and the conditions left over."""
        first, *others = [part for _, part in split(condition, frozenset({"and"}))]
        more = " and ".join(" ".join(part) for part in others).replace("@ ", "@").replace("$ ", "$")
        if any(part in {"or", "position", "last", ":"} for part in condition):
            return None  # not a plain conjunction, or one that could not be put together again
        match first:
            case ["text", "(", ")", "=", "string", "(", value, ")"] if value.startswith("$"):
                return self._key(name, "text()"), f"string({value})", more
            case ["@", attribute, "=", value] if _PLAIN_ATTRIBUTE.match(local.get(value[1:], "")):
                return self._key(name, f"@{attribute}"), value, more
            case _:
                return None

    def _key(self, name: str, use: str) -> str:
        return self.keys.setdefault((name, use), f"sch:key-{len(self.keys)}")


def existing_folder(folder: Path, pack: Path) -> Path | None:
    """The folder, when it is inside of `pack`."""
    resolved = folder.resolve()
    return resolved if resolved.is_dir() and resolved.is_relative_to(pack.resolve()) else None


def _concatenated(argument: list[str]) -> list[list[str]]:
    """The arguments of `concat()`, or the one expression that it is."""
    if argument[:2] == ["concat", "("] and closing(argument, 1) == len(argument) - 1:
        return [piece for _, piece in split(argument[2:-1], frozenset({","}))]
    return [argument]


def address_map(documents: Documents) -> str:
    """The XPath of a map from address to document."""
    entries = (f"{quoted(address)}: ${variable}" for address, variable in documents.addresses.items())
    return "map {" + ", ".join(entries) + "}"


def locals_of(lets: Sequence[Let]) -> dict[str, str]:
    """Variables by name."""
    return {let.name: let.value.strip() for let in lets}
