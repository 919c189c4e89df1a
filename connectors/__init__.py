"""Outbound adapters: the systems that hold documents. Each folder implements `hub.ports.documents.DocumentSource`."""
