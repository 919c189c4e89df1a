"""What attackers send: signed messages of real callers, altered."""
