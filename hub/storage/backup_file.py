"""The file of a backup: every key of the store as the server dumps it (DUMP), which it checks when it takes it back.

    file   = opening line, frame*, end
    opening = one line of JSON: {"hub-backup": 1, "keys": {id of a pseudonym key: digest in hexadecimal digits}, ...}
    frame  = length of the key(2) length of the dump(4) key dump
    end    = 0(2) 0(4) keys(8) patients(8) SHA-256 of all that stands before it(32)

Little endian. Like the store the file holds pseudonyms and sealed values, and no person can be read out of it.
"""

import hashlib
import json
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

FORMAT = 1
_FRAME = struct.Struct("<HI")
_COUNTS = struct.Struct("<QQ")
_DIGEST = 32
_END = _FRAME.size + _COUNTS.size + _DIGEST
_LONGEST_OPENING = 1 << 20
_PIECE = 1 << 20


class BackupError(Exception):
    """A backup cannot be made, read or restored; the text says why, and what to do."""


class Dumped(NamedTuple):
    """A key of the store and its dump."""

    key: bytes
    dump: bytes


@dataclass(frozen=True, slots=True)
class Counts:
    """What a backup holds."""

    keys: int = 0
    patients: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A file that has been read to its end and is whole.

    `known_keys` are the digests of the index's pseudonym keys by their ids; `server` is the version that dumped it.
    """

    path: Path
    known_keys: Mapping[str, bytes]
    server: str
    counts: Counts
    digest: bytes

    def frames(self) -> Iterator[Dumped]:
        """The keys and their dumps, in the order in which they are to be restored."""
        with self.path.open("rb") as file:
            file.readline(_LONGEST_OPENING)
            while sizes := file.read(_FRAME.size):
                length, size = _FRAME.unpack(sizes)
                if not length:
                    return
                yield Dumped(file.read(length), file.read(size))


class BackupWriter:
    """Writes a backup."""

    def __init__(self, file: BinaryIO, *, known_keys: Mapping[str, bytes], server: str) -> None:
        self._file, self._digest = file, hashlib.sha256()
        opening = {
            "hub-backup": FORMAT,
            "server": server,
            "keys": {key_id: digest.hex() for key_id, digest in known_keys.items()},
        }
        self._write(json.dumps(opening).encode() + b"\n")

    def add(self, dumped: Dumped) -> None:
        """Add a key."""
        self._write(_FRAME.pack(len(dumped.key), len(dumped.dump)) + dumped.key + dumped.dump)

    def close(self, counts: Counts) -> None:
        """Say that this was all."""
        self._write(_FRAME.pack(0, 0) + _COUNTS.pack(counts.keys, counts.patients))
        self._file.write(self._digest.digest())

    def _write(self, piece: bytes) -> None:
        self._digest.update(piece)
        self._file.write(piece)


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file that only its owner may read, and that has its name only when it is whole and on disk.

    Raises BackupError when there is such a file already, or when it cannot be written.
    """
    if path.exists():
        raise BackupError(f"{path} exists already; give the backup another name")
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb", _PIECE) as file:
            os.fchmod(file.fileno(), 0o600)
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        _sync_folder(path.absolute().parent)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def read(path: Path) -> Backup:
    """A backup that is whole, as its digest says. Raises BackupError."""
    try:
        with path.open("rb") as file:
            known_keys, server = _opening(file.readline(_LONGEST_OPENING), path)
            counts, digest = _checked_end(file, path)
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}") from error
    return Backup(path=path, known_keys=known_keys, server=server, counts=counts, digest=digest)


def _opening(line: bytes, path: Path) -> tuple[dict[str, bytes], str]:
    """The known keys and the version of the server."""
    try:
        opening = json.loads(line)
        if opening["hub-backup"] != FORMAT:
            raise BackupError(f"{path} was made by a later version of the hub (format {opening['hub-backup']})")
        return {key_id: bytes.fromhex(digest) for key_id, digest in opening["keys"].items()}, str(opening["server"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupError(f"{path} is no backup of a hub") from error


def _checked_end(file: BinaryIO, path: Path) -> tuple[Counts, bytes]:
    size = os.fstat(file.fileno()).st_size
    digest, left = hashlib.sha256(), size - _DIGEST
    file.seek(0)
    last = b""
    while left > 0 and (piece := file.read(min(left, _PIECE))):
        digest.update(piece)
        last, left = (last + piece)[-_END:], left - len(piece)
    if size < _END or file.read() != digest.digest():
        raise BackupError(f"{path} is damaged or not whole")
    return Counts(*_COUNTS.unpack(last[-_COUNTS.size :])), digest.digest()
