"""Why an action that was asked for is not possible."""

from __future__ import annotations

from dui_bridge.errors import FixConfiguration
from dui_bridge.findings import Who
from dui_bridge.pipeline.reports.texts import text


class ReasonMissing(FixConfiguration):
    """Whoever reads the audit wants to know why."""

    code = "CFG-070"
    en = "a reason is needed"
    fr = "un motif est nécessaire"
    action_en = "Give it with --reason, without any name of an usager."
    action_fr = "Donnez-le avec --reason, sans aucun nom d'usager."


class NameMissing(FixConfiguration):
    """Whoever lets a document go that the patient does not see undertakes, by name, to make it visible."""

    code = "CFG-149"
    who = Who.DUI
    en = "{subject} is hidden from the patient: who undertakes to make it visible is not told"
    fr = "{subject} n'est pas visible par le patient : il n'est pas dit qui s'engage à le rendre visible"
    action_en = "Name this person with --by: the user of the system is nobody."
    action_fr = "Nommez cette personne avec --by : l'utilisateur du système n'est personne."


class UnknownType(FixConfiguration):
    """The type of document asked for does not exist."""

    code = "CFG-071"
    en = "{name} is not a type of document: {known}"
    fr = "{name} n'est pas un type de document : {known}"
    action_en = "Name one of them."
    action_fr = "Indiquez l'un d'eux."


class ScopeMissing(FixConfiguration):
    """To stop everything, each destination is paused: that is told apart from a slip."""

    code = "CFG-072"
    en = "nothing says what is meant"
    fr = "rien ne dit ce qui est visé"
    action_en = "Name an ID, --dossier, --establishment, --type, --destination or --source."
    action_fr = "Indiquez un numéro, --dossier, --establishment, --type, --destination ou --source."


class HoldAndScope(FixConfiguration):
    """Numbers of holds, and what one would be on."""

    code = "CFG-089"
    en = "the numbers of holds stand alone"
    fr = "les numéros de blocages se donnent seuls"
    action_en = "Give numbers, or the options with which a hold was placed, and not both."
    action_fr = "Donnez des numéros, ou les options avec lesquelles un blocage a été posé, pas les deux."


class HoldUnknown(FixConfiguration):
    """There is no such hold, or it was released before."""

    code = "CFG-073"
    en = "no hold in force matches {what}"
    fr = "aucune retenue en cours ne correspond à {what}"
    action_en = "`dui-bridge release --list` shows those in force."
    action_fr = "`dui-bridge release --list` montre celles en cours."


class TimePast(FixConfiguration):
    """An end that is already over."""

    code = "CFG-074"
    en = "{when} is not in the future"
    fr = "{when} n'est pas dans le futur"
    action_en = "Give a later time, or leave --until out: a person then ends it."
    action_fr = "Donnez une date ultérieure, ou omettez --until : une personne y mettra fin."


class DayAhead(FixConfiguration):
    """A declaration about a day that has not come."""

    code = "CFG-075"
    en = "{day} is in the future"
    fr = "{day} est dans le futur"
    action_en = "Give today or an earlier day."
    action_fr = "Donnez la date du jour ou une date antérieure."


class NotStopped(FixConfiguration):
    """There is nothing to resume."""

    code = "CFG-076"
    en = "nothing stops {name}"
    fr = "rien n'arrête {name}"
    action_en = "Nothing is to be done: see `dui-bridge queue {name}` for what waits there."
    action_fr = "Rien à faire : voyez avec `dui-bridge queue {name}` ce qui y attend."


class NotReconciled(FixConfiguration):
    """What left after the backup is not known yet: to send now could send twice."""

    code = "CFG-077"
    en = "the journal was put back from a backup: nobody has asked yet what left since"
    fr = "le journal a été restauré d'une sauvegarde : personne n'a encore vérifié ce qui est parti depuis"
    action_en = "Run dui-bridge reconcile first: it resumes the destinations that can be asked."
    action_fr = "Lancez d'abord dui-bridge reconcile : il reprend les destinations qui peuvent être interrogées."


