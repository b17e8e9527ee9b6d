"""The checks of a submission as a whole (XDS-7nn), with those of its attributes; 9nn are errors.

Every rule has the error code that a registry or repository answers with. No text shows a value of a dossier, only codes
and ids of objects.
"""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who
from dui_bridge.xds.attribute_rules import OF_ENTRY, OF_SET
from dui_bridge.xds.error_codes import (
    CI_SIS,
    DUPLICATE_ID,
    IHE,
    METADATA,
    MISSING_DOCUMENT,
    MISSING_METADATA,
    OF_SETTINGS,
    PATIENT,
    REPOSITORY_METADATA,
    UNRESOLVED,
    UPDATE,
    VERSION,
    XdsRule,
)
from dui_bridge.xds.messages import NotXds
from dui_bridge.xds.metadata import OtherPatient

_ROWS: Final[list[XdsRule]] = []

_BRIDGE: Final = (
    "This is a fault of the software that made the message: report it, nothing was sent.",
    "C'est un défaut du logiciel qui a fait le message : signalez-le, rien n'a été envoyé.",
)


def _row(
    number: int,
    en: str,
    fr: str,
    *,
    code: str = METADATA,
    remedy: tuple[str, str] = _BRIDGE,
    who: Who = Who.IT,
    source: str = IHE,
    severity: Severity = Severity.ERROR,
) -> XdsRule:
    row = XdsRule(Rule(f"XDS-{number}", severity, Scope.DOCUMENT, en, fr, remedy[0], remedy[1], who, source), code)
    _ROWS.append(row)
    return row


_HEADER: Final = (
    "Correct the header of the document, from which its metadata are taken.",
    "Corrigez l'en-tête du document, d'où ses métadonnées sont tirées.",
)
_VISIBILITY: Final = (
    "Change the visibility that is asked for this document.",
    "Changez la visibilité demandée pour ce document.",
)

NO_SET = _row(700, "There is no submission set.", "Il n'y a pas de lot de soumission.")
SEVERAL_SETS = _row(701, "There are several submission sets.", "Il y a plusieurs lots de soumission.")
OTHER_OBJECT = _row(702, "{id}: a {kind} has no place here.", "{id} : un {kind} n'a pas sa place ici.", source=CI_SIS)
NO_ID = _row(703, "An object has no id.", "Un objet n'a pas d'id.")
SAME_ID = _row(704, "{id}: several objects have this id.", "{id} : plusieurs objets ont cet id.")
CLASSIFICATION_ID = _row(
    705, "{id}: a classification has no id of its own.", "{id} : une classification n'a pas d'id propre."
)
CLASSIFIED = _row(
    706, "{id}: a classification is of another object.", "{id} : une classification porte sur un autre objet."
)
CLASSIFICATION_SCHEME = _row(
    707, "{id}: the scheme of a classification is unknown.", "{id} : le schéma d'une classification est inconnu."
)
IDENTIFIER_ID = _row(708, "{id}: an identifier has no id of its own.", "{id} : un identifiant n'a pas d'id propre.")
IDENTIFIED = _row(709, "{id}: an identifier is of another object.", "{id} : un identifiant est celui d'un autre objet.")
IDENTIFIER_SCHEME = _row(
    710, "{id}: the scheme of an identifier is unknown.", "{id} : le schéma d'un identifiant est inconnu."
)
IDENTIFIER_NAME = _row(
    711, "{id}: the identifier {name} is not named so.", "{id} : l'identifiant {name} ne porte pas ce nom."
)
SLOT_NAME = _row(712, "{id}: a slot has no name.", "{id} : un slot n'a pas de nom.")
SLOT_TWICE = _row(713, "{id}: the slot {name} is given twice.", "{id} : le slot {name} est donné deux fois.")
SLOT_EMPTY = _row(
    714, "{id}: the slot {name} has no value, or an empty one.", "{id} : le slot {name} est vide ou a une valeur vide."
)
SLOT_LONG = _row(
    715,
    "{id}: a value of {name} has more than 256 characters.",
    "{id} : une valeur de {name} a plus de 256 caractères.",
    remedy=_HEADER,
    who=Who.MAPPING,
)
OBJECT_TYPE = _row(
    716, "{id}: the type of the object is not a document.", "{id} : le type de l'objet n'est pas document."
)
SET_BY_REGISTRY = _row(
    717,
    "{id}: {name} is for the registry to set.",
    "{id} : {name} est attribué par le registre.",
    source=CI_SIS,
)
TITLE_LONG = _row(
    718,
    "{id}: the title has more than 128 bytes.",
    "{id} : le titre dépasse 128 octets.",
    remedy=_HEADER,
    who=Who.MAPPING,
    severity=Severity.WARNING,
)
NO_ENTRY = _row(719, "There is no document.", "Il n'y a aucun document.")

