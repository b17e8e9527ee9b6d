"""Projects, their expectations, objectives and actions; the team, the contacts, the grids and the MDPH decisions."""

from __future__ import annotations

from datetime import date, timedelta

from atlas_source.cases import Notes
from atlas_source.pathologies import DECEASED, DUPLICATE, NO_STAY, TWICE
from atlas_source.people import Usager, day
from atlas_source.phrases import (
    CFHP_ITEMS,
    ESAT_GOALS,
    GEVA_ITEMS,
    GIR_ITEMS,
    IME_GOALS,
    LONG_LABEL,
    SESSAD_GOALS,
    WISHES,
    Goal,
)
from atlas_source.places import ESAT, IME, SESSAD
from atlas_source.staff import ESAT_TEAM, IME_TEAM, LEFT, SESSAD_TEAM, UNKNOWN_FUNCTION, Intervenant
from atlas_source.tables import Export

_GOALS: dict[str, tuple[Goal, ...]] = {IME.code: IME_GOALS, SESSAD.code: SESSAD_GOALS, ESAT.code: ESAT_GOALS}
_TEAMS = {IME.code: IME_TEAM, SESSAD.code: SESSAD_TEAM, ESAT.code: ESAT_TEAM}
EVERY_GOAL = IME_GOALS + SESSAD_GOALS + ESAT_GOALS
_AUTHORS = {IME.code: ("E01", "E03", "E02"), SESSAD.code: ("E11", "E12"), ESAT.code: ("E21", "T21", "C21")}

NO_OBJECTIVE, FORTY_OBJECTIVES, LONG_OBJECTIVE = "20102", "20303", "20101"
SEMICOLON, BAD_SERAFIN, BAD_DEADLINE = "20113", "20117", "20122"
UNKNOWN_ROLE, AUTHOR_LEFT, AUTHOR_UNKNOWN = "20125", "20126", "20127"
WITHOUT_PROJECT = frozenset({"20119", "20206", "20305", "20324", TWICE, NO_STAY, DECEASED})


def team_of(person: Usager) -> tuple[Intervenant, ...]:
    return _TEAMS.get(person.place.code, SESSAD_TEAM)


def has_vendor_pdf(person: Usager) -> bool:
    """Whether the DUI holds this person's project as a file."""
    return person.rank % 5 == 3 and person.rank < 80 and person.dossier not in WITHOUT_PROJECT


def project_id(person: Usager) -> str:
    return f"PP-2026-{person.dossier}"


def written_on(person: Usager) -> date:
    return date(2025, 11, 3) + timedelta(days=person.rank * 13 % 340)


def author_of(person: Usager) -> str:
    if person.dossier == AUTHOR_LEFT:
        return LEFT.code
    if person.dossier == AUTHOR_UNKNOWN:
        return "E99"
    codes = _AUTHORS.get(person.place.code, ("E11",))
    return codes[person.rank % len(codes)]


def write_project(export: Export, notes: Notes, person: Usager, files: dict[str, str]) -> int | None:
    """Writes the person's project and its children; returns the line of the row of PROJETS.CSV that counts."""
    if person.dossier in WITHOUT_PROJECT:
        return None
    ident, written, rank = project_id(person), written_on(person), person.rank
    row = {
        "NUM_DOSSIER": person.dossier,
        "ID_PROJET": ident,
        "VERSION": "2" if rank % 10 == 2 else "1",
        "ETAT": "S" if rank % 23 == 7 else "V",
        "DATE_REDAC": day(written),
        "DATE_SIGN_USAGER": "" if rank % 9 == 4 else day(written + timedelta(days=7 + rank % 5)),
        "DATE_SIGN_DIR": "" if rank % 13 == 6 else day(written + timedelta(days=14 + rank % 7)),
        "AUTEUR": author_of(person),
        "FICHIER": files.get(person.dossier, ""),
    }
    if rank % 10 == 2:
        older = written - timedelta(days=400)
        previous = {
            "VERSION": "1",
            "ETAT": "A",
            "DATE_REDAC": day(older),
            "DATE_SIGN_USAGER": "",
            "DATE_SIGN_DIR": day(older),
        }
        export["PROJETS"].add(**{**row, **previous})
    line = export["PROJETS"].add(**row)
    if rank % 10 == 1:
        export["PROJETS"].add(
            **{**row, "VERSION": "2", "ETAT": "B", "DATE_SIGN_USAGER": "", "DATE_SIGN_DIR": "", "FICHIER": ""}
        )
    if rank % 16 == 5:
        _write_finished_project(export, person)
    if person.dossier == AUTHOR_LEFT:
        notes.take("author-left", line)
    if person.dossier == AUTHOR_UNKNOWN:
        notes.take("author-unknown", line)
    _write_wishes(export, person, ident)
    _write_objectives(export, notes, person, ident)
    return line


