"""`hub mandates` as the staff of a hub uses it, with papers on the desk."""

import asyncio
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.archive.address import address
from hub.archive.audit_trail import RedisAuditTrail
from hub.archive.opening import open_archive
from hub.domain.audit import AuditEvent, Outcome
from hub.domain.search import PageRequest
from hub.ports.audit_trail import AuditQuery
from hub.runtime import BelgianClock
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.registries import RedisPatientRegistry
from hub.storage.secrets import Pseudonyms
from tests.builders import JAN, MILA, a_patient, an_event
from tests.contract.rotating import INDEX_SECRET
from tests.e2e.commands import Ended, configured, run

TODAY = BelgianClock().now().date()
BOTH = f"{JAN.digits}\n{MILA.digits}\n".encode()
PEOPLE = ("--patient", "-", "--holder", "-")
PARENT = ("--kind", "parent")


@dataclass
class Staff:
    """Somebody with the configuration of a hub that knows Jan, and a shell."""

    folder: Path
    redis_url: str

    async def tries(self, command: str, *arguments: str, given: bytes = BOTH) -> Ended:
        """A command, about Mila who acts for Jan unless told otherwise."""
        return await run(self.folder / "hub.toml", "mandates", command, *arguments, given=given)

    async def says(self, command: str, *arguments: str) -> dict[str, Any]:
        """What a command that works tells."""
        status, facts, errors = await self.tries(command, *arguments)
        assert (status, errors) == (0, "")
        return facts

    async def states(self) -> list[tuple[str, str]]:
        """The kinds of the mandates of Jan, and what became of them."""
        rows = (await self.says("list", "--patient", "-"))["mandates"]
        return [(row["kind"], row["state"]) for row in rows]

    async def events(self) -> list[AuditEvent]:
        """What the audit trail has of Jan, oldest first."""
        secrets, clock = IndexSecrets.of(INDEX_SECRET, Pseudonyms(INDEX_SECRET, key_id="1")), BelgianClock()
        place = address(f"sqlite:///{self.folder / 'audit.sqlite'}", password=None)
        async with (
            connect(self.redis_url, timeout=5, connections=2) as client,
            open_archive(place, patience=5, secret=INDEX_SECRET, clock=clock) as archive,
        ):
            trail = RedisAuditTrail(client, secrets=secrets, archive=archive)
            return [*(await trail.find(AuditQuery(patient=JAN), PageRequest(size=100))).events][::-1]


@pytest.fixture
async def staff(tmp_path: Path, redis_url: str) -> Staff:
    """The patient is known, nobody may act for him."""
    (tmp_path / "index.key").write_text(INDEX_SECRET.hex())
    configured(tmp_path, redis_url=redis_url, more="")
    secrets = IndexSecrets.of(INDEX_SECRET, Pseudonyms(INDEX_SECRET, key_id="1"))
    async with connect(redis_url, timeout=5, connections=2) as client:
        await RedisPatientRegistry(client, secrets=secrets).put(a_patient(), an_event(None))
    return Staff(tmp_path, redis_url)


async def test_a_parent_is_registered_by_his_papers_and_it_ends(staff: Staff) -> None:
    begins = f"{TODAY - timedelta(days=1)}"
    registered = ("put", *PEOPLE, *PARENT, "--start", begins, "--end", "2099-01-01", "--by", "Agnès Exemple")
    assert await staff.says(*registered) == {"kind": "parent", "changed": True}
    assert await staff.says(*registered) == {"kind": "parent", "changed": False}
    (row,) = (await staff.says("list", "--patient", "-", "--show-holders"))["mandates"]
    assert row == {
        "holder": MILA.digits,
        "kind": "parent",
        "start": begins,
        "end": "2099-01-01",
        "state": "in force",
    }
    (row,) = (await staff.says("list", "--patient", "-"))["mandates"]
    assert row["holder"] != MILA.digits
    assert await staff.says("end", *PEOPLE, *PARENT) == {"kind": "parent", "changed": True}
    assert await staff.says("end", *PEOPLE, *PARENT) == {"kind": "parent", "changed": False}
    assert await staff.states() == [("parent", "ended")]


async def test_each_command_leaves_an_event_and_so_does_a_refused_one(staff: Staff) -> None:
    await staff.says("put", *PEOPLE, "--kind", "legal-representative", "--by", "Agnès Exemple")
    assert (await staff.tries("put", *PEOPLE, "--kind", "trusted-person")).status == 1
    await staff.says("list", "--patient", "-")
    await staff.says("end", *PEOPLE, "--kind", "legal-representative")
    events = await staff.events()
    assert [(event.origin.operation, event.outcome) for event in events] == [
        ("RegisterMandate", Outcome.GRANTED),
        ("RegisterMandate", Outcome.REFUSED),
        ("ListMandates", Outcome.GRANTED),
        ("EndMandate", Outcome.GRANTED),
    ]
    assert events[0].actor.parties[-1].name == "Agnès Exemple"
    assert events[0].subject[0].id_value("INSS") == MILA.digits
    assert events[0].details == {"kind": "legal-representative"}


async def test_a_mandate_may_begin_later_and_be_for_health_data(staff: Staff) -> None:
    tomorrow = f"{TODAY + timedelta(days=2)}"
    await staff.says("put", *PEOPLE, "--kind", "health-data", "--start", tomorrow)
    await staff.says("put", *PEOPLE, "--kind", "legal-representative")
    assert await staff.states() == [("legal-representative", "in force"), ("health-data", "not begun")]


async def test_a_refusal_says_why_in_one_sentence(staff: Staff) -> None:
    for arguments, given, words in (
        (("--kind", "trusted-person"), BOTH, "a trusted person is named by the patient himself"),
        (PARENT, f"{MILA.digits}\n{JAN.digits}\n".encode(), "does not know"),
        (PARENT, JAN.digits.encode(), "(--holder); expected: an INSS (or BIS) number"),
        (PARENT, b"\xff\n", "(--patient); expected: an INSS (or BIS) number"),
    ):
        status, facts, errors = await staff.tries("put", *PEOPLE, *arguments, given=given)
        assert (status, facts) == (1, {})
        assert errors.startswith("hub mandates: ")
        assert errors.count("\n") == 1
        assert words in errors
    assert await staff.states() == []


async def test_numbers_come_from_options_or_files_too(staff: Staff) -> None:
    number = staff.folder / "holder.txt"
    number.write_text(f"{MILA.digits}\n")
    people = ("--patient", JAN.digits, "--holder", f"@{number}")
    await staff.says("put", *people, *PARENT)
    missing = await staff.tries("put", "--patient", JAN.digits, "--holder", "@/nowhere", *PARENT)
    assert missing.errors == "hub mandates: /nowhere: cannot be read: No such file or directory\n"
    assert await staff.states() == [("parent", "in force")]


async def test_the_list_is_written_for_people(staff: Staff) -> None:
    await staff.says("put", *PEOPLE, *PARENT, "--end", "2099-01-01")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", "mandates", "list", "--show-holders"),
        *("--patient", JAN.digits, "--config", str(staff.folder / "hub.toml")),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert output.decode().splitlines() == [
        f"{MILA.digits}  parent  from {TODAY} to 2099-01-01  in force",
        "1 in all",
    ]
