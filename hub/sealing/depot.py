"""A key depot in a folder: `KIND=NUMBER.pem`, or `KIND=NUMBER,APPLICATION.pem`, with encryption certificates (PEM).

Whoever writes into the folder says who can read what the hub hands out.
"""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.domain.encryption import EncryptionActor
from hub.domain.errors import HubError, Reason

_KIND, _NUMBER = re.compile(r"[A-Z]+(?:-[A-Z]+)*"), re.compile(r"[0-9]{1,20}")
_APPLICATION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .-]{0,63}")


class FolderDepot:
    """A `KeyDepot`. Files may come and go while the hub runs; without one for the application there is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def certificates(self, actor: EncryptionActor) -> Sequence[bytes]:
        """The certificates in the actor's file; see `KeyDepot`."""
        name = file_name(actor)
        if name is None:
            raise HubError(Reason.ENCRYPTION_ACTOR_UNKNOWN, where=_WHERE)
        return await asyncio.to_thread(_read, self._folder / name)


_WHERE = "request/author/hcparty"


def file_name(actor: EncryptionActor) -> str | None:
    """The file of an actor; None for one that cannot have any."""
    parts = [(_KIND, actor.kind), (_NUMBER, actor.number)]
    if actor.application:
        parts.append((_APPLICATION, actor.application))
    if not all(pattern.fullmatch(part) for pattern, part in parts):
        return None
    return f"{actor.name}.pem"


def _read(file: Path) -> list[bytes]:
    try:
        certificates = x509.load_pem_x509_certificates(file.read_bytes())
    except FileNotFoundError as error:
        if file.parent.is_dir():
            raise HubError(Reason.ENCRYPTION_ACTOR_UNKNOWN, where=_WHERE) from error
        raise HubError(Reason.SEALING_UNAVAILABLE, where="key depot") from error
    except (OSError, ValueError) as error:
        raise HubError(Reason.SEALING_UNAVAILABLE, where="key depot") from error
    return [certificate.public_bytes(Encoding.DER) for certificate in certificates]