NO_MEMBER = _row(720, "{id}: the document is not in the lot.", "{id} : le document n'est pas dans le lot.")
MEMBER_TWICE = _row(721, "{id}: the document is twice in the lot.", "{id} : le document est deux fois dans le lot.")
SOURCE_UNKNOWN = _row(
    722,
    "{id}: the source of the association is not in the message.",
    "{id} : la source de l'association n'est pas dans le message.",
    code=UNRESOLVED,
)
TARGET_UNKNOWN = _row(
    723,
    "{id}: the target of the association is not in the message.",
    "{id} : la cible de l'association n'est pas dans le message.",
    code=UNRESOLVED,
)
MEMBER_SOURCE = _row(
    724, "{id}: HasMember does not come from the lot.", "{id} : HasMember ne part pas du lot de soumission."
)
MEMBER_STATUS = _row(
    725, "{id}: SubmissionSetStatus is not Original.", "{id} : SubmissionSetStatus n'est pas Original."
)
ASSOCIATION_TYPE = _row(
    726, "{id}: the kind of the association is unknown.", "{id} : le type de l'association est inconnu."
)
ASSOCIATION_ENDS = _row(
    727, "{id}: the association lacks its source or its target.", "{id} : l'association est sans source ou sans cible."
)
REPLACED_UUID = _row(
    728,
    "{id}: what is replaced is not named by its entryUUID.",
    "{id} : ce qui est remplacé n'est pas désigné par son entryUUID.",
    code=UNRESOLVED,
    source=CI_SIS,
)
REPLACED_TWICE = _row(
    729,
    "{id}: two documents replace the same one, or one replaces two.",
    "{id} : deux documents remplacent le même, ou un seul en remplace deux.",
)
SIGNS_ENDS = _row(
    730,
    "{id}: signs does not go from the signature to the lot.",
    "{id} : signs ne va pas de la signature au lot.",
    source=CI_SIS,
)
NO_SIGNATURE = _row(731, "The lot is not signed.", "Le lot n'est pas signé.", source=CI_SIS)
SEVERAL_SIGNATURES = _row(732, "The lot has several signatures.", "Le lot a plusieurs signatures.", source=CI_SIS)
SIGNATURE_FORM = _row(
    733,
    "{id}: {name} of the signature is not what it must be.",
    "{id} : {name} de la signature n'est pas celui attendu.",
    source=CI_SIS,
)
SIGNATURE_OF_LOT = _row(
    734,
    "{id}: the signature does not have the {name} of its lot.",
    "{id} : la signature n'a pas le {name} de son lot.",
    source=CI_SIS,
)

