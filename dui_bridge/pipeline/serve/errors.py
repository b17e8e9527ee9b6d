"""Why `serve` does not start.

FixConfiguration
  ScheduleUnusable     a cron line that no clock can follow
  PortTaken            another process listens on the port
  AlreadyServed        another `serve` works for this site
"""

from __future__ import annotations

from dui_bridge.errors import FixConfiguration
from dui_bridge.findings import Who


class ScheduleUnusable(FixConfiguration):
    """A cron line with five fields, of which one means nothing."""

    code = "SRV-001"
    who = Who.MAPPING
    en = "'{schedule}' is not a cron line"
    fr = "'{schedule}' n'est pas une ligne cron"
    action_en = 'Write five fields (minute, hour, day, month, weekday), for instance "0 2 * * 1-5".'
    action_fr = 'Écrivez cinq champs (minute, heure, jour, mois, jour de semaine), par exemple "0 2 * * 1-5".'


class PortTaken(FixConfiguration):
    """The port cannot be listened on."""

    code = "SRV-002"
    en = "the port {port} of this machine cannot be used: {reason}"
    fr = "le port {port} de cette machine est inutilisable : {reason_fr}"
    action_en = "Stop what listens there, or choose another `serve.port` in the site file."
    action_fr = "Arrêtez ce qui écoute dessus, ou choisissez un autre `serve.port` dans le fichier du site."


class AlreadyServed(FixConfiguration):
    """Two resident processes of one site would do the same work twice."""

    code = "SRV-003"
    en = "another `serve` is already running for this site"
    fr = "un autre `serve` tourne déjà pour ce site"
    action_en = "Nothing to do, or stop the other one first."
    action_fr = "Rien à faire, ou arrêtez d'abord l'autre."
