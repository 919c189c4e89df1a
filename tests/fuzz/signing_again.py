"""A signature as it stands, made again by whoever has a key: over what its references now point to."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress

from lxml import etree

from hub.domain.errors import HubError
from hub.wire.namespaces import EXCLUSIVE_C14N, SECURITY_UTILITY, SIGNATURE
from hub.wire.security.credential import Credential
from hub.wire.security.signature_writing import method_for
from hub.wire.security.signatures import canonical, canonical_without

_DS = f"{{{SIGNATURE}}}"
_IDS = (f"{{{SECURITY_UTILITY}}}Id", "Id", "AssertionID")
_HASHES = {name: name for name in ("sha1", "sha384", "sha512")}


def sign_again(signature: etree._Element, credential: Credential) -> None:
    """Fill in digests and value, as far as the signature is one. What points nowhere keeps its digest."""
    signed_info, value = signature.find(f"{_DS}SignedInfo"), signature.find(f"{_DS}SignatureValue")
    if signed_info is None or value is None:
        return
    root = signature.getroottree().getroot()
    parts = {f"#{element.get(name)}": element for element in root.iter("*") for name in _IDS if element.get(name)}
    for reference in signed_info.iter(f"{_DS}Reference"):
        digest, part = reference.find(f"{_DS}DigestValue"), parts.get(reference.get("URI", ""))
        if digest is not None and part is not None:
            digest.text = _digest(reference, _referenced(part, signature, _prefixes(reference)))
    prefixes = [prefix for method in list(signed_info)[:1] for prefix in _prefixes(method)]
    value.text = b64encode(method_for(credential.key).sign(_referenced(signed_info, signature, prefixes))).decode()


def _digest(reference: etree._Element, data: bytes) -> str:
    method = reference.find(f"{_DS}DigestMethod")
    algorithm = "" if method is None else method.get("Algorithm", "")
    name = _HASHES.get(algorithm.rpartition("#")[2], "sha256")
    return b64encode(hashlib.new(name, data).digest()).decode()


def _prefixes(description: etree._Element) -> Sequence[str]:
    """Those that a transform, or whatever has one, names as counting always."""
    named = description.iter(f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces")
    return [prefix for element in named for prefix in element.get("PrefixList", "").split()]


def _referenced(part: etree._Element, signature: etree._Element, prefixes: Sequence[str]) -> bytes:
    """The canonical form of a part; without the signature, when that stands in it."""
    with suppress(HubError):
        if signature.getparent() is part:
            return canonical_without(part, signature, prefixes, "")
        return canonical(part, prefixes, "")
    return b""