SAME_UNIQUE_ID = _row(
    740, "{id}: another object has the same uniqueId.", "{id} : un autre objet a le même uniqueId.", code=DUPLICATE_ID
)
OTHER_PATIENT = _row(
    741,
    "{id}: the patient is not that of the lot.",
    "{id} : le patient n'est pas celui du lot.",
    code=PATIENT,
    remedy=("Nothing was sent: an incident must be opened.", "Rien n'a été envoyé : un incident doit être ouvert."),
    who=Who.IDENTITO,
)
AUTHOR_PERSON = _row(
    742,
    "{id}: an author has no person or software.",
    "{id} : un auteur est sans personne ni logiciel.",
    remedy=_HEADER,
    who=Who.DUI,
    source=CI_SIS,
)
AUTHOR_PERSONS = _row(743, "{id}: an author has several persons.", "{id} : un auteur a plusieurs personnes.")
AUTHOR_PERSON_FORM = _row(
    744,
    "{id}: a person does not have the form of an XCN with a national type.",
    "{id} : une personne n'a pas la forme d'un XCN de type national.",
    remedy=_HEADER,
    who=Who.DUI,
    source=CI_SIS,
)
AUTHOR_INSTITUTION = _row(
    745,
    "{id}: the author of the lot has no structure.",
    "{id} : l'auteur du lot est sans structure.",
    remedy=OF_SETTINGS,
    source=CI_SIS,
)
AUTHOR_INSTITUTION_FORM = _row(
    746,
    "{id}: a structure does not have its name, authority, type and identifier.",
    "{id} : une structure est sans nom, autorité, type ou identifiant.",
    remedy=_HEADER,
    who=Who.MAPPING,
    source=CI_SIS,
)
AUTHOR_SPECIALTY_FORM = _row(
    747,
    "{id}: a specialty is not code, name and system.",
    "{id} : une spécialité n'est pas code, libellé et système.",
    remedy=_HEADER,
    who=Who.MAPPING,
    source=CI_SIS,
)
AUTHOR_SLOT = _row(748, "{id}: an author has an unknown slot {name}.", "{id} : un auteur a un slot inconnu, {name}.")
AUTHOR_SPECIALTY = _row(
    749,
    "{id}: the specialty {value} is not in the value set of authors.",
    "{id} : la spécialité {value} n'est pas dans le jeu de valeurs des auteurs.",
    remedy=_HEADER,
    who=Who.MAPPING,
    source="JDV_J01_XdsAuthorSpecialty_CISIS",
    severity=Severity.WARNING,
)

DOCUMENT_MISSING = _row(
    750,
    "{id}: the bytes of the document are missing.",
    "{id} : les octets du document manquent.",
    code=MISSING_DOCUMENT,
)
DOCUMENT_UNKNOWN = _row(
    751, "{id}: a document has no metadata.", "{id} : un document est sans métadonnées.", code=MISSING_METADATA
)
SIZE_DIFFERS = _row(
    752,
    "{id}: size is not that of the bytes that would be sent.",
    "{id} : size n'est pas celle des octets qui seraient envoyés.",
    code=REPOSITORY_METADATA,
)
HASH_DIFFERS = _row(
    753,
    "{id}: hash is not that of the bytes that would be sent.",
    "{id} : hash n'est pas celui des octets qui seraient envoyés.",
    code=REPOSITORY_METADATA,
)
TOO_LARGE = _row(
    754,
    "{id}: the document is larger than the service takes.",
    "{id} : le document est plus grand que ce que prend le service.",
    code=REPOSITORY_METADATA,
    remedy=("Make its files smaller in the DUI.", "Réduisez les fichiers qu'il contient dans le DUI."),
    who=Who.DUI,
)

