"""The pseudonym key is replaced: every worker finds everything, whichever step it is at, and nothing is lost."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from redis.asyncio import Redis

from bench.open_gate import OPEN_GATE
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id
from hub.domain.references import Relevance, Status, revoke
from hub.ports.registries import RegisteredParty
from hub.storage import patient_change
from hub.storage.connection import stored
from hub.storage.known_keys import WrongKeyError, require_known
from hub.storage.patient_places import MOVED, Place
from hub.storage.secrets import Pseudonyms
from tests.builders import JAN, MILA, a_declaration, a_hospital, a_patient, a_person, an_event
from tests.contract.rotating import (
    AFTER,
    ALL,
    BEFORE,
    KNOWS,
    MOVES,
    PAGE,
    Worker,
    connected,
    forget,
    keys_under,
    rotate,
    second,
)
from tests.fakes.providers import GP, a_change, a_pending

STEPS = pytest.mark.parametrize("pseudonyms", [KNOWS, MOVES], ids=["knows the next", "moves"])
OLDER, NEWER = (Place.of(pseudonyms.of(JAN.digits)) for pseudonyms in (BEFORE, AFTER))


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    """A client of an empty server."""
    async with connected(redis_url) as client:
        yield client


@pytest.fixture
def short_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records become long, and leaves part, after a handful of references."""
    for name, most in (("MOST_SHORT", 4), ("MOST_IN_LEAF", 4), ("_FILLED", 3)):
        monkeypatch.setattr(patient_change, name, most)


async def filled(client: Redis, *patients: Ssin) -> Worker:
    """A worker from before the rotation, by whom these patients have nine documents, one of them withdrawn."""
    before = Worker.of(client, BEFORE)
    for patient in patients:
        for number in range(9):
            await before.declare(patient, a_declaration(f"D{number}", date=f"2026-01-{number + 1:02d}"))
        await revoke_in(before, patient, 3)
    return before


async def revoke_in(worker: Worker, patient: Ssin, serial: int) -> None:
    """Withdraw a document."""
    await worker.index.change(
        patient,
        lambda rows: revoke(rows, serial, custodian_of=frozenset({"chu"}), by=()),
        Relevance(serials=frozenset((serial,))),
        witness=None,
    )


async def everything(worker: Worker, patient: Ssin) -> object:
    """What a worker tells of a patient, asked in every way there is."""
    found = await worker.index.find(patient, ALL, PAGE, OPEN_GATE)
    by_type = await worker.index.latest(patient, frozenset({"note"}))
    named = await worker.index.named(patient, Id("LOCAL", "1.0", "D5", "testemr"))
    rows = [await worker.index.get(patient, serial) for serial in range(1, 12)]
    return found, by_type, named, rows, await worker.patients.get(patient)


@STEPS
@pytest.mark.usefixtures("short_records")
async def test_a_patient_of_the_older_key_is_found_and_changed(client: Redis, pseudonyms: Pseudonyms) -> None:
    before, during = await filled(client, JAN), Worker.of(client, pseudonyms)
    assert await everything(during, JAN) == await everything(before, JAN)
    assert await during.declare(JAN, a_declaration("NEW", date="2026-02-01")) == 10
    await revoke_in(during, JAN, 4)
    assert await during.names(JAN) == ["NEW", "D8", "D7", "D6", "D5", "D4", "D1", "D0"]


@STEPS
@pytest.mark.usefixtures("short_records")
async def test_a_patient_who_has_moved_is_found_and_changed(client: Redis, pseudonyms: Pseudonyms) -> None:
    before, during = await filled(client, JAN), Worker.of(client, pseudonyms)
    told = await everything(before, JAN)
    await rotate(client)
    assert await everything(during, JAN) == told
    assert await during.declare(JAN, a_declaration("NEW", date="2026-02-01")) == 10
    assert (await Worker.of(client, AFTER).names(JAN))[0] == "NEW"


async def test_only_a_worker_that_moves_moves_a_patient_and_only_to_change_something(client: Redis) -> None:
    await filled(client, JAN)
    for pseudonyms in (KNOWS, MOVES):
        worker = Worker.of(client, pseudonyms)
        await worker.names(JAN)
        await worker.patients.get(JAN)
        assert await keys_under(client, "2") == []
    await Worker.of(client, KNOWS).declare(JAN, a_declaration("A"))
    assert await keys_under(client, "2") == []
    await Worker.of(client, MOVES).declare(JAN, a_declaration("B"))
    assert await client.get(OLDER.references) == MOVED
    assert len(await keys_under(client, "2")) == 2


