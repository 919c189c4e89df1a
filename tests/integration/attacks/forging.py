"""The tools of an attacker: a message as a tree that can be changed, and signed again with a key of one's own."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from hub.wire.namespaces import ASSERTION, SECURITY, SECURITY_UTILITY, SIGNATURE, SOAP
from hub.wire.security.credential import Credential
from hub.wire.security.signature_writing import Digest, Method, Reference, digest_named, method_for, write_signature

ID = f"{{{SECURITY_UTILITY}}}Id"
DS = f"{{{SIGNATURE}}}"
SAML = f"{{{ASSERTION}}}"


@dataclass
class Message:
    """An envelope with names for its parts."""

    root: etree._Element
    namespaces: dict[str, str] = field(
        default_factory=lambda: {"s": SOAP, "w": SECURITY, "u": SECURITY_UTILITY, "ds": SIGNATURE, "saml": ASSERTION}
    )

    @classmethod
    def of(cls, envelope: bytes) -> "Message":
        return cls(etree.fromstring(envelope))

    def find(self, path: str) -> etree._Element:
        found = self.root.find(path, self.namespaces)
        assert found is not None
        return found

    @property
    def header(self) -> etree._Element:
        return self.find("s:Header")

    @property
    def security(self) -> etree._Element:
        return self.find("s:Header/w:Security")

    @property
    def body(self) -> etree._Element:
        return self.find("s:Body")

    @property
    def timestamp(self) -> etree._Element:
        return self.find("s:Header/w:Security/u:Timestamp")

    @property
    def assertion(self) -> etree._Element:
        return self.find("s:Header/w:Security/saml:Assertion")

    @property
    def signature(self) -> etree._Element:
        return self.find("s:Header/w:Security/ds:Signature")

    @property
    def signed_info(self) -> etree._Element:
        return self.signature[0]

    @property
    def references(self) -> Sequence[etree._Element]:
        return self.signed_info.findall(f"{DS}Reference")

    def by_id(self, id_: str) -> etree._Element:
        (found,) = (element for element in self.root.iter() if id_ in (element.get(ID), element.get("AssertionID")))
        return found

    def evil_body(self, id_: str | None = None) -> etree._Element:
        """A copy of the body that asks something else; it takes the place of the body, which is left over."""
        genuine = self.body
        evil = etree.fromstring(etree.tostring(genuine))
        evil.attrib.pop(ID)
        if id_ is not None:
            evil.set(ID, id_)
        next(evil.iter("{*}time")).text = "23:59:59"
        self.root.replace(genuine, evil)
        return genuine

    def sign_again(
        self,
        credential: Credential,
        ids: Sequence[str] | None = None,
        *,
        method: Method | None = None,
        digest: Digest | None = None,
        transforms: tuple[str, ...] | None = None,
    ) -> bytes:
        """Put another signature in place of the one that is there, over the same parts unless others are named."""
        old = self.signature
        names = [reference.get("URI", "")[1:] for reference in self.references] if ids is None else ids
        key_info = etree.tostring(old[2], with_tail=False).decode()
        chosen = {} if transforms is None else {"transforms": transforms}
        references = [Reference(name, self.by_id(name), **chosen) for name in names]
        written = write_signature(
            references,
            method or method_for(credential.key),
            digest or digest_named("sha256"),
            key_info=key_info,
        )
        self.security.replace(old, etree.fromstring(written))
        return self.to_bytes()

    def to_bytes(self) -> bytes:
        return etree.tostring(self.root)


def sha1_method(credential: Credential) -> Method:
    """RSA with SHA-1."""
    key = credential.key
    assert isinstance(key, rsa.RSAPrivateKey)
    uri = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    return Method(uri, lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA1()))


def sha1_digest() -> Digest:
    """SHA-1."""
    return Digest("http://www.w3.org/2000/09/xmldsig#sha1", lambda data: hashlib.sha1(data).digest())


def named(method: Method, uri: str) -> Method:
    """The same under another name."""
    return Method(uri, method.sign)


Alteration = Callable[[Message], object]


def altered(envelope: bytes, alteration: Alteration) -> bytes:
    """A message in which something was changed; bytes that the alteration gives are the message itself."""
    message = Message.of(envelope)
    given = alteration(message)
    return given if isinstance(given, bytes) else message.to_bytes()
