"""A backup has all that was acknowledged before it began; it comes back whole, or nobody uses it."""

import asyncio
import stat
from pathlib import Path

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis

from bench.redis_cluster import LocalCluster
from hub.domain.references import Change, Relevance, TransactionReference, put_set
from hub.ports.registries import RegisteredParty
from hub.storage.backing_up import BackingUp
from hub.storage.backup_file import Backup, BackupError, BackupWriter, Counts, Dumped, read, written
from hub.storage.connection import masters
from hub.storage.embedded import EmbeddedServer
from hub.storage.known_keys import WrongKeyError, known_keys, require_known
from hub.storage.restoring import Restoring
from hub.storage.secrets import Pseudonyms
from tests.builders import a_declaration, a_hospital, a_patient, an_event
from tests.consistency.workload import invented_patients
from tests.contract.rotating import AFTER, BEFORE, KNOWS, MOVES, Worker, connected
from tests.contract.test_dump import NAMES, reveals
from tests.fakes.providers import GP, a_change, a_pending

PLACES = pytest.mark.parametrize("place", ["redis_url", "cluster_url"])
PATIENTS = invented_patients(40, seed=9)
LONG = 700


async def filled(client: Redis) -> Worker:
    """An index with something of everything: short and long records, sets, parties, a patient without references."""
    await require_known(client, BEFORE)
    worker = Worker.of(client, BEFORE)
    await asyncio.gather(*(worker.declare(patient, a_declaration("A")) for patient in PATIENTS[2:]))
    rows = tuple(TransactionReference(n, a_declaration(f"L{n}"), "chu") for n in range(2, LONG + 1))
    await worker.index.change(PATIENTS[2], lambda _: Change(rows[0], added=rows), Relevance(), witness=None)
    await worker.index.change(
        PATIENTS[3],
        lambda before: put_set(
            before, a_declaration("S", kind="medicationscheme"), bytes(16), members=3, based_on=None
        ),
        Relevance.of(a_declaration("S", kind="medicationscheme"), whole_type=True),
        witness=None,
    )
    await worker.patients.put(a_patient(PATIENTS[1]), an_event())
    await worker.parties.put(RegisteredParty(a_hospital(), "2026-03-02T10:05:00"))
    await worker.providers.change(GP, lambda _: a_pending(), a_change())
    await client.set("{import}:file", "an import is under way")
    return worker


async def backed_up(client: Redis, file: Path, pseudonyms: Pseudonyms = BEFORE) -> Counts:
    with written(file) as opened:
        return await BackingUp(client, pseudonyms=pseudonyms).run(opened, lambda *_: None)


async def restored(client: Redis, backup: Backup, pseudonyms: Pseudonyms = BEFORE) -> list[tuple[int, int]]:
    """What was told of the progress."""
    told: list[tuple[int, int]] = []
    await Restoring(client, pseudonyms=pseudonyms).run(backup, lambda *progress: told.append(progress))
    return told


async def everything(client: Redis) -> dict[bytes, object]:
    """What is stored; of hashes the fields, of streams the entries."""
    found: dict[bytes, object] = {}
    for server in await masters(client):
        async for key in server.scan_iter():
            match await server.type(key):
                case b"hash":
                    found[key] = await server.hgetall(key)
                case b"stream":
                    found[key] = await server.xrange(key)
                case _:
                    found[key] = await server.get(key)
    return found


async def emptied(client: Redis) -> None:
    for server in await masters(client):
        await server.flushall()


