"""The object of one resident as `GET /residents` answers it."""

from __future__ import annotations

from datetime import date, timedelta

from serenia_source.clinical import AGGIR, FILES, ClinicalFile
from serenia_source.medicines import MEDICINES, VACCINES
from serenia_source.people import Resident
from serenia_source.places import SSIAD, Etablissement
from serenia_source.staff import COORDINATING_DOCTOR, EHPAD_TEAM, SSIAD_TEAM, USUAL_DOCTORS, Professional

Json = dict[str, object]
MEASURED = date(2026, 11, 2)
_SUMMER_ENDS = date(2026, 10, 25)
_LOINC = {
    "poids": ("29463-7", "Poids", "kg"),
    "taille": ("8302-2", "Taille", "cm"),
    "systolique": ("8480-6", "PA systolique", "mm[Hg]"),
    "diastolique": ("8462-4", "PA diastolique", "mm[Hg]"),
    "pouls": ("8867-4", "Fréquence cardiaque", "/min"),
    "temperature": ("8310-5", "Température", "Cel"),
    "saturation": ("20564-1", "SpO2", "%"),
}
"""LOINC code (CI-SIS JDV_SignesVitaux_CISIS), label, UCUM unit."""
_STREETS = ("rue du Commerce", "impasse des Lilas", "chemin de la Sagne", "place de la Fédération")
_RELATIVES = (
    ("FILS", "Philippe"),
    ("FILLE", "Catherine"),
    ("NIECE", "Nadine"),
    ("FRERE", "Bruno"),
    ("FILLE", "Sylvie"),
)
_PROTECTIONS = {
    5: ("TUTELLE", "Service mandataire Les Ormeaux", "2029-03-31"),
    7: ("CURATELLE", "Mme Irène Kœrber", "2028-06-30"),
    15: ("HABILITATION_FAMILIALE", "M. Luc Tixier", "2030-01-15"),
}


def stamp(day: date, rank: int) -> str:
    """A time stamp of that day; its offset changes from one resident to the next, as the servers of the vendor do."""
    local = "+02:00" if 4 <= day.month <= 10 and not (day.year == 2026 and day >= _SUMMER_ENDS) else "+01:00"
    offset = (local, "Z", "", f".000{local}")[rank % 4]
    return f"{day.isoformat()}T{8 + rank % 9:02d}:{rank * 7 % 60:02d}:00{offset}"


def establishment_object(place: Etablissement) -> Json:
    """`{finessGeographique, siret, libelle}`"""
    return {"finessGeographique": place.finess, "siret": place.siret, "libelle": place.name}


def resident_object(person: Resident) -> Json:
    """The object without any pathology; the first twelve carry their clinical file."""
    found: Json = {
        "id": person.id,
        "version": 3 + person.rank % 5,
        "dateModification": stamp(date(2026, 11, 1) + timedelta(days=person.rank % 18), person.rank),
        "etat": person.etat,
        "supprime": False,
        "etablissement": establishment_object(person.place),
        "identite": _identity(person),
        "coordonnees": _coordinates(person),
        "couverture": {"amo": {"regime": "01", "caisse": "631", "centre": "0000", "dateFin": None}, "amc": None},
        "protectionJuridique": _protection(person.rank),
        "entourage": _relatives(person),
        "consentements": _consents(person),
        "medecinTraitant": _usual_doctor(person.rank),
        "equipe": [
            {**member.author(), "role": "référent" if first == 0 else None, "debut": person.entered.isoformat()}
            for first, member in enumerate(SSIAD_TEAM if person.place is SSIAD else EHPAD_TEAM)
        ],
        "sejours": _stays(person),
    }
    if person.rank <= len(FILES):
        found.update(_clinical(person, FILES[person.rank - 1]))
    return found


