"""The Brusafe vault: the hub's own store of documents, for those who have no server. Encrypted at rest."""
