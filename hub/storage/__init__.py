"""The ports on Redis, and the same ports in memory for unit tests."""