@STEPS
async def test_whoever_reads_completes_a_move_that_was_begun(client: Redis, pseudonyms: Pseudonyms) -> None:
    before, during = await filled(client, JAN), Worker.of(client, pseudonyms)
    told = await everything(before, JAN)
    await client.rename(OLDER.references, OLDER.frozen)
    await client.set(OLDER.references, MOVED)
    assert await everything(during, JAN) == told


async def test_a_new_patient_cannot_be_created_under_both_keys(client: Redis) -> None:
    await Worker.of(client, MOVES).declare(JAN, a_declaration("A"))
    assert await Worker.of(client, KNOWS).declare(JAN, a_declaration("B")) == 2
    await Worker.of(client, KNOWS).declare(MILA, a_declaration("A"))
    assert await Worker.of(client, MOVES).declare(MILA, a_declaration("B")) == 2
    assert await Worker.of(client, KNOWS).names(MILA) == ["B", "A"]


@STEPS
async def test_a_patient_whom_nobody_knows_stays_unknown(client: Redis, pseudonyms: Pseudonyms) -> None:
    worker = Worker.of(client, pseudonyms)
    assert (await worker.index.find(JAN, ALL, PAGE, OPEN_GATE)).patient is None
    assert await worker.patients.get(JAN) is None
    with pytest.raises(HubError) as refusal:
        await revoke_in(worker, JAN, 1)
    assert refusal.value.reason is Reason.PATIENT_UNKNOWN


@STEPS
async def test_a_registration_without_references_moves_and_can_be_replaced(
    client: Redis, pseudonyms: Pseudonyms
) -> None:
    during = Worker.of(client, pseudonyms)
    await Worker.of(client, BEFORE).patients.put(a_patient(), an_event())
    assert await during.patients.get(JAN) == a_patient()
    await rotate(client)
    assert await during.patients.get(JAN) == a_patient()
    await during.patients.put(a_patient(MILA), an_event())
    replaced = a_patient().__class__(JAN, ("Jan",), "Anders", "male", "1945-12-31", "", b"<x/>")
    await during.patients.put(replaced, an_event())
    await rotate(client)
    assert await Worker.of(client, AFTER).patients.get(JAN) == replaced
    assert await Worker.of(client, AFTER).patients.get(MILA) == a_patient(MILA)


@pytest.mark.usefixtures("short_records")
@pytest.mark.parametrize("is_swept", [False, True])
async def test_a_worker_that_knows_only_the_older_key_is_refused_and_never_sees_nothing(
    client: Redis, is_swept: bool
) -> None:
    before = await filled(client, JAN)
    await Worker.of(client, MOVES).declare(JAN, a_declaration("NEW"))
    await Worker.of(client, MOVES).parties.put(RegisteredParty(a_person(), "2026-01-01T00:00:00"))
    if is_swept:
        await rotate(client)
    refused = [
        before.index.find(JAN, ALL, PAGE, OPEN_GATE),
        before.index.get(JAN, 1),
        before.index.latest(JAN, frozenset({"note"})),
        before.declare(JAN, a_declaration("LOST")),
        before.patients.get(JAN),
        before.patients.put(a_patient(), an_event()),
        before.parties.get(a_person().ids),
        before.parties.put(RegisteredParty(a_person(), "2026-02-02T00:00:00")),
    ]
    for call in refused:
        with pytest.raises(HubError) as refusal:
            await call
        assert refusal.value.reason is Reason.INDEX_UNAVAILABLE


async def test_a_rotation_in_the_other_direction_is_refused_while_there_are_marks(client: Redis) -> None:
    await filled(client, JAN)
    await rotate(client)
    back = Worker.of(client, Pseudonyms(bytes(range(32, 64)), key_id="1", previous=AFTER))
    for call in (back.names(JAN), back.declare(JAN, a_declaration("NEW")), back.patients.put(a_patient(), an_event())):
        with pytest.raises(HubError) as refusal:
            await call
        assert refusal.value.reason is Reason.INDEX_UNAVAILABLE
    assert await Worker.of(client, AFTER).names(JAN)