def _write_finished_project(export: Export, person: Usager) -> None:
    ident = f"PP-2023-{person.dossier}"
    export["PROJETS"].add(
        NUM_DOSSIER=person.dossier,
        ID_PROJET=ident,
        VERSION="1",
        ETAT="A",
        DATE_REDAC="06/11/2023",
        DATE_SIGN_USAGER="20/11/2023",
        DATE_SIGN_DIR="24/11/2023",
        AUTEUR=author_of(person),
    )
    goal = _GOALS[person.place.code][person.rank % 7]
    export["OBJECTIFS"].add(
        ID_PROJET=ident,
        NUM="1",
        LIBELLE=goal.label,
        SERAFIN_BESOIN=goal.need,
        SERAFIN_PREST=goal.service,
        ETAT="T",
        ECHEANCE="30/06/2024",
    )


def _write_wishes(export: Export, person: Usager, ident: str) -> None:
    wishes = WISHES.get(person.place.code, WISHES[SESSAD.code])
    for step in range(1 + person.rank % 3):
        origin, text = wishes[(person.rank + step) % len(wishes)]
        export["ATTENTES"].add(ID_PROJET=ident, ORIGINE=origin, TEXTE=text)


def _goals_of(person: Usager) -> tuple[Goal, ...]:
    if person.dossier == NO_OBJECTIVE:
        return ()
    if person.dossier == FORTY_OBJECTIVES:
        return EVERY_GOAL
    pool = _GOALS.get(person.place.code, SESSAD_GOALS)
    count = 1 if has_vendor_pdf(person) else 2 + person.rank % 4
    goals = [pool[(person.rank * 3 + step * 5) % len(pool)] for step in range(count)]
    if person.dossier == LONG_OBJECTIVE:
        goals[0] = goals[0]._replace(label=LONG_LABEL)
    return tuple(dict.fromkeys(goals))


def _write_objectives(export: Export, notes: Notes, person: Usager, ident: str) -> None:
    team, written = team_of(person), written_on(person)
    for number, goal in enumerate(_goals_of(person), start=1):
        broken = number == 1
        semicolon = broken and person.dossier == SEMICOLON
        label = f"{goal.label} ; bilan en juin" if semicolon else goal.label
        need = "1.1.99" if broken and person.dossier == BAD_SERAFIN else goal.need
        deadline = (
            "31/06/2027"
            if broken and person.dossier == BAD_DEADLINE
            else day(written + timedelta(days=200 + 40 * (number % 6)))
        )
        add = export["OBJECTIFS"].add_unquoted if semicolon else export["OBJECTIFS"].add
        line = add(
            ID_PROJET=ident,
            NUM=str(number),
            LIBELLE=label,
            SERAFIN_BESOIN=need,
            SERAFIN_PREST=goal.service,
            ETAT=("C", "N", "C", "T", "P", "C", "X")[(person.rank + number) % 7],
            ECHEANCE=deadline,
        )
        for ident_of_case, met in (
            ("unquoted-separator", semicolon),
            ("serafin-unknown", need == "1.1.99"),
            ("deadline-impossible", deadline == "31/06/2027"),
        ):
            if met:
                notes.take(ident_of_case, line)
        _write_actions(export, person, ident, number, goal, team)


def _write_actions(
    export: Export, person: Usager, ident: str, number: int, goal: Goal, team: tuple[Intervenant, ...]
) -> None:
    written = written_on(person)
    for step, (label, function) in enumerate(goal.actions):
        who = next((member for member in team if member.fonction == function), team[0])
        code = UNKNOWN_FUNCTION.code if person.dossier == UNKNOWN_ROLE and number == 1 and step == 0 else who.code
        export["ACTIONS"].add(
            ID_PROJET=ident,
            NUM_OBJ=str(number),
            LIBELLE=label,
            CODE_INT=code,
            DEBUT=day(written + timedelta(days=20 + step * 30)),
            FIN=day(written + timedelta(days=300)) if step == 0 else "",
            ETAT="C" if number % 3 else "N",
        )


def write_surroundings(export: Export, person: Usager) -> None:
    """Team, contacts, grids and decisions of one person."""
    rank, dossier = person.rank, person.dossier
    for step, member in enumerate(team_of(person)[rank % 3 : rank % 3 + 2 + rank % 2]):
        role = ("référent", "coordinateur du projet", "")[step % 3]
        export["EQUIPE"].add(
            NUM_DOSSIER=dossier,
            CODE_INT=member.code,
            ROLE=role,
            DEBUT=day(person.entered),
            FIN="30/06/2025" if rank % 12 == 5 and step == 1 else "",
        )
    if dossier == UNKNOWN_ROLE:
        export["EQUIPE"].add(
            NUM_DOSSIER=dossier, CODE_INT=UNKNOWN_FUNCTION.code, ROLE="sorties nature", DEBUT="01/09/2025"
        )
    _write_contacts(export, person)
    _write_grids(export, person)
    _write_decisions(export, person)


