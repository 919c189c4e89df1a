"""Whether all servers say the same: nothing is timed before."""

import re
from collections.abc import Mapping, Sequence

import aiohttp

from bench.contenders import BARE, FLOOR, OURS, Contender
from bench.messages import AFTER_PATIENT, Ask, headers, message_of, rows_of, with_other_digit
from bench.patients import ListedPatient
from bench.processes import BenchmarkError
from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.wire.schemas import SchemaSet, default_schema_folder

_COMPARED = 20
"""So many patients' answers are compared: spyne needs a twentieth of a second for one."""
_OWN_PART = re.compile(
    rb"(<response><id [^>]*>)[^<]*|(</author><date>)[^<]*(</date><time>)[^<]*|(<request)[^>]*", re.ASCII
)
"""The id and the time that an answer gives itself, and the namespaces that it declares for the request it repeats."""


async def listed_rows(url: str, patients: Sequence[ListedPatient], ask: Ask) -> dict[str, list[Declaration]]:
    """What the hub lists of each patient. Raises BenchmarkError when it is not what was declared."""
    rows = {}
    requests = await ask([listed.patient.ssin for listed in patients])
    async with aiohttp.ClientSession() as session:
        for listed, request in zip(patients, requests, strict=True):
            rows[listed.patient.ssin.digits] = found = rows_of(await _answer(session, url, request))
            declared = {(row.ids[1].value, row.date, row.time) for row in listed.declarations}
            if {(row.ids[1].value, row.date, row.time) for row in found} != declared:
                raise BenchmarkError(f"the hub lists {len(found)} rows, not the {len(declared)} that were declared")
    return rows


async def check_answers(servers: Sequence[Contender], rows: Mapping[str, Sequence[Declaration]], ask: Ask) -> int:
    """The bytes of an answer of ours. Raises BenchmarkError when ours is not valid or another one's differs."""
    schema = SchemaSet.load(default_schema_folder()).hub_message
    size, compared = 0, list(rows)[:_COMPARED]
    requests = await ask([Ssin(number) for number in compared])
    async with aiohttp.ClientSession() as session:
        for number, request in zip(compared, requests, strict=True):
            answers = {server.name: await _answer(session, server.url, request) for server in servers}
            size = len(answers[OURS])
            if not schema.validate(message_of(answers[OURS])):
                raise BenchmarkError(f"an answer of the hub is not valid: {schema.error_log}")
            for name, answer in answers.items():
                if rows_of(answer) != rows[number]:
                    raise BenchmarkError(f"{name} does not answer the rows that the hub lists")
                if name in (FLOOR, BARE) and _shared(answer) != _shared(answers[OURS]):
                    raise BenchmarkError(f"{name} does not answer the bytes of the hub")
    return size


async def check_refusals(servers: Sequence[Contender], rows: Mapping[str, object], ask: Ask) -> None:
    """Raises BenchmarkError when ours or the floor answers about another patient than was signed."""
    (request,) = await ask([Ssin(next(iter(rows)))])
    altered = with_other_digit(request, AFTER_PATIENT)
    async with aiohttp.ClientSession() as session:
        for server in servers:
            if server.name in (OURS, FLOOR) and (await _sent(session, server.url, altered))[0] == 200:
                raise BenchmarkError(f"{server.name} answers a message with another digit than was signed")


async def _answer(session: aiohttp.ClientSession, url: str, request: bytes) -> bytes:
    status, answer = await _sent(session, url, request)
    if status != 200:
        raise BenchmarkError(f"{url} answers with status {status}")
    return answer


async def _sent(session: aiohttp.ClientSession, url: str, request: bytes) -> tuple[int, bytes]:
    try:
        async with session.post(url, data=request, headers=headers("GetTransactionList")) as response:
            return response.status, await response.read()
    except aiohttp.ClientError as error:
        raise BenchmarkError(f"{url} does not answer: {type(error).__name__}") from error


def _shared(answer: bytes) -> bytes:
    """An answer without what is its own."""
    return _OWN_PART.sub(rb"\1\2\3\4", answer, count=3)
