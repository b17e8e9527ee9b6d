"""An operator of MSSanté: SMTP and IMAP over TLS with their failures, and pages of the mails."""

from dui_bridge.sandbox.mssante.access import TOKEN, Auth, Mailbox
from dui_bridge.sandbox.mssante.answers import MssanteAnswers
from dui_bridge.sandbox.mssante.post import Correspondent
from dui_bridge.sandbox.mssante.reports import BOUNCES, Form, Outcome
from dui_bridge.sandbox.mssante.server import MssanteServer
from dui_bridge.sandbox.mssante.store import Mail, Recipient, Taken
from dui_bridge.sandbox.mssante.trouble import Step, Trouble

__all__ = [
    "BOUNCES",
    "TOKEN",
    "Auth",
    "Correspondent",
    "Form",
    "Mail",
    "Mailbox",
    "MssanteAnswers",
    "MssanteServer",
    "Outcome",
    "Recipient",
    "Step",
    "Taken",
    "Trouble",
]
