"""What an export promises of its file, whoever works in the index meanwhile and however it ends."""

import asyncio
import json
import signal
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from bench.redis_cluster import LocalCluster
from hub.domain.errors import HubError, Reason
from hub.storage.bulk.index_access import KeyReplacedError
from hub.storage.bulk.line_target import TargetError, whole_file
from hub.storage.bulk.lines import load
from hub.storage.known_keys import WrongKeyError
from hub.storage.secrets import Pseudonyms
from tests.builders import a_declaration
from tests.bulk.files import Content, a_population
from tests.bulk.loading import Watcher, access_to, exported, imported
from tests.bulk.operator import Operator
from tests.cluster.test_resharding import give_all
from tests.consistency.workload import Caller, Declare, Story, invented_patients

PEOPLE = invented_patients(30, seed=4)


def references_of(content: Content) -> dict[str, list[list[object]]]:
    """The rows of each patient."""
    lines = [load(line) for line in content.lines]
    return {line[1]: line[3] for line in lines if line[0] == "patient"}


async def test_a_file_that_was_imported_is_what_is_exported(operator: Operator) -> None:
    """Line by line: the form of a line is the only one that the hub writes."""
    file = operator.folder / "in"
    file.write_bytes(await a_population(3_000))
    assert (await imported(operator.url, file, Watcher())).is_complete
    await exported(access_to(operator.url), out := operator.folder / "out")
    there, back = Content.of(file), Content.of(out)
    assert back.lines == there.lines
    assert back.closing == there.closing


async def test_labels_are_explained_before_they_are_used(operator: Operator) -> None:
    async with operator.index() as index:
        caller = Caller([index], [Story(patient) for patient in PEOPLE], seed=2)
        for _ in range(60):
            await caller.act()
    await exported(access_to(operator.url), out := operator.folder / "out")
    known: set[object] = set()
    for line in map(load, out.read_bytes().splitlines()[1:-1]):
        if line[0] == "patient":
            assert {label for row in line[3] for label in row[2:4]} <= known
        else:
            assert line[1] not in known
            known.add(line[1])
    assert known


async def test_an_export_beside_callers_has_everybody_as_they_were_at_a_moment(operator: Operator) -> None:
    """Everything acknowledged before it began is in the file, and the file is sound."""
    stories = [Story(patient) for patient in PEOPLE]
    async with operator.index() as index:
        for number, story in enumerate(stories):
            await story.ask(index, Declare(a_declaration(f"before {number}")))
        writing = asyncio.Event()

        async def write() -> None:
            caller = Caller([index], stories, seed=1)
            while True:
                await caller.act()
                writing.set()

        task = asyncio.create_task(write())
        await writing.wait()
        await exported(access_to(operator.url), file := operator.folder / "out")
        task.cancel()
    content = Content.of(file)
    rows = references_of(content)
    assert set(rows) == {patient.digits for patient in PEOPLE}
    for number, patient in enumerate(PEOPLE):
        assert rows[patient.digits][0][7] == [f"before {number}"]
    assert content.closing.references == sum(map(len, rows.values()))
    await operator.emptied()
    assert (await imported(operator.url, file, Watcher())).counts.written == content.closing.references


@pytest.mark.slow
async def test_patients_whose_keys_change_their_server_are_exported(tmp_path: Path) -> None:
    """On a cluster whose slots are moved around meanwhile."""
    async with LocalCluster.running(tmp_path / "cluster") as cluster:
        operator = Operator(tmp_path, cluster.url)
        async with operator.index() as index:
            for patient in PEOPLE:
                await Story(patient).ask(index, Declare(a_declaration()))

        async def move() -> None:
            for start in count():
                await give_all(cluster, start=start)

        moving = asyncio.create_task(move())
        for number in range(8):
            done = await exported(access_to(operator.url), file := operator.folder / f"out-{number}")
            assert (done.patients, done.references) == (len(PEOPLE), len(PEOPLE))
            Content.of(file)
        assert not moving.done()
        moving.cancel()


async def test_an_index_with_another_key_is_neither_exported_nor_imported_into(operator: Operator) -> None:
    async with operator.index() as index:
        await Story(PEOPLE[0]).ask(index, Declare(a_declaration()))
    await exported(access_to(operator.url), out := operator.folder / "out")
    here, another = access_to(operator.url), bytes(32)
    with pytest.raises(WrongKeyError, match="pseudonym key 0 is not the key of this id"):
        await exported(replace(here, pseudonyms=Pseudonyms(another, key_id="0")), out)
    rotating = Pseudonyms(another, key_id="1", previous=here.pseudonyms)
    with pytest.raises(KeyReplacedError):
        await exported(replace(here, pseudonyms=rotating), out)
    with pytest.raises(HubError) as refusal:
        await exported(replace(here, secret=another), out)
    assert refusal.value.reason is Reason.INDEX_UNAVAILABLE


def test_a_file_that_cannot_be_completed_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.write_text("of yesterday")
    with pytest.raises(TargetError, match="out: cannot be written: No space left"), whole_file(file) as target:
        target.write(b"half")
        raise OSError(28, "No space left on device")
    assert file.read_text() == "of yesterday"
    assert [*tmp_path.iterdir()] == [file]
    with pytest.raises(TargetError, match="cannot be written: No such file"), whole_file(tmp_path / "no" / "out"):
        pass


async def test_an_export_that_is_ended_leaves_nothing(operator: Operator) -> None:
    file = operator.folder / "in"
    file.write_bytes(await a_population(20_000))
    assert (await imported(operator.url, file, Watcher())).is_complete
    before = {*operator.folder.iterdir()}
    async with operator.running("export", operator.folder / "out") as process:
        while {*operator.folder.iterdir()} == before:
            await asyncio.sleep(0.002)
        process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (1, b"hub export: interrupted; export again\n")
    assert {*operator.folder.iterdir()} == before


async def test_an_export_may_go_to_standard_output(operator: Operator) -> None:
    """What it has is told on standard error then."""
    async with operator.index() as index:
        await Story(PEOPLE[0]).ask(index, Declare(a_declaration()))
    async with operator.running("export", "-") as process:
        output, errors = await process.communicate()
    facts = json.loads(errors)
    assert (process.returncode, facts["patients"], facts["references"]) == (0, 1, 1)
    (operator.folder / "out").write_bytes(output)
    assert Content.of(operator.folder / "out").closing.digest == facts["digest"]


async def test_an_export_that_cannot_be_written_to_standard_output_says_so(operator: Operator) -> None:
    with Path("/dev/full").open("wb") as full:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub", "export", "-", "--config", operator.configuration),
            stdout=full,
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate()
    assert process.returncode == 1
    assert errors == b"hub export: standard output cannot be written: No space left on device\n"
