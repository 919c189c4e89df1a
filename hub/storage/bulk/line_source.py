"""A file of references as numbered lines, in blocks: a plain file, a gzip file, or what comes from a pipe."""

import gzip
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self, cast

from hub.storage.bulk.import_worker import NumberedLine
from hub.storage.bulk.lines import LONGEST

_PIECE = 2 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_HEAD = 64 * 1024


class SourceError(Exception):
    """The file cannot be read; the text says why."""


class Block(NamedTuple):
    """Lines that stand together, none of them empty, and how much of the file was read with them."""

    lines: list[NumberedLine]
    position: int


class LineSource:
    """What is read, once, from its beginning."""

    def __init__(self, file: BufferedReader, *, piece: int = _PIECE) -> None:
        """`piece` is how many bytes a block has at least."""
        self._file, self._piece = file, piece
        state = os.fstat(file.fileno())
        self._is_file = stat.S_ISREG(state.st_mode)
        self.size = state.st_size if self._is_file else None
        """The bytes there are to read; None when nobody knows."""
        self._age = state.st_mtime_ns

    @classmethod
    @contextmanager
    def open(cls, file: Path) -> Iterator[Self]:
        """A file by its name. Raises SourceError."""
        try:
            opened = file.open("rb")
        except OSError as error:
            raise SourceError(f"{file}: cannot be read: {error.strerror}") from error
        with opened:
            yield cls(opened)

    @property
    def identity(self) -> str:
        """What tells this file from another, and from itself when it was changed; empty for a pipe."""
        if not self._is_file:
            return ""
        head = os.pread(self._file.fileno(), _HEAD, 0)
        return hashlib.sha256(b"%d %d " % (self.size or 0, self._age) + head).hexdigest()[:32]

    def blocks(self) -> Iterator[Block]:
        """All lines. Raises SourceError for a file that breaks off within its compression, or a line without end."""
        number, rest = 0, b""
        stream = self._decompressed()
        try:
            while piece := stream.read(self._piece):
                *lines, rest = (rest + piece).split(b"\n")
                if len(rest) > LONGEST:
                    raise SourceError(f"line {number + len(lines) + 1} is longer than {LONGEST} bytes")
                if lines:
                    yield Block(_numbered(lines, number), self._position())
                    number += len(lines)
        except (EOFError, gzip.BadGzipFile) as error:
            raise SourceError(f"the file is cut off or damaged behind line {number}") from error
        if rest:
            yield Block(_numbered([rest], number), self._position())

    def _decompressed(self) -> BinaryIO:
        start = self._file.peek(2)[:2]
        return cast("BinaryIO", gzip.GzipFile(fileobj=self._file)) if start == _GZIP else self._file

    def _position(self) -> int:
        return self._file.tell() if self._is_file else 0


def _numbered(lines: list[bytes], before: int) -> list[NumberedLine]:
    numbered = enumerate(lines, start=before + 1)
    return [NumberedLine(number, line) for number, line in numbered if line and not line.isspace()]
