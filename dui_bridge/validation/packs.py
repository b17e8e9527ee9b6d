"""Packs: official material that the bridge may not ship, added by each site, kept in the bridge's own folder.

`$DUI_BRIDGE_HOME`, else `$XDG_DATA_HOME/dui-bridge`, else `~/.local/share/dui-bridge`; a pack is the folder
`packs/<name>` with a copy of what is used of the original, and `pack.json`. A pack is replaced in one step: a running
bridge sees the old one or the new one, whole.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from dui_bridge.errors import FileUnusable, FixConfiguration
from dui_bridge.findings import did_you_mean
from dui_bridge.ins.birthplace import Gazetteer, shipped
from dui_bridge.validation import cisis_pack, cog_pack, value_sets

_DECLARATION: Final = "pack.json"


class Kind(StrEnum):
    """What a pack is; the value is also its name."""

    CISIS = "ci-sis"
    FHIR = "fhir"
    COG = "cog"


class PackUnusable(FixConfiguration):
    """A path is no pack that this version can use."""

    code = "CFG-050"
    en = "{path}: {reason_en}"
    fr = "{path} : {reason_fr}"
    action_en = (
        "Give the folder of the official CI-SIS suite (TestContenuCDA), or of INSEE's files of communes and countries, "
        "unpacked."
    )
    action_fr = (
        "Indiquez le dossier de la suite officielle CI-SIS (TestContenuCDA), ou celui des fichiers de communes et de "
        "pays de l'INSEE, décompressé."
    )


class PackUnknown(FixConfiguration):
    """There is no pack of this name."""

    code = "CFG-051"
    en = "there is no pack {name}{near}"
    fr = "il n'y a pas de pack {name}"
    action_en = "`dui-bridge pack list` shows the packs."
    action_fr = "`dui-bridge pack list` montre les packs."


@dataclass(frozen=True)
class Pack:
    """A pack that was added.

    Args:
        name: its folder's name.
        kind: what it is.
        folder: where it is.
        fingerprint: SHA-256 of the names and contents of its files, hexadecimal.
        lacks: what it lacks, (English, French) one line each.
    """

    name: str
    kind: Kind
    folder: Path
    fingerprint: str
    lacks: tuple[tuple[str, str], ...] = ()


def home(environment: Mapping[str, str] = os.environ) -> Path:
    """The bridge's folder for what every site of this user shares."""
    if named := environment.get("DUI_BRIDGE_HOME"):
        return Path(named)
    data = environment.get("XDG_DATA_HOME", "")
    return (Path(data) if Path(data).is_absolute() else Path.home() / ".local" / "share") / "dui-bridge"


def recognise(path: Path) -> tuple[Kind, Path] | None:
    """What a path is and the folder where it really begins; None when it is nothing known."""
    if not path.is_dir():
        return None
    root = cisis_pack.root_of(path)
    if root is not None:
        return Kind.CISIS, root
    if any((path / name).is_file() for name in ("package.json", "package/package.json")):
        return Kind.FHIR, path
    if cog_pack.is_cog(path):
        return Kind.COG, path
    return None


def add_pack(path: Path, folder: Path | None = None) -> Pack:
    """Checks and copies a pack; replaces the one of the same name.

    Args:
        path: the official material.
        folder: the bridge's folder, `home()` by default.
    Raises:
        FileUnusable: it cannot be read or written.
        PackUnusable: it is no pack, or one that cannot work.
    """
    if not path.exists():
        raise FileUnusable(file=str(path), reason="no such file or folder")
    known = recognise(path)
    if known is None:
        raise _unusable(path, "this is no pack that the bridge knows", "ce n'est pas un pack que le pont connaît")
    kind, root = known
    if kind is Kind.FHIR:
        raise _unusable(
            path, f"a pack of kind {kind} is not used by this version", f"cette version n'utilise pas de pack {kind}"
        )
    packs = (folder or home()) / "packs"
    try:
        packs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=packs, prefix=".adding-") as temporary:
            return _install(path, kind, root, packs, Path(temporary) / kind)
    except OSError as error:
        raise FileUnusable(file=str(error.filename or path), reason=error.strerror or "cannot be copied") from None


def _install(path: Path, kind: Kind, root: Path, packs: Path, copy: Path) -> Pack:
    for file in (cog_pack if kind is Kind.COG else cisis_pack).files_of(root):
        target = copy / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / file, target)
    checked = cog_pack.check(copy) if kind is Kind.COG else _check_cisis(copy)
    if not checked.usable:
        reason_en, reason_fr = ("; ".join(texts) for texts in zip(*checked.lacks[:3], strict=True))
        raise _unusable(path, reason_en, reason_fr)
    pack = Pack(kind, kind, packs / kind, _fingerprint(copy), checked.lacks)
    declaration = {"kind": kind, "fingerprint": pack.fingerprint, "lacks": pack.lacks}
    (copy / _DECLARATION).write_text(json.dumps(declaration, ensure_ascii=False, indent=1), encoding="utf-8")
    if pack.folder.exists():
        pack.folder.rename(copy.parent / "replaced")
    copy.rename(pack.folder)
    return pack


def _check_cisis(copy: Path) -> cisis_pack.Checked:
    unreadable = value_sets.set_aside_unreadable(copy)
    cisis_pack.complete(copy)
    checked = cisis_pack.check(copy)
    return replace(checked, lacks=(*unreadable, *checked.lacks))


def list_packs(folder: Path | None = None) -> tuple[Pack, ...]:
    """The packs, by name. A folder that is no pack of ours is passed over."""
    packs = (folder or home()) / "packs"
    names = sorted(p.name for p in packs.iterdir() if not p.name.startswith(".")) if packs.is_dir() else []
    return tuple(pack for pack in (_read(packs / name) for name in names) if pack is not None)


def find_pack(kind: Kind, folder: Path | None = None) -> Pack | None:
    """The pack of a kind, or None."""
    return _read((folder or home()) / "packs" / kind)


def places(folder: Path | None = None) -> Gazetteer:
    """The places of birth that are known here: those of the pack of INSEE's files, else what comes with the bridge.

    Raises:
        FileUnusable: the pack cannot be read.
    """
    pack = find_pack(Kind.COG, folder)
    if pack is None:
        return shipped()
    try:
        return cog_pack.read_places(pack.folder)
    except OSError as error:
        raise FileUnusable(file=str(pack.folder), reason=error.strerror or "cannot be read") from None


def remove_pack(name: str, folder: Path | None = None) -> None:
    """Removes a pack and its copy.

    Raises:
        PackUnknown: there is none of this name.
        FileUnusable: it cannot be removed.
    """
    known = {pack.name: pack for pack in list_packs(folder)}
    if name not in known:
        raise PackUnknown(name=name, near=did_you_mean(name, known))
    try:
        shutil.rmtree(known[name].folder)
    except OSError as error:
        raise FileUnusable(file=str(known[name].folder), reason=error.strerror or "cannot be removed") from None


def _read(folder: Path) -> Pack | None:
    try:
        declared = json.loads((folder / _DECLARATION).read_text(encoding="utf-8"))
        lacks = tuple((str(en), str(fr)) for en, fr in declared["lacks"])
        return Pack(folder.name, Kind(declared["kind"]), folder, str(declared["fingerprint"]), lacks)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _fingerprint(folder: Path) -> str:
    total = sha256()
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(file.relative_to(folder).as_posix().encode() + b"\0" + sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _unusable(path: Path, en: str, fr: str) -> PackUnusable:
    return PackUnusable(path=str(path), reason_en=en, reason_fr=fr)
