"""How the hub itself speaks TLS with callers: its certificate, whom it trusts, and the rules of the protocol.

TLS 1.2 (RFC 5246) with forward secrecy and authenticated encryption only, and TLS 1.3 (RFC 8446), as RFC 9325 advises.
"""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from hub.config.about import about
from hub.wire.certificates import earliest_end, trust, use_pair

_CIPHERS = "@SECLEVEL=2:ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; all that TLS 1.3 has will do. The level refuses RSA keys below 2048 bits and SHA-1 in certificates."""
_VERIFICATION = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """TLS on the listener by the hub itself: TLS 1.2 and 1.3. Without this table the hub ends no TLS.

    All its files are read again when they change.
    """

    certificate_file: Path = field(
        metadata=about("PEM file of the hub's certificate, then those between it and the root")
    )
    key_file: Path = field(metadata=about("PEM file of its private key, not encrypted", secret=True))
    client_certificates: Literal["none", "optional", "required"] = field(
        default="none",
        metadata=about(
            "Whether callers show a certificate of their own. With `optional` they may; one that does not hold is "
            "refused all the same. With `required` there is no connection without one"
        ),
    )
    client_authorities: tuple[Path, ...] = field(
        default=(),
        metadata=about("PEM files of those who may sign callers' certificates, or of these certificates themselves"),
    )

    def __post_init__(self) -> None:
        if self.client_certificates != "none" and not self.client_authorities:
            raise ValueError("client_certificates: who may sign them is wanted too, in client_authorities")
        if self.client_certificates == "none" and self.client_authorities:
            raise ValueError('client_authorities: client_certificates = "optional" or "required" is wanted too')

    @property
    def files(self) -> Sequence[Path]:
        """All files that it names."""
        return (self.certificate_file, self.key_file, *self.client_authorities)

    def context(self) -> ssl.SSLContext:
        """The rules of the protocol and what the files hold now. Raises OSError or ValueError, which name the file."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(_CIPHERS)
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        context.set_alpn_protocols(["http/1.1"])
        context.verify_mode = _VERIFICATION[self.client_certificates]
        use_pair(context, self.certificate_file, self.key_file)
        trust(context, *self.client_authorities)
        return context

    def expiries(self) -> Mapping[str, datetime]:
        """When the certificates in the files end, by the name of what they are for. Raises OSError or ValueError."""
        found = {"listener": earliest_end(self.certificate_file)}
        if self.client_authorities:
            found["client authorities"] = earliest_end(*self.client_authorities)
        return found
