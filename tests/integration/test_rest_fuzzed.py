"""The REST API fuzzed from its own description: it never fails, and never answers what it does not describe."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.services.routing import Source
from hub.web.rest.authentication import stated_token
from tests.access_builders import a_patient_party
from tests.builders import HOSPITAL_NIHII, JAN, a_declaration, a_hospital, a_person
from tests.fakes.sources import ScriptedSource
from tests.integration.served_hub import served_hub

_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)


@pytest.fixture
def by_jan() -> dict[str, str]:
    """Headers of Jan, about himself."""
    return {"Authorization": f"Bearer {stated_token((a_patient_party(JAN),))}", "Patient": JAN.digits}


@pytest.fixture
def by_a_doctor() -> dict[str, str]:
    """Headers of a doctor, about anybody."""
    return {"Authorization": f"Bearer {stated_token((a_person(),))}"}


async def test_the_description_is_kept(
    redis_url: str, tmp_path: Path, by_jan: dict[str, str], by_a_doctor: dict[str, str]
) -> None:
    async with a_hub(redis_url, tmp_path) as (url, document):
        await fuzz(url, document, by_jan, folder=tmp_path, seconds=20)
        await fuzz(url, document, by_a_doctor, folder=tmp_path, seconds=10)


@pytest.mark.slow
async def test_the_description_is_kept_at_length(
    redis_url: str, tmp_path: Path, by_jan: dict[str, str], by_a_doctor: dict[str, str]
) -> None:
    async with a_hub(redis_url, tmp_path) as (url, document):
        await fuzz(url, document, by_jan, folder=tmp_path, seconds=600)
        await fuzz(url, document, by_a_doctor, folder=tmp_path, seconds=300)


@asynccontextmanager
async def a_hub(redis_url: str, folder: Path) -> AsyncIterator[tuple[str, str]]:
    """The API of a hub that fails at nothing, and the id of a document of Jan."""
    async with served_hub(redis_url, folder, [Source("chu", HOSPITAL_NIHII, ScriptedSource("chu"))]) as hub:
        declared = (await hub.hospital.declare(JAN, a_declaration(author=(a_hospital(), a_person())))).accepted()
        yield hub.rest_url, declared.ids[-1].value
        assert '"rest:' in hub.log.getvalue()
        assert '"request.failed"' not in hub.log.getvalue()


async def fuzz(url: str, document: str, headers: dict[str, str], *, folder: Path, seconds: int) -> None:
    """Every operation with these headers, for this document and for ids that nobody gave."""
    configuration = folder / "schemathesis.toml"
    lines = [
        *("[parameters]", f'"path.document" = "{document}"'),
        *("[headers]", *(f'{name} = "{value}"' for name, value in headers.items())),
    ]
    configuration.write_text("\n".join(lines))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", configuration),
        *("run", f"{url}/openapi.json", "--checks", ",".join(_CHECKS), "--max-time", str(seconds)),
        *("--no-color", "--no-shrink", "--request-timeout", "60"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
