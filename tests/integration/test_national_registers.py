"""The hub beside national registers over HTTP: the sandbox's own, which can be told to fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import generate_latest

from connectors import registry
from hub.certificates.watch import CertificateWatch
from hub.domain.consent import ConsentState
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.national import NationalQuestion, NationalRegister, NationalWord, parties_among
from hub.domain.subjects import subjects_of
from hub.national import OpenRegisters, open_registers
from hub.observability.logging import open_log
from hub.observability.metrics import Metrics
from hub.runtime import BelgianClock
from hub.sandbox.national import application
from hub.sandbox.people import load_people
from tests.fakes.document_requests import soon
from tests.unit.configuration_files import MINIMAL, read, with_keys

PEOPLE = load_people()
EVERYDAY, BILINGUAL, DECEASED = (PEOPLE.patients[key].ssin for key in ("everyday", "bilingual", "deceased"))
PROBLEMS = {
    "unavailable": "HTTP status 503",
    "silence": "source-too-late",
    "nonsense": "not JSON",
    "another-patient": "an answer about another patient",
    "contradiction": "source-answer",
}
STRANGER = Ssin("45123199772")


@dataclass
class Registers:
    """The registers, reached by the hub, and what it logged and counted."""

    base: str
    hub: OpenRegisters
    log: StringIO
    metrics: Metrics

    async def say(self, patient: Ssin, provider: str = "gp_fr") -> NationalWord:
        """What they say of a patient and a provider of the sandbox."""
        return await self.hub.facts.of(soon(), patient, subjects_of((PEOPLE.providers[provider].party,)))

    async def fail(self, register: NationalRegister, failure: str) -> None:
        """Have one fail from now on; no failure ends that."""
        url = f"{self.base}/{register}/failure"
        async with aiohttp.request("PUT" if failure else "DELETE", url, data=failure) as response:
            assert response.status == 204


@asynccontextmanager
async def registers_with(folder: Path, lines: str = "", *, only: str = "") -> AsyncIterator[Registers]:
    """The sandbox's registers, configured with these settings for each."""
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(served(application(BelgianClock())))
        tables = (
            f'[national.{register}]\nurl = "{base}/{register}"\nallow_http = true\nfirst_byte_timeout = 0.3\n{lines}\n'
            for register in NationalRegister
            if register.startswith(only)
        )
        settings = read(with_keys(folder), "\n".join((MINIMAL, *tables)))
        log, metrics = StringIO(), Metrics()
        logger = open_log(log)
        hub = await stack.enter_async_context(
            open_registers(
                settings.national,
                registry,
                clock=BelgianClock(),
                watch=CertificateWatch(clock=BelgianClock(), metrics=metrics, logger=logger),
                metrics=metrics,
                logger=logger,
            )
        )
        yield Registers(base, hub, log, metrics)


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """The URL of an application on a free port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def test_the_registers_of_the_sandbox_answer_about_its_people(tmp_path: Path) -> None:
    async with registers_with(tmp_path) as registers:
        word = await registers.say(EVERYDAY)
        assert word.consent is not None
        assert (word.consent.state, len(word.links), word.exclusions) == (ConsentState.GIVEN, 1, ())
        assert (await registers.say(EVERYDAY, "nurse")).links == ()
        assert len((await registers.say(BILINGUAL, "physiotherapist")).exclusions) == 1
        assert (await registers.say(DECEASED)).is_deceased
        stranger = await registers.say(STRANGER)
        assert stranger.consent is not None
        assert (stranger.consent.state, stranger.links) == (ConsentState.NONE, ())


@pytest.mark.parametrize("register", NationalRegister)
@pytest.mark.parametrize("failure", PROBLEMS)
async def test_a_register_that_fails_refuses_in_time_and_works_again(
    register: NationalRegister, failure: str, tmp_path: Path
) -> None:
    async with registers_with(tmp_path, "remembered = 0\nnothing_remembered = 0") as registers:
        await registers.fail(register, failure)
        started = asyncio.get_running_loop().time()
        with pytest.raises(HubError) as refusal:
            await registers.say(EVERYDAY)
        assert asyncio.get_running_loop().time() - started < 1.5
        assert refusal.value.reason is Reason.NATIONAL_SERVICE_UNAVAILABLE
        assert refusal.value.details == {"service": f"of {register}"}
        assert f'"source":"national-{register}"' in registers.log.getvalue()
        assert PROBLEMS[failure] in registers.log.getvalue()
        assert EVERYDAY.digits not in registers.log.getvalue()
        await registers.fail(register, "")
        assert (await registers.say(EVERYDAY)).notes == ()


async def test_one_that_is_down_leaves_its_last_word_for_as_long_as_configured(tmp_path: Path) -> None:
    lines = "remembered = 0\nnothing_remembered = 0\nlast_known_minutes = 5"
    async with registers_with(tmp_path, lines) as registers:
        before = await registers.say(EVERYDAY)
        for register in NationalRegister:
            await registers.fail(register, "unavailable")
        after = await registers.say(EVERYDAY)
        assert (after.consent, after.links, after.exclusions) == (before.consent, before.links, before.exclusions)
        assert after.notes == tuple(f"national-{register}/last-known" for register in NationalRegister)
        with pytest.raises(HubError):
            await registers.say(BILINGUAL)


async def test_one_that_keeps_failing_is_not_tried_for_a_while(tmp_path: Path) -> None:
    """Nonsense counts as silence does, though its answers come."""
    lines = "nothing_remembered = 0\nfailures_to_open = 3\npause = 60"
    async with registers_with(tmp_path, lines, only="consents") as registers:
        (service,) = registers.hub.services
        await registers.fail(NationalRegister.CONSENTS, "nonsense")
        for _ in range(3):
            assert service.is_available()
            with pytest.raises(HubError):
                await registers.say(EVERYDAY)
        assert not service.is_available()
        await registers.fail(NationalRegister.CONSENTS, "")
        with pytest.raises(HubError):
            await registers.say(EVERYDAY)
        assert '"state":"open"' in registers.log.getvalue()
        counted = generate_latest(registers.metrics.registry).decode()
        assert 'hub_source_available{source="national-consents"} 0.0' in counted


async def test_only_what_is_configured_is_asked(tmp_path: Path) -> None:
    async with registers_with(tmp_path, only="links") as registers:
        word = await registers.say(EVERYDAY)
        assert (word.consent, len(word.links), word.exclusions) == (None, 1, ())


@pytest.mark.parametrize(
    ("answer", "status", "media_type"),
    [
        ("{}", 404, "application/json"),
        ("{}", 201, "application/json"),
        ("{}", 200, "text/html"),
        ("", 302, "text/plain"),
    ],
)
async def test_an_adapter_that_is_something_else_counts_as_down(
    answer: str, status: int, media_type: str, tmp_path: Path
) -> None:
    async def other(_: web.Request) -> web.Response:
        return web.Response(text=answer, status=status, content_type=media_type, headers={"Location": "/"})

    app = web.Application()
    app.router.add_post("/", other)
    async with served(app) as base:
        settings = registry.national_service(url=base, allow_http=True)
        service = registry.national_consents(settings, clock=BelgianClock())
        with pytest.raises(HubError) as refusal:
            await service.ask(NationalQuestion(EVERYDAY), soon())
        await service.close()
    assert refusal.value.reason is Reason.SOURCE_ANSWER


async def test_an_adapter_knows_the_hub_by_its_token_and_gets_numbers_in_the_body_alone(tmp_path: Path) -> None:
    seen: list[tuple[str, str | None, dict[str, object]]] = []

    async def links(request: web.Request) -> web.Response:
        seen.append((str(request.rel_url), request.headers.get("Authorization"), await request.json()))
        return web.json_response({"patient": EVERYDAY.digits, "links": []})

    token = tmp_path / "token"
    token.write_text("secret-token\n")
    app = web.Application()
    app.router.add_post("/links", links)
    async with served(app) as base:
        settings = registry.national_service(url=f"{base}/links", allow_http=True, token_file=token)
        service = registry.national_links(settings, clock=BelgianClock())
        provider = PEOPLE.providers["gp_fr"]
        parties = parties_among(subjects_of((provider.party,)), EVERYDAY)
        assert await service.ask(NationalQuestion(EVERYDAY, parties), soon()) == ()
        await service.close()
    asked = {"patient": EVERYDAY.digits, "parties": [{"inss": provider.inss}, {"nihii": provider.nihii[:8]}]}
    assert seen == [("/links", "Bearer secret-token", asked)]
