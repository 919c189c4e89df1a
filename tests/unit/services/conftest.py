"""What the tests of statements share."""

import pytest

from tests.unit.services.statements_world import World, a_world


@pytest.fixture
async def statements() -> World:
    """A hub of which nothing was asked yet."""
    return await a_world()
