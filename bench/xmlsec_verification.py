"""The same two signatures by python-xmlsec: what a well-known library takes, in C but for the calls."""

import base64

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from bench.floor.signatures import HOLDER


class XmlsecVerification:
    """Verifies messages as the benchmarks write them; like the floor, it asks no more than that."""

    def __init__(self, token_service: x509.Certificate) -> None:
        self._token_service = _key(token_service.public_bytes(Encoding.DER))

    def verify(self, envelope: etree._Element) -> None:
        """Both signatures. Raises ValueError."""
        xmlsec.tree.add_ids(envelope, ["Id", "AssertionID"])
        _, assertion, signature = envelope[0][0]
        try:
            _verify(assertion[-1], self._token_service)
            _verify(signature, _key(base64.b64decode(assertion.findtext(HOLDER, ""))))
        except xmlsec.Error as error:
            raise ValueError("xmlsec refuses it") from error


def _key(certificate: bytes) -> xmlsec.Key:
    return xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertDer)


def _verify(signature: etree._Element, key: xmlsec.Key) -> None:
    context = xmlsec.SignatureContext()
    context.key = key
    context.verify(signature)
