"""What several connectors share: strict JSON, objects as rows, the folder of an export, a temporary store."""
