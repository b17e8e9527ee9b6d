"""The mapping engine: a vendor's mapping, checked before a byte is read, turns a Record into a Dossier. Pure."""
