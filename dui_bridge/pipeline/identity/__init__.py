"""The identity of each usager, before what needs it: what the DUI says, what INSi answered, what a person decided."""
