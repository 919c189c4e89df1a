"""`hub serve` as processes: it gets ready, says how it is, survives what dies, and stops without losing a request."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from hub.storage.embedded import EmbeddedServer
from tests.e2e.hub_process import HubProcess, is_alive, outcomes_while_stopping, running, started, until, written
from tests.unit.wire.invented_documents import LIST, in_envelope

REQUEST = in_envelope(LIST).encode()
HEADERS = {"Content-Type": "text/xml; charset=utf-8"}
SHORT_GRACE = {"shutdown_grace = 30": "shutdown_grace = 1"}


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[HubProcess]:
    """A hub with two workers, ready."""
    async with running(tmp_path) as process:
        yield process


class Upload:
    """A request of which half has been sent: in flight until the rest follows."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def begin(cls, url: str) -> "Upload":
        """Connect and send the head and the first half of the body."""
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: text/xml; charset=utf-8\r\n"
            f"Content-Length: {len(REQUEST)}\r\n\r\n"
        )
        writer.write(head.encode() + REQUEST[: len(REQUEST) // 2])
        await writer.drain()
        return cls(reader, writer)

    async def finish(self) -> bytes:
        """Send the rest; everything that comes back until the hub closes the connection."""
        self._writer.write(REQUEST[len(REQUEST) // 2 :])
        return await self.rest()

    async def rest(self) -> bytes:
        """Everything that comes back until the hub closes the connection."""
        try:
            return await self._reader.read()
        except ConnectionError:
            return b""
        finally:
            self._writer.close()


async def ask(session: aiohttp.ClientSession, hub: HubProcess) -> str:
    async with session.post(hub.intrahub, data=REQUEST, headers=HEADERS) as response:
        assert response.status == 200
        return await response.text()


async def test_it_says_that_it_is_ready_and_what_it_depends_on(hub: HubProcess) -> None:
    await hub.logged("archiver.ready")
    (archiver,) = hub.events("archiver.started")
    assert all(ready["timestamp"] < archiver["timestamp"] for ready in hub.events("worker.ready")), "workers go first"
    status, said = await hub.readiness()
    assert status == 200
    assert said["status"] == "ready"
    assert {name: one["ok"] for name, one in said["dependencies"].items()} == {
        "archiver": True,
        "audit archive": True,
        "hub": True,
        "redis": True,
        "source north": True,
        "source south": True,
        "vault": True,
        "worker 1": True,
        "worker 2": True,
    }


async def test_it_lives(hub: HubProcess) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{hub.operations}/health/live") as response:
        assert await response.json() == {"status": "live"}


async def test_every_request_leaves_one_line_and_is_counted_over_all_workers(hub: HubProcess) -> None:
    for number in range(20):
        # A new connection each time, so that both workers get some.
        async with aiohttp.ClientSession(headers={"X-Request-Id": f"request-{number}"}) as session:
            await ask(session, hub)
    await hub.logged("request.done", 20)
    lines = hub.events("request.done")
    assert {line["request_id"] for line in lines} == {f"request-{number}" for number in range(20)}
    assert {line["worker"] for line in lines} == {1, 2}
    assert all(line["operation"] == "GetTransactionList" and line["status"] == 200 for line in lines)
    counted = [line for line in (await hub.metrics()).splitlines() if line.startswith("hub_requests_total{")]
    assert [(line.partition("{")[2], line.rpartition(" ")[2]) for line in counted] == [
        (f'operation="GetTransactionList",outcome="{lines[0]["outcome"]}"}} 20.0', "20.0")
    ]


async def test_no_line_loses_a_field(hub: HubProcess) -> None:
    async with aiohttp.ClientSession() as session:
        await ask(session, hub)
    assert await hub.stop() == 0
    assert not any("dropped" in line for line in hub.events("request.done"))
    assert not hub.events("unknown.event")
    assert not hub.events("library.message")


class TestStopping:
    """SIGTERM drains: what is in flight is finished, what is new is not begun."""

    async def test_requests_in_flight_are_finished_and_their_connections_closed(self, hub: HubProcess) -> None:
        uploads = [await Upload.begin(hub.intrahub) for _ in range(20)]
        hub.process.send_signal(signal.SIGTERM)
        await hub.turns(503)
        answers = await asyncio.gather(*(upload.finish() for upload in uploads))
        assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)
        assert all(b"GetTransactionListResponse" in answer for answer in answers)
        assert all(b"connection: close" in answer.lower() for answer in answers)
        assert await hub.stopped() == 0
        assert [line["cut"] for line in hub.events("worker.drained")] == [0, 0]

    @pytest.mark.parametrize("keeps_alive", [True, False])
    async def test_under_load_every_request_is_answered_or_not_begun(self, hub: HubProcess, keeps_alive: bool) -> None:
        outcomes = await outcomes_while_stopping(hub, lambda session: ask(session, hub), keeps_alive=keeps_alive)
        assert outcomes == {"answered", "not begun"}
        assert await hub.stopped() == 0

    async def test_what_is_not_done_in_time_is_cut(self, tmp_path: Path) -> None:
        async with running(tmp_path, **SHORT_GRACE) as hub:
            upload = await Upload.begin(hub.intrahub)
            hub.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await upload.rest() == b""
                assert await hub.stopped() == 0
            assert sum(line["cut"] for line in hub.events("worker.drained")) == 1

    async def test_a_second_signal_does_not_wait(self, hub: HubProcess) -> None:
        upload = await Upload.begin(hub.intrahub)
        hub.process.send_signal(signal.SIGTERM)
        await hub.logged("hub.stopping")
        hub.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(10):
            assert await upload.rest() == b""
            assert await hub.stopped() == 0
        assert hub.events("worker.killed")

    async def test_nothing_is_left_behind(self, hub: HubProcess) -> None:
        pids = [*hub.worker_pids, hub.redis_pid]
        assert await hub.stop() == 0
        assert not any(is_alive(pid) for pid in pids)


class TestMishaps:
    """What dies is started again; what cannot be shared is refused."""

    async def test_a_worker_that_dies_is_started_again(self, hub: HubProcess) -> None:
        os.kill(hub.worker_pids[0], signal.SIGKILL)
        await hub.logged("worker.ready", 3)
        await hub.turns(200)
        assert hub.events("worker.ended")[0]["status"] == -signal.SIGKILL
        assert "hub_worker_restarts_total 1.0" in await hub.metrics()
        async with aiohttp.ClientSession() as session:
            await ask(session, hub)

    async def test_a_worker_that_hangs_is_seen(self, hub: HubProcess) -> None:
        pid = hub.worker_pids[0]
        os.kill(pid, signal.SIGSTOP)
        try:
            status, said = await hub.readiness()
        finally:
            os.kill(pid, signal.SIGCONT)
        assert status == 503
        assert "does not answer" in [one["detail"] for one in said["dependencies"].values()]

    async def test_redis_that_dies_is_started_again_and_the_hub_says_so_meanwhile(self, hub: HubProcess) -> None:
        pid = hub.redis_pid
        os.kill(pid, signal.SIGSTOP)
        os.kill(pid, signal.SIGKILL)
        await hub.logged("redis.started", 2)
        await hub.turns(200)
        assert hub.events("redis.ended")[0]["status"] == -signal.SIGKILL
        async with aiohttp.ClientSession() as session:
            await ask(session, hub)

    async def test_a_vault_that_cannot_be_written_makes_it_not_ready(self, hub: HubProcess, tmp_path: Path) -> None:
        incoming = tmp_path / "data" / "vault" / "incoming"
        incoming.rename(tmp_path / "aside")
        incoming.write_text("not a folder")
        await hub.turns(503)
        _, said = await hub.readiness()
        assert not said["dependencies"]["vault"]["ok"]

    async def test_workers_do_not_outlive_a_supervisor_that_was_killed(self, tmp_path: Path) -> None:
        async with running(tmp_path) as hub:
            pids = hub.worker_pids
            hub.process.kill()
            await until(lambda: not any(is_alive(pid) for pid in pids))
        async with running(tmp_path) as again:  # with the Redis that the first one left running
            assert (await again.readiness())[0] == 200

    async def test_a_port_that_somebody_has_is_refused_with_its_name(self, tmp_path: Path) -> None:
        with socket.socket() as place:
            place.bind(("127.0.0.1", 0))
            place.listen()
            port = place.getsockname()[1]
            async with started(written(tmp_path, **{"port = 8080": f"port = {port}"})) as hub:
                assert await hub.stopped() == 1
                (refused,) = hub.events("hub.refused")
        assert refused["problem"] == f"127.0.0.1:{port} cannot be listened on: Address already in use"

    async def test_two_hubs_never_share_a_port(self, hub: HubProcess, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        port = urlsplit(hub.intrahub).port
        async with started(written(other, **{"port = 8080": f"port = {port}"})) as second:
            assert await second.stopped() == 1
            assert "Address already in use" in second.events("hub.refused")[0]["problem"]

    async def test_two_hubs_never_share_a_data_folder(self, hub: HubProcess, tmp_path: Path) -> None:
        async with started(written(tmp_path, name="second.toml")) as second:
            assert await second.stopped() == 1
            assert "another hub uses" in second.events("hub.refused")[0]["problem"]
        assert (await hub.readiness())[0] == 200

    async def test_a_vault_that_cannot_be_opened_stops_the_start(self, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "vault").write_text("not a folder")
        async with started(written(tmp_path)) as hub:
            assert await hub.stopped() == 1
            problems = [event["problem"] for event in hub.events("hub.refused")]
        assert any("File exists" in problem and "vault" in problem for problem in problems)
        assert any("ended with status 1 while starting" in problem for problem in problems)

    async def test_a_redis_that_is_not_there_stops_the_start(self, tmp_path: Path) -> None:
        url = f'url = "unix://{tmp_path}/nobody.sock"'
        async with started(written(tmp_path, **{'url = ""': url})) as hub:
            assert await hub.stopped() == 1
            assert hub.events("hub.refused")[0]["problem"] == "Redis does not answer (ConnectionError)"


async def test_a_redis_of_ones_own_is_used(tmp_path: Path) -> None:
    async with (
        EmbeddedServer.running(tmp_path / "redis") as server,
        running(tmp_path, **{'url = ""': f'url = "{server.url}"'}) as hub,
    ):
        assert (await hub.readiness())[0] == 200
        assert not hub.events("redis.started")
        assert await hub.stop() == 0


class TestCommands:
    """The commands that look at a configuration."""

    def run(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "hub", *arguments], capture_output=True, text=True, check=False, timeout=60
        )

    def test_check_config_accepts_the_example(self, tmp_path: Path) -> None:
        completed = self.run("check-config", "--config", written(tmp_path))
        assert completed.returncode == 0
        assert "will do. Hub 1990000728, sources: north, south." in completed.stdout

    @pytest.mark.parametrize("command", ["check-config", "print-config", "serve"])
    def test_every_problem_is_named_and_the_status_is_1(self, tmp_path: Path, command: str) -> None:
        file = written(tmp_path, **{"workers = 2": "wokers = 2", 'kind = "hospital_rest"': 'kind = "fax"'})
        completed = self.run(command, "--config", file)
        assert completed.returncode == 1
        assert completed.stdout == ""
        assert f"{file}: listener.wokers: unknown key; did you mean workers?" in completed.stderr
        assert f"{file}: sources.south.kind:" in completed.stderr

    def test_print_config_shows_no_secret(self, tmp_path: Path) -> None:
        completed = self.run("print-config", "--config", written(tmp_path))
        assert completed.returncode == 0
        assert "shutdown_grace = 30" in completed.stdout
        assert (tmp_path / "secrets" / "index.key").read_text() not in completed.stdout

    def test_the_version_is_said(self) -> None:
        assert self.run("--version").stdout.startswith("0.")
