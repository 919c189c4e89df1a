"""The sandbox's directory of care providers: `python -m hub.sandbox.provider_directory --port PORT`.

Answers as docs/providers.md says, about the providers and organisations of the sandbox: all of them have a licence.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping

from aiohttp import web

from hub.domain.identity import HUB
from hub.domain.parties import licence
from hub.ports.providers import DirectoryEntry
from hub.sandbox.people import People, load_people
from hub.sandbox.serving import serve, tell

DIRECTORY_PATH = "/providers"


class KnownProviders:
    """Implements `hub.ports.providers.ProviderDirectory`: the same as this server says, without asking it."""

    def __init__(self) -> None:
        self._professions = professions_of(load_people())

    async def find(self, number: str) -> DirectoryEntry | None:
        """See the port."""
        profession = self._professions.get(licence(number))
        return DirectoryEntry(profession, is_valid=True) if profession else None

    async def close(self) -> None:
        """See the port."""


class Directory:
    """Tells professions by number."""

    def __init__(self, professions: Mapping[str, str]) -> None:
        self._professions = professions

    async def get(self, request: web.Request) -> web.Response:
        """Answer one GET."""
        number = request.match_info["number"]
        profession = self._professions.get(licence(number))
        tell("GET", "entry" if profession else "no such number")
        if profession is None:
            raise web.HTTPNotFound
        return web.json_response({"number": number, "profession": profession, "licence": "valid"})


def professions_of(people: People) -> dict[str, str]:
    """The profession of everybody with a NIHII number, by what identifies him of it."""
    organisations: Iterable[tuple[str, str]] = (
        *((hospital.number, hospital.party.profession) for hospital in people.hospitals.values()),
        *((each.number, each.profession) for each in people.organisations.values() if each.quality != HUB),
    )
    providers = ((provider.nihii, provider.profession) for provider in people.providers.values())
    return {licence(number): profession for number, profession in (*providers, *organisations)}


def main(words: list[str]) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="hub.sandbox.provider_directory", description="A directory for the sandbox.")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args(words)
    app = web.Application()
    app.router.add_get(f"{DIRECTORY_PATH}/{{number}}", Directory(professions_of(load_people())).get)
    serve(app, arguments.port)


if __name__ == "__main__":
    main(sys.argv[1:])
