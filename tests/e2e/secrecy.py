"""Looking for secrets in what the hub says and writes: every key of a folder, in every form that it may take."""

import base64
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

_LARGEST = 64 * 1024 * 1024
_TOO_SHORT = 12
"""What is shorter may stand anywhere by chance."""


class Secrets:
    """The secrets below a folder: files `*.key`, all files in a folder `secrets`, and texts besides."""

    def __init__(self, folder: Path, *texts: str) -> None:
        self._folder = folder
        self._files = {file for file in folder.rglob("*.key") if file.is_file()}
        self._files |= {file for file in folder.rglob("secrets/*") if file.is_file() and file.suffix != ".pem"}
        self._forms = {str(file.relative_to(folder)): set(_forms(file.read_bytes())) for file in self._files}
        self._forms |= {f"text {number}": set(_written(text.encode())) for number, text in enumerate(texts)}

    def __len__(self) -> int:
        return len(self._forms)

    def require_kept(self, said: str | bytes, where: object = "") -> None:
        """Fails when a secret stands in what was said; its name is told, not the secret."""
        data = said.encode() if isinstance(said, str) else said
        for name, forms in self._forms.items():
            assert not any(form in data for form in forms), f"{name} stands in {where or 'what was said'}"

    def require_kept_in_files(self) -> None:
        """The same for every other file below the folder: logs, the data of Redis, what is in the vault."""
        for file in self._folder.rglob("*"):
            if file.is_file() and file not in self._files and file.stat().st_size < _LARGEST:
                self.require_kept(file.read_bytes(), where=file)


def _forms(content: bytes) -> Iterator[bytes]:
    """What the content of a file could look like elsewhere."""
    if b"PRIVATE KEY" in content:
        yield from _forms_of_private_key(content)
        return
    yield from _written(content.strip())
    with suppress(ValueError):
        yield from _written(bytes.fromhex(content.decode()))


def _forms_of_private_key(pem: bytes) -> Iterator[bytes]:
    lines = [line for line in pem.splitlines() if line and not line.startswith(b"-----")]
    yield b"".join(lines)
    key = load_pem_private_key(pem, None)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    # The first line says which kind of key it is, and is the same for many; some others stand in certificates too.
    yield from (line for line in lines[1:] if len(line) >= _TOO_SHORT and base64.b64decode(line) not in public)
    yield from _written(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    match key:
        case ec.EllipticCurvePrivateKey():
            numbers = [key.private_numbers().private_value]
        case rsa.RSAPrivateKey():
            numbers = [key.private_numbers().d, key.private_numbers().p, key.private_numbers().q]
        case _:
            numbers = []
    for number in numbers:
        yield str(number).encode()
        yield from _written(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _written(value: bytes) -> Iterator[bytes]:
    """Bytes as they are, in hexadecimal, in base64 and as Python shows them."""
    yield value
    yield value.hex().encode()
    yield value.hex().upper().encode()
    yield base64.b64encode(value).rstrip(b"=")
    yield base64.urlsafe_b64encode(value).rstrip(b"=")
    yield repr(value)[2:-1].encode()
