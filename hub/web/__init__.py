"""Inbound adapter: HTTP callers. Parse, call one service, write the answer."""
