"""The téléservice INSi of the assurance maladie: from traits to a matricule, by the certificate of an organisation.

`opening.open_service` gives an `IdentityService`, `parcours.climb` searches with it, `decode.decode` reads a captured
message. Only the settings are loaded from here: a site file is read without a network library.
"""

from dui_bridge.connectors.insi.settings import CallOn, InsiSettings, VerificationSettings

__all__ = ["CallOn", "InsiSettings", "VerificationSettings"]
