"""Values and rules of the field. Pure: no I/O, no clock, no randomness, no async, no XML."""