def _identity(person: Resident) -> Json:
    identifiers: list[Json] = [{"type": "LOCAL", "valeur": f"R-{person.rank:04d}", "oid": None, "statut": None}]
    if person.statut in ("RECUPEREE", "QUALIFIEE"):
        qualified = person.statut == "QUALIFIEE"
        identifiers.append(
            {
                "type": "INS-NIR",
                "valeur": person.matricule,
                "oid": "1.2.250.1.213.1.4.10",
                "statut": person.statut,
                "dateQualification": stamp(date(2025, 1, 6) + timedelta(days=13 * person.rank), person.rank)
                if qualified
                else None,
                "preuve": ("CNI", "PASSEPORT", "CNI")[person.rank % 3] if qualified else None,
            }
        )
    else:
        identifiers.append({"type": "INS-NIR", "valeur": None, "oid": None, "statut": person.statut, **_check(person)})
    return {
        "nomNaissance": person.nom,
        "nomUsage": person.usage,
        "prenomsNaissance": list(person.prenoms),
        "premierPrenom": person.prenoms[0],
        "prenomUtilise": person.prenoms[0] if person.rank % 2 else None,
        "sexe": person.sexe,
        "dateNaissance": person.born.isoformat(),
        "lieuNaissance": {"cog": person.at.cog, "libelle": person.at.label, "pays": person.at.pays},
        "identifiants": identifiers,
    }


def _check(person: Resident) -> Json:
    """The check of a validated identity against a document: INSi has only to know the person."""
    if person.statut != "VALIDEE":
        return {}
    checked = date(2026, 10, 1) + timedelta(days=person.rank)
    proof = ("CNI", "PASSEPORT", "CNI")[person.rank % 3]
    return {"preuve": proof, "dateControle": checked.isoformat(), "controlePar": "Clément Astier"}


def _coordinates(person: Resident) -> Json:
    if person.place is SSIAD:
        lines = [f"{person.rank} {_STREETS[person.rank % len(_STREETS)]}"]
        postcode, commune = "63390", "63354"
    else:
        lines, postcode, commune = [person.place.name, person.place.address[0]], "63200", "63300"
    return {
        "adresse": {"lignes": lines, "codePostal": postcode, "communeInsee": commune, "pays": "FR"},
        "telephones": [f"04 65 71 5{person.rank % 10} {person.rank:02d}"] if person.rank % 3 else [],
        "courriels": [f"resident{person.rank}@courriel.example"] if person.rank % 5 == 0 else [],
    }


def _protection(rank: int) -> Json:
    kind, holder, until = _PROTECTIONS.get(rank, ("AUCUNE", None, None))
    return {"type": kind, "mandataire": holder, "dateFin": until}


def _relatives(person: Resident) -> list[Json]:
    chosen = (_RELATIVES[(person.rank + place) % len(_RELATIVES)] for place in range(1 + person.rank % 2))
    return [
        {
            "nom": person.usage or person.nom,
            "prenom": given,
            "lien": link,
            "telephones": [f"06 39 98 {person.rank:02d} {place + 10}"],
            "courriel": None,
            "personneConfiance": place == 0,
            "aPrevenir": True,
            "rang": place + 1,
        }
        for place, (link, given) in enumerate(chosen)
    ]


def _consents(person: Resident) -> Json:
    return {
        "dmpAlimentation": (True, True, None, True)[person.rank % 4],
        "dmpConsultation": True if person.rank % 3 else None,
        "mssUsager": (True, False, None)[person.rank % 3],
        "mssPro": True,
        "date": (person.entered + timedelta(days=2)).isoformat(),
        "recueilliPar": "Clément Astier",
    }


def _usual_doctor(rank: int) -> Json:
    doctor, phone = USUAL_DOCTORS[rank % len(USUAL_DOCTORS)]
    return {**doctor.author(), "telephone": phone, "depuis": f"{2012 + rank % 9}-01-15"}


def _stays(person: Resident) -> list[Json]:
    if person.etat == "PREADMISSION":
        return []
    gone = person.etat in ("SORTI", "DECEDE")
    return [
        {
            "debut": person.entered.isoformat(),
            "fin": "2026-10-05" if gone else None,
            "uniteCode": None if person.place is SSIAD else f"U{person.rank % 3 + 1}",
            "chambre": None if person.place is SSIAD else f"{100 + person.rank}",
            "provenance": ("Domicile", "Centre hospitalier", "Résidence autonomie")[person.rank % 3],
            "destination": {"SORTI": "Domicile", "DECEDE": "Décès"}.get(person.etat),
        }
    ]


