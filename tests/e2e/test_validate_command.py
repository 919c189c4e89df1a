"""`hub validate` as a process: exit status, standard output, standard error; files of all kinds."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.wire.invented_documents import LIST, NOTE, PUT, changed, in_envelope

COMMAND = (
    sys.executable,
    "-c",
    "import typer; from hub.commands.validate import validate; typer.run(validate)",
)
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "kmehr" / "samples"
INVALID = changed(NOTE, ("<date>2026-03-02", "<date>2026-02-30"))
WARNED = changed(NOTE, (">note<", ">nota<"))


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, where standard output is no terminal, like in a script."""
    environment = os.environ | {"COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, env=environment, encoding="utf-8"
    )


def report(*arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
    completed = run("--json", *arguments)
    return completed.returncode, json.loads(completed.stdout)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {
        "note.xml": NOTE,
        "put.xml": PUT,
        "list.xml": in_envelope(LIST),
        "warned.kmehr": WARNED,
        "invalid.xml": INVALID,
    }.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def test_valid_files_of_all_kinds_give_status_0(folder: Path) -> None:
    status, files = report(folder / "note.xml", folder / "put.xml", folder / "list.xml")
    assert status == 0
    assert [(file["verdict"], file["kind"], file["findings"]) for file in files] == [
        ("valid", "kmehr", []),
        ("valid", "hub", []),
        ("valid", "soap", []),
    ]


def test_a_warning_leaves_a_file_valid(folder: Path) -> None:
    status, (file,) = report(folder / "warned.kmehr")
    assert (status, file["verdict"]) == (0, "valid")
    assert [finding["severity"] for finding in file["findings"]] == ["warning"]


def test_an_invalid_file_gives_status_1_and_says_everything(folder: Path) -> None:
    status, (file,) = report(folder / "invalid.xml")
    assert status == 1
    assert file == {
        "file": str(folder / "invalid.xml"),
        "verdict": "invalid",
        "kind": "kmehr",
        "findings": [
            {
                "severity": "error",
                "rule": "xsd.value",
                "path": "/kmehrmessage/header/date",
                "seen": "2026-02-30",
                "wanted": {
                    "fr": "Écrire une date qui existe, comme 2026-02-28",
                    "nl": "Schrijf een datum die bestaat, zoals 2026-02-28",
                    "en": "Write a date that exists, as 2026-02-28",
                },
            }
        ],
    }


def test_an_unreadable_file_gives_status_2_and_stops_nothing(folder: Path) -> None:
    (folder / "text.xml").write_text("no XML", encoding="utf-8")
    status, files = report(folder / "text.xml", folder / "absent.xml", folder / "invalid.xml", folder / "note.xml")
    assert status == 2
    assert [file["verdict"] for file in files] == ["unreadable", "unreadable", "invalid", "valid"]


def test_a_folder_stands_for_its_messages(folder: Path) -> None:
    deeper = folder / "deeper"
    deeper.mkdir()
    (deeper / "OTHER.XML").write_text(NOTE, encoding="utf-8")
    (deeper / "notes.txt").write_text("not meant", encoding="utf-8")
    status, files = report(folder)
    assert status == 1
    assert [Path(file["file"]).name for file in files] == [
        "OTHER.XML",
        "invalid.xml",
        "list.xml",
        "note.xml",
        "put.xml",
        "warned.kmehr",
    ]


def test_many_files_keep_their_order(tmp_path: Path) -> None:
    for number in range(40):
        content = (NOTE, INVALID, "no XML")[number % 3]
        (tmp_path / f"{number:02}.xml").write_text(content, encoding="utf-8")
    status, files = report(tmp_path)
    assert status == 2
    assert [Path(file["file"]).stem for file in files] == [f"{number:02}" for number in range(40)]
    assert [file["verdict"] for file in files[:3]] == ["valid", "invalid", "unreadable"]


def test_special_files_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xml")
    status, (file,) = report(tmp_path / "pipe.xml")
    assert (status, file["verdict"]) == (2, "unreadable")


def test_a_file_name_that_is_no_text_is_shown_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"n\xffte [bold].xml")
    path.write_text(NOTE, encoding="utf-8")
    assert report(path)[0] == 0
    completed = run(path)
    assert completed.returncode == 0
    assert "n\\udcffte [bold].xml" in completed.stdout


def test_people_read_lines_in_their_language(folder: Path) -> None:
    completed = run(folder / "invalid.xml", folder / "warned.kmehr", "--language", "fr")
    assert completed.returncode == 1
    assert completed.stderr == ""
    lines = [line.strip() for line in completed.stdout.splitlines()]
    assert lines[:4] == [
        f"refusé  {folder}/invalid.xml  kmehr",
        "erreur  xsd.value  /kmehrmessage/header/date",
        "vu: 2026-02-30",
        "attendu: Écrire une date qui existe, comme 2026-02-28",
    ]
    assert "attention  kmehr.transaction-kind-unknown  /kmehrmessage/folder/transaction/cd" in lines
    assert lines[-1] == "2 fichiers : 1 valides, 1 refusés, 0 illisibles"


def test_square_brackets_in_a_value_are_shown_as_they_are(folder: Path) -> None:
    (folder / "note.xml").write_text(changed(NOTE, (">male<", ">[red]male[/red]<")), encoding="utf-8")
    assert "seen: [red]male[/red]" in run(folder / "note.xml").stdout


def test_a_terminal_shows_progress_and_json_stays_clean(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.xml").write_text(NOTE, encoding="utf-8")
    terminal, standard_error = pty.openpty()
    completed = subprocess.run(
        [*COMMAND, "--json", tmp_path],
        stdout=subprocess.PIPE,
        stderr=standard_error,
        check=False,
        env=os.environ | {"TERM": "xterm"},
    )
    shown = os.read(terminal, 65536).decode(errors="replace")  # it may end within a character
    os.close(standard_error)
    os.close(terminal)
    assert "%" in shown
    assert len(json.loads(completed.stdout)) == 12


def test_other_schemas_may_be_named(folder: Path, tmp_path: Path) -> None:
    own = Path(__file__).resolve().parents[2] / "schemas" / "kmehr"
    assert report("--schemas", own, folder / "note.xml")[0] == 0
    empty = tmp_path / "empty"
    empty.mkdir()
    completed = run("--schemas", empty, folder / "note.xml")
    assert completed.returncode == 2
    assert completed.stdout == ""
    assert "kmehrmessage" in completed.stderr


def test_a_folder_without_messages_is_a_mistake(tmp_path: Path) -> None:
    completed = run(tmp_path)
    assert completed.returncode == 2
    assert completed.stdout == ""


def test_all_samples_get_the_verdict_they_should() -> None:
    if not SAMPLES.exists():
        pytest.skip("the shared sample documents are not here")
    _, files = report(SAMPLES)
    invalid = {Path(file["file"]).parent.name for file in files if file["verdict"] == "invalid"}
    assert invalid == {"edge", "invalid", "other", "refused", "valid"}
    for file in files:
        refusals = {finding["rule"] for finding in file["findings"] if finding["severity"] == "error"}
        match Path(file["file"]).parent.name:
            case "valid":
                assert refusals <= {"kmehr.patient-number"}, file["file"]
            case "kmehr" | "hub":
                assert not refusals, file["file"]
            case _:
                assert refusals, file["file"]
