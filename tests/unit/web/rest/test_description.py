"""The description is a valid one and complete, and its examples follow it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from hub.services.access_services import AccessServices
from hub.storage.secrets import EncryptedLocalIds
from hub.storage.statement_ids import EncryptedStatementIds
from hub.web.rest.api import access_routes
from hub.web.rest.description import describe
from hub.web.rest.routes import AnyRoute, Naming
from tests.unit.services.statements_world import a_world

SECRET = bytes(32)


async def all_routes() -> Sequence[AnyRoute]:
    world = await a_world()
    services = AccessServices(
        links=world.links,
        exclusions=world.exclusions,
        consents=world.consents,
        rights=world.rights,
        mandates=world.mandates,
        trails=world.trails,
        records=world.records,
    )
    local_ids = EncryptedLocalIds(SECRET, scheme="RSBID")
    return access_routes(services, ids=EncryptedStatementIds(SECRET), local_ids=local_ids)


async def test_it_is_valid_and_describes_every_route() -> None:
    routes = await all_routes()
    described = json.loads(describe(routes))
    validate(described)
    operations = {
        (path, method): operation["operationId"]
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert operations == {(route.path, route.method.lower()): route.operation for route in routes}
    assert len(set(operations.values())) == len(routes)


async def test_parameters_are_those_that_are_read() -> None:
    routes = await all_routes()
    described = json.loads(describe(routes))
    for route in routes:
        operation = described["paths"][route.path][route.method.lower()]
        parameters = {(one["in"], one["name"]): one for one in operation["parameters"]}
        assert {name for place, name in parameters if place == "query"} == set(route.query.__struct_fields__)
        patient = parameters.get(("header", "Patient"))
        assert (patient is None) == (route.patient is Naming.NEVER)
        assert patient is None or patient["required"] == (route.patient is Naming.NEEDED)


async def test_examples_follow_their_schemas() -> None:
    described = json.loads(describe(await all_routes()))
    found = list(examples(described))
    assert len(found) > 40
    for schema, example in found:
        Draft202012Validator(schema | {"components": described["components"]}).validate(example)


async def test_examples_of_bodies_are_taken_as_they_stand() -> None:
    for route in await all_routes():
        assert msgspec.json.decode(msgspec.json.encode(route.body), type=type(route.body)) == route.body


def examples(part: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Every schema that stands beside an example."""
    if isinstance(part, dict):
        if "example" in part and "schema" in part:
            yield part["schema"], part["example"]
        for one in part.values():
            yield from examples(one)
    elif isinstance(part, list):
        for one in part:
            yield from examples(one)
