"""Bytes to domain values and back. Pure: no sockets, no storage, no decisions."""
