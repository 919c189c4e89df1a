"""Very many commands at once: in one go to a single server, side by side to the servers of a cluster."""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from hub.storage.connection import masters, translated

Command = tuple[str | bytes | int, ...]

_AT_ONCE = 64
"""Groups under way at a time on a cluster."""


class Execution:
    """Executes groups of commands: within a group in order. Raises HubError (index-unavailable).

    A single server executes a whole round as one transaction, so that it writes to its disk once, and not whenever it
    has read a few commands more.
    """

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def __call__(self, groups: Sequence[Sequence[Command]]) -> list[list[Any]]:
        """The answers, group by group; an error that a server answers with is an answer."""
        with translated():
            if await masters(self._client) == [self._client]:
                return await self._in_one_go(groups)
            return await self._side_by_side(groups)

    async def _in_one_go(self, groups: Sequence[Sequence[Command]]) -> list[list[Any]]:
        async with self._client.pipeline(transaction=True) as pipeline:
            for command in (command for group in groups for command in group):
                pipeline.execute_command(*command)
            answers = iter(await pipeline.execute(raise_on_error=False))
        return [[next(answers) for _ in group] for group in groups]

    async def _side_by_side(self, groups: Sequence[Sequence[Command]]) -> list[list[Any]]:
        free = asyncio.Semaphore(_AT_ONCE)

        async def run(group: Sequence[Command]) -> list[Any]:
            async with free:
                return [await self._one(command) for command in group]

        try:
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(run(group)) for group in groups]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return [task.result() for task in running]

    async def _one(self, command: Command) -> Any:  # noqa: ANN401 - as the library has it
        try:
            return await self._client.execute_command(*command)  # type: ignore[no-untyped-call]  # not typed there
        except ResponseError as error:
            return error
