"""Commands of the hub as an operator runs them, with a configuration."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.e2e.secrecy import Secrets


class Ended(NamedTuple):
    """How a command ended: exit status, the JSON on standard output, what is on standard error."""

    status: int | None
    facts: dict[str, Any]
    errors: str


_CONFIGURATION = """
strict = false
[hub]
id = "1990000728"
name = "Test hub"
[listener]
port = 0
authentication = "plain"
[operations]
port = 0
[redis]
url = "{redis_url}"
[vault]
key_id = "a"
[vault.keys]
a = "index.key"
[index]
secret_file = "index.key"
{more}
"""


def configured(folder: Path, *, redis_url: str, more: str) -> Path:
    """A configuration whose keys are beside it; `more` are the other keys of `[index]`, and tables."""
    file = folder / "hub.toml"
    file.write_text(_CONFIGURATION.format(redis_url=redis_url, more=more))
    return file


@asynccontextmanager
async def running(
    configuration: Path, command: str, *arguments: str | Path, given: bytes | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command, killed at the end unless it has ended; `given` is what it may read on its standard input."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", command, *arguments, "--config", configuration, "--json"),
        stdin=asyncio.subprocess.DEVNULL if given is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def run(configuration: Path, command: str, *arguments: str | Path, given: bytes | None = None) -> Ended:
    """Run a command to its end."""
    async with running(configuration, command, *arguments, given=given) as process:
        output, errors = await process.communicate(given)
    Secrets(configuration.parent).require_kept(output + errors)
    return Ended(process.returncode, json.loads(output or "{}"), errors.decode())
