"""`hub sandbox`: a whole network of real processes, for somebody who writes a client."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from lxml import etree

from hub.domain.identifiers import Ssin
from hub.sandbox.answers import Seal
from hub.sandbox.callers import Callers, open_callers
from hub.sandbox.client import HubClient
from hub.sandbox.comparison import difference
from hub.sandbox.description import Description
from hub.sandbox.documents import sample_documents
from hub.sandbox.people import SANDBOX_HUB, load_people
from hub.wire.xml import parse
from tests.e2e.sandbox_process import SandboxProcess, is_running, run_hub, running_sandbox
from tests.sealers import needs_openssl

PEOPLE = load_people()
DOCUMENTS = {document.id: document for document in sample_documents(PEOPLE)}
PROMISED_SECONDS = 10
SPOKESMEN = {"modele": "specialist_fr", "voorbeeld": "specialist_nl", "group_practice": "gp_fr", "peer_hub": "gp_nl"}
"""Who asks through an organisation: nobody sees documents as one."""
NOT_SHARED = {"withdrawn", "deceased"}
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "sandbox.md"
REST_DOCUMENTATION = DOCUMENTATION.with_name("rest.md")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


async def total(file: Path, patient: Ssin) -> int:
    """How many documents the list has for a patient."""
    async with open_callers(Description.read(file), PEOPLE) as callers:
        return (await callers.caller("gp_fr").list(patient)).accepted().total


def caller_of(callers: Callers, key: str) -> HubClient:
    """The software of somebody who sees documents."""
    caller = callers.caller(key)
    return caller.naming(PEOPLE.providers[SPOKESMEN[key]].party) if key in SPOKESMEN else caller


async def revoke_newest(file: Path, patient: Ssin) -> None:
    """Leave a patient as he was before his family doctor put a document."""
    async with open_callers(Description.read(file), PEOPLE) as callers:
        doctor = callers.caller("gp_fr")
        newest = (await doctor.list(patient)).accepted().summaries[0]
        (await doctor.revoke(patient, newest.ids[-1])).accepted()


def test_it_prints_what_it_writes(sandbox: SandboxProcess) -> None:
    assert json.loads(sandbox.file.read_text()) == sandbox.description


@pytest.mark.slow
def test_it_is_ready_in_the_promised_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each of five times."""
    starts = []
    for number in range(5):
        with running_sandbox(tmp_path / str(number)) as sandbox:
            starts.append(sandbox.seconds_to_ready)
    with capsys.disabled():
        print(f"\nready after {sorted(starts)} s")  # noqa: T201 - asked for
    assert max(starts) < PROMISED_SECONDS


@needs_openssl
def test_the_description_holds_the_contract(sandbox: SandboxProcess) -> None:
    description = sandbox.description
    assert set(description) == {
        *("intrahub", "intrahub_plain", "wsdl", "wsdl_plain", "rest", "sts", "national", "redis", "metrics", "hub_id"),
        *("authority", "etk", "credentials", "patients", "sources"),
    }
    assert description["hub_id"] == "1990000728"
    assert description["credentials"]["gp_fr"] == {
        "key": str(sandbox.folder / "secrets" / "callers" / "gp_fr.key"),
        "cert": str(sandbox.folder / "secrets" / "callers" / "gp_fr.pem"),
        "encryption_key": str(sandbox.folder / "secrets" / "encryption" / "NIHII=19991106.key"),
        "encryption_cert": str(sandbox.folder / "secrets" / "depot" / "NIHII=19991106.pem"),
        "quality": "doctor",
        "inss": PEOPLE.providers["gp_fr"].inss,
        "nihii": PEOPLE.providers["gp_fr"].nihii,
        "name": PEOPLE.providers["gp_fr"].name,
    }
    assert description["etk"] == str(sandbox.folder / "secrets" / "depot" / "EHP=1990000728.pem")
    assert description["authority"] == str(sandbox.folder / "secrets" / "authority.pem")
    assert set(description["credentials"]) == set(PEOPLE.signatories)
    assert len(description["patients"]) >= 6
    assert all({"inss", "name", "what"} == set(patient) for patient in description["patients"])
    assert {source["kind"] for source in description["sources"]} == {"hospital_soap", "hospital_rest"}


