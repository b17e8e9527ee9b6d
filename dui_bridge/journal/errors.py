"""Why the journal cannot be used.

JournalUnusable (FixConfiguration)
  JournalLocked        another process is writing
  RunUnderWay          another run of the same source has not ended
  JournalDamaged       not a database, or a damaged one
  JournalNewer         made by a newer version of the bridge
  JournalKeyWrong      made with another key, or the key is too short
  JournalOvertaken     what is to be written does not follow what is there
  JournalUnwritable    the disk is full or failing, or the folder cannot be written
  AddressUnusable      the address of the database is none of PostgreSQL
  DriverMissing        PostgreSQL is asked for, its driver is not installed
  JournalUnreachable   the database server does not answer
  JournalRefused       the database server refuses the account or the database
  LocksLost            the connection that kept others out broke
  BackupUnusable       the backup is damaged, or was changed
  NotEmpty             a backup or a restored journal would be written over something
  BackupElsewhere      PostgreSQL has its own backups
  JournalMissing       there is none yet, and what was asked for makes none
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


class AddressUnusable(JournalUnusable):
    """The address of the database cannot be used. It may hold a password, so it is never shown."""

    code = "JRN-008"
    en = "the address of the journal's database cannot be used: {reason}"
    fr = "l'adresse de la base du journal est inutilisable : {reason_fr}"
    action_en = "Write for instance postgresql://user:password@host/base where `journal` of the site file points."
    action_fr = (
        "Écrivez par exemple postgresql://compte:mot-de-passe@hôte/base là où pointe `journal` du fichier de site."
    )


class DriverMissing(JournalUnusable):
    """PostgreSQL is an optional extra."""

    code = "JRN-009"
    en = "the journal {file} is on PostgreSQL, and psycopg is not installed"
    fr = "le journal {file} est sur PostgreSQL, et psycopg n'est pas installé"
    action_en = "Install it: pip install 'dui-bridge[postgresql]'."
    action_fr = "Installez-le : pip install 'dui-bridge[postgresql]'."


class JournalUnreachable(JournalUnusable):
    """The database server does not answer, or broke the connection off."""

    code = "JRN-010"
    exit_code = 3
    en = "the database of the journal {file} does not answer"
    fr = "la base du journal {file} ne répond pas"
    action_en = "What was recorded is kept. Check that the server runs and can be reached, then start again."
    action_fr = "L'acquis est conservé. Vérifiez que le serveur est démarré et joignable, puis recommencez."


class JournalRefused(JournalUnusable):
    """The server answers, and lets this account do nothing there."""

    code = "JRN-011"
    en = "the server of the journal {file} refuses this account, or has no such database"
    fr = "le serveur du journal {file} refuse ce compte, ou n'a pas cette base"
    action_en = "Check the account, its password and its rights, and the name of the database."
    action_fr = "Vérifiez le compte, son mot de passe et ses droits, et le nom de la base."


class LocksLost(JournalUnusable):
    """The locks of PostgreSQL live as long as their connection: once it is gone, another process may have begun."""

    code = "JRN-012"
    exit_code = 3
    en = "the connection that reserved the work in the journal {file} was lost"
    fr = "la connexion qui réservait le travail dans le journal {file} est perdue"
    action_en = "Nothing more was written, so that nothing is sent twice. Start again."
    action_fr = "Rien d'autre n'a été écrit, afin que rien ne parte deux fois. Recommencez."


class BackupUnusable(JournalUnusable):
    """What the manifest says is not what is there."""

    code = "JRN-013"
    en = "the backup {file} cannot be used: {reason}"
    fr = "la sauvegarde {file} est inutilisable : {reason_fr}"
    action_en = "Nothing was restored. Take an earlier backup, or copy this one again from where it was made."
    action_fr = "Rien n'a été restauré. Prenez une sauvegarde antérieure, ou recopiez celle-ci depuis son origine."


class NotEmpty(JournalUnusable):
    """Nothing is written over a journal or an earlier backup."""

    code = "JRN-014"
    en = "{file} is not empty"
    fr = "{file} n'est pas vide"
    action_en = "Name a folder that does not exist yet. To replace a journal, move its folder away first."
    action_fr = "Indiquez un dossier qui n'existe pas encore. Pour remplacer un journal, déplacez d'abord son dossier."


class BackupElsewhere(JournalUnusable):
    """A journal on PostgreSQL is saved with the tools of PostgreSQL."""

    code = "JRN-015"
    en = "the journal {file} is on PostgreSQL: the bridge does not back it up"
    fr = "le journal {file} est sur PostgreSQL : le pont ne le sauvegarde pas"
    action_en = "Use pg_dump, then copy the folder `spool` of the data folder, in this order."
    action_fr = "Utilisez pg_dump, puis copiez le dossier `spool` du dossier de données, dans cet ordre."


class JournalMissing(JournalUnusable):
    """No journal: either the site has never run, or it is looked for in the wrong place. A new one would say that all
    is well, and would send everything once more."""

    code = "JRN-016"
    en = "there is no journal in {file}"
    fr = "il n'y a pas de journal dans {file}"
    action_en = (
        "If this site has never run: dui-bridge run. If it has, nothing was touched: check `data` and `journal` in the "
        "site file, or restore a backup."
    )
    action_fr = (
        "Si ce site n'a jamais tourné : dui-bridge run. Sinon, rien n'a été touché : vérifiez `data` et `journal` dans "
        "le fichier de site, ou restaurez une sauvegarde."
    )
