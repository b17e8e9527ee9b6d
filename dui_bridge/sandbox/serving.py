"""Starts the stand-ins of one site and writes where they answer, so that the bridge finds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dui_bridge.sandbox.annuaire import AnnuaireServer
from dui_bridge.sandbox.dmp import DmpAnswers, DmpServer
from dui_bridge.sandbox.insi import InsiServer, Person
from dui_bridge.sandbox.mssante import Mailbox, MssanteAnswers, MssanteServer
from dui_bridge.sandbox.pki import Pki
from dui_bridge.sandbox.psc import PscServer


@contextmanager
def serving(
    pki: Pki,
    folder: Path,
    *,
    persons: Iterable[Person] = (),
    answers: Path | None = None,
    dmp: Path | None = None,
    structures: Mapping[str, str] | None = None,
    dmp_answers: DmpAnswers | None = None,
    schemas: Path | None = None,
    psc: bool = False,
    mssante: Path | None = None,
    mailboxes: Iterable[Mailbox] = (Mailbox(),),
    mssante_answers: MssanteAnswers | None = None,
    mails: Path | None = None,
    annuaire: bool = False,
) -> Iterator[Mapping[str, str]]:
    """The stand-ins, by name, with their addresses; they answer from enter to exit.

    Args:
        pki: the certificates of the servers, and whom they let in.
        folder: receives `<name>.url` for each, taken away at the end unless another process wrote it anew.
        persons: whom INSi knows besides the official test identities.
        answers: answers of INSi to inject, see `sandbox.insi.trouble.injected`.
        dmp: where the DMP keeps its documents; None for no DMP. Its pages are `dmp-pages`.
        structures, dmp_answers, schemas: of the DMP: the legal entity of each structure, what fails, and the folder of
            the official schemas, by which every request is then checked too.
        psc: whether professionals sign in, at a Pro Santé Connect.
        mssante: where the operator of MSSanté keeps its mails; None for none. See `MssanteServer.addresses`.
        mailboxes: those of that operator. mssante_answers: how the recipients of mails behave, and what fails.
        mails: those that it serves besides, see `MssanteServer`.
        annuaire: whether mailboxes are looked up, in an Annuaire Santé that knows invented owners.
    Raises:
        OSError: a certificate cannot be read, or the folder not be written. FileUnusable: a schema.
    """
    with ExitStack() as started:
        insi = started.enter_context(InsiServer(pki, persons=persons, folder=answers))
        addresses = {"insi": insi.url}
        if dmp is not None:
            failing = (dmp_answers or DmpAnswers()).troubles
            registry = DmpServer(pki, dmp, structures=structures, troubles=failing, contract=schemas)
            server = started.enter_context(registry)
            addresses |= {"dmp": server.url, "dmp-pages": server.pages_url}
        if psc:
            addresses["psc"] = started.enter_context(PscServer(pki)).url
        if mssante is not None:
            said = mssante_answers or MssanteAnswers()
            operator = MssanteServer(
                pki,
                mssante,
                mailboxes=mailboxes,
                correspondents=said.correspondents,
                troubles=said.troubles,
                mails=mails,
            )
            addresses |= started.enter_context(operator).addresses
        if annuaire:
            addresses["annuaire"] = started.enter_context(AnnuaireServer(pki)).url
        folder.mkdir(parents=True, exist_ok=True)
        for name, url in addresses.items():
            _address(folder, name).write_text(f"{url}\n", encoding="ascii")
        try:
            yield addresses
        finally:
            for name, url in addresses.items():
                _forget(_address(folder, name), url)


def _address(folder: Path, name: str) -> Path:
    return folder / f"{name}.url"


def _forget(path: Path, url: str) -> None:
    if path.is_file() and path.read_text(encoding="ascii").strip() == url:
        path.unlink()
