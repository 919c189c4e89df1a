"""The REST API for what is said about access (docs/rest.md)."""
