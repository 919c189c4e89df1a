"""How the REST API speaks HTTP: refusals are problems with a request id, and no number stands where it must not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from redis import Redis

from hub.app import rest_api
from hub.config.settings import ListenerSettings
from hub.web.rest.authentication import NoTokens
from tests.access_builders import a_patient_party
from tests.builders import JAN
from tests.integration.access_hub import SETTINGS
from tests.integration.served_hub import ServedHub, served_hub
from tests.rest_client import RestClient

GP = {"party": {"nihii": "19990116004"}}


@pytest_asyncio.fixture
async def hub(redis_url: str, tmp_path: Path) -> AsyncIterator[ServedHub]:
    async with served_hub(redis_url, tmp_path) as served:
        yield served


@pytest.fixture
def jan(hub: ServedHub) -> RestClient:
    """Jan, about himself."""
    return hub.rest(a_patient_party(JAN))


async def test_who_is_not_identified_is_told_how_to_be(jan: RestClient) -> None:
    for authorization in ("", "Basic eA==", "Bearer eA=="):
        answer = await jan.ask("GET", "/consent", headers={"Authorization": authorization})
        assert (answer.status, answer.content["reason"]) == (401, "token-invalid")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="hub"'


def test_a_hub_without_a_plain_listener_believes_no_token() -> None:
    signed = ListenerSettings(authentication="signed")
    assert isinstance(rest_api(replace(SETTINGS, listener=signed), ())._authenticator, NoTokens)


async def test_the_description_is_for_everybody(jan: RestClient) -> None:
    answer = await jan.ask("GET", "/openapi.json", headers={"Authorization": "", "Patient": ""})
    assert (answer.status, answer.content["openapi"]) == (200, "3.1.0")


async def test_there_is_nothing_else(jan: RestClient) -> None:
    for method, path, status, reason in (
        ("GET", "", 404, "resource-unknown"),
        ("GET", "/patients", 404, "resource-unknown"),
        ("GET", "/therapeutic-links/", 404, "resource-unknown"),
        ("GET", "/therapeutic-links/%00", 404, "resource-unknown"),
        ("PATCH", "/therapeutic-links", 405, "method-not-allowed"),
        ("OPTIONS", "/consent", 405, "method-not-allowed"),
        ("POST", "/openapi.json", 405, "method-not-allowed"),
    ):
        answer = await jan.ask(method, path)
        assert (answer.status, answer.content["reason"]) == (status, reason), path
        assert ("Allow" in answer.headers) == (status == 405)


async def test_a_request_that_does_not_follow_the_description_is_refused(jan: RestClient) -> None:
    cases: tuple[tuple[bytes, dict[str, str], int, str], ...] = (
        (b"{}", {"Content-Type": "text/plain"}, 415, "media-type"),
        (b"{}", {"Content-Encoding": "gzip"}, 415, "media-type"),
        (b'{"party":', {}, 400, "request-invalid"),
        (b" " * 70_000, {}, 413, "message-too-large"),
        (b"{}", {"Accept": "text/html"}, 406, "not-acceptable"),
        (b"{}", {"Patient": ""}, 400, "patient-number"),
        (b"{}", {"Patient": "45123199773"}, 400, "patient-number"),
    )
    for body, headers, status, reason in cases:
        answer = await jan.ask("POST", "/exclusions", body, headers={"Content-Type": "application/json"} | headers)
        assert (answer.status, answer.content["reason"]) == (status, reason)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.content["request_id"] == answer.headers["X-Request-Id"]
        assert answer.headers["Cache-Control"] == "no-store"


async def test_errors_are_told_in_the_language_of_the_caller(jan: RestClient) -> None:
    answer = await jan.ask("GET", "/therapeutic-links", size=0, headers={"Accept-Language": "nl-BE,fr;q=0.5"})
    assert answer.headers["Content-Language"] == "nl"
    assert (answer.content["where"], answer.content["wanted"], answer.content["seen"]) == (
        "size",
        "een geheel getal >= 1",
        '"0"',
    )
    assert answer.content["detail"].startswith("Het verzoek volgt de beschrijving van de API niet (size)")


async def test_no_number_of_a_patient_is_logged_or_told(hub: ServedHub, jan: RestClient) -> None:
    for content in ({"party": {"nihii": JAN.digits}}, {"party": {"inss": f"{JAN.digits} "}}, {JAN.digits: JAN.digits}):
        answer = await jan.ask("POST", "/exclusions", content, headers={"X-Request-Id": JAN.digits})
        assert JAN.digits not in f"{answer.content}{answer.headers}"
    await jan.done("POST", "/exclusions", GP)
    log = hub.log.getvalue()
    assert '"rest:CreateExclusion"' in log
    assert JAN.digits not in log


async def test_a_store_that_is_away_is_a_problem_that_passes(redis_url: str, tmp_path: Path) -> None:
    async with served_hub(redis_url, tmp_path, redis_timeout=0.2) as hub:
        client = hub.rest(a_patient_party(JAN))
        await client.done("GET", "/consent")
        with Redis.from_url(redis_url) as redis:
            redis.execute_command("CLIENT", "PAUSE", "1500", "ALL")
        assert await client.refused("GET", "/consent") == (503, "index-unavailable")
