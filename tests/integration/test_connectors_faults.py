"""What the hub sees of a hospital that misbehaves: a reason, in time, and nothing left open.

The hospital is a process of its own; the number of the document says how it misbehaves (`tests.fakes.hospital`).
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from hub.domain.errors import HubError, Reason
from hub.ports.documents import DocumentSource
from tests.fakes.document_requests import a_request
from tests.fakes.documents import KMEHR, OTHER_PATIENT, PATIENT
from tests.fakes.hospital import RunningHospital, running_hospital
from tests.fakes.hospital_sources import KINDS, a_source, fetch, impatient

UNAVAILABLE, TOO_LATE, ANSWER = Reason.SOURCE_UNAVAILABLE, Reason.SOURCE_TOO_LATE, Reason.SOURCE_ANSWER
TOO_LARGE, LACKS = Reason.SOURCE_TOO_LARGE, Reason.SOURCE_LACKS_DOCUMENT

REASONS = {
    "refused": LACKS,
    "forbidden": ANSWER,
    "silent": TOO_LATE,
    "stops": TOO_LATE,
    "drips": TOO_LATE,
    "half": UNAVAILABLE,
    "resets": UNAVAILABLE,
    "resets-at-once": UNAVAILABLE,
    "hangs-up": UNAVAILABLE,
    "500": UNAVAILABLE,
    "503": UNAVAILABLE,
    "fault-with-200": ANSWER,
    "nonsense": ANSWER,
    "html": ANSWER,
    "html-as-xml": ANSWER,
    "wrong-type": ANSWER,
    "redirect": ANSWER,
    "bomb": ANSWER,
    "other-patient": ANSWER,
    "wrong-document": ANSWER,
    "announced-large": TOO_LARGE,
    "large": TOO_LARGE,
    "endless": TOO_LARGE,
    "not-a-pdf": ANSWER,
}
ONE_PLACE = impatient(connections=1)


@pytest.fixture(scope="module")
def hospital() -> Iterator[RunningHospital]:
    with running_hospital() as running:
        yield running


@pytest.fixture(params=KINDS)
async def source(request: pytest.FixtureRequest, hospital: RunningHospital) -> AsyncIterator[DocumentSource]:
    """A source that can be asked one thing at a time."""
    source = a_source(request.param, hospital.base, limits=ONE_PLACE)
    yield source
    await source.close()


async def reason_of(source: DocumentSource, document: str, *, seconds: float = 10.0) -> HubError:
    """The error that asking for this document ends in."""
    with pytest.raises(HubError) as caught:
        await fetch(source, a_request(document, seconds=seconds))
    return caught.value


async def until_all_are_closed(hospital: RunningHospital) -> None:
    """Wait until the hospital has no connection left."""
    async with asyncio.timeout(5):
        while await asyncio.to_thread(lambda: hospital.connections):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("fault", REASONS)
async def test_a_fault_has_its_reason_in_time_and_leaves_nothing_open(
    fault: str, source: DocumentSource, hospital: RunningHospital
) -> None:
    start = asyncio.get_running_loop().time()

    error = await reason_of(source, fault)

    assert error.reason is REASONS[fault]
    assert asyncio.get_running_loop().time() - start < 1.5
    said = str(error) + repr(error.details)
    assert not any(secret in said for secret in (PATIENT, OTHER_PATIENT, "stack trace", "Inventée", "Aanmelden"))
    # The source's only place is free again: the next request is served.
    assert KMEHR.encode() in await fetch(source, a_request("D-1"))
    await source.close()
    await until_all_are_closed(hospital)


async def test_a_soap_fault_is_an_answer_even_with_status_500(hospital: RunningHospital) -> None:
    soap, rest = (a_source(kind, hospital.base) for kind in KINDS)

    assert (await reason_of(soap, "fault")).reason is ANSWER
    assert (await reason_of(rest, "fault")).reason is UNAVAILABLE

    await soap.close()
    await rest.close()


async def test_a_closed_port_is_noticed_at_once(source: DocumentSource) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        nobody = a_source("rest", f"http://127.0.0.1:{reserved.getsockname()[1]}")

        assert (await reason_of(nobody, "D-1")).reason is UNAVAILABLE

        await nobody.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_connection_that_does_not_come_about_ends_in_time(kind: str) -> None:
    """A listener with a full queue neither takes nor refuses connections."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        source = a_source(kind, f"http://127.0.0.1:{port}")

        assert (await reason_of(source, "D-1")).reason is TOO_LATE

        await source.close()
        for client in waiting:
            client.close()


