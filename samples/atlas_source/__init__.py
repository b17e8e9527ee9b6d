"""What the generator of the invented vendor "Atlas PH" is made of: constants, no randomness, no clock."""
