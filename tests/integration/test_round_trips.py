"""How often Redis is asked, once a process remembers the authors and the kinds that it meets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.open_gate import OPEN_GATE
from hub.domain.references import Change, PatientReferences, Relevance, TransactionReference
from hub.domain.search import Criteria, PageRequest
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.patient_change import MOST_SHORT
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.secrets import Pseudonyms
from tests.builders import JAN, a_declaration, a_patient

SECRET = bytes(range(32))


@asynccontextmanager
async def counting(url: str) -> AsyncIterator[tuple[RedisReferenceIndex, list[Exception | None]]]:
    """An index, and how each of its commands ended."""
    commands: list[Exception | None] = []
    client = connect(url, timeout=5, connections=2, on_command=lambda _, failure: commands.append(failure))
    async with client:
        pseudonyms = Pseudonyms(SECRET, key_id="1")
        yield RedisReferenceIndex(client, secrets=IndexSecrets.of(SECRET, pseudonyms)), commands


def adding(count: int) -> Change:
    """References to so many documents of a patient who has none."""
    added = tuple(
        TransactionReference(serial, a_declaration(f"D{serial}", date=f"2026-01-{1 + serial % 28:02d}"), "north")
        for serial in range(1, count + 1)
    )
    return Change(added[0], added=added)


@pytest.mark.parametrize("count", [90, MOST_SHORT + 500], ids=["short record", "long record"])
async def test_a_page_is_one_round_trip(redis_url: str, count: int) -> None:
    async with counting(redis_url) as (index, commands):

        def rule(_: PatientReferences) -> Change:
            return adding(count)

        await index.change(JAN, rule, Relevance(), register=a_patient(), witness=None)
        await index.find(JAN, Criteria(), PageRequest(), OPEN_GATE)
        for first in (1, count // 2, count - 20):
            commands.clear()
            found = await index.find(JAN, Criteria(), PageRequest(first=first), OPEN_GATE)
            assert found.page.total == count
            assert found.page.rows
            assert commands == [None]
