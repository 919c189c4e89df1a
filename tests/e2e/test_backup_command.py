"""`hub backup` and `hub restore` as an operator runs them: beside a hub that serves, and before one that starts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.wire.schemas import SchemaSet, default_schema_folder
from tests.allowed import allow_on
from tests.builders import a_declaration, a_patient, a_person
from tests.consistency.soap_workload import Connection
from tests.consistency.workload import Declare, List, invented_patients
from tests.e2e.commands import run
from tests.e2e.hub_process import HubProcess, running, written

PATIENTS = invented_patients(20, seed=8)


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    return SchemaSet.load(default_schema_folder())


@asynccontextmanager
async def calling(hub: HubProcess, folder: Path, schemas: SchemaSet) -> AsyncIterator[Connection]:
    async with Connection.open(hub.intrahub, schemas, folder / "secrets" / "index.key") as connection:
        yield connection


async def test_a_hub_comes_back_from_a_backup_that_was_made_while_it_served(tmp_path: Path, schemas: SchemaSet) -> None:
    configuration, file = tmp_path / "hub.toml", tmp_path / "index.backup"
    async with running(tmp_path) as hub, calling(hub, tmp_path, schemas) as connection:
        secret = bytes.fromhex((tmp_path / "secrets" / "index.key").read_text())
        await allow_on(hub.redis_url, secret, map(a_patient, PATIENTS), [a_person()])
        for patient in PATIENTS:
            assert await connection.ask(patient, Declare(a_declaration())) == 1
        status, facts, errors = await run(configuration, "backup", file)
        assert (status, errors) == (0, "")
        assert facts.items() >= {"patients": len(PATIENTS), "bytes": file.stat().st_size}.items()
        listed = [await connection.ask(patient, List()) for patient in PATIENTS]
        status, facts, errors = await run(configuration, "restore", file)
        assert (status, facts) == (1, {})
        assert errors == "hub restore: the index is not empty; a backup is restored into an empty one only\n"

    (tmp_path / "data" / "redis").rename(tmp_path / "lost")
    status, facts, errors = await run(configuration, "restore", file)
    assert (status, errors) == (0, "")
    assert facts["patients"] == len(PATIENTS)
    async with running(tmp_path) as hub, calling(hub, tmp_path, schemas) as connection:
        assert [await connection.ask(patient, List()) for patient in PATIENTS] == listed


async def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path) -> None:
    configuration, file = written(tmp_path), tmp_path / "index.backup"
    file.write_text("a text")
    for command, problem in (("backup", "exists already"), ("restore", "is no backup of a hub")):
        status, facts, errors = await run(configuration, command, file)
        assert (status, facts) == (1, {})
        assert errors.startswith(f"hub {command}: {file} {problem}")
        assert errors.count("\n") == 1
