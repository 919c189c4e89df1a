"""The connector of directories of care providers: what comes from outside is entry, nothing, or a clear error."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors import registry
from connectors.provider_directory.settings import HttpProviderDirectorySettings
from hub.domain.errors import HubError, Reason
from hub.ports.providers import DirectoryEntry, ProviderDirectory
from tests.builders import GP_NIHII
from tests.fakes.directories import DirectoryServer, running_directory

NUMBER = GP_NIHII[:8]


@pytest.fixture
async def server() -> AsyncIterator[DirectoryServer]:
    async with running_directory() as server:
        yield server


def a_directory(url: str, **settings: float | Path) -> ProviderDirectory:
    return registry.directory(
        HttpProviderDirectorySettings(url=url, allow_http=True, connect_timeout=0.5, **settings)  # type: ignore[arg-type]
    )


def entry(**changes: object) -> str:
    return json.dumps({"number": NUMBER, "profession": "persphysician", "licence": "valid"} | changes)


async def refusal(directory: ProviderDirectory) -> HubError:
    with pytest.raises(HubError) as caught:
        await directory.find(GP_NIHII)
    return caught.value


async def test_it_is_asked_by_what_identifies_a_provider_and_remembers_the_answer(server: DirectoryServer) -> None:
    directory = a_directory(server.url)
    server.body = entry()
    for number in (GP_NIHII, NUMBER):
        assert await directory.find(number) == DirectoryEntry(profession="persphysician", is_valid=True)
    assert [number for number, _ in server.asked] == [NUMBER]
    await directory.close()


async def test_answers_may_be_asked_for_every_time(server: DirectoryServer) -> None:
    directory = a_directory(server.url, remembered_seconds=0)
    for licence in ("valid", "ended"):
        server.body = entry(licence=licence)
        found = await directory.find(NUMBER)
        assert found is not None
        assert found.is_valid == (licence == "valid")
    await directory.close()


async def test_whom_it_does_not_know_it_does_not_know(server: DirectoryServer) -> None:
    directory = a_directory(server.url)
    server.status = 404
    assert await directory.find(NUMBER) is None
    assert await directory.find(NUMBER) is None
    assert len(server.asked) == 1
    await directory.close()


async def test_it_is_shown_the_token_of_the_hub(server: DirectoryServer, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("fictif\n")
    directory = a_directory(server.url, token_file=tmp_path / "token")
    server.body = entry()
    await directory.find(NUMBER)
    assert server.asked[0][1]["Authorization"] == "Bearer fictif"
    await directory.close()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", "no JSON"),
        ("<html/>", "no JSON"),
        ("[" * 60_000, "no JSON"),
        ("[]", "as agreed"),
        ("null", "as agreed"),
        (entry(licence="maybe"), "as agreed"),
        (entry(licence=["valid"]), "as agreed"),
        (entry(profession=None), "as agreed"),
        (entry(number=int(NUMBER)), "as agreed"),
        (entry(number="19990215"), "another number"),
    ],
    ids=range(10),
)
async def test_nonsense_is_told_as_that_and_not_remembered(server: DirectoryServer, body: str, problem: str) -> None:
    directory = a_directory(server.url)
    server.body = body
    error = await refusal(directory)
    assert error.reason is Reason.SOURCE_ANSWER
    assert problem in error.details["problem"]
    server.body = entry()
    assert await directory.find(NUMBER) is not None
    await directory.close()


@pytest.mark.parametrize(
    ("status", "media_type"), [(204, "application/json"), (403, "application/json"), (200, "text/html")]
)
async def test_so_is_an_answer_of_another_kind(server: DirectoryServer, status: int, media_type: str) -> None:
    directory = a_directory(server.url)
    server.status, server.media_type = status, media_type
    assert (await refusal(directory)).reason is Reason.SOURCE_ANSWER
    await directory.close()


async def test_what_is_far_too_long_is_not_read(server: DirectoryServer) -> None:
    directory = a_directory(server.url)
    server.body = " " * 70_000
    assert (await refusal(directory)).reason is Reason.SOURCE_TOO_LARGE
    await directory.close()


async def test_one_that_keeps_failing_is_not_asked_for_a_while(server: DirectoryServer) -> None:
    directory = a_directory(server.url, failures_to_open=2)
    server.status = 503
    reasons = {(await refusal(directory)).reason for _ in range(5)}
    assert reasons == {Reason.SOURCE_UNAVAILABLE}
    assert len(server.asked) == 2
    await directory.close()


async def test_one_that_is_not_there_is_unavailable() -> None:
    async with running_directory() as server:
        url = server.url
    directory = a_directory(url)
    assert (await refusal(directory)).reason is Reason.SOURCE_UNAVAILABLE
    await directory.close()
