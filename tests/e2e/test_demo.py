"""`hub demo`: every step holds, and a folder of documents comes back as it went in."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.sandbox.documents import SampleDocument, sample_documents
from hub.sandbox.people import load_people
from tests.e2e.sandbox_process import SandboxProcess, run_hub, running_sandbox
from tests.sealers import needs_openssl

PEOPLE = load_people()
DOCUMENTS = {document.id: document for document in sample_documents(PEOPLE)}
SAMPLES = Path(__file__).parents[3] / "shared" / "kmehr" / "samples"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), "--empty") as running:
        yield running


def write(folder: Path, **files: bytes) -> None:
    for name, content in files.items():
        (folder / f"{name}.xml").write_bytes(content)


def outcomes(output: str) -> dict[str, str]:
    """What became of each document: the words behind its name and the two columns."""
    lines = [line.split(maxsplit=4) for line in output.splitlines() if line.startswith(("✓", "✗"))]
    return {name: outcome for _, name, _, _, outcome in lines}


@needs_openssl
def test_every_step_of_the_main_scenario_holds_on_a_sandbox_of_its_own() -> None:
    played = run_hub("demo")
    assert played.returncode == 0, played.stdout + played.stderr
    assert "33 of 33 steps held." in played.stdout
    assert "✗" not in played.stdout


def test_it_can_be_played_twice_on_a_sandbox_that_runs(sandbox: SandboxProcess) -> None:
    for _ in range(2):
        played = run_hub("demo", "--sandbox", str(sandbox.file))
        assert played.returncode == 0, played.stdout + played.stderr


@needs_openssl
def test_a_step_that_does_not_hold_ends_the_scenario_and_is_told(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """The hospital files its documents where its server does not look."""
    file = tmp_path / "sandbox.json"
    file.write_text(sandbox.file.read_text().replace(str(sandbox.documents("modele")), str(tmp_path)))
    played = run_hub("demo", "--sandbox", str(file))
    assert played.returncode == 1
    assert "14 of 33 steps held." in played.stdout
    last = next(line for line in played.stdout.splitlines() if "✗" in line)
    assert last.startswith(" 15 ✗ ... from the hospital that speaks SOAP")


@needs_openssl
def test_a_step_that_cannot_be_sealed_is_told(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """There is no certificate in the depot to seal for the hub with."""
    file = tmp_path / "sandbox.json"
    file.write_text(json.dumps(sandbox.description | {"etk": str(tmp_path / "etk.pem")}))
    played = run_hub("demo", "--sandbox", str(file))
    assert played.returncode == 1
    assert "10 of 33 steps held." in played.stdout
    assert "encryption-actor-unknown" in played.stdout


def test_documents_come_back_identical_or_are_refused_for_their_number(sandbox: SandboxProcess, tmp_path: Path) -> None:
    note = DOCUMENTS["GP1-1004"].content
    number = DOCUMENTS["GP1-1004"].patient.ssin.digits.encode()
    write(
        tmp_path,
        note=note,
        scheme=DOCUMENTS["GP1-1003"].content,
        letter=DOCUMENTS["MOD-2023-0315"].content,
        wrong=note.replace(number, b"12345678901"),
        utf16=note.decode().replace("'UTF-8'", "'UTF-16'").replace("GP1-1004", "N-16").encode("utf-16"),
    )
    (tmp_path / "readme.txt").write_text("not a document")
    played = run_hub("demo", "--docs", str(tmp_path), "--sandbox", str(sandbox.file))
    assert played.returncode == 0, played.stdout + played.stderr
    expected = dict.fromkeys(["note.xml", "scheme.xml", "letter.xml", "utf16.xml"], "identical")
    assert outcomes(played.stdout) == expected | {"wrong.xml": "patient number has wrong check digits"}


def test_a_scheme_is_put_again_and_again_on_its_current_version(sandbox: SandboxProcess, tmp_path: Path) -> None:
    scheme = DOCUMENTS["GP2-2003"].content
    write(
        tmp_path,
        first=scheme,
        second=scheme.replace(b"Bij de maaltijd.", b"Na de maaltijd."),
        without=scheme.replace(b"<version>1</version>", b"").replace(b"80 mg", b"100 mg"),
        other=scheme.replace(b"<version>1</version>", b"<version>42</version>").replace(b"80 mg", b"160 mg"),
    )
    played = run_hub("demo", "--docs", str(tmp_path), "--sandbox", str(sandbox.file))
    assert played.returncode == 0, played.stdout + played.stderr
    assert set(outcomes(played.stdout).values()) == {"identical"}


def test_older_documents_are_published_before_newer_ones_whatever_their_names(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    older = DOCUMENTS["GP2-2007"].content
    write(tmp_path, a=older.replace(b"16:00:00", b"17:30:00").replace(b"560", b"540"), b=older)
    played = run_hub("demo", "--docs", str(tmp_path), "--sandbox", str(sandbox.file))
    assert played.returncode == 0, played.stdout + played.stderr
    assert list(outcomes(played.stdout)) == ["b.xml", "a.xml"]


def test_two_patients_in_one_message_are_published_as_two_messages(sandbox: SandboxProcess, tmp_path: Path) -> None:
    write(tmp_path, two=two_patients(DOCUMENTS["GP1-1004"], DOCUMENTS["GP2-2004"]))
    played = run_hub("demo", "--docs", str(tmp_path), "--sandbox", str(sandbox.file))
    assert played.returncode == 0, played.stdout + played.stderr
    assert outcomes(played.stdout) == {"two.xml": "identical (2 patients, one message each)"}


def two_patients(one: SampleDocument, other: SampleDocument) -> bytes:
    start, end = other.content.index(b"<folder>"), other.content.index(b"</kmehrmessage>")
    return one.content.replace(b"</kmehrmessage>", other.content[start:end] + b"</kmehrmessage>")


def test_a_sealed_message_is_relayed_from_a_hospital_unopened(sandbox: SandboxProcess, tmp_path: Path) -> None:
    note = DOCUMENTS["GP1-1004"].content
    start, end = note.index(b"<folder>"), note.index(b"</kmehrmessage>")
    sealed = (
        b'<Base64EncryptedData><cd S="CD-ENCRYPTION-METHOD" SV="1.0">CMS</cd>'
        b"<Base64EncryptedValue>c2VhbGVkLCBub3QgcmVhbGx5</Base64EncryptedValue></Base64EncryptedData>"
    )
    write(tmp_path, sealed=note[:start] + sealed + note[end:])
    played = run_hub("demo", "--docs", str(tmp_path), "--sandbox", str(sandbox.file))
    assert played.returncode == 0, played.stdout + played.stderr
    assert outcomes(played.stdout) == {"sealed.xml": "identical (sealed: kept at the hospital, relayed)"}


def test_what_is_no_document_or_not_valid_is_reported_with_reasons(sandbox: SandboxProcess, tmp_path: Path) -> None:
    note = DOCUMENTS["GP1-1004"].content
    write(
        tmp_path,
        words=b"hello",
        other=b"<other/>",
        date=note.replace(b"<date>2025-03-10</date>", b"<date>2025-02-30</date>"),
        person=note.replace(b">female<", b">woman<"),
    )
    played = run_hub("demo", "--docs", str(tmp_path), "--sandbox", str(sandbox.file))
    assert played.returncode == 1
    assert outcomes(played.stdout) == {
        "words.xml": "unreadable",
        "other.xml": "refused",
        "date.xml": "refused",
        "person.xml": "refused",
    }
    for reason in ("not readable as XML (line 1", "no KMEHR message: other", "2025-02-30", "woman"):
        assert reason in played.stdout


def test_a_document_of_many_mebibytes_comes_back_identical(sandbox: SandboxProcess, tmp_path: Path) -> None:
    attachment = b'<lnk TYPE="multimedia" MEDIATYPE="application/msword">' + b"QUJD" * (5 << 20) + b"</lnk>"
    note = DOCUMENTS["GP1-1004"].content.replace(b"GP1-1004", b"GP1-LARGE")
    write(tmp_path, large=note.replace(b"</text>", b"</text>" + attachment, 1))
    played = run_hub("demo", "--docs", str(tmp_path), "--sandbox", str(sandbox.file))
    assert played.returncode == 0, played.stdout + played.stderr


def test_a_folder_without_documents_is_an_error(tmp_path: Path) -> None:
    played = run_hub("demo", "--docs", str(tmp_path))
    assert played.returncode == 2
    assert "no *.xml" in played.stderr


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared sample documents are not beside this repository")
@pytest.mark.parametrize("folder", ["valid", "constructed/kmehr"])
def test_every_valid_sample_comes_back_identical_or_is_refused_for_its_number(
    sandbox: SandboxProcess, folder: str
) -> None:
    played = run_hub("demo", "--docs", str(SAMPLES / folder), "--sandbox", str(sandbox.file))
    assert played.returncode == 0, played.stdout + played.stderr
    assert len(outcomes(played.stdout)) == len(list((SAMPLES / folder).glob("*.xml")))
