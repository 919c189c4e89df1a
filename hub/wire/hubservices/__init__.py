"""Hub services 3.5: the messages that carry KMEHR between a hub and its callers."""