@pytest.mark.usefixtures("short_records")
@pytest.mark.parametrize("place", ["redis_url", "cluster_url"])
async def test_a_rotation_moves_everything_and_says_so(place: str, request: pytest.FixtureRequest) -> None:
    patients = [JAN, MILA]
    async with connected(request.getfixturevalue(place)) as client:
        before = await filled(client, *patients)
        await before.parties.put(RegisteredParty(a_person(), "2026-01-01T00:00:00"))
        told = [await everything(before, patient) for patient in patients]
        rotated = await rotate(client)
        assert (rotated.moved, rotated.marks, rotated.left) == (2, 2, 0)
        after = Worker.of(client, AFTER)
        assert [await everything(after, patient) for patient in patients] == told
        again = await rotate(client)
        assert (again.moved, again.marks, again.left) == (0, 2, 0)
        forgotten = await forget(client)
        assert (forgotten.marks, forgotten.left) == (3, {})
        assert (await forget(client)).marks == 0
        assert await after.parties.get(a_person().ids)


async def test_what_was_interned_keeps_its_number(client: Redis) -> None:
    await filled(client, JAN)
    interned = [key async for key in client.scan_iter(match="{dictionary:*")]
    counts = [await client.hlen(key) for key in sorted(interned)]
    for pseudonyms in (KNOWS, MOVES):
        await Worker.of(client, pseudonyms).declare(JAN, a_declaration(f"NEW {pseudonyms.key_id}"))
    await rotate(client)
    await Worker.of(client, AFTER).declare(MILA, a_declaration("NEW"))
    assert [await client.hlen(key) for key in sorted(interned)] == counts


@STEPS
async def test_a_care_party_is_found_and_replaced_under_each_of_its_identifiers(
    client: Redis, pseudonyms: Pseudonyms
) -> None:
    before, during, after = (Worker.of(client, each) for each in (BEFORE, pseudonyms, AFTER))
    old, new = RegisteredParty(a_person(), "2026-01-01T00:00:00"), RegisteredParty(a_person(), "2026-02-02T00:00:00")
    await before.parties.put(old)
    assert await during.parties.get(a_person().ids) == old
    await during.parties.put(new)
    assert await during.parties.get(a_person().ids) == new
    await rotate(client)
    assert await after.parties.get(a_person().ids) == new
    await during.parties.put(old)
    assert await after.parties.get(a_person().ids) == old
    assert await during.parties.get(a_hospital().ids) is None


async def test_references_whose_patient_nobody_can_name_are_reported_and_kept(client: Redis) -> None:
    await filled(client, JAN, MILA)
    kept = await client.get(OLDER.references)
    await client.delete(OLDER.patient)
    rotated = await rotate(client)
    assert (rotated.moved, rotated.nameless, rotated.left) == (1, 1, 1)
    assert await client.get(OLDER.references) == kept
    assert await Worker.of(client, MOVES).declare(JAN, a_declaration("NEW")) == 10, "who names the patient moves it"
    assert (await rotate(client)).left == 0


async def test_a_registration_that_cannot_be_read_is_reported_and_kept(client: Redis) -> None:
    await filled(client, JAN, MILA)
    await client.set(OLDER.patient, b"damaged")
    rotated = await rotate(client)
    assert (rotated.moved, rotated.unreadable, rotated.left) == (1, 1, 1)
    assert await client.get(OLDER.patient) == b"damaged"


async def test_references_under_both_keys_are_reported_and_kept(client: Redis) -> None:
    """It takes a worker without the older key, too early."""
    await filled(client, JAN)
    kept = await client.get(OLDER.references)
    await Worker.of(client, AFTER).declare(JAN, a_declaration("ELSEWHERE"))
    for _ in range(2):
        rotated = await rotate(client)
        assert (rotated.moved, rotated.under_both, rotated.left) == (0, 1, 1)
        assert await client.get(OLDER.frozen) == kept
    assert (await forget(client)).left == {"1": 2}


