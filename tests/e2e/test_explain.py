"""`hub explain`, `POST /explain` and `hub broken-glass` beside a running hub."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from hub.runtime import BelgianClock
from hub.sandbox.client import HubClient
from hub.storage.access_registry import RedisAccessRegistry
from hub.storage.index_secrets import IndexSecrets
from hub.storage.provider_registry import RedisProviderRegistry
from hub.storage.secrets import Pseudonyms
from hub.wire.schemas import SchemaSet, default_schema_folder
from tests.access_builders import REASON
from tests.allowed import allow, enrol
from tests.builders import GP_NIHII, JAN, MILA, OTHER_GP_NIHII, a_patient, a_person
from tests.e2e.commands import Ended, run
from tests.e2e.hub_process import HubProcess, running, until

LINKED, UNLINKED = a_person(), a_person(OTHER_GP_NIHII)
CHANGES = {
    "[operations]": "[operations]\nexplain = true",
    "[redis]": "[access]\nbreak_the_glass = true\nprivacy_officer = 'privacy@hub.example'\n\n[redis]",
}
QUESTION = {
    "by": "Agnès Exemple",
    "requester": [GP_NIHII],
    "profession": "persphysician",
    "patient": JAN.digits,
    "signed_by": "nobody",
}


@dataclass
class Place:
    """A running hub and its folder."""

    hub: HubProcess
    folder: Path

    async def explain(self, *arguments: str, given: bytes | None = None) -> Ended:
        """`hub explain` about a doctor who asks on the plain listener."""
        common = ("--profession", "persphysician", "--signed-by", "nobody", "--by", "Agnès Exemple")
        return await run(self.folder / "hub.toml", "explain", *common, *arguments, given=given)

    async def ask(self, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
        """`POST /explain`."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{self.hub.operations}/explain",
                data=body if isinstance(body, bytes) else json.dumps(body).encode(),
                headers={"Content-Type": "application/json"} | {key.replace("_", "-"): headers[key] for key in headers},
            ) as response,
        ):
            return response.status, await response.json()

    @property
    def notices(self) -> list[Path]:
        """What is in the outbox."""
        return sorted((self.folder / "data" / "notices").glob("*.json"))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A hub that knows Jan, whose doctor has a link, and another doctor."""
    async with running(tmp_path, **CHANGES) as hub:
        secret = bytes.fromhex((tmp_path / "secrets" / "index.key").read_text())
        secrets = IndexSecrets.of(secret, Pseudonyms(secret, key_id="1"))
        async with Redis.from_url(f"unix://{hub.events('redis.started')[0]['folder']}/redis.sock") as client:
            await allow(RedisAccessRegistry(client, secrets=secrets), [a_patient()], [LINKED])
            await enrol(RedisProviderRegistry(client, secrets=secrets), [LINKED, UNLINKED])
        yield Place(hub, tmp_path)


async def test_the_command_and_the_endpoint_say_the_same(place: Place) -> None:
    status, said, errors = await place.explain("--requester", GP_NIHII, "--patient", "-", given=JAN.digits.encode())
    assert (status, errors, said["outcome"]["granted"]) == (0, "", True)
    assert (await place.ask(QUESTION)) == (200, said)
    number = place.folder / "patient.txt"
    number.write_text(f"{JAN.digits}\n")
    refused = await place.explain("--requester", OTHER_GP_NIHII, "--patient", f"@{number}")
    assert (refused.status, refused.facts["outcome"]["reason"]) == (1, "link-missing")
    assert "link/missing" in refused.facts["outcome"]["decided_by"]
    assert (await place.ask(QUESTION | {"requester": [OTHER_GP_NIHII]}))[1]["outcome"] == refused.facts["outcome"]
    unknown = await place.explain("--requester", GP_NIHII, "--patient", JAN.digits, "--transaction", "1")
    assert (unknown.status, unknown.facts["document"]["rule"]) == (1, "transaction/unknown")


async def test_the_command_tells_it_in_sentences(place: Place) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", "explain", "--config", str(place.folder / "hub.toml")),
        *("--requester", GP_NIHII, "--profession", "persphysician", "--signed-by", "nobody"),
        *("--patient", JAN.digits, "--language", "nl"),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert "Therapeutische relaties: soort gpconsultation" in output.decode()
    assert output.decode().splitlines()[-1] == "Resultaat: toegang verleend."


async def test_what_cannot_be_found_out_is_said(place: Place) -> None:
    stranger = await place.explain("--requester", GP_NIHII, "--patient", MILA.digits)
    assert (stranger.status, stranger.facts) == (1, {})
    for arguments in (("--patient", "45123199773"), ("--patient", "@/nowhere"), ("--patient", JAN.digits + "0")):
        status, facts, errors = await place.explain("--requester", GP_NIHII, *arguments)
        assert (status, facts) == (2, {})
        assert errors.startswith("hub explain: ")
    (place.folder / "hub.toml").write_text("[hub]")
    assert (await place.explain("--requester", GP_NIHII, "--patient", JAN.digits)).status == 2


async def test_the_endpoint_takes_json_from_this_machine_only(place: Place) -> None:
    assert (await place.ask(QUESTION | {"patient": MILA.digits}))[0] == 404
    status, said = await place.ask(QUESTION | {"patient": "45123199773"})
    assert (status, said["reason"], set(said["texts"])) == (400, "patient-number", {"fr", "nl", "en"})
    for body in (b"{", b"[]", b"\xff", QUESTION | {"by": " "}, QUESTION | {"more": 1}, {"by": "x"}):
        assert (await place.ask(body))[0] == 400
    assert (await place.ask(QUESTION, Content_Type="text/plain"))[0] == 415
    assert (await place.ask(QUESTION, Host="hub.attacker.example"))[0] == 403


async def test_a_hub_does_not_explain_unless_it_is_told_to(tmp_path: Path) -> None:
    async with (
        running(tmp_path) as hub,
        aiohttp.ClientSession() as session,
        session.post(f"{hub.operations}/explain", json=QUESTION) as response,
    ):
        assert response.status == 404


async def test_a_break_is_told_listed_and_reviewed(place: Place) -> None:
    async with aiohttp.ClientSession() as session:
        client = HubClient(
            session=session,
            endpoint=place.hub.intrahub,
            author=(UNLINKED,),
            schemas=SchemaSet.load(default_schema_folder()),
            clock=BelgianClock(),
        )
        (await client.breaking_the_glass(REASON).list(JAN)).accepted()
    await until(lambda: len(place.notices) == 2)
    patient, officer = (json.loads(notice.read_text()) for notice in place.notices)
    assert (patient["to"]["inss"], patient["reason"]) == (JAN.digits, REASON)
    assert officer["to"]["address"] == "privacy@hub.example"

    configuration = place.folder / "hub.toml"
    listed = await run(configuration, "broken-glass", "list")
    assert (listed.status, listed.errors, listed.facts["total"]) == (0, "", 1)
    (row,) = listed.facts["breaks"]
    assert (row["name"], row["reason"], row["reviews"]) == (officer["name"], REASON, [])
    assert JAN.digits not in json.dumps(row)
    shown = await run(configuration, "broken-glass", "list", "--show-patients", "--unreviewed")
    assert shown.facts["breaks"][0]["patient"] == JAN.digits
    reviewed = await run(
        configuration, "broken-glass", "review", row["name"], "justified", "--remark", "Urgence", "--by", "Agnès"
    )
    (review,) = reviewed.facts["breaks"][0]["reviews"]
    assert (review["verdict"], review["by"], review["remark"]) == ("justified", "Agnès", "Urgence")
    assert (await run(configuration, "broken-glass", "list", "--unreviewed")).facts["total"] == 0
    nothing = await run(configuration, "broken-glass", "review", "20260101-0000000000", "justified")
    assert nothing.status == 1
    assert "the name of a break" in nothing.errors
