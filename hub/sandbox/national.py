"""The national registers of consents, links and exclusions: `python -m hub.sandbox.national --port …`.

They speak the JSON of an adapter (docs/national.md) at `/consents`, `/links` and `/exclusions`, about the sandbox's
people. Each can be told to fail, by PUT with the name of a failure to `/REGISTER/failure`, and DELETE ends that.
"""

import argparse
import asyncio
import sys
import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib import resources
from typing import Any

from aiohttp import web

from hub.domain.consent import ConsentState
from hub.domain.national import NationalRegister
from hub.domain.parties import licence
from hub.ports.runtime import Clock
from hub.runtime import BelgianClock
from hub.sandbox.people import People, load_people
from hub.sandbox.serving import serve, tell

FAILURES = ("unavailable", "silence", "nonsense", "another-patient", "contradiction")
"""Not there; no answer; not JSON; an answer about somebody else; one that cannot be true."""

_SIGNED, _EXCLUDED = "2020-01-01", "2024-01-01"
_AGO, _AHEAD = timedelta(days=30), timedelta(days=335)
_ANOTHER = "00000000097"

Answer = dict[str, Any]


class Registers:
    """Answers about people by what `said` holds, the content of `national.toml`."""

    def __init__(self, *, people: People, said: Mapping[str, Any], clock: Clock) -> None:
        self._people, self._said, self._clock = people, said, clock
        self._patients = {patient.ssin.digits: patient for patient in people.patients.values()}
        self._failures: dict[NationalRegister, str] = {}
        self._answers: Mapping[NationalRegister, Callable[[Mapping[str, Any]], Answer]] = {
            NationalRegister.CONSENTS: self._consent,
            NationalRegister.LINKS: self._links,
            NationalRegister.EXCLUSIONS: self._exclusions,
        }

    async def ask(self, request: web.Request) -> web.Response:
        """Answer one question, or fail as told."""
        register = NationalRegister(request.match_info["register"])
        failure = self._failures.get(register, "")
        tell(register, failure or "answered")
        match failure:
            case "unavailable":
                raise web.HTTPServiceUnavailable
            case "silence":
                await asyncio.Event().wait()
            case "nonsense":
                return web.json_response(text="<html>")
        question = await request.json()
        answer = self._answers[register](question) | {"patient": question["patient"]}
        if failure == "another-patient":
            answer["patient"] = _ANOTHER
        if failure == "contradiction":
            answer |= _contradiction(register, question)
        return web.json_response(answer)

    async def fail(self, request: web.Request) -> web.Response:
        """Fail from now on."""
        failure = await request.text()
        if failure not in FAILURES:
            raise web.HTTPBadRequest(text=f"one of these is wanted: {', '.join(FAILURES)}\n")
        self._failures[NationalRegister(request.match_info["register"])] = failure
        return web.Response(status=204)

    async def recover(self, request: web.Request) -> web.Response:
        """Fail no more."""
        self._failures.pop(NationalRegister(request.match_info["register"]), None)
        return web.Response(status=204)

    def _consent(self, question: Mapping[str, Any]) -> Answer:
        patient = self._patients.get(question["patient"])
        if patient is None:
            return {"status": ConsentState.NONE}
        status = self._said["consents"].get(patient.key, ConsentState.GIVEN)
        if status == ConsentState.GIVEN:
            return {"status": status, "types": ["retrospective"], "signed_on": max(_SIGNED, patient.birthdate)}
        return {"status": status} | ({"revoked_on": patient.deathdate} if patient.deathdate else {})

    def _links(self, question: Mapping[str, Any]) -> Answer:
        today = self._clock.now().date()
        period = {"begin": str(today - _AGO), "end": str(today + _AHEAD)}
        return {"links": [entry | {"type": said["type"]} | period for said, entry in self._about(question, "links")]}

    def _exclusions(self, question: Mapping[str, Any]) -> Answer:
        return {"exclusions": [entry | {"begin": _EXCLUDED} for _, entry in self._about(question, "exclusions")]}

    def _about(self, question: Mapping[str, Any], kind: str) -> list[tuple[Mapping[str, str], Answer]]:
        """What is said about the patient and the parties of a question, each with its party as it was asked for."""
        patient = self._patients.get(question["patient"])
        found = []
        for said in self._said[kind]:
            provider = self._people.providers[said["provider"]]
            numbers = {"nihii": licence(provider.nihii), "inss": provider.inss}
            named = [party for party in question.get("parties", []) if numbers.items() & party.items()]
            if named and patient is not None and said["patient"] == patient.key:
                found.append((said, {"party": named[0]}))
        return found


def _contradiction(register: NationalRegister, question: Mapping[str, Any]) -> Answer:
    match register:
        case NationalRegister.CONSENTS:
            return {"status": "given", "types": ["retrospective"], "signed_on": _SIGNED, "revoked_on": _SIGNED}
        case NationalRegister.LINKS:
            party = question["parties"][0]
            return {"links": [{"party": party, "type": "gmd", "begin": _EXCLUDED, "end": _SIGNED}]}
        case NationalRegister.EXCLUSIONS:
            return {"exclusions": [{"party": {"nihii": "19999999"}, "begin": _EXCLUDED}]}


def application(clock: Clock) -> web.Application:
    """The registers of the sandbox's people."""
    said = tomllib.loads(resources.files(__package__).joinpath("national.toml").read_text("utf-8"))
    registers = Registers(people=load_people(), said=said, clock=clock)
    place = f"/{{register:{'|'.join(NationalRegister)}}}"
    app = web.Application()
    app.router.add_post(place, registers.ask)
    app.router.add_put(f"{place}/failure", registers.fail)
    app.router.add_delete(f"{place}/failure", registers.recover)
    return app


def main(words: list[str]) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="hub.sandbox.national", description="A sandbox's national registers.")
    parser.add_argument("--port", type=int, required=True)
    serve(application(BelgianClock()), parser.parse_args(words).port)


if __name__ == "__main__":
    main(sys.argv[1:])
