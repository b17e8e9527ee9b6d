"""Writes a sandbox site for the samples. An existing site is never overwritten."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from importlib.resources import files
from pathlib import Path
from typing import Final

from dui_bridge.demo.samples import VENDORS, samples_root
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.model.profile import SANDBOX_STRUCTURE
from dui_bridge.sandbox.annuaire import KEY
from dui_bridge.sandbox.insi import IDAM
from dui_bridge.sandbox.pki import PASSWORD, make_pki
from dui_bridge.sandbox.psc import SECRET
from dui_bridge.site.secrets import PUBLISHED_DEMO_KEY

_CERTIFICATES: Final = ("client-dmp", "client-insi-auto", "client-mss", "server", "sign-dmp")
_HOMOLOGATION: Final = "HOMOLOGATION-DEMO"
_NOT_FOR_A_SITE = shutil.ignore_patterns("export", "tests", "README.md", "__pycache__")


def prepare_site(out: Path) -> Path:
    """The site's configuration, made when it is not there.

    Args:
        out: receives `site/bridge.yaml`, `site/<vendor>/` (the mapping) and `export/<vendor>/`; later
            `documents/<vendor>/`, `inbox/<vendor>/` and `report.html`; `insi/persons.csv`, whom the stand-in of INSi
            knows; and `mssante/`, what that of MSSanté answers, with the mails that it serves.
    Raises:
        FileUnusable: a file or folder cannot be written.
    """
    config = out / "site" / "bridge.yaml"
    if config.exists():
        return config
    samples = samples_root()
    try:
        for vendor in VENDORS:
            _copy(samples / vendor, out / "site" / vendor, _NOT_FOR_A_SITE)
            _copy(samples / vendor / "export", out / "export" / vendor, shutil.ignore_patterns("__pycache__"))
        for stand_in in ("insi", "mssante"):
            _copy(samples / stand_in, out / stand_in, shutil.ignore_patterns("README.md"))
        secrets = out / "site" / "secrets"
        _write_secret(secrets / "master.key", PUBLISHED_DEMO_KEY.hex())
        _write_secret(secrets / "insi-idam.txt", IDAM)
        _write_secret(secrets / "dmp-homologation.txt", _HOMOLOGATION)
        _write_secret(secrets / "psc-secret.txt", SECRET)
        _write_secret(secrets / "annuaire-key.txt", KEY)
        write_pki(secrets / "pki", _CERTIFICATES)
        # Last: a site whose preparation was cut short has no configuration and is prepared again.
        config.write_bytes(files("dui_bridge.demo").joinpath("bridge.yaml").read_bytes())
    except OSError as error:
        raise FileUnusable(file=str(error.filename or out), **os_reasons(error)) from None
    return config


def write_pki(folder: Path, names: Collection[str] = (), structure: str = SANDBOX_STRUCTURE) -> None:
    """Test certificates, all or those of these names, and `password.txt`, which opens their PKCS #12 files.

    Args:
        structure: national id of the structure that they are of.
    Raises:
        OSError: the folder cannot be written.
    """
    make_pki(folder, names=names, structure=structure)
    _write_secret(folder / "password.txt", PASSWORD)


def _write_secret(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(f"{text}\n", encoding="ascii")


def _copy(source: Path, target: Path, ignore: Callable[[str, list[str]], set[str]]) -> None:
    shutil.copytree(source, target, ignore=ignore, dirs_exist_ok=True, copy_function=shutil.copyfile)
