"""Who may receive what. Pure: facts, circumstances and rules come in, a ruling comes out; no clock, no input or output
but the package's own data."""
