"""WS-Security as the eHealth platform profiles it: who signed a message, and signing one (security facts, part 1)."""