def _clinical(person: Resident, file: ClinicalFile) -> Json:
    doctor: Professional = (
        USUAL_DOCTORS[person.rank % len(USUAL_DOCTORS)][0] if person.place is SSIAD else COORDINATING_DOCTOR
    )
    drawn_up = date(2026, 11, 3) + timedelta(days=person.rank)
    return {
        "sectionsVides": [{"section": name, "etat": "AUCUN_CONNU"} for name in file.none_known],
        "problemes": [
            {"libelle": label, "cim10": code, "debut": since, "statut": "ACTIF"} for label, code, since in file.problems
        ],
        "antecedents": [
            {"libelle": label, "cim10": code, "debut": since, "statut": "RESOLU"} for label, code, since in file.history
        ],
        "allergies": [
            {
                "libelle": label,
                "code": code or None,
                "categorie": category,
                "reaction": reaction,
                "gravite": severity,
                "depuis": since,
            }
            for label, category, code, reaction, severity, since in file.allergies
        ],
        "traitements": [
            _treatment(person, place, *treatment, doctor) for place, treatment in enumerate(file.treatments)
        ],
        "actes": [{"libelle": label, "ccam": code, "date": day} for label, code, day in file.acts],
        "dispositifs": [{"libelle": label, "emdn": code or None, "depuis": day} for label, code, day in file.devices],
        "constantes": _measures(person.rank, file),
        "vaccinations": [
            {"libelle": VACCINES[name][0], "atc": VACCINES[name][1], "date": day, "lot": lot, "fait": True}
            for name, day, lot in file.vaccines
        ],
        "directivesAnticipees": None
        if file.directives is None
        else {"existe": file.directives[0], "date": file.directives[1] or None, "lieu": file.directives[2] or None},
        "gir": {
            "valeur": int(file.gir),
            "date": (date(2026, 3, 2) + timedelta(days=9 * person.rank)).isoformat(),
            "details": dict(zip(AGGIR, file.aggir, strict=True)),
        },
        "pathos": {"coupe": "Coupe 2026", "smti": file.smti, "date": "2026-04-15"},
        "vigilances": [{"libelle": label, "depuis": since} for label, since in file.alerts],
        "synthese": {
            "id": f"SYN-{person.rank:04d}",
            "date": drawn_up.isoformat(),
            "auteur": doctor.author(),
            "signatures": [{"qui": "PROFESSIONNEL", "date": stamp(drawn_up, person.rank), "moyen": "e-CPS"}],
        },
    }


def _treatment(
    person: Resident, place: int, dci: str, dose: str, intakes: int, text: str, reason: str, doctor: Professional
) -> Json:
    medicine = MEDICINES[dci]
    return {
        "cip13": medicine.cip13,
        "libelle": medicine.libelle,
        "dci": medicine.dci,
        "atc": medicine.atc,
        "forme": medicine.forme,
        "voie": medicine.voie,
        "posologieTexte": text,
        "dose": _number(dose),
        "unite": medicine.unite,
        "prisesParJour": intakes or None,
        "siBesoin": not intakes,
        "motif": reason,
        "debut": (date(2026, 1, 5) + timedelta(days=17 * place + 3 * person.rank)).isoformat(),
        "fin": None,
        "prescripteur": doctor.author(),
    }


def _measures(rank: int, file: ClinicalFile) -> list[Json]:
    values = {
        "poids": file.weight,
        "taille": file.height,
        "systolique": str(file.pressure[0]),
        "diastolique": str(file.pressure[1]),
        "pouls": str(file.pulse),
        "temperature": file.temperature,
        "saturation": str(file.saturation),
    }
    measured = stamp(MEASURED + timedelta(days=rank), rank)
    return [
        {
            "loinc": _LOINC[name][0],
            "libelle": _LOINC[name][1],
            "valeur": _number(value),
            "unite": _LOINC[name][2],
            "date": measured,
        }
        for name, value in values.items()
    ]


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)
