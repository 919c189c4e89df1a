"""The connection to Redis, from a URL: one server or a cluster; its failures are translated into the hub's error."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from redis.asyncio import Redis, RedisCluster
from redis.commands.core import AsyncScript
from redis.exceptions import NoScriptError, RedisError

from hub.domain.errors import HubError, Reason
from hub.storage.cluster import Address, ClusterClient
from hub.storage.server import ONLY_READS, CommandEnded, ServerClient

__all__ = ["CommandEnded", "connect", "masters", "script", "stored", "translated"]

_CLUSTER = "+cluster"
_DEFAULT_PORT = 6379


def connect(
    url: str, *, timeout: float, connections: int, wait_replicas: int = 0, on_command: CommandEnded | None = None
) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`, or for `redis+cluster://HOST:PORT,HOST:PORT`.

    It connects when it is first used, with up to `connections` connections to each server. `timeout` is in seconds: for
    a connection, for an answer, and on a cluster for finding the server that has the key. A change is answered when
    `wait_replicas` replicas have it. `on_command` is not told of a command whose caller has gone meanwhile.
    """
    parts = urlsplit(url)

    def client_of(place: str, on_command: CommandEnded | None = None) -> ServerClient:
        return ServerClient(
            place, patience=timeout, connections=connections, wait_replicas=wait_replicas, on_command=on_command
        )

    if not parts.scheme.endswith(_CLUSTER):
        return client_of(url, on_command)
    return ClusterClient(
        _addresses(parts),
        client_of=lambda address: client_of(_url_of(address, parts)),
        patience=timeout,
        on_command=on_command,
    )


def _addresses(parts: SplitResult) -> list[Address]:
    """The servers that a URL names."""
    places = [urlsplit(f"//{place}") for place in parts.netloc.rpartition("@")[2].split(",")]
    return [(place.hostname or "", place.port or _DEFAULT_PORT) for place in places]


def _url_of(address: Address, cluster: SplitResult) -> str:
    """One server of a cluster, reached the way that the URL of the cluster says."""
    host, port = address
    user, at, _ = cluster.netloc.rpartition("@")
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return urlunsplit(cluster._replace(scheme=cluster.scheme.removesuffix(_CLUSTER), netloc=f"{user}{at}{place}"))


async def masters(client: Redis) -> Sequence[Redis]:
    """The servers that have the keys, each as a client of its own: for commands that name no key (SCAN, INFO).

    Raises RedisError when a cluster cannot be reached.
    """
    return await client.masters() if isinstance(client, ClusterClient) else [client]


def script(client: Redis, name: str, *, only_reads: bool = False) -> AsyncScript:
    """One of the atomic scripts in `scripts/`.

    `only_reads` says that it changes nothing and that its answer need not be confirmed: what it finds may not have
    reached the replicas yet.
    """
    return _Script(client, files("hub.storage").joinpath("scripts", f"{name}.lua").read_bytes(), only_reads=only_reads)


class _Script(AsyncScript):
    """A script that a server which does not know it gets as a whole; a cluster's other servers are not needed."""

    def __init__(self, client: Redis, text: bytes, *, only_reads: bool) -> None:
        super().__init__(client, text)
        self._options = {ONLY_READS: True} if only_reads else {}

    async def __call__(
        self,
        keys: Sequence[Any] | None = None,
        args: Iterable[Any] | None = None,
        client: Redis | RedisCluster | None = None,
    ) -> Any:  # noqa: ANN401 - as the library has it
        """The answer of the script. A pipeline, given as `client`, loads the script itself."""
        if client is not None:
            return await super().__call__(keys, args, client)
        behind = (len(keys or ()), *(keys or ()), *(args or ()))
        try:
            return await self.registered_client.execute_command("EVALSHA", self.sha, *behind, **self._options)
        except NoScriptError:
            return await self.registered_client.execute_command("EVAL", self.script, *behind, **self._options)


@contextmanager
def translated(reason: Reason = Reason.INDEX_UNAVAILABLE) -> Iterator[None]:
    """Turns a failure of the store into HubError, for this reason."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise HubError(reason, where=type(error).__name__) from error


def stored(value: bytes | str | None) -> bytes | None:
    """A value as it is stored: our client never decodes, which its type does not say."""
    return value.encode() if isinstance(value, str) else value
