"""What the DUI is told of its documents: rows made of the journal's states, written as files or sent to its API."""
