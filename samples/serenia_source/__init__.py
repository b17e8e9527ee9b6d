"""What the generator of the invented vendor "Sérénia" is made of: constants, no randomness, no clock."""
