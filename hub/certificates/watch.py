"""Watching the files of certificates: what changes is used without a restart, what ends is told in time.

Each worker watches for itself. A file is read once it has stayed the same from one look to the next, so that nothing
half-written is; what will not do leaves that in use which was.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from hub.observability.events import (
    CERTIFICATE_ENDS,
    CERTIFICATE_IN_USE,
    CERTIFICATE_RELOADED,
    CERTIFICATE_UNUSABLE,
    Logger,
    emit,
)
from hub.observability.metrics import Metrics
from hub.ports.certificates import CertificateFiles
from hub.ports.runtime import Clock
from hub.web.health import Dependency

SECONDS_BETWEEN_LOOKS: Final = 2.0
WARNED_BEFORE: Final = timedelta(days=30)
_REPORTED_EVERY = timedelta(days=1)

_State = tuple[tuple[int, int, int] | None, ...]


@dataclass(slots=True)
class _Watched:
    """Files in use: how they were when they were last read, and when last looked at; what was wrong with them."""

    certificates: CertificateFiles
    read: _State
    seen: _State
    problem: str = ""


class CertificateWatch:
    """All certificates that a worker uses."""

    def __init__(self, *, clock: Clock, metrics: Metrics, logger: Logger) -> None:
        self._clock, self._metrics, self._logger = clock, metrics, logger
        self._watched: list[_Watched] = []
        self._reported = clock.now()

    def add(self, certificates: CertificateFiles) -> None:
        """Watch and report these, which have just been read."""
        state = _state_of(certificates.files)
        self._watched.append(_Watched(certificates, read=state, seen=state))
        self._report(certificates)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            await self.look()

    async def look(self) -> None:
        """Use the files that have changed, and report everything once a day."""
        for watched in self._watched:
            await self._look_at(watched)
        if self._clock.now() - self._reported >= _REPORTED_EVERY:
            self._reported = self._clock.now()
            for watched in self._watched:
                self._report(watched.certificates)

    def state(self) -> Sequence[Dependency]:
        """What operators should see: certificates that end soon, and files that cannot be used. Otherwise nothing."""
        now = self._clock.now()
        ending = {
            name: _ends_in(ends - now)
            for watched in self._watched
            for name, ends in watched.certificates.expiries.items()
            if ends - now <= WARNED_BEFORE
        }
        unusable = {
            f"{watched.certificates.name} files": f"changed and cannot be used: {watched.problem}; as before until then"
            for watched in self._watched
            if watched.problem
        }
        return [
            Dependency(name=f"certificate {name}", is_well=False, is_required=False, detail=detail)
            for name, detail in (ending | unusable).items()
        ]

    async def _look_at(self, watched: _Watched) -> None:
        former, watched.seen = watched.seen, _state_of(watched.certificates.files)
        if watched.seen == watched.read or watched.seen != former:
            return
        watched.read = watched.seen
        name = watched.certificates.name
        try:
            await watched.certificates.reload()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a file, the worker goes on with what it has
            watched.problem = _problem(error)
            emit(self._logger, CERTIFICATE_UNUSABLE, certificate=name, problem=watched.problem)
        else:
            watched.problem = ""
            emit(self._logger, CERTIFICATE_RELOADED, certificate=name)
            self._report(watched.certificates)

    def _report(self, certificates: CertificateFiles) -> None:
        for name, ends in certificates.expiries.items():
            self._metrics.certificate_ends(name, ends)
            left = ends - self._clock.now()
            event = CERTIFICATE_ENDS if left <= WARNED_BEFORE else CERTIFICATE_IN_USE
            emit(self._logger, event, certificate=name, ends=_day(ends), days=left.days)


def _state_of(files: Iterable[Path]) -> _State:
    """What changes when a file is written or replaced; None for one that is not there."""
    return tuple(map(_state_of_one, files))


def _state_of_one(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _problem(error: Exception) -> str:
    match error:
        case OSError():
            return f"{error.filename}: {error.strerror}"
        case ValueError():
            return str(error)
        case _:
            return type(error).__name__


def _ends_in(left: timedelta) -> str:
    if left < timedelta():
        return f"expired {(-left).days} days ago"
    return f"expires in {left.days} days"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
