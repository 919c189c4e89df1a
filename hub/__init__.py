"""An open Belgian health hub: references to documents per patient, and the way to the documents.

KMEHR hub services v3 over SOAP. See docs/architecture.md for the parts and who may import whom.
"""
