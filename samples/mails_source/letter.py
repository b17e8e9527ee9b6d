"""A letter of an invented hospital, as CDA R2 level 1 (CI-SIS)."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape, quoteattr

CODE: Final = "11490-0"
TITLE: Final = "Lettre de liaison à la sortie"
ORGANIZATION: Final = "Centre hospitalier du Furan"
STRUCTURE: Final = "1420000069"
RPPS: Final = "899900000009"
FAMILY, GIVEN = "MERLANDON", "ODILE"
LINES: Final = (
    "Hospitalisation de jour du 20 novembre 2026, service de pédiatrie.",
    "Bilan orthophonique et bilan de l'alimentation sans particularité.",
    "Contrôle dans six mois. Aucun traitement nouveau.",
    "Cette personne, ce service et cette lettre sont inventés.",
)
_WRITTEN_AT: Final = "20261120163000+0100"
_DOCUMENT: Final = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <realmCode code="FR"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="2.16.840.1.113883.2.8.2.1"/>
  <templateId root="1.2.250.1.213.1.1.1.1"/>
  <templateId root="1.3.6.1.4.1.19376.1.2.20"/>
  <id root={id}/>
  <code code="11490-0" codeSystem="2.16.840.1.113883.6.1" displayName={type} codeSystemName="LOINC"/>
  <title>{title}</title>
  <effectiveTime value={at}/>
  <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/>
  <languageCode code="fr-FR"/>
  <setId root={set_id}/>
  <versionNumber value="1"/>
  <recordTarget>
    <patientRole>
      <id root={authority} extension={matricule}/>
      <id root={local_root} extension={local}/>
      <addr nullFlavor="NASK"/>
      <telecom nullFlavor="NASK"/>
      <patient classCode="PSN">
        <name>
          <family qualifier="BR">{nom}</family>
          <given>{prenom}</given>
          <given qualifier="BR">{prenom}</given>
        </name>
        <administrativeGenderCode code={sexe} codeSystem="2.16.840.1.113883.5.1" displayName={sexe_label}/>
        <birthTime value={born}/>
        <birthplace>
          <place>
            <addr>
              <county>{cog}</county>
              <city>{city}</city>
            </addr>
          </place>
        </birthplace>
      </patient>
    </patientRole>
  </recordTarget>
  <author>
    <time value={at}/>
    <assignedAuthor>
      {person_id}
      {profession}
      {person}
      {organization}
    </assignedAuthor>
  </author>
  <custodian>
    <assignedCustodian>
      <representedCustodianOrganization>
        {organization_parts}
      </representedCustodianOrganization>
    </assignedCustodian>
  </custodian>
  <legalAuthenticator>
    <time value={at}/>
    <signatureCode code="S"/>
    <assignedEntity>
      {person_id}
      {profession}
      {person}
      {organization}
    </assignedEntity>
  </legalAuthenticator>
  <documentationOf>
    <serviceEvent>
      <effectiveTime>
        <low value="20261120080000+0100"/>
      </effectiveTime>
      <performer typeCode="PRF">
        <assignedEntity>
          {person_id}
          {profession}
          {person}
          <representedOrganization>
            {organization_parts}
            <standardIndustryClassCode code="ETABLISSEMENT" codeSystem="1.2.250.1.213.1.1.4.9" displayName={practice}/>
          </representedOrganization>
        </assignedEntity>
      </performer>
    </serviceEvent>
  </documentationOf>
  <componentOf>
    <encompassingEncounter>
      <effectiveTime>
        <low value="20261120080000+0100"/>
        <high value="20261120163000+0100"/>
      </effectiveTime>
      <location>
        <healthCareFacility>
          <code code="SA01" codeSystem="1.2.250.1.71.4.2.4" displayName="Etablissement public de santé"/>
          <location>
            <name>{organization_name}</name>
          </location>
        </healthCareFacility>
      </location>
    </encompassingEncounter>
  </componentOf>
  <component>
    <nonXMLBody>
      <text mediaType="application/pdf" representation="B64">{pdf}</text>
    </nonXMLBody>
  </component>
</ClinicalDocument>
"""


def document(
    *,
    id: str,
    set_id: str,
    pdf: str,
    local: tuple[str, str],
    matricule: str,
    authority: str,
    nom: str,
    prenom: str,
    sexe: str,
    born: str,
    cog: str,
    city: str,
) -> bytes:
    """The letter about one person: `pdf` is its body in base64, `local` their number there (OID and number), `born` is
    AAAAMMJJ, `sexe` M or F."""
    parts = (
        f'<id root="1.2.250.1.71.4.2.2" extension="{STRUCTURE}"/>\n        <name>{escape(ORGANIZATION)}</name>\n'
        '        <telecom value="tel:+33465719000" use="WP"/>\n        <addr nullFlavor="NASK"/>'
    )
    return _DOCUMENT.format(
        id=quoteattr(id),
        set_id=quoteattr(set_id),
        title=escape(TITLE),
        type=quoteattr("Lettre de liaison à la sortie d'un établissement de soins"),
        at=quoteattr(_WRITTEN_AT),
        authority=quoteattr(authority),
        matricule=quoteattr(matricule),
        local_root=quoteattr(local[0]),
        local=quoteattr(local[1]),
        nom=escape(nom),
        prenom=escape(prenom),
        sexe=quoteattr(sexe),
        sexe_label=quoteattr({"M": "Masculin", "F": "Féminin"}[sexe]),
        born=quoteattr(born),
        cog=escape(cog),
        city=escape(city),
        person_id=f'<id root="1.2.250.1.71.4.2.1" extension="{RPPS}"/>',
        profession='<code code="G15_10/SM40" codeSystem="1.2.250.1.213.1.1.4.5" '
        'displayName="Médecin - Pédiatrie (SM)"/>',
        person=f"<assignedPerson><name><prefix>MME</prefix> <given>{GIVEN}</given> <family>{FAMILY}</family></name>"
        "</assignedPerson>",
        organization=f"<representedOrganization>\n        {parts}\n      </representedOrganization>",
        organization_parts=parts,
        organization_name=escape(ORGANIZATION),
        practice=quoteattr("Etablissement de santé"),
        pdf=pdf,
    ).encode("utf-8")
