"""Pro Santé Connect: who the professional is, as the national service of identity says it (OpenID Connect).

`opening.open_psc` gives a `PscClient`; `sign_in.sign_in` asks the person on their e-CPS (`ciba`) or in their browser
(`code_flow`), and gives a `Session` with a `Professional`, of whom `calling.air_caller` makes the caller of a VIHF.
Tokens live in memory only. Only the settings are loaded from here: a site file is read without a network library.
"""

from dui_bridge.connectors.psc.settings import PscSettings

__all__ = ["PscSettings"]
