"""What is inside a `lnk`: base64 decoded strictly, and the format that its first bytes show.

libxml2 skips stray characters in xs:base64Binary (protocol facts, part 10), so the strict reading is here: RFC 4648,
white space allowed. Content is decoded in slices and dropped at once; only its size and its beginning are kept.
"""

import binascii
from dataclasses import dataclass

_SLICE = 1 << 20
_BEGINNING = 1024
_WHITE_SPACE = b" \t\r\n"

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
)
_SAME = {"text/rtf": "application/rtf"}
_RECOGNISABLE = frozenset(media_type for _, media_type in _SIGNATURES) | {"application/pdf"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """Decoded content: how many bytes there are, and the first of them."""

    size: int
    beginning: bytes

    @property
    def media_type(self) -> str:
        """The format that the first bytes show; empty when they show none that we know."""
        # Readers accept a PDF whose header comes a little later.
        if b"%PDF-" in self.beginning:
            return "application/pdf"
        return next((name for signature, name in _SIGNATURES if self.beginning.startswith(signature)), "")

    def contradicts(self, declared: str) -> bool:
        """Whether the content is in another format than declared, as far as first bytes can tell."""
        declared = _SAME.get(declared, declared)
        return declared != self.media_type and (self.media_type != "" or declared in _RECOGNISABLE)


def decode(base64: str) -> Attachment | None:
    """The attachment that a base64 text holds, or None when it is not strict base64."""
    size, beginning, rest, closed = 0, b"", b"", False
    for start in range(0, len(base64), _SLICE):
        try:
            characters = rest + base64[start : start + _SLICE].encode("ascii").translate(None, _WHITE_SPACE)
            whole = len(characters) - len(characters) % 4
            block = binascii.a2b_base64(characters[:whole], strict_mode=True)
        except (UnicodeEncodeError, binascii.Error):
            return None
        if closed and characters:
            return None
        closed = closed or characters[:whole].endswith(b"=")
        rest = characters[whole:]
        size += len(block)
        if len(beginning) < _BEGINNING:
            beginning += block[: _BEGINNING - len(beginning)]
    return None if rest else Attachment(size, beginning)
