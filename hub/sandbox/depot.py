"""The key depot of a sandbox: a folder with the encryption certificates of its hub and of its care parties."""

from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.domain.encryption import EncryptionActor
from hub.sealing.depot import file_name


def write_depot(folder: Path, certificates: Mapping[EncryptionActor, x509.Certificate]) -> None:
    """Write the certificate of each actor; the hub's own is that of the actor EHP, and clients find it there too."""
    folder.mkdir(parents=True, exist_ok=True)
    for actor, certificate in certificates.items():
        name = file_name(actor)
        if name is None:
            raise ValueError(f"{actor.kind}: no actor that a depot can name")
        (folder / name).write_bytes(certificate.public_bytes(Encoding.PEM))
