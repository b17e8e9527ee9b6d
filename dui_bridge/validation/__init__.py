"""Checks of finished documents: bytes in, findings out."""