async def test_the_addresses_answer(sandbox: SandboxProcess) -> None:
    async with aiohttp.ClientSession() as session:
        for wsdl, service in (("wsdl", "intrahub"), ("wsdl_plain", "intrahub_plain")):
            async with session.get(sandbox.description[wsdl]) as response:
                assert f'location="{sandbox.description[service]}"' in await response.text()
        async with session.get(sandbox.description["metrics"]) as response:
            assert "hub_requests_total" in await response.text()
    _, writer = await asyncio.open_unix_connection(sandbox.description["redis"].removeprefix("unix://"))
    writer.close()


async def test_every_sample_document_that_is_shared_is_listed_and_can_be_fetched(sandbox: SandboxProcess) -> None:
    async with open_callers(Description.read(sandbox.file), PEOPLE) as callers:
        for document in DOCUMENTS.values():
            if document.patient.key in NOT_SHARED:
                continue
            declaration = document.declaration
            rows = (
                (await callers.caller("gp_fr").list(document.patient.ssin, day=declaration.date)).accepted().summaries
            )
            row = next(row for row in rows if document.id in [id_.value for id_ in row.ids])
            fetched = await callers.caller("gp_fr").get(document.patient.ssin, row.ids[-1], as_set=document.is_set)
            assert fetched.accepted().document is not None, document.id


@pytest.mark.parametrize("key", sorted(PEOPLE.signatories.keys() - {"gp_waiting", "demo"}))
async def test_everybody_who_takes_part_can_call_with_a_signature(sandbox: SandboxProcess, key: str) -> None:
    patient = PEOPLE.patients.get(key, PEOPLE.patients["everyday"])
    async with open_callers(Description.read(sandbox.file), PEOPLE) as callers:
        reply = await caller_of(callers, key).latest_update(patient.ssin, "sumehr")
        assert reply.accepted().latest_versions is not None


