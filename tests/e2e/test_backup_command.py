"""`hub backup` and `hub restore` as an operator runs them: beside a hub that serves, and before one that starts."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hub.wire.schemas import SchemaSet, default_schema_folder
from tests.builders import a_declaration
from tests.consistency.soap_workload import Connection
from tests.consistency.test_killed_hub import REGISTERS
from tests.consistency.workload import Declare, List, invented_patients
from tests.e2e.hub_process import HubProcess, running, written

PATIENTS = invented_patients(20, seed=8)


async def run(*words: str | Path) -> tuple[int | None, dict[str, Any], str]:
    """Exit status, the JSON on standard output, and what is on standard error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", *words, "--json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    return process.returncode, json.loads(output or "{}"), errors.decode()


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    return SchemaSet.load(default_schema_folder())


@asynccontextmanager
async def calling(hub: HubProcess, folder: Path, schemas: SchemaSet) -> AsyncIterator[Connection]:
    async with Connection.open(hub.intrahub, schemas, folder / "secrets" / "index.key") as connection:
        yield connection


async def test_a_hub_comes_back_from_a_backup_that_was_made_while_it_served(tmp_path: Path, schemas: SchemaSet) -> None:
    configuration, file = tmp_path / "hub.toml", tmp_path / "index.backup"
    async with running(tmp_path, **REGISTERS) as hub, calling(hub, tmp_path, schemas) as connection:
        for patient in PATIENTS:
            assert await connection.ask(patient, Declare(a_declaration())) == 1
        status, facts, errors = await run("backup", file, "--config", configuration)
        assert (status, errors) == (0, "")
        assert facts.items() >= {"patients": len(PATIENTS), "bytes": file.stat().st_size}.items()
        listed = [await connection.ask(patient, List()) for patient in PATIENTS]
        status, facts, errors = await run("restore", file, "--config", configuration)
        assert (status, facts) == (1, {})
        assert errors == "hub restore: the index is not empty; a backup is restored into an empty one only\n"

    (tmp_path / "data" / "redis").rename(tmp_path / "lost")
    status, facts, errors = await run("restore", file, "--config", configuration)
    assert (status, errors) == (0, "")
    assert facts["patients"] == len(PATIENTS)
    async with running(tmp_path, **REGISTERS) as hub, calling(hub, tmp_path, schemas) as connection:
        assert [await connection.ask(patient, List()) for patient in PATIENTS] == listed


async def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path) -> None:
    configuration, file = written(tmp_path), tmp_path / "index.backup"
    file.write_text("a text")
    for command, problem in (("backup", "exists already"), ("restore", "is no backup of a hub")):
        status, facts, errors = await run(command, file, "--config", configuration)
        assert (status, facts) == (1, {})
        assert errors.startswith(f"hub {command}: {file} {problem}")
        assert errors.count("\n") == 1
