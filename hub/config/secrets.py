"""Secrets: they come from a file or from the environment, never from the configuration file, and are never shown."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

KEY_BYTES: Final = 32
_SAMPLE: Final = b"sandbox "
_FEWEST_DIFFERENT_BYTES: Final = 8


@dataclass(frozen=True, slots=True, repr=False)
class SecretKey:
    """A key of 32 bytes. It masks itself when shown."""

    value: bytes

    @classmethod
    def parse(cls, text: str) -> "SecretKey":
        """From 64 hexadecimal digits or base64. Raises ValueError for anything that is not 32 bytes."""
        compact = "".join(text.split())
        try:
            value = (
                bytes.fromhex(compact) if len(compact) == 2 * KEY_BYTES else base64.b64decode(compact, validate=True)
            )
        except (ValueError, binascii.Error) as error:
            raise ValueError("64 hexadecimal digits or the base64 of 32 bytes") from error
        if len(value) != KEY_BYTES:
            raise ValueError(f"a key of {KEY_BYTES} bytes, not of {len(value)}")
        return cls(value)

    @classmethod
    def sample(cls, purpose: str) -> "SecretKey":
        """A key for sandboxes: always the same for a purpose, and recognised as a sample."""
        return cls(_SAMPLE + hashlib.sha256(purpose.encode()).digest()[len(_SAMPLE) :])

    @property
    def is_sample(self) -> bool:
        """Whether this is a sandbox's key or has visibly not been drawn at random."""
        return self.value.startswith(_SAMPLE) or len(set(self.value)) < _FEWEST_DIFFERENT_BYTES

    def __repr__(self) -> str:
        return "SecretKey(***)"


@dataclass(frozen=True, slots=True, repr=False)
class Password:
    """A password. It masks itself when shown."""

    value: str

    @classmethod
    def parse(cls, text: str) -> "Password":
        """From the only line of a file. Raises ValueError when there is none."""
        value = text.strip()
        if not value:
            raise ValueError("a password, not an empty text")
        return cls(value)

    def __repr__(self) -> str:
        return "Password(***)"


Secret = SecretKey | Password
