"""The outbox: whole files that only the hub may read, and nothing that holds up an answer."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from io import StringIO
from pathlib import Path

from hub.domain.audit import AuditEvent
from hub.observability.logging import open_log
from hub.observability.notifying import BackgroundNotifications
from hub.storage.outbox import Outbox
from tests.builders import JAN, an_event

EVENT = an_event(break_the_glass="Inconscient")


def two_notices(event: AuditEvent, until: datetime) -> Mapping[str, bytes]:
    return {"one.json": event.break_the_glass.encode(), "two.json": str(until.year).encode()}


async def test_each_notice_is_a_file_for_the_hub_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "notices"
    outbox = Outbox(folder, writer=two_notices)
    for _ in range(2):
        await outbox.glass_broken(EVENT, until=EVENT.at)
    assert {file.name: file.read_text() for file in folder.iterdir()} == {"one.json": "Inconscient", "two.json": "2026"}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


async def test_an_answer_does_not_wait_and_the_end_does(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, writer=two_notices)
    async with BackgroundNotifications.running(outbox, logger=open_log(StringIO())) as notifications:
        await notifications.glass_broken(EVENT, until=EVENT.at)
        assert not list(tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 2


async def test_a_notice_that_cannot_be_written_is_logged_without_the_patient(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    log = StringIO()
    outbox = Outbox(tmp_path / "file" / "folder", writer=two_notices)
    async with BackgroundNotifications.running(outbox, logger=open_log(log)) as notifications:
        await notifications.glass_broken(EVENT, until=EVENT.at)
        await asyncio.sleep(0)
    line = json.loads(log.getvalue())
    assert (line["event"], line["level"], line["exception"]) == ("notice.failed", "error", "NotADirectoryError")
    assert JAN.digits not in log.getvalue()
