"""The small PDF writer, read back by a library that knows the format."""

import io

from pypdf import PdfReader

from hub.sandbox.pdf import write_pdf


def read(file: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(file), strict=True)


def test_text_with_accents_and_parentheses_is_readable() -> None:
    reader = read(write_pdf("Été (essai)", [r"Un \ deux (trois) œuf"], footer="Fictif"))
    text = reader.pages[0].extract_text()
    assert "Été (essai)" in text
    assert r"Un \ deux (trois) œuf" in text
    assert "Fictif" in text


def test_long_text_takes_several_pages_and_loses_no_line() -> None:
    reader = read(write_pdf("Long", [f"Paragraph number {number}" for number in range(100)], footer="f"))
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert len(reader.pages) > 1
    assert all(f"Paragraph number {number}" in text for number in range(100))


def test_a_character_that_the_font_lacks_becomes_a_question_mark() -> None:
    assert "?" in read(write_pdf("t", ["日"], footer="f")).pages[0].extract_text()


def test_no_text_at_all_is_still_a_page() -> None:
    assert len(read(write_pdf("", [], footer="")).pages) == 1
