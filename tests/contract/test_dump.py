"""What Redis keeps, in memory and on disk, reveals no national number, however it may be written."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from hub.domain.parties import HcParty, Id
from hub.domain.party_consents import give_consent
from hub.domain.references import Relevance, put_set, revoke
from hub.domain.subjects import subject_named
from hub.ports.registries import RegisteredParty
from hub.storage import patient_change
from hub.storage.connection import stored
from hub.storage.embedded import EmbeddedServer
from tests.builders import JAN, MILA, a_declaration, a_hospital, a_patient, a_person, an_event
from tests.consistency.workload import invented_patients
from tests.contract.rotating import AFTER, BEFORE, KNOWS, MOVES, Worker, connected, forget, keys_under, rotate
from tests.fakes.providers import NOON, a_change, recorded

PEOPLE = (JAN, MILA, *invented_patients(6, seed=5))
NAMES = ("Proefpatient", "Testarts", "Testziekenhuis")


def writings(digits: str) -> Iterator[bytes]:
    """All ways to write a number that a program may have come upon."""
    dotted = f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"
    integers = [int(digits).to_bytes(5, order) for order in ("big", "little")]
    texts = [digits, digits[::-1], digits[:9], dotted, f"{digits[:6]}-{digits[6:9]}-{digits[9:]}"]
    plain = [*integers, *(text.encode() for text in texts)]
    yield from plain
    yield from (text.encode(encoding) for text in texts for encoding in ("utf-16-le", "utf-32-le", "cp037"))
    for value in plain:
        yield from (value.hex().encode(), value.hex().upper().encode())
        yield from (_within_base64(value, offset) for offset in range(3))


def _within_base64(value: bytes, offset: int) -> bytes:
    """What stands in base64 for a value at this place of a group of three bytes, whatever is beside it."""
    encoded = base64.b64encode(bytes(offset) + value)
    return encoded[(offset * 8 + 5) // 6 : (offset + len(value)) * 8 // 6]


def reveals(kept: bytes, digits: str) -> list[str]:
    """The ways in which a number can be read."""
    nibbles = kept.hex()
    swapped = "".join(nibbles[at + 1] + nibbles[at] for at in range(0, len(nibbles), 2))
    packed = [name for name, text in (("packed decimal", nibbles), ("swapped decimal", swapped)) if digits in text]
    return packed + [repr(written) for written in writings(digits) if written in kept]


@pytest.mark.parametrize(
    "kept",
    [
        b"..45123199772..",
        b"..45.12.31-997.72..",
        "..45123199772..".encode("utf-16-le"),
        b".." + (45123199772).to_bytes(5, "big"),
        b".." + (45123199772).to_bytes(8, "little"),
        bytes.fromhex("0451231997720f"),
        bytes.fromhex("451231997720"),
        bytes.fromhex("5421139977f2"),
        *(base64.b64encode(b"x" * offset + b"45123199772 and more") for offset in range(3)),
        base64.b64encode(b"xy" + (45123199772).to_bytes(5, "big") + b"more"),
        b"3435313233313939373732",
    ],
)
def test_a_number_is_found_however_it_is_written(kept: bytes) -> None:
    assert reveals(b"something" + kept + b"something", "45123199772")
    assert not reveals(b"something" + kept + b"something", "12123199886")


async def everything_kept(client: Redis, folder: Path) -> bytes:
    """Names of keys, dumps of their values, and the files that the server writes, uncompressed."""
    assert await client.config_set("rdbcompression", "no")
    in_memory = [(stored(key) or b"") + (stored(await client.dump(key)) or b"") for key in await client.keys("*")]
    await client.save()
    files = [file for file in folder.rglob("*") if file.suffix in (".aof", ".rdb")]
    assert {file.suffix for file in files} == {".aof", ".rdb"}
    return b"\n".join([*in_memory, *(file.read_bytes() for file in files)])


async def fill(worker: Worker) -> None:
    """Everything that can be kept of people: patients, and people as authors and as registered care parties."""
    for number, patient in enumerate(PEOPLE):
        await worker.patients.put(a_patient(patient), an_event())
        by_number = HcParty(ids=(Id("INSS", "1.0", PEOPLE[number - 1].digits),), cds=a_person().cds, name="Testarts")
        await worker.parties.put(RegisteredParty(by_number, "2026-01-01T00:00:00"))
        subject = subject_named(by_number.ids, where="here")
        given = give_consent(None, subject, NOON.date(), recorded(0, by_number))
        await worker.providers.change(subject, lambda _, given=given: given, a_change())  # type: ignore[misc]
        for document in range(1 + number * 3):
            author = (a_hospital(), by_number) if document % 2 else (a_person(),)
            await worker.declare(patient, a_declaration(f"D{document}", author=author))
        scheme = a_declaration("SCHEME", kind="medicationscheme", author=(by_number,))
        await worker.index.change(
            patient,
            lambda before, scheme=scheme: put_set(before, scheme, bytes(16), members=3, based_on=None),  # type: ignore[misc]
            Relevance.of(scheme, whole_type=True),
            witness=None,
        )
        await worker.index.change(
            patient,
            lambda before: revoke(before, 1, custodian_of=frozenset({"chu"}), by=()),
            Relevance(serials=frozenset((1,))),
            witness=None,
        )


async def test_nothing_that_is_kept_shows_a_national_number_or_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a rotation, half-way, after it, and after its marks were taken away."""
    for name, most in (("MOST_SHORT", 8), ("MOST_IN_LEAF", 6), ("_FILLED", 4)):
        monkeypatch.setattr(patient_change, name, most)
    async with EmbeddedServer.running(tmp_path / "redis") as server, connected(server.url) as client:
        kept = []
        await fill(Worker.of(client, BEFORE))
        kept.append(await everything_kept(client, tmp_path))
        for pseudonyms, patient in ((KNOWS, JAN), (MOVES, MILA)):
            await Worker.of(client, pseudonyms).declare(patient, a_declaration("HALF-WAY"))
        assert await keys_under(client, "2")
        kept.append(await everything_kept(client, tmp_path))
        assert (await rotate(client)).moved == len(PEOPLE)
        kept.append(await everything_kept(client, tmp_path))
        assert (await forget(client)).left == {}
        assert not await keys_under(client, "1")
        kept.append(await everything_kept(client, tmp_path))
        assert all([await Worker.of(client, AFTER).names(patient) for patient in PEOPLE])
    for stage, text in enumerate(kept):
        assert b"D1" in text, "what is no secret can be found"
        for person in PEOPLE:
            assert not reveals(text, person.digits), stage
        assert not [name for name in NAMES if name.encode() in text]