@pytest.mark.parametrize("fault", ["silent", "stops", "drips"])
async def test_the_deadline_of_the_callers_request_comes_first(fault: str, source: DocumentSource) -> None:
    start = asyncio.get_running_loop().time()

    error = await reason_of(source, fault, seconds=0.15)

    assert error.reason is TOO_LATE
    assert asyncio.get_running_loop().time() - start < 0.29


async def test_a_connection_that_the_hospital_closed_meanwhile_is_replaced(source: DocumentSource) -> None:
    for _ in range(10):
        assert await fetch(source, a_request("then-closes"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["silent", "stops"])
async def test_a_caller_who_leaves_frees_the_place_and_closes_the_connection(
    kind: str, fault: str, hospital: RunningHospital
) -> None:
    patient_source = a_source(
        kind, hospital.base, limits=impatient(connections=1, first_byte_timeout=30, idle_timeout=30)
    )
    asked = len(hospital.report()["requests"])  # type: ignore[arg-type]  # a list
    asking = asyncio.create_task(fetch(patient_source, a_request(fault)))
    async with asyncio.timeout(5):
        while len((await asyncio.to_thread(hospital.report))["requests"]) == asked:  # type: ignore[arg-type]  # a list
            await asyncio.sleep(0.02)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    await until_all_are_closed(hospital)
    assert await fetch(patient_source, a_request("D-1"))
    await patient_source.close()


async def test_a_busy_source_is_not_waited_for_long(source: DocumentSource) -> None:
    async with source.open(a_request("D-1")):
        error = await reason_of(source, "D-2")

    assert (error.reason, error.details["problem"]) == (UNAVAILABLE, "busy")
    assert await fetch(source, a_request("D-2"))


async def test_one_sick_hospital_does_not_slow_another(hospital: RunningHospital) -> None:
    sick = a_source("soap", hospital.base, limits=impatient(connections=4, connection_wait=5, first_byte_timeout=5))
    well = a_source("rest", hospital.base)
    asking = [asyncio.create_task(fetch(sick, a_request("silent", seconds=4))) for _ in range(30)]
    start = asyncio.get_running_loop().time()

    for _ in range(20):
        await fetch(well, a_request("D-1"))

    assert asyncio.get_running_loop().time() - start < 1
    assert not any(task.done() for task in asking)
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await sick.close()
    await well.close()


class TestCircuitBreaker:
    LIMITS = impatient(failures_to_open=3, pause=0.3)

    @pytest.mark.parametrize("fault", ["500", "silent", "half", "resets"])
    async def test_a_source_that_keeps_failing_is_not_tried_until_a_probe_succeeds(
        self, fault: str, hospital: RunningHospital
    ) -> None:
        source = a_source("rest", hospital.base, limits=self.LIMITS)
        for _ in range(3):
            assert source.is_available()
            await reason_of(source, fault)
        before = hospital.report()["requests"]

        error = await reason_of(source, "D-1")

        assert not source.is_available()
        assert error.reason is UNAVAILABLE
        assert error.details["problem"].startswith("not tried")
        assert hospital.report()["requests"] == before
        await self.until_available(source)
        assert await fetch(source, a_request("D-1"))
        assert source.is_available()
        await source.close()

    async def test_a_failed_probe_opens_the_circuit_again(self, hospital: RunningHospital) -> None:
        source = a_source("soap", hospital.base, limits=self.LIMITS)
        for _ in range(3):
            await reason_of(source, "500")
        await self.until_available(source)

        await reason_of(source, "500")

        assert not source.is_available()
        await source.close()

    async def test_a_probe_whose_caller_left_tells_nothing(self, hospital: RunningHospital) -> None:
        source = a_source("soap", hospital.base, limits=self.LIMITS)
        for _ in range(3):
            await reason_of(source, "500")
        await self.until_available(source)
        probe = asyncio.create_task(fetch(source, a_request("silent")))
        async with asyncio.timeout(5):
            while source.is_available():
                await asyncio.sleep(0)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)

        assert source.is_available()
        assert await fetch(source, a_request("D-1"))
        await source.close()

    @pytest.mark.parametrize("fault", ["html", "refused", "other-patient", "nonsense", "large", "fault-with-200"])
    async def test_a_source_that_answers_something_wrong_is_still_tried(
        self, fault: str, hospital: RunningHospital
    ) -> None:
        source = a_source("soap", hospital.base, limits=self.LIMITS)

        for _ in range(5):
            await reason_of(source, fault)

        assert source.is_available()
        await source.close()

    async def until_available(self, source: DocumentSource) -> None:
        """Wait for the pause to end."""
        async with asyncio.timeout(5):
            while not source.is_available():
                await asyncio.sleep(0.01)
