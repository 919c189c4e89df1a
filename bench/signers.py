"""Signed requests in great number: processes, each with callers of its own, sign beforehand what a turn will send."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from bench.callers import Issuers, invented_doctors
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author
from hub.sandbox.signatories import CertificateKind
from hub.storage.bulk.worker_process import Work, WorkerProcess

_PROCESSES = 2
_KIND: CertificateKind = "ehealth"
_Signing = WorkerProcess[Sequence[str], Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Signers:
    """Callers with an assertion each, who take turns."""

    processes: Sequence[_Signing]
    authors: Sequence[Author]

    async def list_requests(self, patients: Sequence[Ssin]) -> Sequence[bytes]:
        """A list of each of these patients is asked for, by messages of this moment that are good for a minute."""
        digits, count = [patient.digits for patient in patients], len(self.processes)
        shares = await asyncio.gather(
            *(process.do(digits[share::count]) for share, process in enumerate(self.processes))
        )
        requests = [b""] * len(digits)
        for share, signed in enumerate(shares):
            requests[share::count] = signed
        return requests


@asynccontextmanager
async def running_signers(issuers: Issuers, callers: int) -> AsyncIterator[Signers]:
    """So many callers, made by the processes that will sign for them; ended with this context."""
    shares = [len(range(share, callers, _PROCESSES)) for share in range(min(_PROCESSES, callers))]
    async with AsyncExitStack() as stack:
        workshops = [partial(_workshop, issuers, share, seed) for seed, share in enumerate(shares)]
        yield Signers(
            [await stack.enter_async_context(_Signing.running(workshop)) for workshop in workshops],
            [
                caller.author
                for seed, share in enumerate(shares)
                for caller in invented_doctors(share, kind=_KIND, seed=seed)
            ],
        )


@asynccontextmanager
async def _workshop(issuers: Issuers, count: int, seed: int) -> AsyncIterator[Work[Sequence[str], Sequence[bytes]]]:
    """In a process."""
    callers = issuers.callers(count, kind=_KIND, seed=seed, now=datetime.now(UTC))

    async def sign(patients: Sequence[str]) -> Sequence[bytes]:
        return [
            callers[number % count].list_request(Ssin(digits), datetime.now(UTC))
            for number, digits in enumerate(patients)
        ]

    yield sign
