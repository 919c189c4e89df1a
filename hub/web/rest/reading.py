"""Requests to the REST API, read under limits: bodies and parameters become values, or say what was wrong with them."""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_origin, get_type_hints

import msgspec
from aiohttp import web
from msgspec import Struct

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin

JSON_TYPE = "application/json"
PATIENT_HEADER = "Patient"
_ANY_OF = ("*/*", "application/*", JSON_TYPE)
_LONGEST_SEEN = 40
_MOST_DIGITS = 5
"""Of a text that is shown again to who sent it; more could be a national number."""

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Read = TypeVar("Read", bound=Struct)


def check_accept(request: web.Request) -> None:
    """Raises HubError (not-acceptable) for a caller who takes no JSON."""
    accepted = ",".join(request.headers.getall("Accept", [])).lower()
    ranges = [each.partition(";") for each in accepted.split(",") if each.strip()]
    if ranges and not any(range_.strip() in _ANY_OF and not _is_refused(rest) for range_, _, rest in ranges):
        raise HubError(Reason.NOT_ACCEPTABLE, where="Accept", wanted=JSON_TYPE)


def names_patient(request: web.Request) -> bool:
    """Whether a request names a patient at all."""
    return PATIENT_HEADER in request.headers


def read_patient(request: web.Request) -> Ssin:
    """The patient that the header names. Raises HubError (patient-number)."""
    try:
        return Ssin(request.headers.get(PATIENT_HEADER, "").strip())
    except HubError:
        raise HubError(Reason.PATIENT_NUMBER, where=PATIENT_HEADER) from None


async def read_body(
    request: web.Request, type_: type[Read], *, most_bytes: int, most_seconds: float
) -> tuple[Read, int]:
    """The body, and how many bytes it had. Raises HubError: media-type, message-too-large, request-invalid."""
    if request.content_type != JSON_TYPE or (request.charset or "utf-8").lower() not in ("utf-8", "us-ascii"):
        raise HubError(Reason.MEDIA_TYPE, where="Content-Type", wanted=JSON_TYPE)
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise HubError(Reason.MEDIA_TYPE, where="Content-Encoding", wanted=JSON_TYPE)
    body = await _bytes(request, most_bytes, most_seconds)
    try:
        return msgspec.json.decode(body, type=type_), len(body)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), _plain(body)) from error
    except _UNREADABLE as error:
        raise _unreadable() from error


def read_query(request: web.Request, type_: type[Read]) -> Read:
    """The query parameters; those that are lists may be repeated. Raises HubError (request-invalid)."""
    values: dict[str, str | list[str]] = {}
    lists = {name for name, hint in get_type_hints(type_).items() if get_origin(hint) is list}
    for name in request.query:
        given = request.query.getall(name)
        if name not in lists and len(given) > 1:
            raise HubError(Reason.REQUEST_INVALID, where=_named(name), wanted="one at most", seen=str(len(given)))
        if given[0].lower() == "null":  # which the library takes for nothing
            raise HubError(Reason.REQUEST_INVALID, where=_named(name), wanted="a value", seen="null")
        values[name] = given if name in lists else given[0]
    try:
        return msgspec.convert(values, type=type_, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), values) from error


async def _bytes(request: web.Request, most_bytes: int, most_seconds: float) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(most_seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > most_bytes:
                    raise HubError(Reason.MESSAGE_TOO_LARGE, where="body", limit=f"{most_bytes // 1024} KiB")
    except TimeoutError as error:
        wanted = f"the whole body within {most_seconds:g} seconds"
        raise HubError(Reason.REQUEST_INVALID, where="body", wanted=wanted, seen="a part of it") from error
    return bytes(body)


def _is_refused(parameters: str) -> bool:
    return re.search(r"(^|;)\s*q=0(\.0*)?\s*(;|$)", parameters) is not None


_AT = re.compile(r"(?s)(.*?)(?: - at `(.*)`)?")
_WANTED: Mapping[str, str] = {
    "str": "a text",
    "int": "a whole number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "date": "a day, written YYYY-MM-DD",
}


def _invalid(message: str, value: object) -> HubError:
    """What the library says, as ours: the place, what is wanted there and what was seen."""
    said, where = _split(message)
    steps = re.findall(r"\.(\w+)|\[(\d+)\]", where)
    place = ".".join(name or number for name, number in steps)
    if missing := re.search(r"missing required field `(\w+)`", said):
        return _error(place, missing[1], wanted="this field", seen="nothing")
    if unknown := re.search(r"unknown field `(.*)`", said, re.DOTALL):
        return _error(place, _named(unknown[1]), wanted="no such field", seen="one")
    return _error(place or "body", "", wanted=_wanted(said), seen=_seen(_at(value, steps)))


def _split(message: str) -> tuple[str, str]:
    matched = _AT.fullmatch(message)
    return (matched[1], matched[2] or "") if matched else (message, "")


def _wanted(said: str) -> str:
    if said.startswith("Invalid enum value"):
        return "one of the values in the description"
    if "date" in said:
        return _WANTED["date"]
    if shape := re.search(r"matching regex '(.*)'", said, re.DOTALL):
        return shape[1]
    kind = re.search(r"Expected `(\w+)", said)
    limit = re.search(r"(<=|>=) (\d+)", said)
    wanted = _WANTED.get(kind[1], "") if kind else ""
    return f"{wanted} {limit[1]} {limit[2]}" if wanted and limit else wanted or "what the description says"


def _error(place: str, name: str, *, wanted: str, seen: str) -> HubError:
    where = ".".join(filter(None, (place, name)))
    return HubError(Reason.REQUEST_INVALID, where=where, wanted=wanted, seen=seen)


def _plain(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The same JSON as plain values. Raises HubError (request-invalid) when what follows the fault is no JSON."""
    try:
        return msgspec.json.decode(body)
    except _UNREADABLE as error:
        raise _unreadable() from error


def _unreadable() -> HubError:
    return HubError(Reason.REQUEST_INVALID, where="body", wanted="readable JSON in UTF-8", seen="something else")


def _at(value: Any, steps: Iterable[tuple[str, str]]) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What stands at a place; None where a field that is there twice has made it another one."""
    try:
        for name, number in steps:
            value = value[name] if name else value[int(number)]
    except (KeyError, IndexError, TypeError):
        return None
    return value


def _seen(value: object) -> str:
    """A value as it may be told: no number of a person, nothing long."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    written = json.dumps(value, ensure_ascii=False)
    if sum(map(str.isdigit, written)) > _MOST_DIGITS or len(written) > _LONGEST_SEEN:
        return f"a text of {len(written) - 2} characters" if isinstance(value, str) else "a number"
    return written


def _named(name: str) -> str:
    """The name of a field or parameter of the caller's own, when it is a word."""
    return name if re.fullmatch(r"[A-Za-z_]{1,40}", name) else "?"
