"""What a site gives to the connectors that call a service: certificates, whom to trust, what was declared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeVar, cast
from uuid import NAMESPACE_URL, uuid5

from dui_bridge.connectors.ports import Usage
from dui_bridge.connectors.wire.certificates import Pkcs12
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.findings import Place
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.errors import NotDeclared, StandInMissing
from dui_bridge.pipeline.ids import UUID_ROOT
from dui_bridge.site.declaration import MssanteDestinationSettings, SecretReference
from dui_bridge.site.secrets import Secret, read_secret
from dui_bridge.site.settings import Site

STAND_INS: Final = Path("sandbox")
"""In the data folder: `<name>.url` holds the address of a stand-in of a sandbox site, as long as it runs."""

_Thing = TypeVar("_Thing")


class SiteMeans:
    """The means of one site (`connectors.ports.Means`), for one service.

    Args:
        service: how messages name it.
        recorded: whether it was recorded that a mail arrived; None where no receipts are read.
        keep: what keeps exchanges; None where none are.
        take: what counts turns, of a bucket that holds one; None where nothing is counted.
    Every method raises NotDeclared for what the site file does not declare, DeclarationInvalid for a secret.
    """

    def __init__(
        self,
        site: Site,
        service: str,
        recorded: Callable[[str, Collection[str], datetime | None], bool] | None = None,
        keep: Callable[[str, bytes, datetime], None] | None = None,
        take: Callable[[str, float, datetime], float] | None = None,
    ) -> None:
        self._site, self._service, self._recorded, self._keep, self._take = site, service, recorded, keep, take
        self._made: list[object] = []

    @property
    def profile(self) -> Profile:
        return self._site.profile

    @property
    def system(self) -> str:
        """Under the site's own OID when it has one, else 2.25 and a UUID made from its name (ITU-T X.667)."""
        if self._site.declaration.oid_root is not None:
            return self._site.declaration.oid_root
        return f"{UUID_ROOT}.{uuid5(NAMESPACE_URL, f'urn:dui-bridge:site:{self._site.id}').int}"

    @property
    def establishments(self) -> Sequence[Establishment]:
        return self._site.establishments

    def software(self) -> tuple[str, str]:
        declared = self._site.declaration.software
        if declared is None or not declared.name or not declared.version:
            raise self._missing("software (name, version)")
        return declared.name, declared.version

    def homologation(self) -> str:
        declared = self._site.declaration.software
        return self._secret("software.dmp_homologation", None if declared is None else declared.dmp_homologation)

    def nil(self) -> str:
        declared = self._site.declaration.software
        if declared is None or not declared.mssante_nil:
            raise self._missing("software.mssante_nil")
        return declared.mssante_nil

    def mailboxes(self) -> Mapping[str, str]:
        declared = self._site.declaration.establishments
        return {one.finess: one.mailbox for one in declared if one.mailbox is not None}

    def mailbox_secret(self, address: str) -> Callable[[], str] | None:
        for settings in self._site.destinations.values():
            secrets = settings.secrets if isinstance(settings, MssanteDestinationSettings) else {}
            if address in secrets:
                return partial(self._read, secrets[address])
        return None

    def recorded(self, message_id: str, recipients: Collection[str], since: datetime | None) -> bool:
        return self._recorded is not None and self._recorded(message_id, recipients, since)

    def keep(self, about: str, exchange: bytes, at: datetime) -> None:
        """It also raises a JournalUnusable."""
        if self._keep is not None:
            self._keep(about, exchange, at)

    def turn(self, what: str, per_second: float) -> float:
        """It also raises a JournalUnusable."""
        return 0.0 if self._take is None else self._take(what, per_second, datetime.now(UTC))

    def idam(self) -> str:
        """The identifier that was given for INSi: a secret."""
        declared = self._site.declaration.software
        return self._secret("software.insi_idam", None if declared is None else declared.insi_idam)

    def psc_secret(self) -> str:
        """What makes the bridge known to Pro Santé Connect, unless a certificate does."""
        declared = self._site.declaration.software
        return self._secret("software.psc_secret", None if declared is None else declared.psc_secret)

    def annuaire_key(self) -> str:
        """The key that was given for the Annuaire Santé: a secret."""
        declared = self._site.declaration.software
        return self._secret("software.annuaire_key", None if declared is None else declared.annuaire_key)

    def certificate(self, usage: Usage) -> Pkcs12:
        declared = self._site.declaration.certificates
        own = None if declared is None else getattr(declared, usage)
        if own is None:
            raise self._missing(f"certificates.{usage}")
        password = None if own.password is None else self._read(own.password)
        return Pkcs12(own.pkcs12, password)

    def trust(self) -> Trust:
        declared = self._site.declaration.certificates
        if declared is None or declared.trust is None:
            raise self._missing("certificates.trust")
        return Trust((declared.trust.ca,))

    def lists(self) -> tuple[Path, ...]:
        """One file, or all those of a folder that the site keeps fresh."""
        declared = self._site.declaration.certificates
        crl = None if declared is None or declared.trust is None else declared.trust.crl
        if crl is None:
            return ()
        try:
            found = tuple(sorted(path for path in crl.iterdir() if path.is_file())) if crl.is_dir() else (crl,)
        except OSError as error:
            raise FileUnusable(file=str(crl), **os_reasons(error)) from None
        if not found:
            # Without a list nothing would be found revoked, and nobody would know.
            raise FileUnusable(file=str(crl), reason="it holds no list", reason_fr="il ne contient aucune liste")
        return found

    def stand_in(self, name: str) -> str:
        path = self._site.data / STAND_INS / f"{name}.url"
        try:
            return path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise StandInMissing(service=self._service, file=str(path), config=str(self._site.file)) from None

    def once(self, make: Callable[[], _Thing]) -> _Thing:
        if not self._made:
            self._made.append(make())
        return cast(_Thing, self._made[0])

    def _secret(self, key: str, reference: SecretReference | None) -> str:
        if reference is None:
            raise self._missing(key)
        return self._read(reference)

    def _read(self, reference: SecretReference) -> str:
        return read_secret(Secret(Place(self._site.file.name, 1, 1), reference.file, reference.env))

    def _missing(self, key: str) -> NotDeclared:
        return NotDeclared(service=self._service, key=key)
