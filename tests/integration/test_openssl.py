"""The child process: it ends with its caller, in time, and gets nothing that it does not need."""

import asyncio
import os
from pathlib import Path

import pytest

from hub.domain.errors import HubError, Reason
from hub.sealing.openssl import Openssl, OpensslMissing


def program(folder: Path, script: str) -> str:
    """A program in place of openssl."""
    file = folder / "openssl"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o700)
    return str(file)


async def pid_in(file: Path) -> int:
    """The number that a program writes when it has started."""
    async with asyncio.timeout(20):
        while not file.exists() or not file.read_text().strip():
            await asyncio.sleep(0.01)
    return int(file.read_text())


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_a_run_that_is_cancelled_leaves_no_child(tmp_path: Path) -> None:
    openssl = Openssl(program=program(tmp_path, f"echo $$ > {tmp_path}/pid; exec /bin/sleep 60"), seconds=60)
    run = asyncio.create_task(openssl.decrypt(b"x" * 1_000_000, key=Path("own.key"), certificate=Path("own.pem")))
    pid = await pid_in(tmp_path / "pid")
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert is_gone(pid)


async def test_a_run_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    openssl = Openssl(program=program(tmp_path, f"echo $$ > {tmp_path}/pid; exec /bin/sleep 60"), seconds=0.5)
    with pytest.raises(HubError) as raised:
        await openssl.verify(b"x", anchors=Path("anchors.pem"), moment=0)
    assert raised.value.reason is Reason.SEALING_UNAVAILABLE
    assert is_gone(await pid_in(tmp_path / "pid"))


async def test_neither_secrets_of_the_environment_nor_content_are_shown_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_INDEX_SECRET", "very secret")
    openssl = Openssl(program=program(tmp_path, f"(env; echo $@) > {tmp_path}/seen; exec /bin/cat"), seconds=20)
    assert await openssl.decrypt(b"Verzonnen", key=Path("own.key"), certificate=Path("own.pem")) == b"Verzonnen"
    seen = (tmp_path / "seen").read_text()
    assert "own.key" in seen
    assert "secret" not in seen
    assert "Verzonnen" not in seen


async def test_what_the_program_says_is_not_told(tmp_path: Path) -> None:
    openssl = Openssl(program=program(tmp_path, "echo Verzonnen >&2; exit 2"), seconds=20)
    with pytest.raises(HubError) as raised:
        await openssl.encrypt(b"x", recipients=[b"certificate"])
    assert raised.value.reason is Reason.SEALING_UNAVAILABLE
    assert "Verzonnen" not in str(raised.value)


@pytest.mark.parametrize("script", ['echo "OpenSSL 1.1.1n  15 Mar 2022"', 'echo "LibreSSL 3.3.6"', "exit 1"])
def test_an_old_program_will_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program(tmp_path, script)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OpensslMissing):
        Openssl.found(seconds=1)


def test_no_program_will_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OpensslMissing):
        Openssl.found(seconds=1)
