"""What is asked of the téléservice INSi and what it answers, as the service writes it.

Values are kept unaltered (Guide d'implémentation de l'INS, EXI REC 07/08): nothing here corrects, pads or rejects. A
number whose key is wrong, a date that no calendar knows and a history that repeats the active number are all answers
that the real service gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


class CodeReponse(StrEnum):
    """`CR/CodeCR` of an answer. Anything else is a fault, not an answer."""

    TROUVEE = "00"
    AUCUNE = "01"
    PLUSIEURS = "02"


@dataclass(frozen=True, slots=True)
class MatriculeIns:
    """One number of a person: 13 characters, its key apart, and the OID that says NIR or NIA.

    `debut` and `fin` are AAAA-MM-JJ as answered; in practice the service leaves them out.
    """

    numero: str
    oid: str
    cle: str | None = None
    type: str | None = None
    debut: str | None = None
    fin: str | None = None

    @property
    def matricule15(self) -> str:
        """The number to store: 13 characters and the key, as answered (13 only when no key came)."""
        return self.numero + (self.cle or "")


@dataclass(frozen=True, slots=True)
class Individu:
    """The person found, with the traits as INSi holds them.

    `prenoms` is `ListePrenom` (given names with one space between; a compound name may come with a space too, so that
    the first one cannot always be cut out); `premier_prenom` is `Prenom` when the service gives it. `historique` is in
    the order of the answer. `date_naissance` is AAAA-MM-JJ, which a lunar date keeps in form only.
    """

    actif: MatriculeIns
    nom_naissance: str
    prenoms: str
    sexe: str
    date_naissance: str
    lieu_naissance: str
    premier_prenom: str | None = None
    historique: tuple[MatriculeIns, ...] = ()


@dataclass(frozen=True, slots=True)
class Demande:
    """One search by traits, in the lexicon of INSi (capital letters, space, apostrophe, hyphen).

    `prenoms` holds each value of the element `Prenom` as sent: a search "all given names" is one value with spaces.
    `date_naissance` is AAAA-MM-JJ; `lieu_naissance` an INSEE code of 5 characters.
    """

    nom_naissance: str
    prenoms: tuple[str, ...]
    sexe: Literal["M", "F"]
    date_naissance: str
    lieu_naissance: str | None = None


@dataclass(frozen=True, slots=True)
class Reponse:
    """One answer. `individu` is there with code 00 only. `message_id` is the answer's own, `relates_to` the call's."""

    code: CodeReponse
    libelle: str
    individu: Individu | None = None
    message_id: str | None = None
    relates_to: str | None = None


@dataclass(frozen=True, slots=True)
class Appel:
    """One traced call of a search: the step of the ladder, what was asked, when (aware), and what came.

    Either `reponse`, or `erreur`: the code of an error of ours.
    """

    etape: str
    demande: Demande
    le: datetime
    reponse: Reponse | None = None
    erreur: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer to a unit verification of a number and its traits. Not confirmed by a public contract.

    `code` is as answered; only `00` is read as "they belong together".
    """

    code: str
    libelle: str
    message_id: str | None = None
    relates_to: str | None = None

    @property
    def conforme(self) -> bool:
        """Whether the service says that the number and the traits belong together."""
        return self.code == CodeReponse.TROUVEE
