"""The checks of an archive of MSSanté as it is read (XDM-nnn); those of its metadata are the checks of a submission.

No text shows what a document holds, only names of files and ids of entries.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

from dui_bridge.findings import Finding, Rule, Scope, Severity, Who

_ROWS: Final[list[Rule]] = []
_XDM: Final = "IHE ITI TF-2 §3.32 (XDM)"
_OURS: Final = ""

_RESEND: Final = (
    "Nothing of it was taken: ask the sender for the message again.",
    "Rien n'en a été pris : demandez à l'émetteur d'envoyer de nouveau le message.",
)
_RESEND_FILE: Final = (
    "This file was not taken: ask the sender for the message again.",
    "Ce fichier n'a pas été pris : demandez à l'émetteur d'envoyer de nouveau le message.",
)
_TELL: Final = (
    "It was read all the same. Tell the sender's vendor.",
    "L'archive a été lue malgré cela. Signalez-le à l'éditeur de l'émetteur.",
)
_DOUBT: Final = (
    "The file was read, but is not to be filed before its sender has confirmed it.",
    "Le fichier a été lu, mais ne doit pas être classé avant que son émetteur l'ait confirmé.",
)
_MAKER: Final = (
    "The archive was made so: tell the vendor of the software that made it.",
    "L'archive est faite ainsi : signalez-le à l'éditeur du logiciel qui l'a faite.",
)


def _row(
    number: int,
    en: str,
    fr: str,
    *,
    remedy: tuple[str, str] = _RESEND_FILE,
    severity: Severity = Severity.ERROR,
    source: str = _XDM,
) -> Rule:
    rule = Rule(f"XDM-{number:03d}", severity, Scope.DOCUMENT, en, fr, remedy[0], remedy[1], Who.VENDOR, source)
    _ROWS.append(rule)
    return rule


NOT_ZIP = _row(1, "This is not a zip, or its end is missing.", "Ce n'est pas un zip, ou sa fin manque.", remedy=_RESEND)
DIRECTORY = _row(2, "The directory of the zip is damaged.", "Le répertoire du zip est endommagé.", remedy=_RESEND_FILE)
ARCHIVE_TOO_LARGE = _row(
    3,
    "The archive is larger than {limit} bytes.",
    "L'archive dépasse {limit} octets.",
    remedy=_RESEND,
    source=_OURS,
)
TOO_MANY_FILES = _row(
    4,
    "The archive has more than {limit} files.",
    "L'archive a plus de {limit} fichiers.",
    remedy=_RESEND,
    source=_OURS,
)

TOO_LARGE = _row(10, "{name}: larger than {limit} bytes.", "{name} : plus de {limit} octets.", source=_OURS)
TOO_DENSE = _row(
    11,
    "{name}: it would grow more than {limit} times.",
    "{name} : le fichier grossirait de plus de {limit} fois.",
    source=_OURS,
)
TOTAL_TOO_LARGE = _row(
    12,
    "{name}: with it, the files are larger than {limit} bytes together.",
    "{name} : avec lui, les fichiers dépassent ensemble {limit} octets.",
    source=_OURS,
)
ENCRYPTED = _row(13, "{name}: the file is encrypted.", "{name} : le fichier est chiffré.")
METHOD = _row(
    14,
    "{name}: the file is compressed in a way that is not deflate ({method}).",
    "{name} : la compression du fichier n'est pas deflate ({method}).",
)
DAMAGED = _row(15, "{name}: the file is damaged.", "{name} : le fichier est endommagé.")
NOT_A_FILE = _row(
    16,
    "{name}: a link or a device, not a file.",
    "{name} : un lien ou un périphérique, pas un fichier.",
    source=_OURS,
)
OUTSIDE = _row(
    17,
    "{name}: the name leads out of the archive; only its last part was looked at.",
    "{name} : le nom sort de l'archive ; seule sa dernière partie a été regardée.",
    remedy=_TELL,
    severity=Severity.WARNING,
    source=_OURS,
)
SAME_NAME = _row(
    18,
    "{name}: several files have this name.",
    "{name} : plusieurs fichiers portent ce nom.",
    remedy=_TELL,
    severity=Severity.WARNING,
)
LAYOUT = _row(
    19,
    "{name}: not where an archive has it (IHE_XDM/SUBSET01/METADATA.XML).",
    "{name} : pas à sa place dans une archive (IHE_XDM/SUBSET01/METADATA.XML).",
    remedy=_TELL,
    severity=Severity.WARNING,
)

NO_METADATA = _row(20, "There is no METADATA.XML.", "Il n'y a pas de METADATA.XML.", remedy=_RESEND)
METADATA_XML = _row(21, "{name}: not XML that can be read.", "{name} : n'est pas un XML lisible.")
METADATA_MESSAGE = _row(22, "{name}: not a SubmitObjectsRequest.", "{name} : n'est pas un SubmitObjectsRequest.")
TOO_MANY_OBJECTS = _row(23, "{name}: more than {limit} objects.", "{name} : plus de {limit} objets.", source=_OURS)
NO_DOCUMENT = _row(
    24, "{name}: the metadata tell of no document.", "{name} : les métadonnées n'annoncent aucun document."
)
METADATA_LARGE = _row(
    25,
    "{name}: the metadata have more than {limit} bytes or {elements} elements.",
    "{name} : les métadonnées dépassent {limit} octets ou {elements} éléments.",
    source=_OURS,
)
TOO_MANY_LOTS = _row(
    26,
    "The archive has more than {limit} METADATA.XML.",
    "L'archive a plus de {limit} METADATA.XML.",
    remedy=_RESEND,
    source=_OURS,
)

NOT_THERE = _row(
    27,
    "There is no {file}, which an archive has for whoever opens it by hand.",
    "Il n'y a pas de {file}, qu'une archive contient pour qui l'ouvre à la main.",
    remedy=_TELL,
    severity=Severity.WARNING,
)

NO_FILE = _row(
    30,
    "{id}: no file of the archive is this document.",
    "{id} : aucun fichier de l'archive n'est ce document.",
)
NO_URI = _row(
    31,
    "{id}: the metadata do not name its file; it was taken to be {name}.",
    "{id} : les métadonnées ne nomment pas son fichier ; {name} a été retenu.",
    remedy=_TELL,
    severity=Severity.WARNING,
)
OTHER_URI = _row(
    32,
    "{id}: the file that the metadata name is missing; {name} has its hash and was taken.",
    "{id} : le fichier nommé par les métadonnées manque ; {name} en a l'empreinte et a été retenu.",
    remedy=_TELL,
    severity=Severity.WARNING,
)
AMBIGUOUS = _row(
    33,
    "{id}: several files may be this document, and no hash tells which.",
    "{id} : plusieurs fichiers peuvent être ce document, et aucune empreinte ne dit lequel.",
)
HASH_DIFFERS = _row(
    34,
    "{id}: {name} does not have the SHA-1 that the metadata tell.",
    "{id} : {name} n'a pas l'empreinte SHA-1 annoncée par les métadonnées.",
)
SIZE_DIFFERS = _row(
    35,
    "{id}: {name} does not have the size that the metadata tell.",
    "{id} : {name} n'a pas la taille annoncée par les métadonnées.",
)
NOT_VERIFIED = _row(
    36,
    "{id}: the metadata tell no hash: whether {name} is whole cannot be known.",
    "{id} : les métadonnées n'annoncent pas d'empreinte : impossible de savoir si {name} est intègre.",
    remedy=_TELL,
    severity=Severity.WARNING,
)
TAKEN_TWICE = _row(
    37,
    "{id}: {name} is already another document.",
    "{id} : {name} est déjà un autre document.",
)
NOT_LISTED = _row(
    38,
    "{name}: no metadata tell of this file; it was left.",
    "{name} : aucune métadonnée n'annonce ce fichier ; il a été laissé.",
    remedy=_TELL,
    severity=Severity.WARNING,
)
IN_TWO_LOTS = _row(
    39,
    "{id}: another lot of the archive has something of the same uniqueId.",
    "{id} : un autre lot de l'archive a un élément de même uniqueId.",
    remedy=_TELL,
    severity=Severity.WARNING,
)
SEVERAL_PATIENTS = _row(
    40,
    "The metadata tell of several patients.",
    "Les métadonnées concernent plusieurs patients.",
    remedy=_RESEND,
    source="Référentiel MSSanté n° 2, ECO.2.1.1",
)
OTHER_PATIENT = _row(
    41,
    "{id}: the document does not name the patient whom its metadata tell.",
    "{id} : le document ne nomme pas le patient annoncé par ses métadonnées.",
    remedy=_DOUBT,
    source="Référentiel MSSanté n° 2, ECO.2.1.2",
)
OTHER_ID = _row(
    42,
    "{id}: the document does not have the id that its metadata tell.",
    "{id} : le document n'a pas l'identifiant annoncé par ses métadonnées.",
    remedy=_DOUBT,
)
NOT_CDA = _row(
    43,
    "{id}: {name} is not a CDA document.",
    "{id} : {name} n'est pas un document CDA.",
    remedy=_DOUBT,
)

RULES: Final = tuple(_ROWS)
"""Every rule."""


def hit(rule: Rule, **values: str) -> Finding:
    """A finding of a rule, at the file or entry that it names."""
    return Finding(rule, path=values.get("name") or values.get("id") or "", values=values)


def of_archive(finding: Finding) -> Finding:
    """A finding about metadata, with what to do about an archive that somebody made, and not about one to be sent."""
    return replace(finding, rule=_made_so(finding.rule))


@cache
def _made_so(rule: Rule) -> Rule:
    return replace(rule, remedy_en=_MAKER[0], remedy_fr=_MAKER[1], who=Who.VENDOR)
