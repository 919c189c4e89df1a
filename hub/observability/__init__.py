"""Logs and metrics: for operators, never with a patient identifier."""
