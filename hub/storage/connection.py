"""The connection to Redis: from a URL, with deadlines, its failures translated into the hub's error."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from hub.domain.errors import HubError, Reason


def connect(url: str, *, timeout: float, connections: int) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`; it connects when it is first used. `timeout` is in seconds."""
    return Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        max_connections=connections,
        health_check_interval=30,
    )


def script(client: Redis, name: str) -> AsyncScript:
    """One of the atomic changes in `scripts/`."""
    return client.register_script(files("hub.storage").joinpath("scripts", f"{name}.lua").read_bytes())


@contextmanager
def translated() -> Iterator[None]:
    """Turns a failure of the store into HubError (index-unavailable)."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise HubError(Reason.INDEX_UNAVAILABLE, where=type(error).__name__) from error


def stored(value: bytes | str | None) -> bytes | None:
    """A value as it is stored: our client never decodes, which its type does not say."""
    return value.encode() if isinstance(value, str) else value
