"""Sealing on CMS: the `Sealing` port by the platform's openssl, and key depots (security facts, part 3.2; ADR 9)."""
