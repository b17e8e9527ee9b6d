"""Documents drawn as PDF/A-1b: tagged, bookmarked, and the same bytes for the same content. Pure."""
