"""MSSanté by hand: receive now, send now, look at the mailboxes, and at the addresses that mails came back from."""

from __future__ import annotations

from contextlib import closing

from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Language
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.actions.send_now import send_now
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.inbox.errors import MailNotDeclared, NotByMail, NotSuspect
from dui_bridge.pipeline.inbox.posts import Post, mail_destinations, posts
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.reports.errors import check_destination
from dui_bridge.pipeline.reports.inbox import proposed_instead
from dui_bridge.pipeline.reports.moments import moment


def receive_now(desk: Desk, language: Language) -> Done:
    """One cycle of receiving. Raises MailNotDeclared."""
    # Here, for it brings what hands documents to an API along: the other commands need none of that.
    from dui_bridge.pipeline.inbox.receive import receive

    if not mail_destinations(desk.site):
        raise MailNotDeclared
    cycle = receive(
        desk.site, desk.journal, note=lambda action, subject, details: desk.audit(action, subject, **details)
    )
    if cycle.under_way:
        return Done("receive_under_way")
    rows: list[dict[str, Json]] = [
        {"mailbox": one.address, "kept": one.kept, "cause": _told(one.error, language)} for one in cycle.mailboxes
    ]
    told = {row["cause"] for row in rows}
    rows += [{"cause": words} for one in cycle.errors if (words := _told(one, language)) not in told]
    values: dict[str, Json] = {"number": cycle.kept, "mailboxes": len(cycle.mailboxes)}
    counts = {f"inbox_{state}": number for state, number in cycle.treated.items()}
    counts |= {f"answer_{state}": number for state, number in cycle.answers.items()}
    return Done("received", values, tuple(rows), counts, cycle.exit_code())


def send(desk: Desk, deliveries: list[int], subject: str, destination: str | None, steps: Steps) -> Done:
    """Sends what waits to go by MSSanté, ahead of everything else; policy still decides.

    Raises:
        MailNotDeclared, UnknownDestination, NotByMail, LeavesNow: nothing was sent.
    """
    names = set(mail_destinations(desk.site))
    if destination is not None:
        check_destination(desk.site, destination)
        names &= {destination}
    if not names:
        raise MailNotDeclared
    own = [one for one in deliveries if desk.case(one).delivery.destination in names]
    if not own:
        raise NotByMail(subject=subject)
    return send_now(desk, own, subject, steps)


def mailboxes(desk: Desk, language: Language) -> Done:
    """The mailboxes of the establishments: whether each opens, when it was last read, how many mails nobody has seen.

    Raises:
        MailNotDeclared.
    """
    if not mail_destinations(desk.site):
        raise MailNotDeclared
    found, wrong = posts(desk.site, desk.journal, desk.now)
    read = {(one.address, one.folder): one for one in desk.journal.inbox.mailboxes()}
    rows: list[dict[str, Json]] = []
    errors = list(wrong.values())
    for post in found.values():
        known = read.get((post.address, post.folder))
        unseen, error = _unseen(post)
        if error is not None:
            errors.append(error)
        rows.append(
            {
                "mailbox": post.address,
                "establishment": post.finess,
                "destination": post.destination,
                "state": "opens" if error is None else "shut",
                "unseen": unseen,
                "read_at": None if known is None or known.success_at is None else known.success_at.isoformat(),
                "cause": _told(error, language),
            }
        )
    rows += [{"destination": name, "cause": _told(error, language)} for name, error in wrong.items()]
    code = min((error.exit_code for error in errors), default=0)
    return Done("mailboxes", {"number": len(found)}, tuple(rows), exit_code=code)


def suspects(desk: Desk, language: Language) -> Done:
    """The addresses that mails came back from, with other mailboxes of the same people; 1 when there are any."""
    held = desk.journal.receipts.suspects()
    found = desk.journal.receipts.suspect_list()
    rows: tuple[dict[str, Json], ...] = tuple(
        {
            "address": one.address,
            "since": one.since.isoformat(),
            "delivery": f"delivery-{one.delivery_id}",
            "code": one.cause,
            "cause": explain_cause(one.cause, None, language).message,
            "proposed": dict(proposed_instead(desk.site, desk.journal, one.address, one.delivery_id, held, desk.now)),
        }
        for one in found
    )
    told = tuple({**row, "since": moment(one.since, desk.zone, language)} for row, one in zip(rows, found, strict=True))
    return Done("suspects", {"number": len(rows)}, rows, exit_code=int(bool(rows)), told=told)


def confirm(desk: Desk, address: str, reason: str) -> Done:
    """A person says that an address is right: it is written to again. Raises ReasonMissing, NotSuspect."""
    reason = given(reason)
    if not desk.journal.receipts.clear_suspect(address, desk.actor.by, desk.now):
        raise NotSuspect
    # The audit keeps no address: it is that of a person.
    desk.audit("mssante confirm", "address", reason=reason)
    desk.ask_policy()
    return Done("address_confirmed")


def _unseen(post: Post) -> tuple[int | None, DuiBridgeError | None]:
    try:
        with closing(post.reader()) as reader:
            return reader.unseen(), None
    except DuiBridgeError as error:
        return None, error


def _told(error: DuiBridgeError | None, language: Language) -> str:
    return "" if error is None else f"{error.message(language)} [{error.code}]"
