"""Hospitals that run a hub services server of their own: GetTransaction over SOAP 1.1."""
