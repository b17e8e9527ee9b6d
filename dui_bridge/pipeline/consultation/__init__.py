"""Who may look into the DMP of whom: a pure decision, taken before anything is asked of it.

`decision.may_consult` is asked for every search and every opening; what it needs of the journal and of the DUI comes in
as records.
"""
