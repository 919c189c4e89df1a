"""What every source of documents promises, whatever it talks to."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors import registry
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.search import Criteria, PublicationWish
from hub.ports.documents import DocumentRequest, DocumentSource
from tests.fakes.document_requests import a_request, soon
from tests.fakes.documents import PATIENT, a_document
from tests.fakes.hospital import RunningHospital, running_hospital
from tests.fakes.hospital_sources import a_source, fetch


@dataclass(frozen=True)
class Case:
    """A source, the key of a document in it (of a vault), and whether it can be asked to publish."""

    source: DocumentSource
    key: bytes | None = None
    can_be_asked: bool = False

    def request(self, document: str = "D-1", *, seconds: float = 10) -> DocumentRequest:
        """A request for the document it has."""
        return a_request(document, seconds=seconds, document=self.key)

    def request_for_nothing(self) -> DocumentRequest:
        """A request for a document it does not have."""
        return a_request("refused", document=bytes(16) if self.key else None)


@pytest.fixture(scope="module")
def hospital() -> Iterator[RunningHospital]:
    with running_hospital() as running:
        yield running


@pytest.fixture(params=["soap", "rest", "vault"])
async def case(request: pytest.FixtureRequest, hospital: RunningHospital, tmp_path: Path) -> AsyncIterator[Case]:
    if request.param == "vault":
        vault = registry.vault(tmp_path.as_uri(), keys={"1": bytes(range(32))}, key_id="1")
        case = Case(vault, key=await vault.put(Ssin(PATIENT), a_document("D-1").encode()))
    else:
        case = Case(a_source(request.param, hospital.base), can_be_asked=request.param == "soap")
    yield case
    await case.source.close()


async def test_it_gives_the_document_that_was_asked_for(case: Case) -> None:
    assert b">D-1<" in await fetch(case.source, case.request())


async def test_it_gives_several_at_once(case: Case) -> None:
    documents = await asyncio.gather(*(fetch(case.source, case.request()) for _ in range(4)))

    assert len(set(documents)) == 1


async def test_what_it_does_not_have_it_lacks(case: Case) -> None:
    with pytest.raises(HubError) as caught:
        await fetch(case.source, case.request_for_nothing())

    assert caught.value.reason is Reason.SOURCE_LACKS_DOCUMENT
    assert case.source.is_available()


async def test_a_reader_may_leave_at_any_time(case: Case) -> None:
    for _ in range(10):
        async with case.source.open(case.request()):
            pass
        async with case.source.open(case.request()) as document, aclosing(document.chunks) as chunks:  # type: ignore[type-var]  # an async generator
            await anext(chunks)

    assert await fetch(case.source, case.request())


async def test_a_request_whose_time_is_up_is_not_served(case: Case) -> None:
    with pytest.raises(HubError) as caught:
        await fetch(case.source, case.request(seconds=-1))

    assert caught.value.reason is Reason.SOURCE_TOO_LATE


async def test_a_wish_for_publication_is_taken_or_refused_with_its_reason(case: Case) -> None:
    wish = PublicationWish(Ssin(PATIENT), Criteria(), "Graag")

    if case.can_be_asked:
        await case.source.request_publication(wish, soon())
        refused = PublicationWish(Ssin(PATIENT), Criteria(), "refuse this")
        with pytest.raises(HubError) as caught:
            await case.source.request_publication(refused, soon())
        assert caught.value.reason is Reason.SOURCE_ANSWER
    else:
        with pytest.raises(HubError) as caught:
            await case.source.request_publication(wish, soon())
        assert caught.value.reason is Reason.SOURCE_CANNOT_BE_ASKED


async def test_it_can_be_closed_unused_and_more_than_once(hospital: RunningHospital) -> None:
    for kind in ("soap", "rest"):
        source = a_source(kind, hospital.base)
        await source.close()
        await source.close()
