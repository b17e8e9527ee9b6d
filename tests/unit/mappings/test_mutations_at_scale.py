"""The sample's mapping and rows, changed at random a great many times: findings or a result, never anything else.

Each mutation is seeded, so that a failure is found again by its number. A moderate number of them belongs to every test
run; the full number to the long one.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml

import dui_bridge
from dui_bridge.connectors.ports import Ready
from dui_bridge.declared import Problems
from dui_bridge.errors import DeclarationInvalid, DuiBridgeError
from dui_bridge.findings import Finding, Place
from dui_bridge.mappings.mapped import ItemState, Mapped
from dui_bridge.mappings.run import Context
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import Record
from dui_bridge.pipeline.assemble import AssembledMapping, assemble_mapping

SAMPLE = Path(dui_bridge.__file__).parent.parent / "samples" / "atlas-ph"
MAPPING = (SAMPLE / "atlas-ph.yaml").read_text(encoding="utf-8")
TABLE = (SAMPLE / "fonctions.csv").read_bytes()
EXPORT = SAMPLE / "export" / "20261120"
FILES = sorted(path.name for path in EXPORT.glob("*.CSV"))
SMALL = SAMPLE / "tests" / "complet"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
CONTEXT = Context(
    date(2026, 11, 21),
    tuple(Establishment(code, code, "IME") for code in ("010000024", "010780054", "2A0000014")),
)
SECONDS = 2.0
"""The most that one mapping may take, from its text to every dossier of a small export."""

FEW_MAPPINGS, MANY_MAPPINGS = 40, 2_000
FEW_ROWS, MANY_ROWS = 200, 5_000
ROWS_AN_EXPORT = 25
"""Rows changed in one export: the damage of one must not hide that of another."""

CHARACTERS = "{}[]:;,'\"#&*!|>%@`-?\t\n\0\r é\u2028\ufeff\U0001f600\x1f\x85<\\~0"
CELLS = (
    "", " ", "\t", "0", "-1", "1" * 400, "99/99/9999", "00/00/0000", "29/02/2025", "31/12/1", "01/01/0001", "=1+1",
    "é", "Ã©", "ﬁ", "e\u0301", "\u202e", "\x00", "\x1f", '"', '""', "'", ";", "1e309", "NaN", "٣", "𝟛", "²", "½", "{x}",
    "..\\..\\x", "/etc/passwd", "2100501053000", "210050105300007", "2A0000014", "x" * 101_000, "O\nN", "%s%n",
    "\u00a0", "<a>&b;", "NULL",
)  # fmt: skip


def mutated_text(text: str, dice: random.Random) -> str:
    """The text with one to four changes of characters, lines or tokens."""
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        text = dice.choice((change_character, change_line, change_token))(text, dice)
    return text


def change_character(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text))
    return text[:at] + dice.choice(("", dice.choice(CHARACTERS), text[at] * 2)) + text[at + 1 :]


def change_line(text: str, dice: random.Random) -> str:
    lines = text.split("\n")
    here, there = dice.randrange(len(lines)), dice.randrange(len(lines))
    match dice.randrange(5):
        case 0:
            del lines[here]
        case 1:
            lines[here], lines[there] = lines[there], lines[here]
        case 2:
            lines.insert(here, lines[there])
        case 3:
            lines[here] = " " * dice.randrange(8) + lines[here].lstrip()
        case _:
            del lines[here:]
    return "\n".join(lines) or "x"


def change_token(text: str, dice: random.Random) -> str:
    """A word takes the place of another, or one of the hostile values."""
    words = list(re.finditer(r"[\w/@.]+", text))
    if not words:
        return text
    here = dice.choice(words)
    new = dice.choice((dice.choice(words)[0], dice.choice(CELLS), f"{{{here[0]}: {here[0]}}}", f"[{here[0]}]", "null"))
    return text[: here.start()] + new + text[here.end() :]


def mutated_tree(text: str, dice: random.Random) -> str:
    """The mapping with one to three changes of its structure: it stays YAML."""
    tree = yaml.load(text, yaml.BaseLoader)
    for _ in range(dice.choice((1, 1, 2))):
        change_node(tree, list(nodes(tree)), dice)
    return str(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))


def nodes(tree: object) -> Iterator[tuple[dict[object, object] | list[object], object]]:
    """Every place of a tree: its container, and its key or index."""
    places = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(places):
        assert isinstance(tree, dict | list)
        yield tree, key
        yield from nodes(value)


def change_node(
    tree: object, places: list[tuple[dict[object, object] | list[object], object]], dice: random.Random
) -> None:
    container, key = dice.choice(places)
    other, other_key = dice.choice(places)
    value, wanted = container[key], other[other_key]  # type: ignore[index, call-overload]
    match dice.randrange(6):
        case 0:
            del container[key]  # type: ignore[arg-type]
        case 1:
            container[key] = copied(wanted)  # type: ignore[index, call-overload]
        case 2:
            container[key] = [copied(value), copied(wanted)]  # type: ignore[index, call-overload]
        case 3:
            container[key] = {str(other_key): copied(value)}  # type: ignore[index, call-overload]
        case 4 if isinstance(container, dict):
            container[str(other_key)] = copied(wanted)
        case _:
            container[key] = dice.choice(CELLS)  # type: ignore[index, call-overload]


def copied(value: object) -> object:
    """A copy of its own: YAML would write a value that stands twice as an alias."""
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    return [copied(one) for one in value] if isinstance(value, list) else value


@dataclass
class Counted:
    """What became of an export: each dossier in one state, each document row in one state."""

    records: int
    mapped: list[Mapped]
    findings: tuple[Finding, ...]

    def check(self) -> None:
        assert len(self.mapped) == self.records
        for mapped in self.mapped:
            assert [mapped.left_out is not None, bool(mapped.held), mapped.dossier is not None].count(True) == 1
            if mapped.dossier is not None:
                self._check_documents(mapped)
            for finding in mapped.findings:
                assert finding.line("fr")
                assert finding.line("en")
                mapped.origin(finding.path)
        for finding in self.findings:
            assert finding.line("fr")
            assert finding.line("en")

    def _check_documents(self, mapped: Mapped) -> None:
        for name in {item.list_name for item in mapped.items}:
            items = [item for item in mapped.items if item.list_name == name]
            taken = [item.index for item in items if item.state is ItemState.MAPPED]
            assert None not in taken
            assert sorted(index or 0 for index in taken) == list(range(len(getattr(mapped.dossier, name))))
            for item in items:
                if item.state is ItemState.QUARANTINED:
                    assert any(finding.is_error for finding in item.findings)
                mapped.raw_parts(item)


def read_through(assembled: AssembledMapping, folder: Path) -> Counted:
    """Every record of an export through the mapping. Raises DuiBridgeError when the export cannot be used."""
    source = assembled.open_source(folder, as_is=True)
    try:
        ready = source.prepare(NOW)
        assert isinstance(ready, Ready)
        records: list[Record] = list(source.records())
        assert assembled.plan is not None
        return Counted(len(records), [assembled.plan.apply(record, CONTEXT) for record in records], source.findings())
    finally:
        source.close()


def try_mapping(text: str, folder: Path) -> str:
    """`refused`, `unusable` (the export lacks what the mapping reads) or `read`; anything else is a failure."""
    path = folder / "atlas-ph.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    (folder / "fonctions.csv").write_bytes(TABLE)
    problems = Problems(path.name)
    try:
        assembled = assemble_mapping(path, problems)
    except DeclarationInvalid as invalid:
        problems.findings.extend(invalid.findings)
        assembled = None
    for finding in problems.findings:
        assert isinstance(finding.at, Place)
        assert finding.line("fr")
        assert finding.line("en")
    if assembled is None or assembled.plan is None or problems.has_errors:
        assert problems.has_errors
        return "refused"
    try:
        read_through(assembled, SMALL).check()
    except DuiBridgeError:
        return "unusable"
    return "read"


def mappings(numbers: range, folder: Path) -> Counter[str]:
    ended: Counter[str] = Counter()
    for number in numbers:
        dice = random.Random(number)
        text = (mutated_text, mutated_tree)[number % 2](MAPPING, dice)
        start = time.process_time()
        try:
            ended[try_mapping(text, folder)] += 1
        except (AssertionError, Exception) as error:
            raise AssertionError(f"mutated mapping {number}") from error
        assert time.process_time() - start < SECONDS, f"mutated mapping {number} took too long"
    return ended


def mutated_export(number: int, folder: Path) -> None:
    """The sample's export with rows changed at random, in as many of its files as chance wants."""
    dice = random.Random(number)
    texts = {name: (EXPORT / name).read_bytes() for name in FILES}
    for _ in range(ROWS_AN_EXPORT):
        name = dice.choice(FILES)
        lines = texts[name].split(b"\r\n")
        here = dice.randrange(1, len(lines) - 1)
        lines[here] = mutated_row(lines, here, dice)
        texts[name] = b"\r\n".join(lines)
    for name, data in texts.items():
        (folder / name).write_bytes(data)


