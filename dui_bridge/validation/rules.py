"""Our own rules of CDA documents, as a table: every check that holds without any official pack.

A row says how bad a hit is in a document that we send, and in one that we receive: what the official suite refuses is
an error both ways; what only we ask for is an error when sent and at most a warning when received. The rules of the
PDF that a document carries are in `pdf_rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


class Use(StrEnum):
    """What a document is checked for."""

    SENT = "sent"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class CdaRule:
    """One row: the rule, with its severity when sent, and its severity when received."""

    rule: Rule
    received: Severity

    def severity(self, use: Use) -> Severity:
        """How bad a hit is."""
        return self.rule.severity if use is Use.SENT else self.received


_TABLE: Final[list[CdaRule]] = []


def _row(
    number: int,
    en: str,
    fr: str,
    source: str,
    received: Severity = ERROR,
    sent: Severity = ERROR,
    who: Who = Who.VENDOR,
) -> CdaRule:
    row = CdaRule(Rule(f"CDA-{number}", sent, Scope.DOCUMENT, en, fr, who=who, source=source), received)
    _TABLE.append(row)
    return row


_HEADER = "CI-SIS Structuration minimale, "
_INS = "CI-SIS annexe Prise en charge de l'INS"
_CDA = "HL7 CDA R2"

# The file
NOT_XML = _row(101, "Not XML (line {line}).", "Ce n'est pas du XML (ligne {line}).", "XML 1.0")
DOCTYPE = _row(102, "A DOCTYPE is not accepted.", "Un DOCTYPE n'est pas accepté.", _CDA)
TOO_LARGE = _row(103, "Too large: {size} bytes.", "Trop volumineux : {size} octets.", "")
NOT_CDA = _row(104, "Not a ClinicalDocument.", "Ce n'est pas un ClinicalDocument.", _CDA)
MISPLACED = _row(
    105, "{element} is unknown, repeated or out of place.", "{element} est inconnu, répété ou mal placé.", _CDA
)

# What the document is
REALM = _row(110, "realmCode is not FR.", "realmCode ne vaut pas FR.", _HEADER + "realmCode")
TYPE_ID = _row(111, "typeId is not that of CDA R2.", "typeId n'est pas celui du CDA R2.", _HEADER + "typeId")
TEMPLATES = _row(
    112,
    "The templateIds of HL7 France, of CI-SIS and of a model are needed, each once.",
    "Les templateId HL7 France, CI-SIS et d'un modèle sont requis, une fois chacun.",
    _HEADER + "templateId",
)
TEMPLATES_LEVEL_1 = _row(
    113,
    "A level 1 document has three templateIds, the third that of XDS-SD.",
    "Un document de niveau 1 a trois templateId, dont celui de XDS-SD.",
    _HEADER + "templateId",
)
ID = _row(
    114,
    "{element}: an identifier (an OID) is needed.",
    "{element} : un identifiant (OID) est requis.",
    _HEADER + "id, setId",
)
ID_EXTENSION = _row(
    115,
    "{element} has an extension: the DMP takes bare OIDs only.",
    "{element} porte une extension : le DMP n'accepte que des OID seuls.",
    "DMP, guide d'intégration",
    INFO,
)
VERSION = _row(
    116,
    "versionNumber is not a whole number from 1.",
    "versionNumber n'est pas un entier à partir de 1.",
    _HEADER + "versionNumber",
)
TYPE_CODE = _row(
    117, "The type code {code} is not one of JDV_J07.", "Le type {code} n'est pas dans le JDV_J07.", _HEADER + "code"
)
TITLE = _row(118, "The title is missing or empty.", "Le titre est absent ou vide.", _HEADER + "title")
LANGUAGE = _row(
    119, "languageCode is not of the form fr-FR.", "languageCode n'est pas de la forme fr-FR.", _HEADER + "languageCode"
)
CONFIDENTIALITY = _row(
    120,
    "confidentialityCode is not one of HL7.",
    "confidentialityCode n'est pas un code HL7.",
    _HEADER + "confidentialityCode",
)
MASKING = _row(
    121,
    "Masking ({code}) belongs to the metadata of a deposit, never to the document.",
    "Le masquage ({code}) relève des métadonnées d'un dépôt, jamais du document.",
    "CI-SIS Partage de documents, JDV_J08",
)
TIME = _row(
    122, "{element}: {value} is not a time.", "{element} : {value} n'est pas une date ou heure.", _HEADER + "TS"
)
TIME_ZONE = _row(
    123,
    "{element} is not an instant with an hour and a time zone.",
    "{element} n'est pas un instant avec heure et fuseau.",
    "CI-SIS: effectiveTime is the instant of creation",
    WARNING,
)

# Codes of our tables
CODE_SYSTEM = _row(
    125,
    "{element} {code}: the code system is not {expected}.",
    "{element} {code} : le système n'est pas {expected}.",
    "JDV",
    WARNING,
)
DISPLAY = _row(
    126,
    "{element} {code}: the display is not {expected}.",
    "{element} {code} : le libellé n'est pas {expected}.",
    "JDV",
    WARNING,
)

# The patient
PATIENT = _row(
    130,
    "A recordTarget with one patient is needed.",
    "Un recordTarget avec un patient est requis.",
    _HEADER + "recordTarget",
)
PATIENT_ID = _row(
    131,
    "A patient identifier needs a root and an extension.",
    "Un identifiant du patient a une racine et une extension.",
    _HEADER + "patientRole/id",
)
PATIENT_NAME = _row(
    132,
    "The patient's name needs a family (BR or CL) and a given (BR, CL or none).",
    "Le nom du patient demande un family (BR ou CL) et un given (BR, CL ou rien).",
    _HEADER + "patient/name",
)
BIRTH_TIME = _row(133, "birthTime is missing.", "birthTime est absent.", _HEADER + "birthTime")
GENDER = _row(134, "The gender is not F, M or UN.", "Le sexe n'est pas F, M ou UN.", "JDV_J143")
GUARDIAN = _row(
    135,
    "A guardian is a person with a family name, or an organization.",
    "Un représentant est une personne avec un nom, ou un organisme.",
    _HEADER + "guardian",
)
BIRTH_ORDER = _row(
    136,
    "multipleBirthOrderNumber is not a positive number.",
    "multipleBirthOrderNumber n'est pas un nombre positif.",
    _HEADER + "patient",
)

# The INS
INS_FORM = _row(
    140,
    "The matricule INS has not 15 characters of its form.",
    "Le matricule INS n'a pas la forme de 15 caractères.",
    _INS,
    WARNING,
    who=Who.IDENTITO,
)
INS_KEY = _row(
    141, "The matricule INS has a wrong key.", "La clé du matricule INS est fausse.", _INS, WARNING, who=Who.IDENTITO
)
INS_OID = _row(
    142,
    "A matricule stands under {root}, which is no OID of the INS.",
    "Un matricule figure sous {root}, qui n'est pas un OID de l'INS.",
    _INS,
    WARNING,
    who=Who.IDENTITO,
)
INS_SEVERAL = _row(143, "There are several INS.", "Il y a plusieurs INS.", _INS, WARNING, who=Who.IDENTITO)
INS_ABSENT = _row(144, "There is no INS.", "Il n'y a pas d'INS.", _INS, INFO, INFO, Who.NOBODY)
INS_TRAITS = _row(
    145,
    "An INS needs {trait}.",
    "Un INS demande {trait}.",
    _HEADER + "patientRole (l.52)",
    who=Who.IDENTITO,
)
INS_BIRTH_TIME = _row(
    146,
    "An INS needs a full birth date.",
    "Un INS demande une date de naissance complète.",
    _INS,
    WARNING,
    who=Who.IDENTITO,
)
INS_GENDER = _row(
    147, "An INS needs the gender F or M.", "Un INS demande le sexe F ou M.", _INS, WARNING, who=Who.IDENTITO
)
INS_BIRTHPLACE = _row(
    148,
    "The birthplace is not an INSEE code.",
    "Le lieu de naissance n'est pas un code INSEE.",
    _INS,
    WARNING,
    who=Who.IDENTITO,
)
INS_MAIL = _row(
    149,
    "A citizen mail address tells a matricule that is not the INS of this document.",
    "Une adresse de messagerie citoyenne révèle un matricule qui n'est pas l'INS de ce document.",
    _INS,
    WARNING,
    who=Who.IDENTITO,
)

# People and structures
TELECOM = _row(
    150, "A telecom has no known prefix or use.", "Un telecom n'a pas de préfixe ou d'usage connu.", _HEADER + "telecom"
)
ADDRESS = _row(
    151,
    "An address mixes parts and lines, or has an unknown use or an empty part.",
    "Une adresse mêle parties et lignes, ou a un usage inconnu ou une partie vide.",
    _HEADER + "CI-SISAddr",
)
PREFIX = _row(
    152, "The civility {code} is not one of JDV_J245.", "La civilité {code} n'est pas dans le JDV_J245.", "JDV_J245"
)
SUFFIX = _row(
    153, "The title {code} is not one of JDV_J246.", "Le titre {code} n'est pas dans le JDV_J246.", "JDV_J246"
)
PERSON_NAME = _row(
    154,
    "A person has no family name, or several.",
    "Une personne n'a pas un nom de famille et un seul.",
    _HEADER + "name",
)
PERSON_ID = _row(
    155,
    "{element}: the identifier {root} {extension} is not a national one.",
    "{element} : l'identifiant {root} {extension} n'est pas national.",
    "CI-SIS annexe Sources des données métier",
    WARNING,
)
STRUCTURE_ID = _row(
    156,
    "{element}: the identifier {root} {extension} is not a national one.",
    "{element} : l'identifiant {root} {extension} n'est pas national.",
    "CI-SIS annexe Sources des données métier",
    WARNING,
)
PROFESSION = _row(
    157, "The profession {code} is not one of JDV_J01.", "La profession {code} n'est pas dans le JDV_J01.", "JDV_J01"
)
FUNCTION = _row(
    158, "The function {code} is not one of JDV_J47.", "La fonction {code} n'est pas dans le JDV_J47.", "JDV_J47"
)
AUTHOR = _row(
    160,
    "An author with a time and an identifier is needed.",
    "Un auteur avec heure et identifiant est requis.",
    _HEADER + "author",
)
AUTHOR_NOBODY = _row(
    161,
    "An author is a person or a device, not neither nor both.",
    "Un auteur est une personne ou un dispositif, l'un des deux.",
    _HEADER + "author",
    WARNING,
)
DATA_ENTERER = _row(
    162, "There is more than one dataEnterer.", "Il y a plus d'un dataEnterer.", _HEADER + "dataEnterer"
)
CUSTODIAN = _row(
    163,
    "A custodian with the identifier of a structure is needed.",
    "Un custodian avec l'identifiant d'une structure est requis.",
    _HEADER + "custodian",
)
LEGAL_AUTHENTICATOR = _row(
    164,
    "A legalAuthenticator with time, signature S and identifier is needed.",
    "Un legalAuthenticator avec heure, signature S et identifiant est requis.",
    _HEADER + "legalAuthenticator",
)
LEGAL_AUTHENTICATOR_NOBODY = _row(
    165,
    "The legalAuthenticator names no person.",
    "Le legalAuthenticator ne nomme personne.",
    _HEADER + "legalAuthenticator",
    WARNING,
)
INFORMANT = _row(
    166,
    "An informant is an assigned entity, or a related one (ECON, NOK, CON, CAREGIVER, PAT) with a person.",
    "Un informateur est une entité, ou un proche (ECON, NOK, CON, CAREGIVER, PAT) nommé.",
    _HEADER + "informant",
)
RELATION = _row(
    167, "The relation {code} is not one of JDV_J11.", "La relation {code} n'est pas dans le JDV_J11.", "JDV_J11"
)
PARTICIPANT = _row(
    168,
    "A participant needs a type of JDV_J144, a time and a PROV or AGNT.",
    "Un participant demande un type du JDV_J144, un temps et un PROV ou AGNT.",
    _HEADER + "participant",
)
RECIPIENT = _row(
    169,
    "An informationRecipient names a person or an organization.",
    "Un informationRecipient nomme une personne ou un organisme.",
    _HEADER + "informationRecipient",
    WARNING,
)

# What it records
SERVICE_EVENT = _row(
    170,
    "The first serviceEvent needs a performer PRF and the low of its time.",
    "Le premier serviceEvent demande un performer PRF et le début de sa période.",
    _HEADER + "documentationOf",
)
INDUSTRY = _row(
    171,
    "The practice setting {code} is not one of JDV_J04.",
    "Le cadre d'exercice {code} n'est pas dans le JDV_J04.",
    "JDV_J04",
)
RELATED_DOCUMENT = _row(
    172,
    "relatedDocument is one RPLC with the id of a parent, and no setId.",
    "relatedDocument est un seul RPLC avec l'id d'un parent, sans setId.",
    _HEADER + "relatedDocument",
)
CONSENT = _row(
    173,
    "A consent needs a code and the status completed.",
    "Un consentement demande un code et le statut completed.",
    _HEADER + "authorization",
)
ENCOUNTER = _row(
    174,
    "componentOf needs an encounter with its time and its facility.",
    "componentOf demande une prise en charge avec sa période et son lieu.",
    _HEADER + "componentOf",
)
FACILITY = _row(
    175, "The facility type {code} is not one of JDV_J02.", "Le lieu {code} n'est pas dans le JDV_J02.", "JDV_J02"
)
ENCOUNTER_CODE = _row(
    176,
    "The encounter type {code} is not one of JDV_J142.",
    "Le type de prise en charge {code} n'est pas dans le JDV_J142.",
    "JDV_J142",
)

# The body
BODY = _row(
    180, "One body is needed, structured or not.", "Un corps est requis, structuré ou non.", _HEADER + "component"
)
BODY_TYPE = _row(
    181,
    "The body is not declared application/pdf in B64.",
    "Le corps n'est pas déclaré application/pdf en B64.",
    "CI-SIS, document non structuré",
    WARNING,
)
BODY_BASE64 = _row(182, "The body is not base64.", "Le corps n'est pas en base64.", "CI-SIS, document non structuré")

CDA_RULES: Final = tuple(_TABLE)
"""Every rule, by number."""
