"""Who may be written to: the domains of the trusted space, never ordinary mail.

Source: ANS, liste blanche des domaines MSSanté (namespace https://listeblanche.mssante.fr/schema, `Domaine/Nom`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lxml import etree

from dui_bridge.connectors.mssante.errors import (
    AddressMalformed,
    CitizenAmongProfessionals,
    NoRecipient,
    OutsideTrust,
    WhiteListUnreadable,
)
from dui_bridge.connectors.mssante.replies import without_persons
from dui_bridge.connectors.ports import Addressee as Recipient
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.ins.carriers import CITIZEN_MAIL
from dui_bridge.xmlsafe import XmlRefused, parse_xml

_ATOM: Final = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_ADDRESS: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+", re.ASCII | re.IGNORECASE)
_LONGEST: Final = 254
"""Characters of an address (RFC 5321 §4.5.3.1.3)."""
_MSSANTE: Final = "mssante.fr"
_LONGEST_LIST: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Trusted:
    """The trusted space.

    Args:
        domains: each with all below it; lower case.
        listed: exactly these; lower case.
    """

    domains: tuple[str, ...]
    listed: frozenset[str] = frozenset()

    def has(self, domain: str) -> bool:
        """Whether a domain is of the trusted space."""
        name = domain.lower().rstrip(".")
        return name in self.listed or any(name == one or name.endswith(f".{one}") for one in self.domains)


def trusted(domains: Iterable[str] | None, white_list: Path | None = None) -> Trusted:
    """The trusted space of a site.

    Args:
        domains: each with all below it; None: those of MSSanté, unless there is a list, which names all of them.
        white_list: the national list, read once.
    Raises:
        FileUnusable, WhiteListUnreadable.
    """
    if domains is None:
        domains = (_MSSANTE,) if white_list is None else ()
    own = tuple(one.lower().strip(".") for one in domains)
    return Trusted(own, frozenset() if white_list is None else _read(white_list))


def is_address(text: str) -> bool:
    """Whether this is an address in ASCII that needs no quotes (RFC 5321 §4.1.2, Dot-string and Domain)."""
    return len(text) <= _LONGEST and _ADDRESS.fullmatch(text) is not None


def checked(recipients: Iterable[Recipient], space: Trusted) -> tuple[Recipient, ...]:
    """The professionals that a mail goes to, each once.

    Raises:
        NoRecipient, AddressMalformed, CitizenAmongProfessionals, OutsideTrust: nothing may leave.
    """
    found: dict[str, Recipient] = {}
    for one in recipients:
        address = one.address.strip()
        if not is_address(address):
            raise AddressMalformed(address=without_persons(address))
        if address.lower().endswith(CITIZEN_MAIL):
            raise CitizenAmongProfessionals
        domain = address.rpartition("@")[2]
        if not space.has(domain):
            raise OutsideTrust(domain=domain)
        found.setdefault(address.lower(), Recipient(address, one.name))
    if not found:
        raise NoRecipient
    return tuple(found.values())


def _read(path: Path) -> frozenset[str]:
    try:
        with path.open("rb") as stream:
            root = parse_xml(stream.read(_LONGEST_LIST))
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None
    except XmlRefused:
        raise WhiteListUnreadable(file=str(path)) from None
    names = {(one.text or "").strip().lower() for one in root.iter("{*}Nom") if _is_domain(one.getparent())}
    if not names - {""}:
        raise WhiteListUnreadable(file=str(path))
    return frozenset(names - {""})


def _is_domain(element: etree._Element | None) -> bool:
    return element is not None and etree.QName(element).localname == "Domaine"
