"""The checks of a PDF, as a table."""

from __future__ import annotations

from dui_bridge.findings import Rule, Scope, Severity, Who

EMPTY = Rule(
    "PDF-001",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the PDF is empty (0 bytes)",
    "le PDF est vide (0 octet)",
    "Export the document again from the DUI.",
    "Exportez à nouveau le document depuis le DUI.",
)
NOT_A_PDF = Rule(
    "PDF-002",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the file is not a PDF: it does not start with %PDF-",
    "le fichier n'est pas un PDF : il ne commence pas par %PDF-",
    "Give the document as a PDF.",
    "Fournissez le document au format PDF.",
    source="PDF Reference 1.4, §3.4.1; ISO 19005-1 §6.1.2",
)
UNREADABLE = Rule(
    "PDF-003",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the PDF cannot be read: it is damaged, was cut, or has no page",
    "le PDF est illisible : il est endommagé, tronqué ou sans page",
    "Open it in the DUI; if it does not open there, produce it again.",
    "Ouvrez-le dans le DUI ; s'il ne s'y ouvre pas, produisez-le à nouveau.",
)
ENCRYPTED = Rule(
    "PDF-004",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the PDF is encrypted or locked by a password",
    "le PDF est chiffré ou verrouillé par un mot de passe",
    "Save it without any password or restriction.",
    "Enregistrez-le sans mot de passe ni restriction.",
    source="ISO 19005-1 §6.1.3",
)
TOO_LARGE = Rule(
    "PDF-005",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the PDF is too large: {size} bytes, at most {limit} are accepted",
    "le PDF est trop volumineux : {size} octets, {limit} au plus sont acceptés",
    "Reduce the resolution of its images.",
    "Réduisez la résolution de ses images.",
)
REPAIRED = Rule(
    "PDF-006",
    Severity.WARNING,
    Scope.DOCUMENT,
    "the PDF is damaged; a reader must repair it to show it",
    "le PDF est endommagé ; un lecteur doit le réparer pour l'afficher",
    "Produce it again, or tell the vendor.",
    "Produisez-le à nouveau, ou signalez-le à l'éditeur.",
    Who.VENDOR,
)
FONT_NOT_EMBEDDED = Rule(
    "PDF-007",
    Severity.WARNING,
    Scope.DOCUMENT,
    "{count} font(s) are not embedded: the document may look different elsewhere",
    "{count} police(s) non incorporée(s) : le document peut s'afficher différemment ailleurs",
    "Ask the vendor for PDF/A-1 output.",
    "Demandez à l'éditeur une sortie en PDF/A-1.",
    Who.VENDOR,
    "ISO 19005-1 §6.3.4",
)
NOT_PDF_A1 = Rule(
    "PDF-008",
    Severity.WARNING,
    Scope.DOCUMENT,
    "the PDF does not declare PDF/A-1 (it declares: {declared})",
    "le PDF ne se déclare pas PDF/A-1 (il déclare : {declared})",
    "Ask the vendor for PDF/A-1 output.",
    "Demandez à l'éditeur une sortie en PDF/A-1.",
    Who.VENDOR,
    "CI-SIS, volet Structuration minimale: the body of an unstructured document is PDF/A-1",
)
GLYPH_MISSING = Rule(
    "PDF-009",
    Severity.WARNING,
    Scope.DOCUMENT,
    "the character {character} ({code_point}) of {where} cannot be drawn; an empty box stands in its place",
    "le caractère {character} ({code_point}) de {where} ne peut être imprimé ; une case vide le remplace",
    "Write it with Latin letters.",
    "Écrivez-le en lettres latines.",
)

PDF_RULES = (
    EMPTY,
    NOT_A_PDF,
    UNREADABLE,
    ENCRYPTED,
    TOO_LARGE,
    REPAIRED,
    FONT_NOT_EMBEDDED,
    NOT_PDF_A1,
    GLYPH_MISSING,
)
"""Every rule, by number. `FONT_NOT_EMBEDDED` and `NOT_PDF_A1` are errors on a document that we made ourselves."""
