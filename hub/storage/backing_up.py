"""A backup of the whole index, made while it serves.

What a patient has is read by one script, so it is of one moment; the patients are read one after the other. Patients
point into dictionaries, which only grow: what has no patient is read last, so that it has all that any of them needs.
"""

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import BinaryIO

from redis.asyncio import Redis
from redis.exceptions import AskError, MovedError, NoScriptError, RedisError

from hub.domain.errors import HubError, Reason
from hub.storage import keys
from hub.storage.backup_file import BackupError, BackupWriter, Counts, Dumped
from hub.storage.cluster import ClusterClient
from hub.storage.connection import masters, translated
from hub.storage.known_keys import known_keys, require_known
from hub.storage.patient_places import Place
from hub.storage.secrets import Pseudonyms
from hub.storage.sweeping import Batch, batches

Progress = Callable[[int, int], None]
"""Told how many keys have been looked at, and how many there were."""

_CHANGED = "the servers of the cluster have changed meanwhile; make the backup again when that has ended"


class BackingUp:
    """Makes a backup. Raises BackupError, WrongKeyError, and HubError (index-unavailable): make it again then."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms) -> None:
        self._client, self._pseudonyms = client, pseudonyms
        self._sha = ""
        self._keys = self._patients = 0

    async def run(self, file: BinaryIO, progress: Progress) -> Counts:
        """Write it; what was acknowledged before is in it, what is changed meanwhile may be."""
        if self._pseudonyms.previous or self._pseudonyms.following:
            raise BackupError("a pseudonym key is being replaced; make the backup before or after that")
        await require_known(self._client, self._pseudonyms)
        layout, server = await self._layout(), await self._begin()
        writer = BackupWriter(file, known_keys=await known_keys(self._client), server=server)
        with translated():
            done, total = 0, sum([await server.dbsize() for server in await masters(self._client)])
        async for batch in batches(self._client, keys.patients()):
            await self._patients_of(batch, writer)
            done += len(batch.keys)
            progress(done, total)
        async for batch in batches(self._client, keys.OTHERS):
            await self._others_of(batch, writer)
        if layout != await self._layout():
            raise BackupError(_CHANGED)
        counts = Counts(keys=self._keys, patients=self._patients)
        writer.close(counts)
        return counts

    async def _patients_of(self, batch: Batch, writer: BackupWriter) -> None:
        """Each patient is found by each of his keys; only the first that is there counts."""
        places = [Place.of(keys.pseudonym_in(key)) for key in batch.keys]
        found = [1 + place.index(key) for place, key in zip(places, batch.keys, strict=True)]
        for place, dumps in zip(places, await self._dumped(batch.server, places, found), strict=True):
            self._add(place, dumps, writer)
            self._patients += bool(dumps)

    async def _others_of(self, batch: Batch, writer: BackupWriter) -> None:
        """The values of a dictionary and their numbers are read together."""
        for key in batch.keys:
            if key == keys.KNOWN_KEYS or not (group := keys.saved_together(key)):
                continue
            (dumps,) = await self._dumped(batch.server, [group], [1 + group.index(key)])
            self._add(group, dumps, writer)

    def _add(self, group: Sequence[str], dumps: Sequence[bytes | None], writer: BackupWriter) -> None:
        for key, dump in zip(group, dumps, strict=False):
            if dump is not None:
                writer.add(Dumped(key.encode(), dump))
                self._keys += 1

    async def _dumped(
        self, server: Redis, groups: Sequence[Sequence[str]], found: Sequence[int]
    ) -> list[list[bytes | None]]:
        """For each group its dumps, in one round trip; nothing for a group that is found by another key as well."""
        with translated():
            async with server.pipeline(transaction=False) as pipeline:
                for group, at in zip(groups, found, strict=True):
                    pipeline.evalsha(self._sha, len(group), *group, str(at))
                answers = await pipeline.execute(raise_on_error=False)
        for answer in answers:
            if isinstance(answer, MovedError | AskError | NoScriptError):
                raise BackupError(_CHANGED) from answer
            if isinstance(answer, RedisError):
                raise HubError(Reason.INDEX_UNAVAILABLE, where=type(answer).__name__) from answer
        return answers

    async def _begin(self) -> str:
        """Bring the script to every server; the version that they are of."""
        text, version = files("hub.storage").joinpath("scripts", "dump.lua").read_text("utf-8"), ""
        with translated():
            for server in await masters(self._client):
                self._sha = await server.script_load(text)
                version = (await server.info("server"))["redis_version"]
        return version

    async def _layout(self) -> list[tuple[str, ...]]:
        """Which slots every server of a cluster has, and since which change. Raises BackupError while keys move."""
        if not isinstance(self._client, ClusterClient):
            return []
        found = []
        with translated():
            for server in await masters(self._client):
                nodes = await server.execute_command("CLUSTER NODES")  # type: ignore[no-untyped-call]  # not typed there
                found += [node for node in nodes.values() if "myself" in node["flags"]]
        if any(node["migrations"] for node in found):
            raise BackupError("keys are moving between the servers of the cluster; make the backup when that has ended")
        return [(node["node_id"], node["epoch"], str(node["slots"])) for node in found]
