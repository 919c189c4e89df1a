"""What the keys of the index do: pseudonyms, sealed values, and the ids the hub gives.

A dump of the store reveals no national number: patients are keyed pseudonyms, everything about people is sealed. All
keys derive from one secret of 32 bytes, each for one purpose only.
"""

import base64
import hashlib
import hmac
import os
import struct
from collections.abc import Sequence
from itertools import repeat

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.ports.local_ids import TransactionAddress

DIGEST = 16
"""Bytes of a keyed digest."""


def derive(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(secret)


class Pseudonyms:
    """Keyed names that cannot be turned back without the key.

    While a key is replaced two are live: each knows the other as `previous` or as `following`, and what is stored may
    be named by either (docs/adr/0007-two-pseudonym-keys.md).
    """

    def __init__(
        self,
        secret: bytes,
        *,
        key_id: str,
        previous: "Pseudonyms | None" = None,
        following: "Pseudonyms | None" = None,
    ) -> None:
        self._key = derive(secret, "pseudonyms")
        self.key_id, self.previous, self.following = key_id, previous, following

    def of(self, value: str) -> str:
        """The pseudonym of an identifier: the key's id and 96 bits, as letters and digits."""
        digest = hmac.digest(self._key, value.encode(), hashlib.sha256)[:12]
        return f"{self.key_id}.{base64.urlsafe_b64encode(digest).decode()}"

    def digest(self, value: bytes) -> bytes:
        """A keyed digest of 16 bytes, to find an equal value again."""
        return hmac.digest(self._key, value, hashlib.sha256)[:DIGEST]

    def digests(self, value: bytes) -> bytes:
        """The digest, and behind it that of the other key while two are live."""
        other = self.previous or self.following
        return self.digest(value) + (other.digest(value) if other else b"")


class Sealer:
    """Seals small values with AES-256-GCM."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(derive(secret, "sealed values"))

    def seal(self, value: bytes, place: bytes) -> bytes:
        """The sealed value; it opens only at the same place (the key it is stored under)."""
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, value, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """The value. Raises HubError (index-unavailable) when it was altered, moved, or sealed with another key."""
        try:
            return self._cipher.decrypt(sealed[:12], sealed[12:], place)
        except InvalidTag as error:
            raise HubError(Reason.INDEX_UNAVAILABLE, where="sealed value") from error


class EncryptedLocalIds:
    """Ids that are the encrypted address of a transaction: one AES block of patient, serial, member and 40 zero bits.

    So they need no index, cannot be guessed or forged (the zero bits), and two ids never show a common patient.
    Implements `hub.ports.local_ids.LocalIds`.
    """

    def __init__(self, secret: bytes, *, scheme: str) -> None:
        self._cipher = Cipher(algorithms.AES256(derive(secret, "local ids")), modes.ECB())  # noqa: S305 - one block, a permutation is what is wanted
        self.scheme = scheme

    def give(self, patient: Ssin, places: Sequence[tuple[int, int]]) -> list[LocalId]:
        """See the port."""
        number = patient.to_bytes()
        blocks = b"".join([_ADDRESS.pack(number, serial, member) for serial, member in places])
        digits = self._cipher.encryptor().update(blocks).hex()
        values = [digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)]
        return [*map(LocalId, repeat(self.scheme), values)]

    def follow(self, local_id: LocalId) -> TransactionAddress | None:
        """See the port."""
        if local_id.scheme != self.scheme or len(local_id.value) != _DIGITS:
            return None
        try:
            block = self._cipher.decryptor().update(bytes.fromhex(local_id.value))
            number, serial, member = _ADDRESS.unpack(block)
            patient = Ssin.from_bytes(number)
        except (ValueError, HubError):
            return None
        is_ours = self.give(patient, [(serial, member)]) == [local_id]
        return TransactionAddress(patient, serial, member) if is_ours else None


_ADDRESS = struct.Struct(">5sIH5x")
_DIGITS = 32
