"""Redis goes away in the middle of requests: what was acknowledged is there, what was not is said."""

import asyncio
import os
import signal
from pathlib import Path

from hub.services.routing import Source
from hub.storage.embedded import EmbeddedServer
from tests.builders import HOSPITAL_NIHII, JAN, a_declaration, a_patient
from tests.fakes.sources import ScriptedSource
from tests.integration.served_hub import ServedHub, served_hub

SOURCES = [Source("chu", HOSPITAL_NIHII, ScriptedSource("chu"))]
WRITERS = 8


async def test_a_killed_server_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    async with (
        EmbeddedServer.running(tmp_path / "redis") as redis,
        served_hub(redis.url, tmp_path / "vault", SOURCES) as hub,
    ):
        (await hub.doctor.put_patient(a_patient().as_put.decode())).accepted()
        acknowledged: set[str] = set()
        refused: set[str] = set()
        busy = asyncio.Event()

        async def publish(writer: int) -> None:
            for number in range(200):
                name = f"W{writer}-{number}"
                reply = await hub.hospital.declare(JAN, a_declaration(name))
                if not reply.complete:
                    refused.update(error.code for error in reply.errors)
                    return
                acknowledged.add(name)
                if len(acknowledged) > 4 * WRITERS:
                    busy.set()

        async with asyncio.TaskGroup() as group:
            for writer in range(WRITERS):
                group.create_task(publish(writer))
            await busy.wait()
            os.kill(redis.pid, signal.SIGKILL)
            await redis.ended()
        assert refused == {"index-unavailable"}
        assert '"event":"index.failed","exception":"' in hub.log.getvalue().replace(" ", "")

        await redis.start(patience=30)
        listed = await names(hub)
        assert acknowledged <= listed
        (await hub.hospital.declare(JAN, a_declaration("AFTER"))).accepted()
        assert await names(hub) == listed | {"AFTER"}


async def test_a_server_that_hangs_is_given_up_in_time_and_used_again(tmp_path: Path) -> None:
    async with (
        EmbeddedServer.running(tmp_path / "redis") as redis,
        served_hub(redis.url, tmp_path / "vault", SOURCES, redis_timeout=0.5) as hub,
    ):
        (await hub.doctor.put_patient(a_patient().as_put.decode())).accepted()
        os.kill(redis.pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(5):
                reply = await hub.doctor.list(JAN)
        finally:
            os.kill(redis.pid, signal.SIGCONT)
        assert [error.code for error in reply.errors] == ["index-unavailable"]
        (await hub.doctor.list(JAN)).accepted()


async def names(hub: ServedHub) -> set[str]:
    """The publisher's names of everything that is listed."""
    return {row.ids[1].value for row in (await hub.doctor.list(JAN)).accepted().summaries}


async def test_a_hub_that_wants_a_replica_to_confirm_refuses_changes_without_one(tmp_path: Path) -> None:
    """Nobody can say that a change would stay, nor that the trace of a look would."""
    async with EmbeddedServer.running(tmp_path / "redis") as redis:
        async with served_hub(redis.url, tmp_path / "vault", SOURCES) as hub:
            (await hub.doctor.put_patient(a_patient().as_put.decode())).accepted()
        async with served_hub(redis.url, tmp_path / "vault", SOURCES, redis_timeout=0.5, wait_replicas=1) as hub:
            refused = await hub.hospital.declare(JAN, a_declaration("A"))
            assert [error.code for error in refused.errors] == ["index-unavailable"]
            assert [error.code for error in (await hub.doctor.list(JAN)).errors] == ["audit-unavailable"]
        async with served_hub(redis.url, tmp_path / "vault", SOURCES) as hub:
            assert await names(hub) == set()
