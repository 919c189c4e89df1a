"""The connection to Redis: from a URL, with deadlines, watched, its failures translated into the hub's error."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.commands.core import AsyncScript
from redis.exceptions import NoScriptError, RedisError

from hub.domain.errors import HubError, Reason

CommandEnded = Callable[[float, Exception | None], None]
"""Told of each command how many seconds it took, and why it failed if it did."""


def connect(url: str, *, timeout: float, connections: int, on_command: CommandEnded | None = None) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`; it connects when it is first used. `timeout` is in seconds.

    `on_command` is not told of a command whose caller has gone meanwhile.
    """
    pool = ConnectionPool.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        max_connections=connections,
        health_check_interval=30,
    )
    return Redis.from_pool(pool) if on_command is None else _WatchedRedis(pool, on_command)


class _WatchedRedis(Redis):
    """A client that tells of every command it has executed. The pool is closed with it."""

    def __init__(self, pool: ConnectionPool, on_command: CommandEnded) -> None:
        super().__init__(connection_pool=pool)
        self.auto_close_connection_pool = True
        self._on_command = on_command

    async def execute_command(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the library has it
        """The one place that all commands go through."""
        started = time.monotonic()
        try:
            answer = await super().execute_command(*arguments, **options)  # type: ignore[no-untyped-call]  # not typed there
        except NoScriptError:  # no failure: the script is loaded now, and asked for again
            self._on_command(time.monotonic() - started, None)
            raise
        except (RedisError, OSError) as error:
            self._on_command(time.monotonic() - started, error)
            raise
        self._on_command(time.monotonic() - started, None)
        return answer


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
