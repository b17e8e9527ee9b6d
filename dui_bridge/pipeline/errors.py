"""What is wrong with what was asked of a run."""

from __future__ import annotations

from dui_bridge.errors import FixConfiguration


class UnknownEstablishment(FixConfiguration):
    """The establishment asked for is not one of the site."""

    code = "CFG-040"
    en = "{finess} is not an establishment of this site: {known}"
    fr = "{finess} n'est pas un établissement de ce site : {known}"
    action_en = "Name one of them, as the site file does."
    action_fr = "Indiquez l'un d'eux, comme dans le fichier de site."


class UnknownSource(FixConfiguration):
    """The source asked for is not one of the site."""

    code = "CFG-041"
    en = "{source} is not a source of this site: {known}"
    fr = "{source} n'est pas une source de ce site : {known}"
    action_en = "Name one of them, as the site file does."
    action_fr = "Indiquez l'une d'elles, comme dans le fichier de site."
