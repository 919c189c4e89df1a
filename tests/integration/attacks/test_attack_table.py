"""Every row of the attack table is refused: with its fault, in neutral words, told precisely to the log alone."""

import json
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from hub.storage.embedded import EmbeddedServer
from hub.wire.certificates import fingerprint
from tests.builders import JAN, a_patient
from tests.integration.attacks.alterations import Attack, doctor
from tests.integration.attacks.hubs import settings_of
from tests.integration.attacks.table import ROWS
from tests.integration.served_hub import ServedHub, fault_of, served_hub
from tests.signed import numbers_of, world

NEUTRAL = "The security of the message could not be verified."


@pytest.fixture
async def hub(redis_url: str, tmp_path: Path) -> AsyncIterator[ServedHub]:
    """A hub for signed messages that knows Jan."""
    async with served_hub(redis_url, tmp_path, security=settings_of(world(), tmp_path)) as hub:
        (await hub.doctor.put_patient(a_patient(JAN).as_put.decode())).accepted()
        yield hub


async def answer_to(hub: ServedHub, attack: Attack) -> tuple[str, str, str, str]:
    """The fault code, the eHealth code, the sentences and the cause in the log."""
    hub.log.seek(0)
    hub.log.truncate()
    body = attack.send(world(), datetime.now(UTC))
    status, message, headers = await hub.post(body, url=hub.signed_url)
    fault, soa_code, sentences = fault_of(message)
    assert status == 500
    events = [json.loads(line) for line in hub.log.getvalue().splitlines()]
    causes = [event["cause"] for event in events if event["event"] == "security.refused"]
    assert all(event["request_id"] == headers["X-Request-Id"] for event in events)
    return fault, soa_code, sentences, causes[0] if causes else ""


@pytest.mark.parametrize("row", ROWS)
async def test_every_attack_of_a_row_is_refused_as_the_table_says(hub: ServedHub, row: int) -> None:
    seen = {attack.name: await answer_to(hub, attack) for attack in ROWS[row]}
    assert {name: (fault, code, cause) for name, (fault, code, _, cause) in seen.items()} == {
        attack.name: tuple(attack.answer) for attack in ROWS[row]
    }


@pytest.mark.parametrize("row", [row for row in ROWS if row not in (23, 24, 26, 27, 28)])
async def test_the_sentence_is_the_same_whatever_was_wrong(hub: ServedHub, row: int) -> None:
    for attack in ROWS[row]:
        _, _, sentences, _ = await answer_to(hub, attack)
        assert sentences == NEUTRAL


async def test_answers_to_neighbouring_causes_do_not_differ_by_a_byte(hub: ServedHub) -> None:
    answers: dict[tuple[str, str], set[bytes]] = {}
    for attack in (attack for row in ROWS if row not in (24, 26, 27, 28) for attack in ROWS[row]):
        body = attack.send(world(), datetime.now(UTC))
        headers = {"Content-Type": "text/xml; charset=utf-8", "X-Request-Id": "the-same-for-all"}
        async with hub.session.post(hub.signed_url, data=body, headers=headers) as response:
            answers.setdefault(attack.answer[:2], set()).add(await response.read())
    assert {fault: len(texts) for fault, texts in answers.items()} == dict.fromkeys(answers, 1)


async def test_no_log_line_of_an_attack_identifies_anybody(hub: ServedHub) -> None:
    for row in ROWS.values():
        for attack in row:
            await hub.post(attack.send(world(), datetime.now(UTC)), url=hub.signed_url)
    log = hub.log.getvalue()
    assert log.count('"security.refused"') > 50, "the log was read"
    caller = doctor(world())
    for secret in (*numbers_of(world().people), JAN.digits, caller.statement.subject, caller.credential.der.hex()):
        assert secret not in log


async def test_a_message_is_taken_once(hub: ServedHub) -> None:
    body = doctor(world()).sign(now=datetime.now(UTC))
    _, first, _ = await hub.post(body, url=hub.signed_url)
    _, second, _ = await hub.post(body, url=hub.signed_url)
    assert first.tag.endswith("GetTransactionListResponse")
    assert fault_of(second)[:2] == ("MessageExpired", "SOA-01001")
    assert '"replayed"' in hub.log.getvalue()


async def test_a_message_written_differently_is_still_the_same_message(hub: ServedHub) -> None:
    """White space in the value, another prefix for the envelope: nothing that was signed has changed."""
    body = doctor(world()).sign(now=datetime.now(UTC))
    await hub.post(body, url=hub.signed_url)
    again = body.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>\n ").replace(b"S:Header", b"S:Header ")
    again = again.replace(b"</S:Header >", b"</S:Header>")
    assert fault_of((await hub.post(again, url=hub.signed_url))[1])[0] == "MessageExpired"


async def test_a_message_that_was_refused_for_its_author_is_not_taken_later(hub: ServedHub) -> None:
    attack = next(attack for attack in ROWS[23])
    body = attack.send(world(), datetime.now(UTC))
    assert fault_of((await hub.post(body, url=hub.signed_url))[1])[0] == "Client"
    assert fault_of((await hub.post(body, url=hub.signed_url))[1])[0] == "MessageExpired"


async def test_who_has_to_come_with_a_client_certificate_comes_with_his_own(redis_url: str, tmp_path: Path) -> None:
    """Row 21. The proxy that ends TLS tells which certificate a caller has shown."""
    own, other = (world().caller(key).credential.certificate for key in ("modele", "voorbeeld"))
    required = {world().people.signatories["modele"].number: (fingerprint(own),)}
    security = settings_of(world(), tmp_path)
    async with served_hub(redis_url, tmp_path, security=security, client_certificate_of=required) as hub:
        answers = []
        for shown in (None, other, own):
            passed_on = {} if shown is None else {"X_Client_Certificate": quote(world().pem(shown).decode())}
            body = world().caller("modele").sign(now=datetime.now(UTC))
            _, message, _ = await hub.post(
                body, url=hub.signed_url, X_Client_Certificate_Verified="SUCCESS", **passed_on
            )
            answers.append(fault_of(message)[:2] if message.tag.endswith("Fault") else message.tag.rpartition("}")[2])
        refused = ("FailedAuthentication", "SOA-01001")
        assert answers == [refused, refused, "GetTransactionListResponse"]
        assert '"client-certificate"' in hub.log.getvalue()


async def test_nobody_is_believed_while_the_memory_of_messages_is_away(tmp_path: Path) -> None:
    async with EmbeddedServer.running(tmp_path / "redis", fsync="everysec") as server:
        security = settings_of(world(), tmp_path)
        async with served_hub(server.url, tmp_path, security=security, redis_timeout=0.5) as hub:
            os.kill(server.pid, signal.SIGKILL)
            status, message, _ = await hub.post(doctor(world()).sign(now=datetime.now(UTC)), url=hub.signed_url)
            assert (status, *fault_of(message)[:2]) == (500, "Server", "SOA-02002")


async def test_a_diagnosing_hub_says_what_was_expected_and_what_arrived(redis_url: str, tmp_path: Path) -> None:
    security = settings_of(world(), tmp_path, diagnostics=True)
    async with served_hub(redis_url, tmp_path, security=security) as hub:
        attack = next(attack for attack in ROWS[9] if attack.name == "body changed")
        _, _, sentences, _ = await answer_to(hub, attack)
        assert "digest-differs at Envelope/Header/Security/Signature/SignedInfo/Reference[1]/DigestValue" in sentences
        assert "<S:Body" in sentences
        assert "arrived: " in sentences
