"""Directories of care providers that answer with JSON over HTTP (docs/providers.md has the protocol)."""