async def test_what_has_changed_since_it_arrived_is_not_taken_for_something_else(client: Redis) -> None:
    await filled(client, JAN)
    during = Worker.of(client, MOVES)
    await revoke_in(during, JAN, 1)
    await during.declare(JAN, a_declaration("NEW"))
    assert await client.exists(OLDER.frozen)
    rotated = await rotate(client)
    assert (rotated.moved, rotated.left) == (1, 0)
    assert await keys_under(client, "1") == [OLDER.references.encode()]
    first = await Worker.of(client, AFTER).index.get(JAN, 1)
    assert first is not None
    assert first.status is Status.REVOKED


async def test_a_key_that_was_replaced_is_not_accepted_again(client: Redis) -> None:
    await filled(client, JAN)
    for pseudonyms in (BEFORE, KNOWS, MOVES):
        await require_known(client, pseudonyms)
    await rotate(client)
    await require_known(client, BEFORE)
    await forget(client)
    await require_known(client, AFTER)
    for pseudonyms in (BEFORE, KNOWS, MOVES):
        with pytest.raises(WrongKeyError, match="pseudonym key 1 was replaced in this index"):
            await require_known(client, pseudonyms)


async def test_another_key_of_the_same_name_is_not_accepted(client: Redis) -> None:
    await require_known(client, KNOWS)
    for wrong in (Pseudonyms(bytes(32), key_id="1"), Pseudonyms(bytes(32), key_id="2", previous=BEFORE)):
        with pytest.raises(WrongKeyError, match="is not the key of this id that the index was made with"):
            await require_known(client, wrong)


async def test_a_rotation_with_another_key_than_the_index_was_made_with_moves_nothing(client: Redis) -> None:
    await filled(client, JAN)
    wrong = Pseudonyms(bytes(32), key_id="1")
    with pytest.raises(HubError):
        await rotate(client, second(previous=wrong))
    assert await keys_under(client, "2") == []
    assert len(await Worker.of(client, BEFORE).names(JAN)) == 8


async def test_nothing_but_marks_is_forgotten(client: Redis) -> None:
    await filled(client, JAN)
    await Worker.of(client, BEFORE).parties.put(RegisteredParty(a_person(), "2026-01-01T00:00:00"))
    forgotten = await forget(client)
    assert (forgotten.marks, forgotten.left) == (0, {"1": 3})
    assert await Worker.of(client, BEFORE).names(JAN)


class Killed(BaseException):
    """The process that rotates is no more."""


def killed_after(client: Redis, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that has this client is killed when it has done so many commands."""
    execute: Callable[..., Awaitable[object]] = client.execute_command
    done = 0

    async def counted(*arguments: object, **options: object) -> object:
        nonlocal done
        if done == count:
            raise Killed
        done += 1
        return await execute(*arguments, **options)

    monkeypatch.setattr(client, "execute_command", counted)


@pytest.mark.usefixtures("short_records")
async def test_a_rotation_killed_before_any_of_its_commands_can_be_run_again(redis_url: str) -> None:
    async with connected(redis_url) as client:
        before = await filled(client, JAN, MILA)
        await before.parties.put(RegisteredParty(a_person(), "2026-01-01T00:00:00"))
        await before.providers.change(GP, lambda _: a_pending(), a_change())
        told = [await everything(before, patient) for patient in (JAN, MILA)]
        start = {key: stored(await client.dump(key)) or b"" async for key in client.scan_iter()}
        count, was_killed = 0, True
        while was_killed:
            await client.flushall()
            for key, value in start.items():
                await client.restore(key, 0, value)
            with pytest.MonkeyPatch.context() as patch:
                async with connected(redis_url) as doomed:
                    killed_after(doomed, count, patch)
                    try:
                        await rotate(doomed)
                        was_killed = False
                    except* Killed:
                        pass
            for pseudonyms in (KNOWS, MOVES):
                during = Worker.of(client, pseudonyms)
                assert [await everything(during, patient) for patient in (JAN, MILA)] == told, count
                assert list((await during.providers.pending(PAGE)).providers) == [a_pending()], count
            assert (await rotate(client)).left == 0
            after = Worker.of(client, AFTER)
            assert [await everything(after, patient) for patient in (JAN, MILA)] == told, count
            assert await after.parties.get(a_person().ids), count
            assert await after.providers.get([GP]) == {GP: a_pending()}, count
            count += 1
        assert count > 15
