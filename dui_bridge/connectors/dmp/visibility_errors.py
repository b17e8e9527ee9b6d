"""Whom a document may not be hidden from, or not any more: DMP-022 and after. Nothing was sent."""

from __future__ import annotations

from dui_bridge.errors import FixData
from dui_bridge.findings import Who


class MasksTogether(FixData):
    """EX_2.1-1050: MASQUE_PS and INVISIBLE_PATIENT, which the DMP does not take together."""

    code = "DMP-022"
    who = Who.DUI
    en = "the document is hidden from the patient: it may not be masked to professionals as well; nothing was changed"
    fr = (
        "le document est masqué au patient : il ne peut pas l'être aussi aux professionnels ; rien n'a été modifié "
        "(MASQUE_PS avec INVISIBLE_PATIENT)"
    )
    action_en = "Make it visible to the patient before: dui-bridge dmp unhide UNIQUE_ID --professional RPPS"
    action_fr = "Rendez-le d'abord visible au patient : dui-bridge dmp unhide IDENTIFIANT --professional RPPS"


class AlreadyVisible(FixData):
    """A version that would be hidden from somebody who sees the earlier one."""

    code = "DMP-023"
    who = Who.DUI
    en = "{whom} sees the earlier version in the DMP: this one cannot be hidden from them again, and was not sent"
    fr = "{whom_fr} voit la version antérieure au DMP : celle-ci ne peut plus lui être masquée, et n'a pas été envoyée"
    action_en = (
        "Correct the visibility in the DUI, and the next version leaves; what must be hidden can only go as another "
        "document of the DUI. To give this one up: dui-bridge review cancel ID"
    )
    action_fr = (
        "Corrigez la visibilité dans le DUI : la version suivante partira ; ce qui doit être masqué ne peut partir que "
        "comme un autre document du DUI. Pour renoncer à celui-ci : dui-bridge review cancel NUMÉRO"
    )


class EarlierMasksUnknown(FixData):
    """A version to replace of which the DMP shows nothing, and the journal does not know how it was sent."""

    code = "DMP-024"
    who = Who.IT
    en = "from whom the earlier version is hidden is known neither from the DMP nor here: this one was not sent"
    fr = "ni le DMP ni le pont ne disent à qui la version antérieure est masquée : celle-ci n'a pas été envoyée"
    action_en = (
        "Where destinations.dmp.lookup is ObjectRef, try LeafClass, so that the DMP tells; then: "
        "dui-bridge replay start --cause DMP-024 --yes"
    )
    action_fr = (
        "Si destinations.dmp.lookup vaut ObjectRef, essayez LeafClass, pour que le DMP le dise ; ensuite : "
        "dui-bridge replay start --cause DMP-024 --yes"
    )
