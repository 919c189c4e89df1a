"""An XML signature as somebody else's software sees and makes it: xmlsec, which shares no code with ours."""

import xmlsec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from lxml import etree

from hub.wire.namespaces import SIGNATURE
from hub.wire.security.credential import PrivateKey


def verified_references(signature: etree._Element, key: CertificatePublicKeyTypes) -> list[str]:
    """What a signature is over, when the key made it and nothing was changed since. Raises xmlsec.Error."""
    _context(signature, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)).verify(signature)
    return [reference.get("URI", "") for reference in signature.iter(f"{{{SIGNATURE}}}Reference")]


def sign_elsewhere(signature: etree._Element, key: PrivateKey) -> None:
    """Compute all digests and the value anew, of what is there now."""
    for computed in signature.iter(f"{{{SIGNATURE}}}DigestValue", f"{{{SIGNATURE}}}SignatureValue"):
        computed.text = None
    _context(signature, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())).sign(signature)


def _context(signature: etree._Element, key: bytes) -> xmlsec.SignatureContext:
    xmlsec.tree.add_ids(signature.getroottree().getroot(), ["Id", "AssertionID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key, xmlsec.constants.KeyDataFormatPem)
    return context