def promised_refusals() -> list[tuple[str, ...]]:
    """Who is refused about whom, and with which code, by the table of the documentation."""
    chapter = DOCUMENTATION.read_text("utf-8").partition("## Try what is refused")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\S+)` \| `(\S+)` \| `(\S+)` \|", chapter, re.MULTILINE)


def test_the_documentation_promises_refusals() -> None:
    assert len(promised_refusals()) == 9


@pytest.mark.parametrize(("key", "patient", "code"), promised_refusals())
async def test_every_refusal_of_the_documentation_can_be_tried(
    sandbox: SandboxProcess, key: str, patient: str, code: str
) -> None:
    async with open_callers(Description.read(sandbox.file), PEOPLE) as callers:
        refused = await callers.caller(key).list(PEOPLE.patients[patient].ssin)
    assert [error.code for error in refused.errors] == [code]


@pytest.mark.parametrize(("key", "patient"), [("everyday", "long_record"), ("bilingual", "baby")])
async def test_a_trusted_person_and_a_parent_see_documents(sandbox: SandboxProcess, key: str, patient: str) -> None:
    async with open_callers(Description.read(sandbox.file), PEOPLE) as callers:
        assert (await callers.caller(key).list(PEOPLE.patients[patient].ssin)).accepted().summaries


async def test_a_hidden_document_is_hidden_from_one_and_not_from_others(sandbox: SandboxProcess) -> None:
    ssin, seen = PEOPLE.patients["bilingual"].ssin, {}
    async with open_callers(Description.read(sandbox.file), PEOPLE) as callers:
        for key in ("gp_fr", "gp_nl"):
            rows = (await callers.caller(key).list(ssin)).accepted().summaries
            seen[key] = {id_.value for row in rows for id_ in row.ids} & DOCUMENTS.keys()
    assert seen["gp_fr"] - seen["gp_nl"] == {"MOD-2025-0103"}


async def test_a_doctor_without_a_link_breaks_the_glass(sandbox: SandboxProcess) -> None:
    async with open_callers(Description.read(sandbox.file), PEOPLE) as callers:
        doctor, ssin = callers.caller("specialist_fr"), PEOPLE.patients["bis"].ssin
        assert not (await doctor.list(ssin)).complete
        assert (await doctor.breaking_the_glass("Found unconscious in the street.").list(ssin)).accepted().summaries
        assert (await doctor.list(ssin)).complete


@needs_openssl
@pytest.mark.parametrize("key", ["gp_fr", "gp_nl", "modele", "group_practice", "peer_hub", "everyday"])
async def test_everybody_can_seal_for_the_hub_and_opens_what_it_seals(sandbox: SandboxProcess, key: str) -> None:
    """With an identity card and its EC key, or an eHealth certificate."""
    patient, note = PEOPLE.patients["everyday"].ssin, DOCUMENTS["GP1-1004"].content
    message = parse(note.replace(b"GP1-1004", f"SEALED-{key}".encode()))
    async with open_callers(Description.read(sandbox.file), PEOPLE) as callers:
        caller = caller_of(callers, key)
        (id_,) = (await caller.put(message, sealed=True)).accepted().ids
        reply = (await caller.get(patient, id_)).accepted()
        (await callers.caller("gp_fr").revoke(patient, id_)).accepted()
    assert b"Base64EncryptedData" in reply.received
    assert reply.seal == Seal()
    assert reply.document is not None
    assert difference(message, reply.document, SANDBOX_HUB, was_sealed=True) is None


async def test_the_patients_have_what_they_are_there_for(sandbox: SandboxProcess) -> None:
    assert await total(sandbox.file, PEOPLE.patients["no_documents"].ssin) == 0
    assert await total(sandbox.file, PEOPLE.patients["long_record"].ssin) > 2000


async def test_a_document_of_the_long_record_is_fetched_from_its_hospital(sandbox: SandboxProcess) -> None:
    patient = PEOPLE.patients["long_record"].ssin
    async with open_callers(Description.read(sandbox.file), PEOPLE) as callers:
        rows = (await callers.caller("gp_fr").list(patient, types=["labresult"])).accepted().summaries
        assert (await callers.caller("gp_fr").get(patient, rows[-1].ids[-1])).accepted().document is not None


async def test_a_file_that_is_put_in_a_hospitals_folder_is_what_the_hub_gives(sandbox: SandboxProcess) -> None:
    patient = PEOPLE.patients["everyday"].ssin
    async with open_callers(Description.read(sandbox.file), PEOPLE) as callers:
        rows = (await callers.caller("gp_fr").list(patient, types=["admission"])).accepted().summaries
        file = sandbox.documents("modele") / f"{rows[0].ids[-2].value}.xml"
        before = file.read_text()
        assert "genou droit" in before
        file.write_text(before.replace("genou droit", "genou gauche"))
        fetched = (await callers.caller("gp_fr").get(patient, rows[0].ids[-1])).accepted().document
        file.unlink()
        missing = await callers.caller("gp_fr").get(patient, rows[0].ids[-1])
        file.write_text(before)
    assert fetched is not None
    assert "genou gauche" in etree.tostring(fetched, encoding="unicode")
    assert not missing.complete


def test_a_second_sandbox_in_the_same_folder_is_refused(sandbox: SandboxProcess) -> None:
    second = run_hub("sandbox", "--dir", str(sandbox.folder))
    assert second.returncode == 1
    assert f"a sandbox already runs in {sandbox.folder}" in second.stderr
    assert sandbox.file.exists()


def test_a_folder_that_cannot_be_used_is_refused_with_a_word_why(tmp_path: Path) -> None:
    """One that is a file, and one in which a key is something else."""
    (tmp_path / "file").touch()
    secrets = tmp_path / "folder" / "secrets"
    secrets.mkdir(parents=True)
    for name in ("authority.key", "authority.pem"):
        (secrets / name).write_text("no PEM")
    for folder, says in (("file", "Not a directory"), ("folder", "authority.key")):
        refused = run_hub("sandbox", "--dir", str(tmp_path / folder))
        assert refused.returncode == 1
        assert refused.stderr.startswith("hub sandbox: ")
        assert says in refused.stderr


def test_no_log_holds_a_patients_number_or_name(sandbox: SandboxProcess) -> None:
    logs = "".join(file.read_text() for file in (sandbox.folder / "logs").iterdir())
    logs += (sandbox.folder / "data" / "redis" / "redis.log").read_text()
    assert "request.done" in logs
    for patient in PEOPLE.patients.values():
        assert patient.ssin.digits not in logs
        assert patient.familyname not in logs


def test_it_ends_all_its_processes_and_goes_on_where_it_was(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as first:
        children = first.children()
        assert len(children) >= 4
        (first.documents("modele") / "mine.xml").write_text("<mine/>")
        assert first.stop(signal.SIGTERM) == 0
        assert not [pid for pid in children if is_running(pid)]
        assert not first.file.exists()
    with running_sandbox(tmp_path) as second:
        assert (second.documents("modele") / "mine.xml").exists()
        assert asyncio.run(total(second.file, PEOPLE.patients["everyday"].ssin)) == 13
        assert second.stop(signal.SIGINT) == 0


async def test_an_empty_sandbox_on_a_chosen_port_has_a_hub_and_hospitals_and_nobody_else(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    with running_sandbox(tmp_path, "--empty", "--port", str(unused_tcp_port)) as sandbox:
        assert f":{unused_tcp_port}/" in sandbox.description["intrahub_plain"]
        assert sandbox.description["patients"] == []
        async with open_callers(Description.read(sandbox.file), PEOPLE) as callers:
            assert not (await callers.caller("gp_fr").list(PEOPLE.patients["everyday"].ssin)).complete


def test_a_hospital_that_ends_by_itself_ends_the_sandbox_with_a_word_why(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, "--empty") as sandbox:
        children = sandbox.children()
        hospital = next(pid for pid in children if b"voorbeeld" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(hospital, signal.SIGKILL)
        assert sandbox.process.wait(60) == 1
        assert sandbox.process.stderr is not None
        assert "voorbeeld ended with status -9" in sandbox.process.stderr.read()
        assert not [pid for pid in children if is_running(pid)]


def test_without_openssl_it_has_no_sealed_folders_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "bin" / "openssl"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\necho LibreSSL 3.3.6\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", f"{other.parent}{os.pathsep}{os.environ['PATH']}")
    with running_sandbox(tmp_path / "sandbox", "--empty") as sandbox:
        assert "etk" not in sandbox.description
        assert "encryption_key" not in sandbox.description["credentials"]["gp_fr"]
        played = run_hub("demo", "--sandbox", str(sandbox.file))
        assert "32 of 32 steps held." in played.stdout, played.stdout + played.stderr
        refused = run_hub("call", "PutTransaction", "--as", "gp_fr", "--sealed", "--sandbox", str(sandbox.file))
        assert refused.returncode == 2
        assert "no sealed folders" in refused.stderr
        sandbox.stop()
        assert sandbox.process.stderr is not None
        assert "No sealed folders: sealed folders need the program openssl" in sandbox.process.stderr.read()


def test_the_client_of_the_documentation_lists_a_patient(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """The example runs as it stands, with a SOAP toolkit in its default, strict mode."""
    code = DOCUMENTATION.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    (tmp_path / ".sandbox").symlink_to(sandbox.folder)
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 13
    assert " sumehr " in ran.stdout


def test_the_examples_of_the_rest_api_run_as_they_stand(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """One after the other, in a folder of its own; the last ones leave everything as it was."""
    examples = [part.partition("```")[0] for part in REST_DOCUMENTATION.read_text("utf-8").split("```sh\n")[1:]]
    (tmp_path / ".sandbox").symlink_to(sandbox.folder)
    command = ["bash", "-eo", "pipefail", "-c", "\n".join(examples)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count('"changed":true') == 5
    assert ran.stdout.count('"changed":false') == 1
    assert PEOPLE.patients["everyday"].ssin.digits in (tmp_path / "patient-record.json").read_text("utf-8")


@needs_openssl
def test_the_seals_of_the_documentation_are_taken_and_opened(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """The examples run as they stand, one after the other."""
    chapter = DOCUMENTATION.read_text("utf-8").partition("## Seal the folders")[2].partition("\n## ")[0]
    examples = [part.partition("```")[0] for part in chapter.split("```sh\n")[1:]]
    note = DOCUMENTS["GP1-1004"].content.replace(b"GP1-1004", b"SEALED-BY-HAND").replace(b"2025-03-10", b"2026-03-10")
    (tmp_path / "note.xml").write_bytes(note)
    (tmp_path / ".sandbox").symlink_to(sandbox.folder)
    script = "\n".join((f'hub() {{ "{sys.executable}" -m hub "$@"; }}', *examples))
    ran = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(DOCUMENTATION.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(re.findall(r"CN ?= ?EHP=1990000728$", ran.stdout, re.MULTILINE)) == 2
    assert b"SEALED-BY-HAND" in (tmp_path / "folders.xml").read_bytes()
    asyncio.run(revoke_newest(sandbox.file, PEOPLE.patients["everyday"].ssin))
