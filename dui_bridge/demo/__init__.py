"""Prepares and runs a site on the invented samples."""
