"""What every vault promises: what is put comes back, sealed at rest, whole or not at all."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import registry
from connectors.vault.vault import Vault
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.ports.documents import DocumentVault, Shape
from tests.fakes.document_requests import a_request
from tests.fakes.documents import OTHER_PATIENT, PATIENT, a_document
from tests.fakes.s3 import SECRETS, running_s3

KEYS = {"2025": bytes(range(32)), "2026": bytes(range(32, 64))}
DOCUMENT = a_document().encode()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with running_s3() as url:
        yield url


@pytest.fixture(params=["folder", "bucket"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a vault keeps its documents."""
    if request.param == "folder":
        return (tmp_path / "vault").as_uri()
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    s3: str = request.getfixturevalue("s3")
    return s3.format(tmp_path.name)


@pytest.fixture
def vault(url: str) -> Vault:
    return registry.vault(url, keys=KEYS, key_id="2026")


async def read(vault: Vault, key: bytes, *, seconds: float = 10) -> bytes:
    """A document of the vault."""
    async with vault.open(a_request(document=key, seconds=seconds)) as document:
        assert document.shape is Shape.KMEHR_MESSAGE
        content = b"".join([chunk async for chunk in document.chunks])
        assert document.size == len(content)
        return content


@pytest.mark.parametrize("size", [0, 1, 65_536, 600_000, 3_000_000])
async def test_what_is_put_comes_back(size: int, vault: Vault) -> None:
    document = bytes(number % 253 for number in range(size))

    key = await vault.put(Ssin(PATIENT), document)

    assert await read(vault, key) == document


async def test_the_key_is_of_patient_and_document(vault: DocumentVault) -> None:
    key = await vault.put(Ssin(PATIENT), DOCUMENT)

    assert len(key) == 16
    assert key == await vault.key_of(Ssin(PATIENT), DOCUMENT) == await vault.put(Ssin(PATIENT), DOCUMENT)
    assert key != await vault.key_of(Ssin(OTHER_PATIENT), DOCUMENT)
    assert key != await vault.key_of(Ssin(PATIENT), DOCUMENT + b" ")


async def test_another_worker_reads_it_and_keys_can_be_changed_while_serving(url: str) -> None:
    before = registry.vault(url, keys={"2025": KEYS["2025"]}, key_id="2025")
    key = await before.put(Ssin(PATIENT), DOCUMENT)

    after = registry.vault(url, keys=KEYS, key_id="2026")

    assert await read(after, key) == DOCUMENT
    assert await read(after, await after.put(Ssin(PATIENT), b"newer")) == b"newer"


async def test_a_document_whose_key_is_not_configured_any_more_stays_shut(url: str) -> None:
    key = await registry.vault(url, keys={"2025": KEYS["2025"]}, key_id="2025").put(Ssin(PATIENT), DOCUMENT)

    with pytest.raises(HubError) as caught:
        await read(registry.vault(url, keys={"2026": KEYS["2026"]}, key_id="2026"), key)

    assert caught.value.reason is Reason.SOURCE_ANSWER


async def test_a_document_that_is_not_there_is_lacking(vault: Vault) -> None:
    with pytest.raises(HubError) as caught:
        await read(vault, bytes(16))

    assert caught.value.reason is Reason.SOURCE_LACKS_DOCUMENT


async def test_many_puts_at_once_all_arrive(vault: Vault) -> None:
    documents = [DOCUMENT + bytes([number]) for number in range(20)]

    keys = await asyncio.gather(*(vault.put(Ssin(PATIENT), document) for document in (*documents, *documents)))

    assert len(set(keys)) == 20
    assert [await read(vault, key) for key in keys[:20]] == documents


async def test_it_says_that_it_is_writable_and_nobody_can_be_asked_to_publish(vault: Vault) -> None:
    assert await vault.is_writable()
    assert vault.is_available()
    request = a_request(document=bytes(16))
    with pytest.raises(HubError) as caught:
        await vault.request_publication(None, request.context)  # type: ignore[arg-type]  # no wish is looked at
    assert caught.value.reason is Reason.SOURCE_CANNOT_BE_ASKED


async def test_reading_ends_with_the_deadline_of_the_request(vault: Vault) -> None:
    key = await vault.put(Ssin(PATIENT), bytes(5_000_000))

    with pytest.raises(HubError) as caught:
        await read(vault, key, seconds=-1)

    assert caught.value.reason is Reason.SOURCE_TOO_LATE