def mutated_row(lines: list[bytes], here: int, dice: random.Random) -> bytes:
    row, other = lines[here], dice.choice(lines)
    cells = row.split(b";")
    at = dice.randrange(len(cells))
    match dice.randrange(9):
        case 0:
            cells[at] = dice.choice(CELLS).encode("cp1252", "replace")
        case 1:
            cells[at] = dice.choice(CELLS).encode("utf-8", "replace")
        case 2:
            cells[at] = dice.choice(other.split(b";"))
        case 3:
            del cells[at]
        case 4:
            cells.insert(at, b"x")
        case 5:
            return other
        case 6:
            return row + b"\r\n" + row
        case 7:
            return row[: dice.randrange(len(row) + 1)]
        case _:
            byte = dice.randrange(len(row) + 1)
            return row[:byte] + bytes([dice.randrange(256)]) + row[byte + 1 :]
    return b";".join(cells)


@cache
def sample_mapping() -> AssembledMapping:
    problems = Problems("atlas-ph.yaml")
    assembled = assemble_mapping(SAMPLE / "atlas-ph.yaml", problems)
    problems.check()
    return assembled


def exports(numbers: range, folder: Path) -> Counter[str]:
    ended: Counter[str] = Counter()
    for number in numbers:
        mutated_export(number, folder)
        try:
            counted = read_through(sample_mapping(), folder)
            counted.check()
        except DuiBridgeError as error:
            ended[error.code] += 1
        except (AssertionError, Exception) as error:
            raise AssertionError(f"mutated export {number}") from error
        else:
            ended["read"] += 1
    return ended


def test_a_mutated_mapping_is_refused_with_places_or_read(tmp_path: Path) -> None:
    ended = mappings(range(FEW_MAPPINGS), tmp_path)
    assert ended.total() == FEW_MAPPINGS
    assert ended["refused"] > FEW_MAPPINGS // 3
    assert ended["read"] > FEW_MAPPINGS // 20


def test_every_dossier_of_a_mutated_export_ends_in_one_state(tmp_path: Path) -> None:
    ended = exports(range(FEW_ROWS // ROWS_AN_EXPORT), tmp_path)
    assert ended["read"] > FEW_ROWS // ROWS_AN_EXPORT // 2


@pytest.mark.real
def test_two_thousand_mutated_mappings(tmp_path: Path) -> None:
    assert mappings(range(FEW_MAPPINGS, FEW_MAPPINGS + MANY_MAPPINGS), tmp_path).total() == MANY_MAPPINGS


@pytest.mark.real
def test_five_thousand_mutated_rows(tmp_path: Path) -> None:
    first = FEW_ROWS // ROWS_AN_EXPORT
    assert (
        exports(range(first, first + MANY_ROWS // ROWS_AN_EXPORT), tmp_path)["read"] > MANY_ROWS // ROWS_AN_EXPORT // 2
    )
