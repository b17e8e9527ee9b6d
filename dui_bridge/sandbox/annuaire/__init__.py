"""An Annuaire Santé that answers over HTTPS, from invented professionals and structures and those it is given."""

from dui_bridge.sandbox.annuaire.holders import Box, Exercise, Holders, Professional, Structure, read_holders
from dui_bridge.sandbox.annuaire.server import KEY, AnnuaireServer, Call
from dui_bridge.sandbox.annuaire.trouble import Trouble

__all__ = [
    "KEY",
    "AnnuaireServer",
    "Box",
    "Call",
    "Exercise",
    "Holders",
    "Professional",
    "Structure",
    "Trouble",
    "read_holders",
]
