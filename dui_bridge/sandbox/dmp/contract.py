"""The official schemas, when their folder is given: every request is then checked with them too."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Final

from lxml import etree

from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.sandbox.dmp.words import DS, HL7, LCM, QUERY, SAML, XADES, XDSB
from dui_bridge.xmlsafe import parse_xml

_FILES: Final = {
    XDSB: "xdsb-nist/XDS.b_DocumentRepository.xsd",
    LCM: "xdsb-nist/lcm.xsd",
    QUERY: "xdsb-nist/query.xsd",
    HL7: "hl7v3-gdp/multicacheschemas/PRPA_IN201307UV02.xsd",
    DS: "saml/xmldsig-core-schema.xsd",
    XADES: "xades/XAdESv111-lax.xsd",
}
# Roles and purposes are of a type of HL7, whose schema the one of SAML does not import.
_ASSERTION: Final = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="{saml}" schemaLocation="{folder}/saml/sstc-saml-schema-assertion-2.0.xsd"/>
<xs:import namespace="{hl7}" schemaLocation="{folder}/hl7v3-gdp/coreschemas/datatypes-base.xsd"/>
</xs:schema>"""


class Contract:
    """The schemas of a folder that has those of XDS.b, SAML, XML Signature, XAdES 1.1.1 and TD0.2 in their folders.

    Raises:
        FileUnusable: a schema is not there, or one is none.
    """

    def __init__(self, folder: Path) -> None:
        whole = folder.resolve()
        assertion = _ASSERTION.format(saml=SAML, hl7=HL7, folder=whole.as_uri())
        try:
            self._schemas = {space: etree.XMLSchema(etree.parse(whole / path)) for space, path in _FILES.items()}
            self._schemas[SAML] = etree.XMLSchema(etree.fromstring(assertion, base_url=whole.as_uri()))
        except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError):
            missing = next((one for one in _FILES.values() if not (whole / one).is_file()), None)
            reasons = os_reasons(OSError(errno.EINVAL if missing is None else errno.ENOENT, ""))
            raise FileUnusable(file=str(folder if missing is None else folder / missing), **reasons) from None
        self._lock = threading.Lock()

    def faults(self, part: etree._Element) -> Iterator[str]:
        """What the schema of a body, an assertion or a signature says of it."""
        copy = deepcopy(part)
        for document in copy.findall(f"{{{XDSB}}}Document"):
            # A schema knows the bytes in their place, not what refers to them (XOP).
            for include in list(document):
                document.remove(include)
        schema = self._schemas[etree.QName(part).namespace or ""]
        with self._lock:
            if not schema.validate(copy):
                yield from (f"XSD : ligne {error.line} : {error.type_name}" for error in schema.error_log)

    def signature_faults(self, data: bytes) -> Iterator[str]:
        """What the schemas say of the signature of a lot and of its properties."""
        root = parse_xml(data)
        for part in root.findall(f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties"):
            yield from self.faults(part)
        for holder in root.findall(f"{{{DS}}}Object"):
            # The DMP's purpose is a text, where the schema of XML Signature wants an element.
            if holder.find("{*}SignatureProperties") is not None:
                root.remove(holder)
        yield from self.faults(root)
