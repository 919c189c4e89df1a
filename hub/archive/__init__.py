"""The archive of audit events in SQL, and their road there from Redis (docs/audit.md)."""
