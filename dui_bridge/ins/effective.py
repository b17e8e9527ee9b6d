"""The identity that documents and the gate see, from what the DUI says and what the bridge knows.

The DUI is a référentiel d'identités: before INSi was asked, its own word makes the status. Then the table of
transitions does, and the DUI's words can only hold it back, date a document check, or say that a trait changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dui_bridge.ins.compare import match
from dui_bridge.ins.controle import is_probative
from dui_bridge.ins.declaration import Declaration, declared
from dui_bridge.ins.statut import Attribut, Evenement, Identite, call_allowed
from dui_bridge.ins.traits import Traits
from dui_bridge.ins.transitions import admits, apply, same_traits
from dui_bridge.model.identite import Ins, StatutIdentite, Usager

_RECOVERED: Final = frozenset({StatutIdentite.RECUPEREE, StatutIdentite.QUALIFIEE})
_WITHOUT_MATRICULE: Final = {
    StatutIdentite.RECUPEREE: StatutIdentite.PROVISOIRE,
    StatutIdentite.QUALIFIEE: StatutIdentite.VALIDEE,
}
_UNCHECKED: Final = {
    StatutIdentite.VALIDEE: StatutIdentite.PROVISOIRE,
    StatutIdentite.QUALIFIEE: StatutIdentite.RECUPEREE,
}


def first_seen(usager: Usager) -> Identite:
    """The identity of a person of whom the bridge knows nothing yet: the DUI's own words.

    A matricule is kept only with a status that has one: a DUI that says `validee` and gives a matricule has not said
    `qualifiee`. A status that needs what the DUI does not give (a matricule, a check) falls back.
    """
    says = declared(usager)
    statut = says.statut or (StatutIdentite.VALIDEE if says.controle else StatutIdentite.PROVISOIRE)
    if says.matricule is None:
        statut = _WITHOUT_MATRICULE.get(statut, statut)
    if says.controle is None:
        statut = _UNCHECKED.get(statut, statut)
    number = (says.matricule, says.oid) if statut in _RECOVERED else (None, None)
    return _marked(Identite(statut, matricule=number[0], oid=number[1], document=says.controle, declaration=says), says)


def seen_again(identite: Identite, usager: Usager) -> Identite:
    """The identity after the DUI was read again.

    Another strict trait or another matricule sends it back to `provisoire`, unless it is what INSi answered. A check
    that the DUI takes back is taken back; one that it dates is taken. A mark of the DUI counts as long as it stands;
    its own no lifts it, a blank does not. A mark that the DUI never made is for a person to lift.
    """
    said, says = identite.declaration, declared(usager)
    if said is None:
        said = says
    identite = replace(identite, declaration=says)
    for evenement, before, now in (
        (Evenement.LEVEE_FICTIF, said.fictive, says.fictive),
        (Evenement.LEVEE_DOUTE, said.douteuse, says.douteuse),
        (Evenement.LEVEE_HOMONYME, said.homonyme, says.homonyme),
    ):
        if before is True and now is False and admits(identite, evenement):
            identite = apply(identite, evenement)
    if _said_anew(identite, said, says):
        return _again_by_the_dui(identite, usager)
    if _trait_changed(identite, said, says):
        identite = apply(identite, Evenement.TRAIT_MODIFIE)
    if said.controle is not None and says.controle is None and admits(identite, Evenement.DECLASSEMENT):
        identite = apply(identite, Evenement.DECLASSEMENT)
    if _newly_checked(said, says) and says.controle is not None and admits(identite, Evenement.DOCUMENT_OK):
        identite = apply(identite, Evenement.DOCUMENT_OK, document=says.controle)
    return _marked(identite, says)


def withheld(identite: Identite) -> Identite:
    """The identity without what INSi gave, for as long as it is not sure whose that is: its INS does not leave."""
    statut = _WITHOUT_MATRICULE.get(identite.statut, identite.statut)
    return replace(identite, statut=statut, matricule=None, oid=None, traits=None)


def effective(usager: Usager, identite: Identite) -> Usager:
    """The person as documents and the gate see them: never better than the identity, nor than the DUI's last words.

    A recovered identity shows the strict traits of INSi, unaltered. Without one, the matricule and its OID are gone,
    whatever the DUI gives.
    """
    now = seen_again(identite, usager)
    traits = _traits(now.traits, usager) if now.statut in _RECOVERED and now.traits is not None else {}
    return usager.model_copy(update={"ins": _ins(now, usager), **traits})


def remembered(identite: Identite, locaux: Traits) -> Usager:
    """The person as the gate sees them when the DUI is not read: of what it said, only the strict traits are known.

    Args:
        locaux: of the DUI, when it was last read; those of INSi, when it gave them, stand before.
    """
    nobody = Usager(identifiant_local="")
    traits = identite.traits if identite.statut in _RECOVERED and identite.traits is not None else locaux
    return nobody.model_copy(update={"ins": _ins(identite, nobody), **_traits(traits, nobody)})


def _ins(identite: Identite, usager: Usager) -> Ins:
    recovered = identite.statut in _RECOVERED
    return usager.ins.model_copy(
        update={
            "statut": identite.statut,
            "matricule": identite.matricule if recovered else None,
            "oid": identite.oid if recovered else None,
            **{attribut.value: True for attribut in identite.attributs},
        }
    )


def _traits(traits: Traits, usager: Usager) -> dict[str, object]:
    cog = traits.lieu_naissance or None
    label = usager.lieu_naissance.libelle if cog == usager.lieu_naissance.cog else None
    place = usager.lieu_naissance.model_copy(update={"cog": cog, "libelle": label, "code_postal": None})
    return {
        "nom_naissance": traits.nom_naissance,
        "prenoms": traits.prenoms,
        "premier_prenom": traits.premier_prenom,
        "sexe": traits.sexe,
        "date_naissance": traits.date_naissance,
        "lieu_naissance": place,
    }


def _said_anew(identite: Identite, said: Declaration, says: Declaration) -> bool:
    """Whether the DUI made a new act of its own (a status, a later check) on a person whom INSi never answered for."""
    if identite.par_insi or not call_allowed(identite.attributs):
        return False
    later = says.controle_le is not None and (said.controle_le is None or says.controle_le > said.controle_le)
    return later or says.statut is not said.statut


def _again_by_the_dui(identite: Identite, usager: Usager) -> Identite:
    fresh = first_seen(usager)
    number = ((identite.matricule, identite.oid or ""),) if identite.matricule else ()
    older = tuple(one for one in (*identite.historique, *number) if one[0] != fresh.matricule)
    fresh = replace(fresh, historique=tuple(dict.fromkeys(older)))
    return apply(fresh, Evenement.HOMONYME) if Attribut.HOMONYME in identite.attributs else fresh


def _trait_changed(identite: Identite, said: Declaration, says: Declaration) -> bool:
    adopted = identite.traits is not None and match(says.traits, identite.traits)
    if not adopted and not same_traits(said.traits, says.traits):
        return True
    if identite.matricule is None:
        return False
    held = {identite.matricule, *(number for number, _ in identite.historique)}
    other_number = says.matricule != said.matricule and says.matricule not in held
    other_nature = says.matricule == identite.matricule and says.oid not in {None, said.oid, identite.oid}
    return other_number or other_nature


def _newly_checked(said: Declaration, says: Declaration) -> bool:
    if says.controle is None or not is_probative(says.controle):
        return False
    later = said.controle_le is None or (says.controle_le is not None and says.controle_le > said.controle_le)
    return said.controle is None or later


def _marked(identite: Identite, says: Declaration) -> Identite:
    """The identity with the marks that the DUI sets."""
    for evenement, attribut, marked in (
        (Evenement.HOMONYME, Attribut.HOMONYME, says.homonyme),
        (Evenement.DOUTE, Attribut.DOUTEUSE, says.douteuse),
        (Evenement.FICTIF, Attribut.FICTIVE, says.fictive),
    ):
        if marked is True and attribut not in identite.attributs:
            identite = apply(identite, evenement)
    return identite
