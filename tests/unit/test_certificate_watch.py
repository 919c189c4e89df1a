"""Files of certificates that change are read, those that will not do are told of, and so is what ends soon."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest

from hub.certificates.watch import CertificateWatch
from hub.observability.logging import open_log
from hub.observability.metrics import Metrics
from hub.wire.certificates import earliest_end
from tests.fakes.certificates import Authority, Pair


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def now(self) -> datetime:
        return self.time


class OneCertificate:
    """Implements `CertificateFiles`."""

    name = "sealing"

    def __init__(self, pair: Pair) -> None:
        self.files, self.readings = (pair.certificate, pair.key), 0
        self._read()

    async def reload(self) -> None:
        self.readings += 1
        self._read()

    def _read(self) -> None:
        self.expiries = {"sealing": earliest_end(self.files[0])}


class Watching:
    """A watch over one certificate that ends in a year."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.pair, self.clock, self.metrics, self._log = self.authority.issue("mine"), Clock(), Metrics(), StringIO()
        self.watch = CertificateWatch(clock=self.clock, metrics=self.metrics, logger=open_log(self._log))
        self.certificate = OneCertificate(self.pair)
        self.watch.add(self.certificate)

    async def looks(self, times: int = 2) -> None:
        for _ in range(times):
            await self.watch.look()

    def details(self) -> dict[str, str]:
        states = self.watch.state()
        assert not any(one.is_well or one.is_required for one in states)
        return {one.name: one.detail for one in states}

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.getvalue().splitlines()]

    def names(self) -> list[str]:
        return [event["event"] for event in self.events()]

    def metric(self) -> float:
        name = 'hub_certificate_expiry_timestamp_seconds{certificate="sealing"} '
        return float(generate_latest(self.metrics.registry).decode().partition(name)[2].split()[0])


@pytest.fixture
def watching(tmp_path: Path) -> Watching:
    return Watching(tmp_path)


async def test_what_does_not_change_is_not_read_again(watching: Watching) -> None:
    await watching.looks(5)
    assert watching.certificate.readings == 0
    assert watching.details() == {}


async def test_what_changes_is_read_once_it_has_stayed_the_same(watching: Watching) -> None:
    watching.pair.replace(watching.authority.issue("next", days=700))
    await watching.looks(1)
    assert watching.certificate.readings == 0
    await watching.looks(3)
    assert watching.certificate.readings == 1
    assert watching.metric() == pytest.approx((watching.clock.now() + timedelta(days=700)).timestamp(), abs=60)
    assert watching.names() == ["certificate.in-use", "certificate.reloaded", "certificate.in-use"]
    assert watching.events()[-1]["days"] == 699


@pytest.mark.parametrize("content", ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None])
async def test_files_that_will_not_do_leave_what_was_and_are_told_of_until_they_do(
    watching: Watching, content: str | None
) -> None:
    before, good = watching.certificate.expiries, watching.pair.certificate.read_text()
    if content is None:
        watching.pair.certificate.unlink()
    else:
        watching.pair.certificate.write_text(content)
    await watching.looks(4)
    assert watching.certificate.readings == 1
    assert watching.certificate.expiries == before
    (detail,) = watching.details().values()
    assert detail.startswith("changed and cannot be used: ")
    assert str(watching.pair.certificate) in detail
    assert watching.names().count("certificate.unusable") == 1

    watching.pair.certificate.write_text(good)
    await watching.looks()
    assert watching.details() == {}
    assert watching.certificate.readings == 2


async def test_whatever_goes_wrong_the_watch_goes_on(watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise LookupError("content of a file")

    with monkeypatch.context() as patched:
        patched.setattr(watching.certificate, "_read", fail)
        watching.pair.replace(watching.authority.issue("next"))
        await watching.looks()
    assert watching.details() == {
        "certificate sealing files": "changed and cannot be used: LookupError; as before until then"
    }
    watching.pair.replace(watching.authority.issue("third"))
    await watching.looks()
    assert watching.details() == {}


@pytest.mark.parametrize(
    ("days", "detail"),
    [(335, ""), (336, "expires in 29 days"), (353, "expires in 12 days"), (368, "expired 3 days ago")],
)
async def test_what_ends_within_30_days_is_told_of(watching: Watching, days: int, detail: str) -> None:
    watching.clock.time += timedelta(days=days, hours=-1 if days < 365 else 1)
    assert watching.details() == ({"certificate sealing": detail} if detail else {})


async def test_everything_is_reported_once_a_day(watching: Watching) -> None:
    for _ in range(340 * 4):
        watching.clock.time += timedelta(hours=6)
        await watching.looks(1)
    assert len(watching.events()) == 341
    assert set(watching.names()[:335]) == {"certificate.in-use"}
    assert set(watching.names()[336:]) == {"certificate.ends"}
    assert not any("dropped" in event for event in watching.events())
