"""Any encoding a source may use, to UTF-8 (XML 1.0, appendix F), so that the rest handles one."""

import codecs
import re

from hub.wire.kmehr.relay.stream import refusal

_LONGEST_DECLARATION = 1024
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UTF_16_WITHOUT_MARK = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARABLE = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "cp1252",
}


class Utf8Input:
    """Bytes of an XML document in its own encoding, in; the same in UTF-8 and without byte order mark, out.

    Raises HubError (source-answer) for an encoding that is not supported or that the bytes contradict. Bytes that are
    no UTF-8 in a document that says it is pass: the parser behind refuses them.
    """

    def __init__(self) -> None:
        self._start = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._is_known = False

    def feed(self, chunk: bytes) -> bytes:
        """The next bytes."""
        if self._is_known:
            return self._decode(chunk)
        self._start += chunk
        if not _tells_encoding(self._start):
            return b""
        return self._begin()

    def finish(self) -> bytes:
        """The rest, at the end of the document."""
        if not self._is_known:
            return self._begin()
        return self._decode(b"", final=True)

    def _begin(self) -> bytes:
        start, self._start = self._start, b""
        encoding, mark = _encoding(start)
        self._is_known = True
        if encoding != "utf-8":
            self._decoder = codecs.getincrementaldecoder(encoding)()
        return self._decode(start[mark:])

    def _decode(self, chunk: bytes, *, final: bool = False) -> bytes:
        if self._decoder is None:
            return chunk
        try:
            return self._decoder.decode(chunk, final).encode()
        except UnicodeError as error:
            raise refusal("the bytes are not in the encoding that the document declares", where="encoding") from error


def _tells_encoding(start: bytes) -> bool:
    """Whether enough is there: four bytes, and the whole declaration if there is one."""
    if len(start) < 4:
        return False
    return not start.startswith(b"<?xm") or b"?>" in start or len(start) > _LONGEST_DECLARATION


def _encoding(start: bytes) -> tuple[str, int]:
    """The encoding, as Python names it, and how many bytes of mark stand before the document."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding, len(mark)
    for opening, encoding in _UTF_16_WITHOUT_MARK:
        if start.startswith(opening):
            return encoding, 0
    declared = _DECLARED.match(start)
    if declared is None:
        return "utf-8", 0
    try:
        return _DECLARABLE[declared[1].decode().lower()], 0
    except KeyError:
        raise refusal("the declared encoding is not supported or not true", where="encoding") from None
