"""The way from an export to what is handed over: what changed, ids, checks, policy, reports."""