LEVEL = _row(
    760,
    "{id}: there must be one level of confidentiality: N, R or V.",
    "{id} : il faut un niveau de confidentialité et un seul : N, R ou V.",
    remedy=_HEADER,
    who=Who.MAPPING,
    source="JDV_J58_ConfidentialityCode_DMP",
)
MASK_TWICE = _row(761, "{id}: a mask is asked twice.", "{id} : un masquage est demandé deux fois.", source=CI_SIS)
MASKS_TOGETHER = _row(
    762,
    "{id}: MASQUE_PS and INVISIBLE_PATIENT are not allowed together.",
    "{id} : MASQUE_PS et INVISIBLE_PATIENT ne sont pas permis ensemble.",
    remedy=_VISIBILITY,
    who=Who.DUI,
    source="Guide d'intégration DMP, EX_2.1-1050",
)
NOT_SECRET = _row(
    763,
    "{id}: under a secret connection, a document must be invisible to the legal representatives.",
    "{id} : en connexion secrète, un document doit être invisible aux représentants légaux.",
    remedy=_VISIBILITY,
    who=Who.DUI,
    source="Guide d'intégration DMP",
)
CLASS_OF_TYPE = _row(
    764,
    "{id}: the class {value} is not that of the type {type}.",
    "{id} : la classe {value} n'est pas celle du type {type}.",
    remedy=_HEADER,
    who=Who.MAPPING,
    source="ASS_X04-CorrespondanceType-Classe-CISIS",
)
STOP_BEFORE_START = _row(
    765,
    "{id}: serviceStopTime is before serviceStartTime.",
    "{id} : serviceStopTime précède serviceStartTime.",
    remedy=_HEADER,
    who=Who.DUI,
)
CREATED_LATER = _row(
    766,
    "{id}: the document is dated after its submission.",
    "{id} : le document est daté d'après sa soumission.",
    remedy=_HEADER,
    who=Who.DUI,
    severity=Severity.WARNING,
)
NO_NAME = _row(
    767,
    "{id}: sourcePatientInfo gives no name (PID-5).",
    "{id} : sourcePatientInfo ne donne pas de nom (PID-5).",
    remedy=_HEADER,
    who=Who.DUI,
    source=CI_SIS,
)
BIRTH_DATE = _row(
    768,
    "{id}: the birth date of sourcePatientInfo (PID-7) is not a date.",
    "{id} : la date de naissance de sourcePatientInfo (PID-7) n'est pas une date.",
    remedy=_HEADER,
    who=Who.DUI,
)
SEX = _row(
    769,
    "{id}: the sex of sourcePatientInfo (PID-8) is not M, F or U.",
    "{id} : le sexe de sourcePatientInfo (PID-8) n'est pas M, F ou U.",
    remedy=_HEADER,
    who=Who.DUI,
)
PID_TWICE = _row(770, "{id}: sourcePatientInfo gives {name} twice.", "{id} : sourcePatientInfo donne {name} deux fois.")
PID_UNKNOWN = _row(
    771,
    "{id}: sourcePatientInfo may not carry {name}.",
    "{id} : sourcePatientInfo ne doit pas porter {name}.",
    source=IHE,
)
LEVEL_FIRST = _row(
    773,
    "{id}: the level of confidentiality does not stand before the masks.",
    "{id} : le niveau de confidentialité ne précède pas les masquages.",
    source=CI_SIS,
)

NOT_HERE = _row(
    780,
    "{id}: this does not belong in such a message.",
    "{id} : ceci n'a pas sa place dans un tel message.",
    code=UPDATE,
)
ONE_CHANGE = _row(
    781, "An update changes one document at a time.", "Une mise à jour change un document à la fois.", code=UPDATE
)
TARGET_UUID = _row(
    782,
    "{id}: what is changed is not named by its entryUUID.",
    "{id} : ce qui est changé n'est pas désigné par son entryUUID.",
    code=UNRESOLVED,
)
STATUS_MISSING = _row(
    783,
    "{id}: {name} is missing, or is not a status of the DMP.",
    "{id} : {name} manque ou n'est pas un statut du DMP.",
    code=UPDATE,
    source=CI_SIS,
)
STATUS_CHANGE = _row(
    784,
    "{id}: the DMP knows no such change of status.",
    "{id} : le DMP ne connaît pas un tel changement de statut.",
    code=UPDATE,
    source=CI_SIS,
)
NO_LOGICAL_ID = _row(
    785,
    "{id}: without its logicalId a document cannot be updated.",
    "{id} : sans son logicalId, un document ne peut pas être mis à jour.",
    code=UPDATE,
)
PREVIOUS_VERSION = _row(
    786,
    "{id}: PreviousVersion is missing, or is not a number.",
    "{id} : PreviousVersion manque ou n'est pas un nombre.",
    code=VERSION,
)
NO_REPOSITORY = _row(
    787,
    "{id}: an update repeats the {name} that the registry gave.",
    "{id} : une mise à jour répète le {name} donné par le registre.",
    code=UPDATE,
)

RULES: Final = (*OF_ENTRY.values(), *OF_SET.values(), *_ROWS)
"""Every rule."""
ERRORS: Final = (OtherPatient, NotXds)
"""The errors that the room raises."""

_CODES: Final = {row.rule.id: row.error_code for row in RULES}


def error_code(rule: Rule) -> str:
    """The error code that a registry or repository answers with for a rule of this table."""
    return _CODES[rule.id]
