"""Validation beside the event loop, in real processes: explained, bounded in time and number, ended with the hub."""

import asyncio
import base64
import os
import select
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.kmehr.validation_workers import MessageValidation, ValidationWorkers
from hub.wire.schemas import default_schema_folder
from hub.wire.xml import parse
from tests.unit.wire.invented_documents import NOTE, changed

SCHEMAS = default_schema_folder()
LIMITS = ValidationLimits(worker_seconds=1.0, waiting=2)
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
WRONG_DATE = changed(NOTE, ("<date>2026-03-02", "<date>2026-02-30"))
ENDLESS = changed(NOTE, ("<folder>", "<folder>" + '<id S="X" SV="1"/>' * 100_000))
"""libxml2 needs minutes for it: it counts the wrong siblings before each wrong one."""


@pytest.fixture
async def workers() -> AsyncIterator[ValidationWorkers]:
    async with ValidationWorkers(schema_folder=SCHEMAS, limits=LIMITS) as workers:
        yield workers


@pytest.fixture
def validation(workers: ValidationWorkers) -> MessageValidation:
    return MessageValidation(schema_folder=SCHEMAS, limits=LIMITS, workers=workers)


async def test_a_right_message_passes(validation: MessageValidation) -> None:
    assert await validation.check(parse(NOTE.encode()), is_large=False, now=NOW) == ()


async def test_a_refusal_is_explained(validation: MessageValidation) -> None:
    document = changed(NOTE, ('<text L="nl">', '<tekst/><text L="nl">'))
    (finding,) = await validation.check(parse(document.encode()), is_large=False, now=NOW)
    assert "allowed here: expirationdate, heading, item" in finding.wanted.en


async def test_rules_are_checked_when_the_schema_accepts(validation: MessageValidation) -> None:
    other = Ssin("12123199886")
    (finding,) = await validation.check(parse(NOTE.encode()), is_large=False, now=NOW, patient=other)
    assert finding.rule == "kmehr.other-patient"


async def test_a_large_attachment_is_checked_beside_the_loop(validation: MessageValidation) -> None:
    pdf = base64.b64encode(b"%PDF-1.7\n" + bytes(20 * 1024 * 1024)).decode()
    link = f'<lnk TYPE="multimedia" MEDIATYPE="application/pdf">{pdf}</lnk><text L="nl">'
    message = parse(changed(NOTE, ('<text L="nl">', link)).encode())
    assert await validation.check(message, is_large=True, now=NOW) == ()


async def test_a_message_of_very_many_elements_is_judged_in_a_worker(validation: MessageValidation) -> None:
    many = "".join(f'<id S="ID-KMEHR" SV="1.0">{number}</id>' for number in range(LIMITS.inline_elements))
    message = parse(changed(NOTE, ("<folder>", f"<folder>{many}")).encode())
    assert await validation.check(message, is_large=True, now=NOW) == ()
    other = Ssin("12123199886")
    (finding,) = await validation.check(message, is_large=True, now=NOW, patient=other)
    assert finding.rule == "kmehr.other-patient"


async def test_a_worker_that_takes_too_long_is_ended_and_replaced(workers: ValidationWorkers) -> None:
    with pytest.raises(HubError) as refusal:
        await workers.judge(ENDLESS.encode(), now=NOW)
    assert refusal.value.reason is Reason.TOO_LATE
    assert (await workers.judge(WRONG_DATE.encode(), now=NOW)).findings[0].rule == "xsd.value"


async def test_the_loop_goes_on_meanwhile(workers: ValidationWorkers) -> None:
    job = asyncio.create_task(workers.judge(ENDLESS.encode(), now=NOW))
    longest, last = 0.0, time.monotonic()
    while not job.done():
        await asyncio.sleep(0)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert isinstance(job.exception(), HubError)
    assert longest < 0.5


async def test_no_more_may_wait_than_the_limit(workers: ValidationWorkers) -> None:
    jobs = [asyncio.create_task(workers.judge(ENDLESS.encode(), now=NOW)) for _ in range(LIMITS.waiting)]
    await asyncio.sleep(0)
    with pytest.raises(HubError) as refusal:
        await workers.judge(NOTE.encode(), now=NOW)
    assert refusal.value.reason is Reason.BUSY
    await asyncio.wait(jobs)
    assert all(isinstance(job.exception(), HubError) for job in jobs)


async def test_a_refusal_stands_when_nobody_can_explain_it() -> None:
    workers = ValidationWorkers(schema_folder=SCHEMAS, limits=LIMITS)
    validation = MessageValidation(schema_folder=SCHEMAS, limits=LIMITS, workers=workers)
    (finding,) = await validation.check(parse(WRONG_DATE.encode()), is_large=False, now=NOW)
    assert (finding.rule, finding.seen) == ("xsd.value", "2026-02-30")


async def test_a_refused_message_too_large_to_be_explained_asks_no_worker() -> None:
    limits = replace(LIMITS, explained_bytes=100)
    workers = ValidationWorkers(schema_folder=SCHEMAS, limits=limits)
    validation = MessageValidation(schema_folder=SCHEMAS, limits=limits, workers=workers)
    assert len(await validation.check(parse(WRONG_DATE.encode()), is_large=True, now=NOW)) == 1


def test_workers_end_with_the_hub_even_when_it_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, _hub_with_a_worker(tmp_path)], stdout=subprocess.PIPE, text=True) as hub:
        assert hub.stdout is not None
        worker = os.pidfd_open(int(hub.stdout.readline()))
        assert not select.select([worker], [], [], 0)[0]
        hub.kill()
        assert select.select([worker], [], [], 10)[0]
    os.close(worker)


def _hub_with_a_worker(folder: Path) -> Path:
    script = folder / "hub_with_a_worker.py"
    script.write_text(
        textwrap.dedent("""
            import multiprocessing, time
            import asyncio
            from hub.wire.kmehr.limits import ValidationLimits
            from hub.wire.kmehr.validation_workers import ValidationWorkers
            from hub.wire.schemas import default_schema_folder

            async def main():
                async with ValidationWorkers(schema_folder=default_schema_folder(), limits=ValidationLimits()):
                    print(multiprocessing.active_children()[0].pid, flush=True)
                    await asyncio.Event().wait()

            if __name__ == "__main__":
                asyncio.run(main())
        """),
        encoding="utf-8",
    )
    return script
