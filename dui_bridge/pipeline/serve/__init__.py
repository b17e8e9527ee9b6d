"""The resident process: a clock that says what is due, and threads that do it until they are told to stop."""
