"""The SOAP 1.1 endpoint of hub services v3."""
