"""The stand-ins of national services that a sandbox site declares."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dui_bridge.errors import FileUnusable, FixConfiguration, os_reasons
from dui_bridge.findings import Who
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.means import STAND_INS
from dui_bridge.sandbox.answers import read_answers
from dui_bridge.sandbox.dmp import DmpAnswers
from dui_bridge.sandbox.insi import Person, read_persons
from dui_bridge.sandbox.mssante import Mailbox, MssanteAnswers
from dui_bridge.sandbox.pki import Pki
from dui_bridge.sandbox.serving import serving
from dui_bridge.site.settings import Site

SHARED: Final = "DUI_BRIDGE_SHARED"
"""The environment variable that names a folder of official reference material."""


class NoStandIns(FixConfiguration):
    """The site declares none."""

    code = "CFG-125"
    who = Who.MAPPING
    en = "the site file declares no stand-ins"
    fr = "le fichier de site ne déclare aucun simulateur"
    action_en = (
        "Add 'sandbox: {pki: FOLDER}' (docs/configuration.md); 'dui-bridge sandbox pki FOLDER' makes the folder."
    )
    action_fr = "Ajoutez 'sandbox: {pki: DOSSIER}' (docs/configuration.md) ; 'dui-bridge sandbox pki DOSSIER' le crée."


class StandInsOutsideSandbox(FixConfiguration):
    """The profiles are never mixed."""

    code = "CFG-126"
    who = Who.MAPPING
    en = "stand-ins answer for a site of the sandbox profile only: this one is '{profile}'"
    fr = "les simulateurs ne répondent qu'à un site de profil sandbox : celui-ci est '{profile}'"
    action_en = "Make a site of its own for the sandbox: dui-bridge demo --prepare shows one."
    action_fr = "Faites un site à part pour le bac à sable : dui-bridge demo --prepare en montre un."


class CertificatesMissing(FixConfiguration):
    """The stand-ins have no certificate."""

    code = "CFG-127"
    en = "the test certificates are not in {folder}"
    fr = "les certificats d'essai ne sont pas dans {folder}"
    action_en = "Make them: dui-bridge sandbox pki {folder}"
    action_fr = "Créez-les : dui-bridge sandbox pki {folder}"


@contextmanager
def stand_ins(site: Site) -> Iterator[Mapping[str, str]]:
    """The stand-ins of the site, by name, with their addresses; they answer from enter to exit.

    Raises:
        StandInsOutsideSandbox, NoStandIns, CertificatesMissing: nothing was started.
        DeclarationInvalid: the file of answers has faults.
        FileUnusable: a file that the site names, or the data folder.
    """
    declared = site.declaration.sandbox
    if site.profile is not Profile.SANDBOX:
        raise StandInsOutsideSandbox(profile=site.profile.value)
    if declared is None:
        raise NoStandIns
    pki = Pki(declared.pki)
    if not all(path.is_file() for path in (pki.ca, pki.crl, pki.server.certificate, pki.server.key)):
        raise CertificatesMissing(folder=str(declared.pki))
    answers, failing = declared.mssante_answers, declared.dmp_answers
    persons = () if declared.insi_persons is None else _persons(declared.insi_persons)
    folder = site.data / STAND_INS
    store = declared.store or folder
    started = serving(
        pki,
        folder,
        persons=persons,
        answers=declared.insi_answers,
        dmp=store / "dmp",
        structures={f"1{one.finess}": f"1{one.finess_ej}" for one in site.establishments if one.finess_ej},
        dmp_answers=None if failing is None else read_answers(failing, DmpAnswers),
        schemas=declared.schemas or shared_schemas(),
        mssante=store / "mssante",
        mssante_answers=None if answers is None else read_answers(answers, MssanteAnswers),
        mails=declared.mssante_mails,
        mailboxes=[Mailbox(one.mailbox) for one in site.declaration.establishments if one.mailbox is not None],
        psc=site.declaration.psc is not None,
        annuaire=site.declaration.annuaire is not None,
    )
    with started as addresses:
        yield addresses


def shared_schemas(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The official schemas of the reference material that the environment names; None without."""
    shared = environment.get(SHARED)
    folder = None if not shared else Path(shared) / "reference" / "xds" / "schema"
    return folder if folder is not None and folder.is_dir() else None


def _persons(path: Path) -> tuple[Person, ...]:
    try:
        return read_persons(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise FileUnusable(file=str(path), reason="it is not UTF-8", reason_fr="il n'est pas en UTF-8") from None
    except ValueError as error:
        reason, reason_fr = f"line {error} is not a person", f"la ligne {error} n'est pas une personne"
        raise FileUnusable(file=str(path), reason=reason, reason_fr=reason_fr) from None
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None
