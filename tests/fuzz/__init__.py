"""Inputs that nobody thought of, for the whole verification of signed messages: run by `make fuzz`."""
