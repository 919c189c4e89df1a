"""Which TLS client certificate a caller has shown, and who must show which (security facts, part 1.5, row 21).

The certificate is that of the TLS connection, or, when a proxy ends TLS and is stated to do so, the one that the proxy
passes on in two headers: the certificate, PEM in percent-encoding, and what its verification came to.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote

from aiohttp import web
from cryptography import x509

from hub.domain.parties import licence
from hub.web.tls_terminator import TlsTerminator
from hub.wire.certificates import fingerprint, parse_fingerprint

CERTIFICATE_HEADER: Final = "X-Client-Certificate"
VERIFIED_HEADER: Final = "X-Client-Certificate-Verified"
_VERIFIED = "SUCCESS"


class ClientCertificates:
    """Tells the certificates of callers."""

    def __init__(self, terminator: TlsTerminator) -> None:
        self._terminator = terminator

    def client_certificate(self, request: web.Request) -> str:
        """The SHA-256 of the caller's verified TLS client certificate, in lower-case hexadecimal; "" without one.

        From the terminator it is what the headers say, from everybody else what their connection has shown: headers are
        then not looked at.
        """
        if self._terminator.sent(request):
            return _passed_on(request)
        connection = request.transport.get_extra_info("ssl_object") if request.transport else None
        # Given only after it was verified.
        shown = connection.getpeercert(binary_form=True) if connection is not None else None
        return fingerprint(x509.load_der_x509_certificate(shown)) if shown else ""


class RequiredClientCertificates:
    """The callers who must come over a connection with a client certificate, by the number of their licence.

    A NIHII number may be written with its qualification or without: nobody may choose the one that is not asked for.
    """

    def __init__(self, certificates: Mapping[str, Iterable[str]]) -> None:
        """`certificates` are fingerprints (SHA-256). Raises ValueError for what is none."""
        self._admitted: dict[str, frozenset[str]] = {}
        for number, texts in certificates.items():
            before = self._admitted.get(licence(number), frozenset())
            self._admitted[licence(number)] = before.union(map(parse_fingerprint, texts))

    def admits(self, number: str, fingerprint: str) -> bool:
        """Whether the caller of this number may come with this certificate ("" for none)."""
        admitted = self._admitted.get(licence(number))
        return admitted is None or fingerprint in admitted


def _passed_on(request: web.Request) -> str:
    """What the terminator says, provided that it says one thing."""
    certificates = request.headers.getall(CERTIFICATE_HEADER, [])
    if len(certificates) != 1 or request.headers.getall(VERIFIED_HEADER, []) != [_VERIFIED]:
        return ""
    try:
        return fingerprint(x509.load_pem_x509_certificate(unquote(certificates[0]).encode()))
    except ValueError:
        return ""
