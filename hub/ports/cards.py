"""Whose card it is."""

from typing import Protocol

from hub.domain.cards import Card
from hub.domain.identifiers import Ssin


class CardDirectory(Protocol):
    """Knows the owners of cards. Methods raise HubError (national-service-unavailable)."""

    async def owner(self, card: Card) -> Ssin | None:
        """Whose card it is; None for a card that the directory does not know."""
        ...
