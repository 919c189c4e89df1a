"""XML signatures, read strictly and checked part by part (XML Signature 1.1, exclusive canonicalisation 1.0).

Only what the profile uses is understood: references to an id of the same message, the transforms `enveloped-signature`
and exclusive canonicalisation. Everything else is refused, so nothing that was not looked at can take part.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Final, NamedTuple

from lxml import etree

from hub.wire.namespaces import EXCLUSIVE_C14N, SIGNATURE
from hub.wire.security.algorithms import ENVELOPED, PublicKey, digest, require_exclusive, signs
from hub.wire.security.refusal import Cause, SecurityRefusal
from hub.wire.soap import require_few_namespaces
from hub.wire.xml import local_name, only_text, parse

MOST_REFERENCES: Final = 16
_MOST_PREFIXES: Final = 32
_LONGEST_SHOWN: Final = 4000
_DEFAULT = "#default"
"""What a list of prefixes calls the namespace that has none."""
_DS = f"{{{SIGNATURE}}}"
_DS_REFERENCE, _TRANSFORM = f"{_DS}Reference", f"{_DS}Transform"
_SIGNATURE = [f"{_DS}{name}" for name in ("SignedInfo", "SignatureValue", "KeyInfo")]
_SIGNED_INFO = [f"{_DS}{name}" for name in ("CanonicalizationMethod", "SignatureMethod", "Reference")]
_REFERENCE = [f"{_DS}{name}" for name in ("Transforms", "DigestMethod", "DigestValue")]
_PREFIXES = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"


class Reference(NamedTuple):
    """A part that is signed: its id, how it is brought into canonical form, and the digest of that.

    `prefixes` are namespace prefixes that count although nothing of the part uses them.
    """

    where: str
    target: str
    is_enveloped: bool
    prefixes: Sequence[str]
    algorithm: str | None
    digest: bytes


class Signature(NamedTuple):
    """A signature as it stands in a message; nothing of it has been checked but its shape."""

    where: str
    element: etree._Element
    signed_info: etree._Element
    prefixes: Sequence[str]
    algorithm: str | None
    references: Sequence[Reference]
    value: bytes
    key_info: etree._Element | None


def read_signature(element: etree._Element, where: str) -> Signature:
    """The signature that an element holds; `where` says which it is. Raises SecurityRefusal."""
    tags = [child.tag for child in element]
    if tags not in (_SIGNATURE, _SIGNATURE[:2]):
        raise _misshapen(tags, "SignedInfo, SignatureValue, KeyInfo", where)
    signed_info = element[0]
    tags = [child.tag for child in signed_info]
    if len(tags) > MOST_REFERENCES + 2:
        expected, place = f"at most {MOST_REFERENCES} references", f"{where}/SignedInfo"
        raise SecurityRefusal(Cause.TOO_MANY_REFERENCES, where=place, expected=expected, arrived=str(len(tags) - 2))
    if tags[:3] != _SIGNED_INFO or set(tags[3:]) - {_DS_REFERENCE}:
        raise _misshapen(tags, "CanonicalizationMethod, SignatureMethod, References", f"{where}/SignedInfo")
    canonicalisation, method, *references = signed_info
    return Signature(
        where=where,
        element=element,
        signed_info=signed_info,
        prefixes=_prefixes(canonicalisation, where, "SignedInfo/CanonicalizationMethod"),
        algorithm=method.get("Algorithm"),
        references=[_reference(part, f"{where}/SignedInfo/Reference[{n}]") for n, part in enumerate(references, 1)],
        value=_decoded(element[1], Cause.VALUE_DIFFERS, where),
        key_info=element[2] if len(element) > 2 else None,
    )


def check_value(signature: Signature, key: PublicKey, *, differs: Cause, allow_sha1: bool = False) -> bytes:
    """That the key made this signature; the canonical form that it signed. Raises SecurityRefusal with `differs`."""
    signed = canonical(signature.signed_info, signature.prefixes, signature.where)
    where = f"{signature.where}/SignedInfo/SignatureMethod"
    if not signs(key, signature.algorithm, signed, signature.value, where, allow_sha1=allow_sha1):
        raise SecurityRefusal(
            differs,
            where=f"{signature.where}/SignatureValue",
            expected=f"a signature by {signature.algorithm} of these {len(signed)} bytes: {_shown(signed)}",
            arrived=base64.b64encode(signature.value).decode(),
        )
    return signed


def check_digest(reference: Reference, signed: bytes, *, allow_sha1: bool = False) -> None:
    """That a canonical form is the one that was signed. Raises SecurityRefusal."""
    computed = digest(reference.algorithm, signed, f"{reference.where}/DigestMethod", allow_sha1=allow_sha1)
    if not hmac.compare_digest(computed, reference.digest):
        raise SecurityRefusal(
            Cause.DIGEST_DIFFERS,
            where=f"{reference.where}/DigestValue",
            expected=f"{base64.b64encode(computed).decode()} of these {len(signed)} bytes: {_shown(signed)}",
            arrived=base64.b64encode(reference.digest).decode(),
        )


def canonical(element: etree._Element, prefixes: Sequence[str], where: str) -> bytes:
    """The exclusive canonical form of an element, without comments.

    Raises SecurityRefusal when it has none, and HubError (message-too-large) for too many namespaces around it.
    """
    require_few_namespaces(element, where)
    subject = _knowing_default(element) if _DEFAULT in prefixes else element
    try:
        return etree.tostring(
            subject, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes or None
        )
    except (etree.C14NError, ValueError) as error:
        raise SecurityRefusal(Cause.NOT_CANONICAL, where=where, expected="absolute namespaces") from error


def canonical_without(element: etree._Element, child: etree._Element, prefixes: Sequence[str], where: str) -> bytes:
    """The same without one child: what the transform `enveloped-signature` leaves.

    A comment, of which a canonical form knows nothing, stands in for the child meanwhile.
    """
    stand_in = etree.Comment("")
    stand_in.tail = child.tail
    element.replace(child, stand_in)
    try:
        return canonical(element, prefixes, where)
    finally:
        element.replace(stand_in, child)


def _knowing_default(element: etree._Element) -> etree._Element:
    """The same element in a document in which the word `#default` is a name.

    lxml passes over prefixes that are no name anywhere in the document, and this one never is. Here it is that of a
    namespace, beside the element, which has its own and all that are in scope where it stands.
    """
    written = etree.tostring(element, encoding="UTF-8", with_tail=False)
    return parse(b'<pair><name xmlns="%b"/>%b</pair>' % (_DEFAULT.encode(), written))[1]


def _reference(element: etree._Element, where: str) -> Reference:
    uri = element.get("URI")
    if uri is None or not uri.startswith("#") or len(uri) == 1 or "(" in uri:
        raise SecurityRefusal(Cause.REFERENCE_NOT_LOCAL, where=where, expected="#id", arrived=uri or "no URI")
    tags = [child.tag for child in element]
    if tags != _REFERENCE:
        raise _misshapen(tags, "Transforms, DigestMethod, DigestValue", where)
    transforms, method, value = element
    algorithms = [transform.get("Algorithm") for transform in transforms]
    is_enveloped = algorithms[:1] == [ENVELOPED]
    if len(algorithms) != 1 + is_enveloped:
        arrived = ", ".join(algorithm or "none" for algorithm in algorithms[:4])
        # A second transform of a kind that is allowed is odd; of another kind it is an attempt.
        is_odd = set(algorithms) <= {ENVELOPED, EXCLUSIVE_C14N}
        cause = Cause.SIGNATURE_MALFORMED if is_odd else Cause.ALGORITHM_NOT_ALLOWED
        raise SecurityRefusal(cause, where=f"{where}/Transforms", expected=EXCLUSIVE_C14N, arrived=arrived)
    if any(transform.tag != _TRANSFORM for transform in transforms):
        raise _misshapen([transform.tag for transform in transforms], "Transform", f"{where}/Transforms")
    return Reference(
        where=where,
        target=uri[1:],
        is_enveloped=is_enveloped,
        prefixes=_prefixes(transforms[-1], where, "Transforms"),
        algorithm=method.get("Algorithm"),
        digest=_decoded(value, Cause.DIGEST_DIFFERS, where),
    )


def _prefixes(method: etree._Element, where: str, name: str) -> Sequence[str]:
    """Of an exclusive canonicalisation the prefixes in its InclusiveNamespaces, the only thing that it may hold."""
    if method.get("Algorithm") != EXCLUSIVE_C14N:
        require_exclusive(method.get("Algorithm"), f"{where}/{name}")
    if not len(method):
        return ()
    prefixes = method[0].get("PrefixList", "").split()
    if len(method) > 1 or method[0].tag != _PREFIXES or len(prefixes) > _MOST_PREFIXES:
        expected = "at most one InclusiveNamespaces"
        raise SecurityRefusal(Cause.SIGNATURE_MALFORMED, where=f"{where}/{name}", expected=expected)
    return prefixes


def _decoded(element: etree._Element, cause: Cause, where: str) -> bytes:
    try:
        return binascii.a2b_base64("".join(only_text(element).split()), strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise SecurityRefusal(cause, where=f"{where}/{local_name(element)}", expected="base64") from error


def _misshapen(tags: Sequence[str], expected: str, where: str) -> SecurityRefusal:
    arrived = ", ".join(str(tag).rpartition("}")[2] for tag in tags[:MOST_REFERENCES]) or "nothing"
    return SecurityRefusal(Cause.SIGNATURE_MALFORMED, where=where, expected=expected, arrived=arrived)


def _shown(data: bytes) -> str:
    shown = data[:_LONGEST_SHOWN].decode("utf-8", "replace")
    return shown if len(data) <= _LONGEST_SHOWN else f"{shown} …"