class RunNotHeld(FixConfiguration):
    """Only a held run waits for a decision."""

    code = "CFG-078"
    en = "the run {run} is not held (state: {state})"
    fr = "l'exécution {run} n'est pas retenue (état : {state_fr})"
    action_en = "`dui-bridge runs list` shows those that are held."
    action_fr = "`dui-bridge runs list` montre celles qui sont retenues."

    def __init__(self, **values: str) -> None:
        super().__init__(**{**values, **_state("ended", values["state"])})


class TaskUnknown(FixConfiguration):
    """There is no such task, of this kind, that is still under way."""

    code = "CFG-079"
    en = "there is no task {task} of this kind that is still under way"
    fr = "aucune tâche {task} de ce genre n'est en cours"
    action_en = "`dui-bridge replay list` and `dui-bridge backfill list` show them."
    action_fr = "`dui-bridge replay list` et `dui-bridge backfill list` les montrent."


class NotPossible(FixConfiguration):
    """The state of the delivery does not know this decision."""

    code = "CFG-080"
    en = "{subject}: `{decision}` is not possible (state: {state})"
    fr = "{subject} : `{decision}` est impossible (état : {state_fr})"
    action_en = "`dui-bridge review list` shows what waits for a decision, and which."
    action_fr = "`dui-bridge review list` montre ce qui attend une décision, et laquelle."

    def __init__(self, **values: str) -> None:
        super().__init__(**{**values, **_state("one", values["state"])})


class NothingToDecide(FixConfiguration):
    """What was named has no delivery: a quarantined usager, a document that was never built."""

    code = "CFG-086"
    en = "nothing of {subject} waits for a decision here"
    fr = "rien de {subject} n'attend de décision ici"
    action_en = "`dui-bridge quarantine` shows what is held, `runs list` the runs that wait for one."
    action_fr = "`dui-bridge quarantine` montre ce qui est retenu, `runs list` les exécutions qui en attendent une."


class InformationUnknown(FixConfiguration):
    """There is no such declaration, or it was withdrawn before."""

    code = "CFG-081"
    en = "no declaration in force has the number {id}"
    fr = "aucune déclaration en vigueur ne porte le numéro {id}"
    action_en = "`dui-bridge consents list` shows them."
    action_fr = "`dui-bridge consents list` les montre."


class SheetUnreadable(FixConfiguration):
    """The file is not the one that was exported, or a spreadsheet changed its form."""

    code = "CFG-082"
    en = "{file}: not a list of decisions: {reason}"
    fr = "{file} : ce n'est pas une liste de décisions : {reason_fr}"
    action_en = "Save it as CSV (UTF-8), separated by semicolons, with the columns of the export."
    action_fr = "Enregistrez-le en CSV (UTF-8), séparé par des points-virgules, avec les colonnes de l'export."


class LeavesNow(FixConfiguration):
    """None of its deliveries waits."""

    code = "CFG-083"
    en = "nothing of {subject} waits to leave"
    fr = "rien de {subject} n'attend de partir"
    action_en = "`dui-bridge trace` tells where it is; `dui-bridge replay` sends again what was refused."
    action_fr = "`dui-bridge trace` dit où il en est ; `dui-bridge replay` renvoie ce qui a été refusé."


class SheetExists(FixConfiguration):
    """A file that is there may hold decisions that were not imported."""

    code = "CFG-084"
    en = "{file} exists"
    fr = "{file} existe déjà"
    action_en = "Name another file: this one may hold decisions."
    action_fr = "Indiquez un autre fichier : celui-ci contient peut-être des décisions."


class NotReplayable(FixConfiguration):
    """The state asked for is not one from which something is sent again."""

    code = "CFG-085"
    en = "{state} is not one of: {known}"
    fr = "{state} n'est pas l'un de : {known}"
    action_en = "Name one of them."
    action_fr = "Indiquez l'un d'eux."


def _state(group: str, state: str) -> dict[str, str]:
    """The words of a state in both languages."""
    return {"state": text(f"{group}_{state}", "en"), "state_fr": text(f"{group}_{state}", "fr")}