def _write_contacts(export: Export, person: Usager) -> None:
    contacts = export["CONTACTS"]
    rank, dossier = person.rank, person.dossier
    mobile = f"06 39 98 {rank % 100:02d} {(rank * 7) % 100:02d}"
    if person.place is ESAT and dossier != DUPLICATE:
        if rank % 3 == 0:
            contacts.add(
                NUM_DOSSIER=dossier,
                RANG="1",
                NOM="UDAF de l'Ain",
                LIEN="UDAF",
                ADR="10 rue du Chêne, 01000 BOURG-EN-BRESSE",
                TEL1="04 65 71 88 00",
                MEL="accueil@udaf.example",
                PREVENIR="N",
            )
        elif rank % 3 == 1:
            contacts.add(
                NUM_DOSSIER=dossier,
                RANG="1",
                NOM=person.nom,
                PRENOM="Solange",
                LIEN="TUT",
                TEL1=mobile,
                PREVENIR="O",
                PERS_CONFIANCE="N",
            )
        contacts.add(
            NUM_DOSSIER=dossier,
            RANG="2",
            NOM=person.nom_jf or person.nom,
            PRENOM="Jean-René",
            LIEN=("FRERE", "AMI", "CONJ")[rank % 3],
            TEL1=mobile,
            PERS_CONFIANCE="O" if rank % 2 else "N",
            PREVENIR="O",
        )
        return
    address = (
        f"{rank % 40 + 1} chemin des Œillets\r\nLieu-dit L'Étang"
        if rank % 15 == 4
        else f"{rank % 40 + 1} chemin des Œillets"
    )
    contacts.add(
        NUM_DOSSIER=dossier,
        RANG="1",
        NOM=person.nom,
        PRENOM="Aurore",
        LIEN="MERE",
        ADR=address,
        TEL1=mobile,
        MEL=f"mere{dossier}@courriel.example",
        AUTORITE_PARENTALE="O",
        PREVENIR="O",
    )
    if rank % 4:
        contacts.add(
            NUM_DOSSIER=dossier,
            RANG="2",
            NOM=person.nom,
            PRENOM="Désiré",
            LIEN="PERE",
            TEL1="04 65 71 77 77",
            TEL2=mobile,
            AUTORITE_PARENTALE="O" if rank % 6 else "N",
            PREVENIR="N",
        )


def _write_grids(export: Export, person: Usager) -> None:
    evaluations, rank = export["EVALUATIONS"], person.rank
    when = day(written_on(person) - timedelta(days=30))
    if rank % 3 == 0:
        for step, item in enumerate(GEVA_ITEMS):
            evaluations.add(
                NUM_DOSSIER=person.dossier, DATE=when, GRILLE="GEVA", ITEM=item, VALEUR="ABCD"[(rank + step) % 4]
            )
    if rank % 6 == 1:
        for step, item in enumerate(CFHP_ITEMS):
            evaluations.add(
                NUM_DOSSIER=person.dossier,
                DATE=when,
                GRILLE="CFHP",
                ITEM=item,
                VALEUR=str((rank + step) % 5),
                TOTAL=f"{rank % 9},5",
            )
    if person.place is ESAT and rank % 7 == 2:
        for step, item in enumerate(GIR_ITEMS):
            evaluations.add(
                NUM_DOSSIER=person.dossier,
                DATE="12/01/2026",
                GRILLE="GIR",
                ITEM=item,
                VALEUR="ABC"[(rank + step) % 3],
                TOTAL="GIR 5",
            )


def _write_decisions(export: Export, person: Usager) -> None:
    if person.rank % 8 == 7:
        return
    department = "2A" if person.place is SESSAD else "01"
    number = f"{department}-{person.entered.year}-{4000 + person.rank:06d}"
    start = date(person.entered.year, 7, 1)
    export["DECISIONS_MDPH"].add(
        NUM_DOSSIER=person.dossier,
        DEPT_MDPH=department,
        NUM_INDIVIDU=number,
        NATURE=f"Orientation vers un {person.place.category}",
        DATE_DEB=day(start),
        DATE_FIN=day(start.replace(year=start.year + 10)),
        TYPE_STRUCT=person.place.type_local,
    )
    if person.rank % 5 == 1:
        export["DECISIONS_MDPH"].add(
            NUM_DOSSIER=person.dossier,
            DEPT_MDPH=department,
            NUM_INDIVIDU=number,
            NATURE="AEEH et complément" if person.place is not ESAT else "RQTH",
            DATE_DEB="01/09/2024",
            DATE_FIN="31/08/2029",
            TYPE_STRUCT="",
        )
