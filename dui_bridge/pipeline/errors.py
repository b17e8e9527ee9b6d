"""What is wrong with what was asked of a run, or keeps it from calling a service."""

from __future__ import annotations

from dui_bridge.errors import FixConfiguration
from dui_bridge.findings import Who


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


class NotDeclared(FixConfiguration):
    """A key that a call needs is not in the site file."""

    code = "CFG-120"
    who = Who.MAPPING
    en = "{service} cannot be called: the site file does not declare {key}"
    fr = "{service} ne peut pas être appelé : le fichier de site ne déclare pas {key}"
    action_en = "Declare it (docs/configuration.md)."
    action_fr = "Déclarez-le (docs/configuration.md)."


class StandInMissing(FixConfiguration):
    """The stand-in of a sandbox site does not run."""

    code = "CFG-121"
    exit_code = 3
    en = "the stand-in of {service} does not run: {file} is not there"
    fr = "le simulateur de {service} n'est pas lancé : {file} n'existe pas"
    action_en = "Start it in another window: dui-bridge sandbox serve --config {config}"
    action_fr = "Lancez-le dans une autre fenêtre : dui-bridge sandbox serve --config {config}"
