"""Why the journal cannot be used.

JournalUnusable (FixConfiguration)
  JournalLocked        another process is writing
  RunUnderWay          another run of the same source has not ended
  JournalDamaged       not a database, or a damaged one
  JournalNewer         made by a newer version of the bridge
  JournalKeyWrong      made with another key, or the key is too short
  JournalOvertaken     what is to be written does not follow what is there
  JournalUnwritable    the disk is full or failing, or the folder cannot be written
"""

from __future__ import annotations

from dui_bridge.errors import JournalUnusable


class JournalLocked(JournalUnusable):
    """Another process kept the journal for longer than the time that one waits."""

    code = "JRN-001"
    en = "the journal {file} is in use by another process"
    fr = "le journal {file} est occupé par un autre processus"
    action_en = "Wait for the other command to end, then try again."
    action_fr = "Attendez la fin de l'autre commande, puis recommencez."


class RunUnderWay(JournalUnusable):
    """Two runs of one source at the same time."""

    code = "JRN-002"
    en = "a run of the source {source} is already under way (process {process})"
    fr = "une exécution de la source {source} est déjà en cours (processus {process})"
    action_en = "Wait until it has ended. Nothing was done by this one."
    action_fr = "Attendez sa fin. Celle-ci n'a rien fait."


class JournalDamaged(JournalUnusable):
    """The file is not a journal, or is damaged."""

    code = "JRN-003"
    en = "{file} is damaged or is not a journal of this bridge ({reason})"
    fr = "{file} est endommagé ou n'est pas un journal de ce pont ({reason})"
    action_en = "Do not delete it: without it every document would be sent again. Restore a backup."
    action_fr = "Ne le supprimez pas : sans lui, tout document serait renvoyé. Restaurez une sauvegarde."


class JournalNewer(JournalUnusable):
    """A newer version of the bridge made or migrated it."""

    code = "JRN-004"
    en = "the journal {file} was made by a newer version of the bridge (revision {revision})"
    fr = "le journal {file} a été créé par une version plus récente du pont (révision {revision})"
    action_en = "Install that version, or restore a backup made before it."
    action_fr = "Installez cette version, ou restaurez une sauvegarde antérieure."


class JournalKeyWrong(JournalUnusable):
    """With another key every known document would look new."""

    code = "JRN-005"
    en = "the key given is not the one that the journal {file} was made with"
    fr = "la clé fournie n'est pas celle avec laquelle le journal {file} a été créé"
    action_en = "Give the master key of this site (32 bytes or more), from its backup if need be."
    action_fr = "Fournissez la clé maître de ce site (32 octets ou plus), depuis sa sauvegarde au besoin."


class JournalOvertaken(JournalUnusable):
    """What is to be written does not follow what the journal holds: someone else wrote in between."""

    code = "JRN-006"
    en = "the journal {file} changed while it was being written to"
    fr = "le journal {file} a changé pendant l'écriture"
    action_en = "Nothing was written. Run again."
    action_fr = "Rien n'a été écrit. Relancez l'exécution."


class JournalUnwritable(JournalUnusable):
    """The machine refuses: a full or failing disk, a folder without permission."""

    code = "JRN-007"
    en = "the journal {file} cannot be read or written ({reason})"
    fr = "le journal {file} ne peut être ni lu ni écrit ({reason})"
    action_en = "Check that the disk is not full and that this user may write. What was recorded is kept."
    action_fr = "Vérifiez que le disque n'est pas plein et que cet utilisateur peut écrire. L'acquis est conservé."
