"""Site files and mappings that are no YAML, bombs, or binary: told with a place, by every command that reads them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from demo_site import DemoSite, invoke
from small_site import assert_plain_words, small_site, tree

SECONDS = 10.0
"""Far above what any of these takes; a bomb that is not refused takes minutes."""


def bomb() -> bytes:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(lines).encode()


HOSTILE: dict[str, tuple[bytes, str]] = {
    "not closed": (b"mapping: [x\nversion: 1\n", "YML-001"),
    "tabs": (b"mapping:\n\t- x\n", "YML-001"),
    "two documents": (b"mapping: x\n---\nmapping: y\n", "YML-001"),
    "aliases that unfold": (bomb(), "YML-005"),
    "merge keys": (b"a: &a {b: c}\nd: {<<: *a}\n", "YML-005"),
    "nested lists": (b"mapping: " + b"[" * 100_000, "YML-001"),
    "nested maps": (b"mapping: " + b"{a: " * 50_000, "YML-001"),
    "nested by indent": (b"\n".join(b" " * n + b"a:" for n in range(900)), "YML-001"),
    "nested keys": (b"? " * 50_000, "YML-001"),
    "3 MB": (b"mapping: x\n" * 273_000, "YML-002"),
    "3 MB on one line": (b"mapping: " + b"x" * 3_000_000, "YML-002"),
    "cp1252": ("nom: Établissement médico-social".encode("cp1252"), "YML-003"),
    "UTF-16": ("mapping: x\nversion: 1\n".encode("utf-16"), "YML-003"),
    "NUL bytes": (b"mapping: x\0\nversion: 1\n", "YML-001"),
    "random bytes": (bytes(range(256)) * 8, "YML-003"),
    "a PDF": (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", "YML-003"),
    "half a surrogate": (b'mapping: "\\ud800"\n', "YML-001"),
    "a list": (b"- mapping\n- version\n", "YML-012"),
    "a word": (b"mapping", "YML-012"),
    "empty": (b"", "YML-011"),
    "a key twice": (b"mapping: x\nmapping: y\nsite: x\nsite: y\n", "YML-004"),
    "an object of Python": (b"mapping: !!python/object/apply:os.system [id]\n", ""),
    "keys that are maps": (b"{a: b}: c\n", "YML-012"),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    """A site; a test that writes in it puts back what it found."""
    return small_site(tmp_path_factory.mktemp("site") / "out")


def in_time(*words: str) -> tuple[int, str]:
    start = time.monotonic()
    ran = invoke(*words)
    assert time.monotonic() - start < SECONDS
    assert_plain_words(ran.stdout + ran.stderr)
    return ran.code, ran.stdout + ran.stderr


@pytest.mark.parametrize(("data", "rule"), HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_site_file_is_told_with_its_place_and_nothing_is_written(
    tmp_path: Path, data: bytes, rule: str
) -> None:
    config = tmp_path / "bridge.yaml"
    config.write_bytes(data)
    code, said = in_time("config", "check", "--config", str(config))
    assert code == 1
    assert "bridge.yaml:" in said
    assert rule in said
    assert in_time("run", "--config", str(config))[0] == 2
    assert in_time("config", "show", "--config", str(config))[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["bridge.yaml"]


@pytest.mark.parametrize(("data", "rule"), HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_mapping_stops_the_run_before_anything_is_written(shared: DemoSite, data: bytes, rule: str) -> None:
    whole = shared.mapping.read_bytes()
    try:
        shared.mapping.write_bytes(data)
        before = tree(shared.out)
        code, said = in_time("mapping", "check", str(shared.mapping))
        assert code == 1
        assert "atlas-ph.yaml:" in said
        assert rule in said
        assert in_time("config", "check", "--config", str(shared.config))[0] == 1
        assert in_time("run", "--config", str(shared.config))[0] == 2
        assert tree(shared.out) == before
    finally:
        shared.mapping.write_bytes(whole)


@pytest.mark.parametrize("locale", ["fr_FR.UTF-8", "C"])
def test_a_hostile_mapping_is_told_in_the_language_of_the_operator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    mapping = tmp_path / "m.yaml"
    mapping.write_bytes(b"mapping: [x\n")
    assert ("YAML invalide" if locale.startswith("fr") else "not valid YAML") in invoke(
        "mapping", "check", str(mapping)
    ).stdout


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


WRONG_WORDS: dict[str, Callable[[str], str]] = {
    "unknown encoding": replaced("encoding: cp1252", "encoding: cp9999"),
    "an encoding that is no text": replaced("encoding: cp1252", "encoding: base64"),
    "an encoding with a NUL": replaced("encoding: cp1252", 'encoding: "cp\\01252"'),
    "a separator of two characters": replaced('separator: ";"', 'separator: ";;"'),
    "a separator that ends lines": replaced('separator: ";"', 'separator: "\\n"'),
    "a file outside of the export": replaced("file: USAGERS.CSV", "file: ../../site/secrets/master.key"),
    "an absolute file": replaced("file: USAGERS.CSV", "file: /etc/passwd"),
    "a table outside of the folder": replaced("file: fonctions.csv", "file: ../secrets/master.key"),
    "an absolute table": replaced("file: fonctions.csv", "file: /etc/passwd"),
    "a base that does not exist": replaced("medico-social/ph@1", "../../../etc/passwd@1"),
    "a parent that is its own child": replaced(
        "of: usagers,   on: NUM_DOSSIER, key: ID_PROJET", "of: objectifs, on: ID_PROJET, key: ID_PROJET"
    ),
    "a duration without an end": replaced("or_stable_for: 15min", "or_stable_for: 999999999999999999min"),
    "a pattern that is no folder": replaced("folder: AAAAMMJJ", "folder: ../AAAAMMJJ"),
}


@pytest.mark.parametrize("change", WRONG_WORDS.values(), ids=list(WRONG_WORDS))
def test_wrong_words_in_a_mapping_are_told_at_their_line(shared: DemoSite, change: Callable[[str], str]) -> None:
    whole = shared.mapping.read_text(encoding="utf-8")
    try:
        shared.mapping.write_text(change(whole), encoding="utf-8")
        before = tree(shared.out)
        code, said = in_time("mapping", "check", str(shared.mapping))
        assert code == 1, said
        assert "atlas-ph.yaml:" in said
        key = (shared.out / "site/secrets/master.key").read_text(encoding="ascii").strip()
        assert key[:16] not in said
        assert in_time("run", "--config", str(shared.config))[0] == 2
        assert tree(shared.out) == before
    finally:
        shared.mapping.write_text(whole, encoding="utf-8")


def table_of(site: DemoSite, data: bytes) -> str:
    path = site.mapping.parent / "fonctions.csv"
    whole = path.read_bytes()
    try:
        path.write_bytes(data)
        code, said = in_time("mapping", "check", str(site.mapping))
        assert code == 1, said
        assert in_time("run", "--config", str(site.config))[0] == 2
    finally:
        path.write_bytes(whole)
    return said


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        bytes(range(256)) * 8,
        b"x;y\n1;2\n",
        "code;libellé\ne;é\n".encode("cp1252"),
        b"code\n" + b"c\n" * 3_000_000,
    ],
    ids=["empty", "NUL", "binary", "other columns", "cp1252", "6 MB"],
)
def test_a_hostile_table_of_codes_is_told_where_the_mapping_names_it(shared: DemoSite, data: bytes) -> None:
    assert "fonctions.csv" in table_of(shared, data)


@pytest.mark.parametrize("there", ["folder", "nothing"])
@pytest.mark.parametrize(
    "words",
    [
        ("run", "--config"),
        ("config", "check", "--config"),
        ("config", "show", "--config"),
        ("mapping", "check"),
        ("cda", "validate"),
    ],
    ids=" ".join,
)
def test_what_is_not_a_file_is_told_by_every_command(tmp_path: Path, words: tuple[str, ...], there: str) -> None:
    path = tmp_path / "it"
    if there == "folder":
        path.mkdir()
    ran = invoke(*words, str(path))
    assert ran.code == 2
    assert str(path) in ran.stderr
    assert_plain_words(ran.stdout + ran.stderr)
    assert list(tmp_path.rglob("*")) == ([path] if there == "folder" else [])


DOCUMENTS: dict[str, bytes] = {
    "empty": b"",
    "binary": bytes(range(256)) * 8,
    "NUL": b"\0" * 1000,
    "UTF-16": "<a/>".encode("utf-16"),
    "another XML": b"<html/>",
    "cut": b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><id',
    "nested": b"<a>" * 100_000,
    "entities": b'<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    "an outside entity": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "many attributes": b"<a " + b" ".join(b'a%d="x"' % n for n in range(50_000)) + b"/>",
    "an unknown encoding": b'<?xml version="1.0" encoding="cp9999"?><a/>',
}


@pytest.mark.parametrize("use", ["sent", "received"])
@pytest.mark.parametrize("data", DOCUMENTS.values(), ids=list(DOCUMENTS))
def test_a_hostile_document_is_refused_by_validate(tmp_path: Path, data: bytes, use: str) -> None:
    path = tmp_path / "document.xml"
    path.write_bytes(data)
    code, said = in_time("cda", "validate", "--as", use, str(path))
    assert code == 1
    assert "1 error(s)" in said
    assert "root:" not in said
