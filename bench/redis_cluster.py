"""A Redis Cluster on this machine, for tests and measurements: masters with replicas, formed and reshaped by ourselves.

`redis-cli --cluster` would do that too, but the wheels that carry a server do not carry that program.
"""

import asyncio
import random
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import RedisError

from hub.storage.embedded import find_server

HOST = "127.0.0.1"
_BUS = 10_000
"""The servers of a cluster talk to each other on a port so much higher."""

_PATIENCE = 60.0
_POLL = 0.02
_KEYS_AT_ONCE = 16

_CONFIGURATION = """port {port}
bind 127.0.0.1
dir "{folder}"
logfile "{folder}/redis.log"
save ""
appendonly yes
appendfsync {fsync}
repl-diskless-sync yes
repl-diskless-sync-delay 0
cluster-enabled yes
cluster-config-file nodes.conf
cluster-node-timeout {node_timeout}
cluster-allow-replica-migration no
cluster-require-full-coverage no
"""


class ClusterNode:
    """One server. `client` talks to it alone."""

    def __init__(self, binary: Path, folder: Path, *, port: int, fsync: str, node_timeout: float) -> None:
        self.port, self.id = port, ""
        self.client = Redis(host=HOST, port=port, socket_timeout=10)
        self._binary, self._folder = binary, folder
        self._configuration = _CONFIGURATION.format(
            port=port, folder=folder, fsync=fsync, node_timeout=int(node_timeout * 1000)
        )
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The number of its process, while it runs."""
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Start it, with the data and the place in the cluster that it had, and wait until it answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / "redis.conf"
        file.write_text(self._configuration)
        self._process = await asyncio.create_subprocess_exec(
            *(self._binary, file), stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        await until(self._answers)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, by this signal."""
        if self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(number)
            await self._process.wait()

    def pause(self) -> None:
        """Let it hang."""
        if self._process:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self._process:
            self._process.send_signal(signal.SIGCONT)

    async def command(self, name: str, *arguments: object) -> Any:  # noqa: ANN401 - as the library has it
        """The answer to a command of the cluster."""
        return await self.client.execute_command(name, *arguments)  # type: ignore[no-untyped-call]  # not typed there

    async def is_master(self) -> bool:
        """Whether it thinks that it is a master."""
        return bool((await self.client.role())[0] == b"master")

    async def _answers(self) -> bool:
        if self._process and self._process.returncode is not None:
            raise RuntimeError(f"a server of the cluster ended: see {self._folder}/redis.log")
        return bool(await self.client.ping())


