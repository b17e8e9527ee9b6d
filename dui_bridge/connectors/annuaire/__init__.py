"""The Annuaire Santé: the national directory of professionals and structures, with their mailboxes of MSSanté.

`opening.open_annuaire` gives an `Annuaire`, `choose.choose` one mailbox of what it found. Only the settings are loaded
from here: a site file is read without a network library.
"""

from dui_bridge.connectors.annuaire.settings import AnnuaireSettings, Kind

__all__ = ["AnnuaireSettings", "Kind"]
