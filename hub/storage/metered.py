"""The client of Redis, counted and timed."""

import time
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.observability.metrics import Metrics


def metered(client: Redis, metrics: Metrics) -> Redis:
    """The same client; every command it executes is counted from now on."""
    execute = client.execute_command

    async def execute_metered(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the library has it
        started, outcome = time.monotonic(), "ok"
        try:
            return await execute(*arguments, **options)  # type: ignore[no-untyped-call]  # the library has no type here
        except (RedisError, OSError):
            outcome = "failed"
            raise
        finally:
            metrics.redis_called(seconds=time.monotonic() - started, outcome=outcome)

    client.execute_command = execute_metered  # type: ignore[method-assign]  # the one place all commands go through
    return client
