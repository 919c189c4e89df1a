"""A PDF of plain text, small and correct: PDF 1.4, standard fonts, as many A4 pages as the text needs (ISO 32000-1)."""

import textwrap
from collections.abc import Sequence

_LINES_PER_PAGE = 46
_CHARACTERS_PER_LINE = 88
_FONTS = "<< /F1 3 0 R /F2 4 0 R >>"


def write_pdf(title: str, paragraphs: Sequence[str], *, footer: str) -> bytes:
    """A document with a title, paragraphs and a line at the foot of every page.

    Text is in Western European characters (Windows-1252); others become question marks.
    """
    lines = [line for paragraph in paragraphs for line in (*_wrap(paragraph), "")]
    pages = [lines[start : start + _LINES_PER_PAGE] for start in range(0, len(lines) or 1, _LINES_PER_PAGE)]
    contents = [_page_content(title if number == 0 else "", page, footer) for number, page in enumerate(pages)]
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Count {len(pages)} /Kids [{_references(len(pages))}] >>".encode(),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
            b"<< /Title <" + ("\ufeff" + title).encode("utf-16-be").hex().encode() + b"> >>",
            *(part for number, content in enumerate(contents) for part in (_page(number), _stream(content))),
        ]
    )


_FIRST_PAGE = 6
"""The objects before the pages: catalogue, page list, two fonts, document information."""


def _wrap(paragraph: str) -> list[str]:
    return [part for line in paragraph.splitlines() for part in textwrap.wrap(line, _CHARACTERS_PER_LINE) or [""]]


def _references(pages: int) -> str:
    return " ".join(f"{_FIRST_PAGE + 2 * number} 0 R" for number in range(pages))


def _page(number: int) -> bytes:
    content = _FIRST_PAGE + 2 * number + 1
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font {_FONTS} >> "
        f"/Contents {content} 0 R >>"
    ).encode()


def _page_content(title: str, lines: Sequence[str], footer: str) -> bytes:
    heading = b"BT /F2 15 Tf 56 780 Td (" + _escape(title) + b") Tj ET\n"
    body = b"BT /F1 10.5 Tf 15 TL 56 750 Td\n" + b"".join(b"(" + _escape(line) + b") Tj T*\n" for line in lines)
    foot = b"ET\nBT /F1 8 Tf 56 36 Td (" + _escape(footer) + b") Tj ET"
    return heading + body + foot


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream"


def _escape(text: str) -> bytes:
    encoded = text.encode("cp1252", "replace")
    for character in (b"\\", b"(", b")"):
        encoded = encoded.replace(character, b"\\" + character)
    return encoded


def _file(objects: Sequence[bytes]) -> bytes:
    """The objects with their table of positions and the trailer."""
    written = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    positions = []
    for number, content in enumerate(objects, start=1):
        positions.append(len(written))
        written += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % position for position in positions)
    written += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\n" % (len(objects) + 1)
    return bytes(written + b"startxref\n%d\n%%%%EOF\n" % table)
