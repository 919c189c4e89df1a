"""Certificates and keys of invented people and systems, as files."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509

from hub.wire.certificates import SANDBOX_ORGANISATION, fingerprint

LOCAL = ("127.0.0.1", "localhost", "hub.example")


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: Path
    key: Path

    @property
    def fingerprint(self) -> str:
        return fingerprint(x509.load_pem_x509_certificate(self.certificate.read_bytes()))

    def replace(self, other: "Pair") -> None:
        """Put another certificate and key in these files, as those who renew certificates do: one after the other."""
        for mine, its in ((self.key, other.key), (self.certificate, other.certificate)):
            new = mine.with_suffix(".new")
            new.write_bytes(its.read_bytes())
            new.chmod(0o600)
            new.replace(mine)


class Authority:
    """An authority with a folder in which it puts what it issues."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder, self._authority = folder, trustme.CA(organization_name=f"Invented {name}")
        self.certificate = folder / f"{name}.pem"
        self._authority.cert_pem.write_to_path(str(self.certificate))

    def issue(self, name: str, *, days: float = 365, is_of_sandbox: bool = False) -> Pair:
        """A certificate for a server on this machine, which may also call, in the files NAME.pem and NAME.key."""
        issued = self._authority.issue_cert(
            *LOCAL,
            common_name=name,
            organization_name=SANDBOX_ORGANISATION if is_of_sandbox else f"Invented {name}",
            not_before=datetime.now(UTC) - timedelta(days=400),
            not_after=datetime.now(UTC) + timedelta(days=days),
        )
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        pair.certificate.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        pair.key.touch(mode=0o600)
        pair.key.write_bytes(issued.private_key_pem.bytes())
        return pair

    def client_context(self, pair: Pair | None = None) -> ssl.SSLContext:
        """What a caller uses who trusts this authority, and shows a certificate or none."""
        context = ssl.create_default_context(cafile=self.certificate)
        if pair is not None:
            context.load_cert_chain(pair.certificate, pair.key)
        return context
