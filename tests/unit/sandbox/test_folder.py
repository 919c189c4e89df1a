"""The folder of a hospital's documents."""

from pathlib import Path

import pytest

from hub.sandbox.folder import DocumentFolder


def test_what_is_kept_is_found_by_its_number(tmp_path: Path) -> None:
    folder = DocumentFolder(tmp_path)
    folder.keep("MOD-1", b"<kmehrmessage/>")
    folder.keep("MOD-2", b"%PDF-1.4 ...")
    assert folder.find("MOD-1") == tmp_path / "MOD-1.xml"
    assert folder.find("MOD-2") == tmp_path / "MOD-2.pdf"


def test_a_file_that_is_dropped_in_the_folder_can_be_asked_for(tmp_path: Path) -> None:
    folder = DocumentFolder(tmp_path)
    assert folder.find("new") is None
    (tmp_path / "new.xml").write_bytes(b"<a/>")
    assert folder.find("new") == tmp_path / "new.xml"


@pytest.mark.parametrize("number", ["../secret", "..", "/etc/passwd", "", "a/b", "x\0y", "n" * 5000])
def test_no_number_leads_out_of_the_folder(tmp_path: Path, number: str) -> None:
    (tmp_path / "secret.xml").write_bytes(b"<a/>")
    documents = tmp_path / "documents"
    documents.mkdir()
    assert DocumentFolder(documents).find(number) is None


@pytest.mark.parametrize("number", ["a/b", "../secret", "é ü", "/subject/1/medication-scheme", "100%"])
def test_any_number_can_be_kept(tmp_path: Path, number: str) -> None:
    folder = DocumentFolder(tmp_path)
    folder.keep(number, b"<a/>")
    found = folder.find(number)
    assert found is not None
    assert found.parent == tmp_path
