"""KMEHR 1.43: the document format of hub services."""
