"""Sealing a document for storage: AES-256-GCM in segments, so that it is read as a stream and no bad byte gets out.

A sealed document is a header and segments. The header names the master key and holds the document's own random key,
wrapped by that master key. A segment is 64 KiB of the document and its tag; only the last one is shorter or says that
it is the last. Number and last-flag make up the nonce (the construction known as STREAM; the key is never used for a
second document), and every tag also covers the format and the name the document is stored under, so a segment cannot
be changed, moved, left out, or put under another name without being noticed.
"""

import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"OHV1"
HEADER_START = len(FORMAT) + 1
SEGMENT = 64 * 1024
KEY_BYTES, _NONCE, _TAG = 32, 12, 16
_WRAPPED_KEY = KEY_BYTES + _TAG


class SealBroken(Exception):
    """What is stored is not what was sealed, or its master key is not known."""


class MasterKeys:
    """The master keys by their id; new documents are sealed with the current one."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        if current not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError(f"keys of {KEY_BYTES} bytes are wanted, the current one among them")
        if any(not 1 <= len(key_id.encode()) <= 255 for key_id in keys):
            raise ValueError("a key id of 1 to 255 bytes is wanted")
        self._keys = dict(keys)
        self._current = current

    def seal(self, document: bytes, name: bytes) -> bytearray:
        """The sealed document, to be stored under this name."""
        key = AESGCM.generate_key(8 * KEY_BYTES)
        segments = _Segments(key, name)
        last = max(len(document) - 1, 0) // SEGMENT
        view = memoryview(document)
        sealed = bytearray(self._wrap(key, name))
        for number in range(last + 1):
            data = view[number * SEGMENT : (number + 1) * SEGMENT]
            sealed += segments.encrypt(data, number, is_last=number == last)
        return sealed

    def open(self, name: bytes) -> "Unsealer":
        """What turns the bytes that are stored under a name into the document."""
        return Unsealer(self, name)

    def _wrap(self, key: bytes, name: bytes) -> bytes:
        """The header: format, id of the master key, and the document's key wrapped by it."""
        key_id = self._current.encode()
        start = FORMAT + bytes([len(key_id)]) + key_id
        nonce = secrets.token_bytes(_NONCE)
        return start + nonce + AESGCM(self._keys[self._current]).encrypt(nonce, key, start + name)

    def unwrap(self, header: bytes, name: bytes) -> bytes:
        """The document's key. Raises SealBroken."""
        start, sealed = header[: -_NONCE - _WRAPPED_KEY], header[-_NONCE - _WRAPPED_KEY :]
        master = self._keys.get(start[len(FORMAT) + 1 :].decode("utf-8", "replace"))
        if master is None:
            raise SealBroken("its master key is not known")
        try:
            return AESGCM(master).decrypt(sealed[:_NONCE], sealed[_NONCE:], start + name)
        except InvalidTag as error:
            raise SealBroken("its header was changed") from error


class Unsealer:
    """Takes what is stored in pieces of any size and gives the document, one checked segment after the other."""

    def __init__(self, keys: MasterKeys, name: bytes) -> None:
        self._keys = keys
        self._name = name
        self._waiting = bytearray()
        self._segments: _Segments | None = None
        self._number = 0

    def feed(self, piece: bytes | bytearray | memoryview) -> bytes:
        """The next bytes of the document, if any. Raises SealBroken."""
        self._waiting += piece
        if self._segments is None and not self._read_header():
            return b""
        parts = []
        while len(self._waiting) > SEGMENT + _TAG:
            parts.append(self._decrypt(SEGMENT + _TAG, is_last=False))
        return b"".join(parts)

    def finish(self) -> bytes:
        """The last segment. Raises SealBroken, also when anything is missing at the end."""
        if self._segments is None:
            raise SealBroken("it is cut off in its header")
        return self._decrypt(len(self._waiting), is_last=True)

    def _read_header(self) -> bool:
        if len(self._waiting) < HEADER_START or len(self._waiting) < (header := header_size(self._waiting)):
            return False
        key = self._keys.unwrap(bytes(self._waiting[:header]), self._name)
        self._segments = _Segments(key, self._name)
        del self._waiting[:header]
        return True

    def _decrypt(self, size: int, *, is_last: bool) -> bytes:
        if self._segments is None:
            raise SealBroken("it has no header")
        with memoryview(self._waiting) as waiting, waiting[:size] as sealed:
            data = self._segments.decrypt(sealed, self._number, is_last=is_last)
        del self._waiting[:size]
        self._number += 1
        return data


class _Segments:
    """The segments of one document under its own key."""

    def __init__(self, key: bytes, name: bytes) -> None:
        self._cipher = AESGCM(key)
        self._covered = FORMAT + name

    def encrypt(self, data: memoryview, number: int, *, is_last: bool) -> bytes:
        return self._cipher.encrypt(_nonce(number, is_last=is_last), data, self._covered)

    def decrypt(self, data: memoryview, number: int, *, is_last: bool) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(number, is_last=is_last), data, self._covered)
        except InvalidTag as error:
            raise SealBroken(f"segment {number} was changed") from error


def header_size(start: bytes | bytearray) -> int:
    """How long the header is, told by its first bytes (HEADER_START of them). Raises SealBroken."""
    if len(start) < HEADER_START:
        raise SealBroken("it is cut off in its header")
    if start[: len(FORMAT)] != FORMAT:
        raise SealBroken("it has another format")
    return len(FORMAT) + 1 + start[len(FORMAT)] + _NONCE + _WRAPPED_KEY


def document_size(stored: int, header: int) -> int:
    """How long the document is of which so many bytes are stored."""
    segments = -(-(stored - header) // (SEGMENT + _TAG))
    return stored - header - segments * _TAG


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_NONCE - 1, "big") + bytes([is_last])