@PLACES
async def test_what_is_restored_is_what_there_was(place: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    async with connected(request.getfixturevalue(place)) as client:
        worker = await filled(client)
        there = await everything(client)
        counts = await backed_up(client, tmp_path / "backup")
        await emptied(client)
        told = await restored(client, read(tmp_path / "backup"))
        assert told[-1] == (counts.keys, counts.keys)
        assert counts.patients == len(PATIENTS) - 1
        assert await everything(client) == {key: value for key, value in there.items() if key != b"{import}:file"}
        assert len(await worker.names(PATIENTS[2])) == LONG
        await require_known(client, BEFORE)


@pytest.mark.parametrize(("source", "target"), [("redis_url", "cluster_url"), ("cluster_url", "redis_url")])
async def test_a_backup_of_one_server_is_restored_on_a_cluster_and_the_other_way_round(
    source: str, target: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with connected(request.getfixturevalue(source)) as client:
        await filled(client)
        there = await everything(client)
        await backed_up(client, tmp_path / "backup")
    async with connected(request.getfixturevalue(target)) as client:
        await restored(client, read(tmp_path / "backup"))
        assert await everything(client) == {key: value for key, value in there.items() if key != b"{import}:file"}


@PLACES
async def test_what_is_acknowledged_before_is_in_a_backup_made_under_load(
    place: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Each document has an author of its own, so that the dictionaries grow with the records."""
    said: dict[int, set[str]] = {number: set() for number in range(len(PATIENTS))}
    over = asyncio.Event()

    async def publish(worker: Worker, number: int) -> None:
        while not over.is_set():
            name = f"{number}-{len(said[number])}"
            await worker.declare(PATIENTS[number], a_declaration(name, author=(a_hospital(f"7{number:03d}{name}"),)))
            said[number].add(name)

    async with connected(request.getfixturevalue(place)) as client:
        worker = Worker.of(client, BEFORE)
        async with asyncio.TaskGroup() as group:
            for number in said:
                group.create_task(publish(worker, number))
            while not all(said.values()):
                await asyncio.sleep(0)
            before = {number: {*names} for number, names in said.items()}
            await backed_up(client, tmp_path / "backup")
            over.set()
        await emptied(client)
        await restored(client, read(tmp_path / "backup"))
        again = Worker.of(client, BEFORE)
        for number, names in before.items():
            assert names <= {*await again.names(PATIENTS[number])} <= said[number]
        await again.declare(PATIENTS[0], a_declaration("AFTER"))


async def test_only_an_empty_index_takes_a_backup(redis_url: str, tmp_path: Path) -> None:
    async with connected(redis_url) as client:
        await filled(client)
        await backed_up(client, tmp_path / "backup")
        there = await everything(client)
        with pytest.raises(BackupError, match="the index is not empty"):
            await restored(client, read(tmp_path / "backup"))
        assert await everything(client) == there


async def test_an_interrupted_restore_keeps_everybody_away_and_is_gone_on_with(redis_url: str, tmp_path: Path) -> None:
    async with connected(redis_url) as client:
        worker = await filled(client)
        await backed_up(client, tmp_path / "backup")
        await backed_up(client, tmp_path / "other")
        backup = read(tmp_path / "backup")
        await emptied(client)

        def interrupt(*_: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await Restoring(client, pseudonyms=BEFORE).run(backup, interrupt)
        with pytest.raises(WrongKeyError, match="has not been restored to its end"):
            await require_known(client, BEFORE)
        with pytest.raises(WrongKeyError, match="has not been restored to its end"):
            await backed_up(client, tmp_path / "half")
        await worker.patients.put(a_patient(PATIENTS[0]), an_event())
        await restored(client, backup)
        await require_known(client, BEFORE)
        assert len(await worker.names(PATIENTS[2])) == LONG


@pytest.mark.parametrize("at", [0, 3, 200, -60, -40, -1])
async def test_a_damaged_file_is_refused_before_anything_is_written(redis_url: str, tmp_path: Path, at: int) -> None:
    file = tmp_path / "backup"
    async with connected(redis_url) as client:
        await require_known(client, BEFORE)
        await Worker.of(client, BEFORE).declare(PATIENTS[0], a_declaration("A"))
        await backed_up(client, file)
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)
    with pytest.raises(BackupError):
        read(file)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]\n", b'{"hub-backup": 2}\n', b"\0" * 1000])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup").write_bytes(content)
    with pytest.raises(BackupError, match=r"is no backup|by a later version"):
        read(tmp_path / "backup")


async def test_half_a_file_is_refused(redis_url: str, tmp_path: Path) -> None:
    async with connected(redis_url) as client:
        await filled(client)
        await backed_up(client, tmp_path / "backup")
    content = (tmp_path / "backup").read_bytes()
    (tmp_path / "half").write_bytes(content[: len(content) // 2])
    with pytest.raises(BackupError, match="damaged or not whole"):
        read(tmp_path / "half")


async def test_what_a_newer_server_has_dumped_is_refused(redis_url: str, tmp_path: Path) -> None:
    async with connected(redis_url) as client:
        await require_known(client, BEFORE)
        with written(tmp_path / "backup") as opened:
            writer = BackupWriter(opened, known_keys=await known_keys(client), server="99.0")
            writer.add(Dumped(b"r:{1.x}", b"dumped in a way that nobody knows yet"))
            writer.close(Counts(keys=1))
        await emptied(client)
        with pytest.raises(BackupError, match=r"does not take what was dumped by one of version 99\.0: DUMP payload"):
            await restored(client, read(tmp_path / "backup"))


async def test_the_keys_have_to_be_those_of_the_backup(redis_url: str, tmp_path: Path) -> None:
    async with connected(redis_url) as client:
        await filled(client)
        await backed_up(client, tmp_path / "backup")
        await emptied(client)
        backup = read(tmp_path / "backup")
        with pytest.raises(WrongKeyError, match="there the pseudonym keys are 1; none of them is configured"):
            await restored(client, backup, AFTER)
        with pytest.raises(WrongKeyError, match="pseudonym key 1 is not the key of this id"):
            await restored(client, backup, Pseudonyms(bytes(32), key_id="1"))
        assert await everything(client) == {}
        await restored(client, backup, KNOWS)


@pytest.mark.parametrize("pseudonyms", [KNOWS, MOVES])
async def test_while_a_key_is_replaced_there_is_no_backup(
    redis_url: str, tmp_path: Path, pseudonyms: Pseudonyms
) -> None:
    async with connected(redis_url) as client:
        with pytest.raises(BackupError, match="a pseudonym key is being replaced"):
            await backed_up(client, tmp_path / "backup", pseudonyms)
    assert not list(tmp_path.iterdir())


async def test_a_cluster_whose_keys_move_meanwhile_gives_no_backup(tmp_path: Path) -> None:
    async with LocalCluster.running(tmp_path / "cluster", replicas=0) as cluster, connected(cluster.url) as client:
        await filled(client)
        source, target = cluster.nodes[:2]
        slot = min({*range(5000)} - {*await cluster.slots_in_use(source)})

        def move(*_: int) -> None:
            for node in (target, source):
                with SyncRedis(port=node.port) as server:
                    server.execute_command("CLUSTER SETSLOT", slot, "NODE", target.id)

        with pytest.raises(BackupError, match="have changed meanwhile"), written(tmp_path / "backup") as opened:
            await BackingUp(client, pseudonyms=BEFORE).run(opened, move)
        await target.command("CLUSTER SETSLOT", slot, "MIGRATING", source.id)
        with pytest.raises(BackupError, match="keys are moving"):
            await backed_up(client, tmp_path / "backup")
        assert not (tmp_path / "backup").exists()
        await target.command("CLUSTER SETSLOT", slot, "STABLE")
        await backed_up(client, tmp_path / "backup")


async def test_a_backup_shows_no_national_number_and_no_name(tmp_path: Path) -> None:
    async with (
        EmbeddedServer.running(tmp_path / "redis", fsync="everysec") as server,
        connected(server.url) as client,
    ):
        assert await client.config_set("rdbcompression", "no")
        await filled(client)
        await backed_up(client, tmp_path / "backup")
    content = (tmp_path / "backup").read_bytes()
    assert b"L699" in content, "what is no secret can be found"
    assert not [patient for patient in PATIENTS if reveals(content, patient.digits)]
    assert not [name for name in NAMES if name.encode() in content]


async def test_a_backup_is_its_owners_and_never_in_the_place_of_another(redis_url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    (tmp_path / "backup.part").write_text("of one that was killed")
    async with connected(redis_url) as client:
        await filled(client)
        await backed_up(client, file)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with pytest.raises(BackupError, match="exists already"):
            await backed_up(client, file)
        with pytest.raises(BackupError, match="cannot be written: No such file or directory"):
            await backed_up(client, tmp_path / "nowhere" / "backup")
    assert [place.name for place in tmp_path.iterdir()] == ["backup"]
