"""`hub providers` as the staff of a hub uses it, beside a directory that is another process."""

from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from hub.sandbox.people import load_people
from hub.sandbox.processes import listening, reserved_ports, running
from hub.sandbox.provider_directory import DIRECTORY_PATH
from tests.contract.rotating import INDEX_SECRET
from tests.e2e import commands

PEOPLE = load_people()
DOCTOR, NURSE = PEOPLE.providers["gp_fr"].nihii, PEOPLE.providers["nurse"].nihii
SPECIALIST, HOSPITAL = PEOPLE.providers["specialist_fr"].nihii, PEOPLE.hospitals["modele"].number
STRANGER = "19990116004"
PROVIDERS = """
[providers]
reminder_folder = "reminders"
[providers.guarantors.ligue]
name = "Ligue fictive"
professions = ["persphysician"]
address = "secretariat@ligue.example"
[providers.directory]
kind = "http"
url = "{url}"
allow_http = true
"""


class Staff:
    """Somebody with the configuration of a hub and a shell."""

    def __init__(self, configuration: Path) -> None:
        self._configuration = configuration

    async def tries(self, command: str, *arguments: str) -> commands.Ended:
        return await commands.run(self._configuration, "providers", command, *arguments)

    async def says(self, command: str, *arguments: str) -> dict[str, Any]:
        """What a command that works tells."""
        status, facts, errors = await self.tries(command, *arguments)
        assert (status, errors) == (0, "")
        return facts


@pytest.fixture
async def staff(tmp_path: Path, redis_url: str) -> AsyncIterator[Staff]:
    (tmp_path / "index.key").write_text(INDEX_SECRET.hex())
    with reserved_ports("127.0.0.1", 1) as (port,):
        module = "hub.sandbox.provider_directory"
        async with running("directory", module, "--port", str(port), logs=tmp_path) as directory:
            await listening(directory, "127.0.0.1", port)
            url = f"http://127.0.0.1:{port}{DIRECTORY_PATH}"
            yield Staff(commands.configured(tmp_path, redis_url=redis_url, more=PROVIDERS.format(url=url)))


async def test_a_doctor_is_approved_by_his_guarantor_and_reminded_of_until_then(staff: Staff, tmp_path: Path) -> None:
    applied = await staff.says("register", DOCTOR, "persphysician", "--guarantor", "ligue")
    assert (
        applied.items()
        >= {
            "number": DOCTOR[:8],
            "state": "pending",
            "waits_for": "guarantor",
            "guarantor": "ligue",
            "directory": "valid",
        }.items()
    )
    reminded = await staff.says("remind")
    assert reminded.items() >= {"validated": 0, "waiting": 1, "messages": 1}.items()
    message = message_from_bytes((tmp_path / "reminders" / "ligue.eml").read_bytes(), policy=default)
    assert message["To"] == "secretariat@ligue.example"
    body = message.get_body()
    assert body is not None
    assert DOCTOR[:8] in body.get_content()
    approved = await staff.says("approve", DOCTOR, "--guarantor", "ligue", "--by", "Agnès Exemple")
    assert approved["state"] == "approved"
    assert (await staff.says("remind"))["messages"] == 0
    assert not list((tmp_path / "reminders").iterdir())
    suspended = await staff.says("suspend", DOCTOR, "--remark", "asked for by the league")
    assert suspended["state"] == "suspended"
    assert [row["number"] for row in (await staff.says("list", "--state", "suspended"))["providers"]] == [DOCTOR[:8]]
    assert (await staff.says("list", "--state", "approved"))["total"] == 0


async def test_a_nurse_needs_nobody_and_a_hospital_answers_for_its_staff(staff: Staff) -> None:
    assert (await staff.says("register", NURSE, "persnurse"))["state"] == "approved"
    assert (await staff.says("register", HOSPITAL, "orghospital"))["state"] == "approved"
    vouched = await staff.says("register", SPECIALIST, "persphysician", "--organisation", HOSPITAL)
    assert (vouched["state"], vouched["guarantor"]) == ("approved", HOSPITAL)


async def test_whom_the_directory_does_not_know_the_staff_validates(staff: Staff) -> None:
    applied = await staff.says("register", STRANGER, "persphysician", "--guarantor", "ligue")
    assert (applied["directory"], applied["waits_for"]) == ("not-found", "guarantor, validation")
    vouched = await staff.says("approve", STRANGER, "--guarantor", "ligue")
    assert (vouched["state"], vouched["waits_for"]) == ("pending", "validation")
    queue = await staff.says("pending")
    assert (queue["total"], [row["number"] for row in queue["providers"]]) == (1, [STRANGER[:8]])
    assert (await staff.says("approve", STRANGER))["state"] == "approved"
    assert (await staff.says("pending"))["total"] == 0


async def test_a_refusal_says_why_in_one_sentence(staff: Staff) -> None:
    for arguments, words in (
        (("register", DOCTOR, "persphysician"), "wanted: ligue"),
        (("register", "19999999", "persphysician"), "check digits"),
        (("register", SPECIALIST, "persphysician", "--organisation", HOSPITAL), "registration is approved"),
        (("approve", DOCTOR), "does not know"),
    ):
        status, facts, errors = await staff.tries(*arguments)
        assert (status, facts) == (1, {})
        assert errors.count("\n") == 1
        assert words in errors
    status, _, errors = await staff.tries(
        "register", DOCTOR, "persphysician", "--guarantor", "ligue", "--organisation", HOSPITAL
    )
    assert status == 2
    assert "one of the two vouches" in errors
