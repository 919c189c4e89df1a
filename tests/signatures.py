"""An XML signature as somebody else's software sees it: xmlsec, which shares no code with ours."""

import xmlsec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from hub.wire.namespaces import SIGNATURE


def verified_references(signature: etree._Element, key: CertificatePublicKeyTypes) -> list[str]:
    """What a signature is over, when the key made it and nothing was changed since. Raises xmlsec.Error."""
    xmlsec.tree.add_ids(signature.getroottree().getroot(), ["Id", "AssertionID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(
        key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), xmlsec.constants.KeyDataFormatPem
    )
    context.verify(signature)
    return [reference.get("URI", "") for reference in signature.iter(f"{{{SIGNATURE}}}Reference")]
