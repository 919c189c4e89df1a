"""The vault on a real disk: full, gone, tampered with."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors import registry
from connectors.vault.sealing import SEGMENT
from connectors.vault.vault import Vault
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from tests.fakes.document_requests import a_request
from tests.fakes.documents import PATIENT, a_document

KEYS = {"1": bytes(range(32))}
DOCUMENT = a_document().encode()
LARGE = bytes(4 * SEGMENT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vault with space"


@pytest.fixture
def vault(folder: Path) -> Vault:
    return registry.vault(folder.as_uri(), keys=KEYS, key_id="1")


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def read(vault: Vault, key: bytes) -> bytes:
    async with vault.open(a_request(document=key)) as document:
        return b"".join([chunk async for chunk in document.chunks])


async def reason_of_reading(vault: Vault, key: bytes) -> tuple[Reason, bytes]:
    """The reason a document is not given whole, and what was given of it before."""
    given = b""
    with pytest.raises(HubError) as caught:
        async with vault.open(a_request(document=key)) as document:
            async for chunk in document.chunks:
                given += chunk
    return caught.value.reason, given


async def test_nothing_on_the_disk_tells_whose_document_it_is(vault: Vault, folder: Path) -> None:
    await vault.put(Ssin(PATIENT), DOCUMENT)

    for path in folder.rglob("*"):
        assert PATIENT not in path.name
    (stored,) = files(folder)
    assert not any(secret in stored.read_bytes() for secret in (PATIENT.encode(), b"Verzonnen", b"kmehr"))
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("change", ["bit", "cut", "cut at a segment", "longer", "empty", "other"])
async def test_a_document_that_was_changed_on_the_disk_is_not_given(change: str, vault: Vault, folder: Path) -> None:
    key = await vault.put(Ssin(PATIENT), LARGE)
    (stored,) = files(folder)
    sealed = stored.read_bytes()
    changed = {
        "bit": sealed[:-5] + bytes([sealed[-5] ^ 1]) + sealed[-4:],
        "cut": sealed[:-1],
        "cut at a segment": sealed[: -SEGMENT - 16],
        "longer": sealed + b"x",
        "empty": b"",
        "other": b"not sealed at all" * 20,
    }
    stored.write_bytes(changed[change])

    reason, given = await reason_of_reading(vault, key)

    assert reason is Reason.SOURCE_ANSWER
    assert LARGE.startswith(given)
    assert len(given) <= 3 * SEGMENT


async def test_putting_a_damaged_document_again_heals_it(vault: Vault, folder: Path) -> None:
    key = await vault.put(Ssin(PATIENT), LARGE)
    (stored,) = files(folder)
    stored.write_bytes(b"damaged")

    assert await vault.put(Ssin(PATIENT), LARGE) == key

    assert await read(vault, key) == LARGE


async def test_putting_a_document_again_does_not_disturb_who_is_reading_it(vault: Vault) -> None:
    key = await vault.put(Ssin(PATIENT), bytes(3_000_000))
    async with vault.open(a_request(document=key)) as document:
        content = await anext(document.chunks)
        await vault.put(Ssin(PATIENT), bytes(3_000_000))
        content += b"".join([chunk async for chunk in document.chunks])

    assert content == bytes(3_000_000)


async def test_what_a_crash_left_behind_is_cleared_at_the_next_start(vault: Vault, folder: Path) -> None:
    await vault.put(Ssin(PATIENT), DOCUMENT)
    old, young = folder / "incoming" / "old#1", folder / "incoming" / "young"
    for path in (old, young):
        path.write_bytes(b"half a document")
    os.utime(old, (0, 0))

    registry.vault(folder.as_uri(), keys=KEYS, key_id="1")

    assert not old.exists()
    assert young.exists(), "another worker may be writing it"


async def test_a_folder_that_is_gone_is_no_missing_document(vault: Vault, folder: Path) -> None:
    key = await vault.put(Ssin(PATIENT), DOCUMENT)
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("a file stands in its place")

    assert (await reason_of_reading(vault, key))[0] is Reason.VAULT_UNAVAILABLE
    with pytest.raises(HubError) as caught:
        await vault.put(Ssin(PATIENT), DOCUMENT)
    assert caught.value.reason is Reason.VAULT_UNAVAILABLE
    assert not await vault.is_writable()


_ON_A_FULL_DISK = """
import asyncio, resource, sys
from connectors import registry
from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin

async def main(url, patient):
    vault = registry.vault(url, keys={"1": bytes(range(32))}, key_id="1")
    await vault.put(Ssin(patient), b"small")
    # Beyond so many bytes every write to a file fails, as on a disk that has just filled up.
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        await vault.put(Ssin(patient), bytes(1_000_000))
    except HubError as error:
        print(error.reason.value)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 100_000))
    print(await vault.is_writable())

asyncio.run(main(*sys.argv[1:]))
"""


def test_a_full_disk_refuses_a_document_and_keeps_nothing_of_it(folder: Path) -> None:
    command = [sys.executable, "-c", _ON_A_FULL_DISK, folder.as_uri(), PATIENT]
    root = Path(__file__).resolve().parents[2]

    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)

    assert done.stdout.split() == ["vault-unavailable", "False"], done.stderr
    (small,) = files(folder)
    assert small.stat().st_size < 1000


async def test_large_documents_do_not_hold_up_the_event_loop(vault: Vault) -> None:
    loop = asyncio.get_running_loop()
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = loop.time()
            await asyncio.sleep(0.001)
            longest = max(longest, loop.time() - before)

    watching = asyncio.create_task(watch())
    key = await vault.put(Ssin(PATIENT), bytes(30_000_000))
    async with vault.open(a_request(document=key)) as document:
        async for _ in document.chunks:
            await asyncio.sleep(0)
    watching.cancel()

    assert longest < 0.2
