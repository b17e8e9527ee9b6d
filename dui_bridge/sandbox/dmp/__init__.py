"""A DMP that answers over mutual TLS: registry and repository, with their failures, and pages of what it holds."""

from dui_bridge.sandbox.dmp.answers import DmpAnswers
from dui_bridge.sandbox.dmp.rights import Dossier, State
from dui_bridge.sandbox.dmp.server import DmpServer
from dui_bridge.sandbox.dmp.service import Call
from dui_bridge.sandbox.dmp.trouble import FAULTS, Cut, Trouble, Wrong
from dui_bridge.sandbox.dmp.words import Transaction

__all__ = ["FAULTS", "Call", "Cut", "DmpAnswers", "DmpServer", "Dossier", "State", "Transaction", "Trouble", "Wrong"]
