"""The national registers of consents, therapeutic links and exclusions, through an adapter that speaks JSON."""
