"""Very many commands at once: in one go to a single server, side by side to the servers of a cluster."""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from hub.storage.connection import masters, translated
from hub.storage.server import NotReplicatedError

Command = tuple[str | bytes | int, ...]

_AT_ONCE = 64
"""Groups under way at a time on a cluster."""


class Execution:
    """Executes groups of commands: within a group in order. Raises HubError (index-unavailable).

    A single server has a whole round confirmed by `wait_replicas` replicas; on a cluster every command is confirmed.
    """

    def __init__(self, client: Redis, *, wait_replicas: int = 0, patience: float = 60.0) -> None:
        self._client, self._wait_replicas, self._patience = client, wait_replicas, patience

    async def __call__(self, groups: Sequence[Sequence[Command]]) -> list[list[Any]]:
        """The answers, group by group; an error that a server answers with is an answer."""
        with translated():
            servers = await masters(self._client)
            if servers[0] is self._client:
                return await self._in_one_go(groups)
            return await self._side_by_side(groups)

    async def _in_one_go(self, groups: Sequence[Sequence[Command]]) -> list[list[Any]]:
        async with self._client.pipeline(transaction=False) as pipeline:
            for command in (command for group in groups for command in group):
                pipeline.execute_command(*command)
            if self._wait_replicas:
                pipeline.execute_command("WAIT", self._wait_replicas, int(self._patience * 1000))
            answers = iter(await pipeline.execute(raise_on_error=False))
        found = [[next(answers) for _ in group] for group in groups]
        if self._wait_replicas and next(answers) < self._wait_replicas:
            raise NotReplicatedError("too few replicas")
        return found

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
