"""WS-Security as the Belgian eHealth profile has it (security facts, part 1)."""