class LocalCluster:
    """A cluster of servers that live as long as `running`. The masters come first in `nodes`, then their replicas."""

    def __init__(self, nodes: Sequence[ClusterNode], *, masters: int) -> None:
        self.nodes, self._masters = nodes, masters

    @classmethod
    @asynccontextmanager
    async def running(
        cls, folder: Path, *, masters: int = 3, replicas: int = 1, fsync: str = "everysec", node_timeout: float = 1.0
    ) -> AsyncIterator["LocalCluster"]:
        """A cluster that covers all slots and whose replicas are up to date.

        `replicas` is per master; `node_timeout` are the seconds after which a silent server is held for dead.
        """
        binary, ports = find_server(), _free_ports(masters * (1 + replicas))
        nodes = [
            ClusterNode(binary, folder / str(port), port=port, fsync=fsync, node_timeout=node_timeout) for port in ports
        ]
        try:
            async with asyncio.TaskGroup() as group:
                for node in nodes:
                    group.create_task(node.start())
            cluster = cls(nodes, masters=masters)
            await cluster._form()
            yield cluster
        finally:
            for node in nodes:
                await node.client.aclose()
                await node.end(signal.SIGKILL)

    @property
    def url(self) -> str:
        """How the hub is told of it."""
        return f"redis+cluster://{','.join(f'{HOST}:{node.port}' for node in self.nodes)}"

    async def master_of(self, key: bytes) -> ClusterNode:
        """Who has a key."""
        return await self.owner_of(key_slot(key))

    async def owner_of(self, slot: int) -> ClusterNode:
        """Who has a slot, and says so itself: what the others have heard may be old."""
        for node in self.nodes:
            with suppress(RedisError, OSError):
                layout = await node.command("CLUSTER", "SLOTS")
                if any(first <= slot <= last and owner[1] == node.port for first, last, owner, *_ in layout):
                    return node
        raise RuntimeError("nobody has the slot")

    async def replica_of(self, master: ClusterNode) -> ClusterNode:
        """A replica of a master."""
        for node in self.nodes:
            role = await node.client.role()
            if role[0] == b"slave" and role[2] == master.port:
                return node
        raise RuntimeError("the master has no replica")

    async def masters(self) -> list[ClusterNode]:
        """The masters now, those that answer."""
        found = []
        for node in self.nodes:
            with suppress(RedisError, OSError):
                if await node.is_master():
                    found.append(node)
        return found

    async def slots_in_use(self, master: ClusterNode) -> list[int]:
        """The slots of a master that have keys."""
        return sorted({key_slot(key) for key in await master.command("KEYS", "*")})

    async def move_slot(self, slot: int, target: ClusterNode) -> int:
        """Give a slot and its keys to another master while both serve; how many keys it had."""
        source, moved = await self.owner_of(slot), 0
        await target.command("CLUSTER SETSLOT", slot, "IMPORTING", source.id)
        await source.command("CLUSTER SETSLOT", slot, "MIGRATING", target.id)
        while keys := await source.command("CLUSTER GETKEYSINSLOT", slot, _KEYS_AT_ONCE):
            await source.command("MIGRATE", HOST, target.port, "", 0, 10_000, "KEYS", *keys)
            moved += len(keys)
        # The new owner first: were the old one first, it would send callers to somebody who knows nothing yet.
        for node in (target, source):
            await node.command("CLUSTER SETSLOT", slot, "NODE", target.id)
        return moved

    async def _form(self) -> None:
        first, masters, replicas = self.nodes[0], self.nodes[: self._masters], self.nodes[self._masters :]
        for number, node in enumerate(self.nodes):
            await node.command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            node.id = (await node.command("CLUSTER MYID")).decode()
        for number, master in enumerate(masters):
            slots = _share(number, len(masters))
            await master.command("CLUSTER ADDSLOTS", *slots)
        for node in self.nodes[1:]:
            await first.command("CLUSTER MEET", HOST, node.port)
        for node in self.nodes:
            await until(partial(self._knows_all, node))
        for number, replica in enumerate(replicas):
            await replica.command("CLUSTER REPLICATE", masters[number % len(masters)].id)
        for node in self.nodes:
            await until(partial(self._is_well, node, is_replica=node in replicas))

    async def _knows_all(self, node: ClusterNode) -> bool:
        known = await node.command("CLUSTER NODES")
        return len(known) == len(self.nodes) and not any("handshake" in about["flags"] for about in known.values())

    async def _is_well(self, node: ClusterNode, *, is_replica: bool) -> bool:
        if (await node.command("CLUSTER INFO"))["cluster_state"] != "ok":
            return False
        about = await node.client.info("replication")
        return bool(about["role"] == ("slave" if is_replica else "master")) and (
            not is_replica or about["master_link_status"] == "up"
        )


def _share(number: int, of: int) -> range:
    """The slots of one of so many masters."""
    return range(REDIS_CLUSTER_HASH_SLOTS * number // of, REDIS_CLUSTER_HASH_SLOTS * (number + 1) // of)


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, below those that the system gives to outgoing connections."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(12_000, 22_000)  # noqa: S311 - no secret
        if port not in found and _is_free(port) and _is_free(port + _BUS):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            place.bind((HOST, port))
        except OSError:
            return False
    return True


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition, which must come true; a server that does not answer meanwhile is no failure."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            with suppress(RedisError, OSError):
                if await condition():
                    return
            await asyncio.sleep(_POLL)
