"""Whose certificate it is, by its subject, and whether two of them are of one owner.

A person of the Belgian eID has one certificate to authenticate and another to sign; both carry the national number as
`serialNumber`. A certificate of the eHealth platform names its owner in `CN`, as `SSIN=…`, `NIHII-HOSPITAL=…` or
`EHP=…`, possibly with an application behind a comma. Such a name is as good as the authority that certified it.
"""

import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from hub.domain.identifiers import has_ssin_check_digits
from hub.domain.identity import HUB, Identity
from hub.domain.parties import licence

_NAME = re.compile(r"\s*([A-Z]+(?:-[A-Z]+)*)\s*=\s*(\d+)\s*(?:,.*)?")
_SSIN, _NIHII, _EHP = "SSIN", "NIHII", "EHP"

Owner = tuple[str, str]
"""The kind of a number, and the number; those of care providers and institutions are one kind."""


def is_same_owner(one: x509.Certificate, other: x509.Certificate) -> bool:
    """Whether two certificates are one, or their subjects name the same owner."""
    return one == other or not owners(one).isdisjoint(owners(other))


def is_of(certificate: x509.Certificate, caller: Identity) -> bool:
    """Whether a certificate is the caller's own, or another one of the same owner."""
    if caller.certificate and certificate.fingerprint(hashes.SHA256()).hex() == caller.certificate.lower():
        return True
    return not owners(certificate).isdisjoint(_owners_of(caller))


def owners(certificate: x509.Certificate) -> frozenset[Owner]:
    """Whom the subject names; nobody when it does so in no way we know."""
    names = [attribute.value for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    found = [_NAME.fullmatch(name) for name in names if isinstance(name, str)]
    numbers = [attribute.value for attribute in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
    return frozenset(
        (
            *(_owner(match[1], match[2]) for match in found if match),
            *((_SSIN, str(number)) for number in numbers if has_ssin_check_digits(str(number))),
        )
    )


def _owner(kind: str, number: str) -> Owner:
    if kind.startswith(_NIHII):
        return _NIHII, licence(number)
    return _SSIN if kind == "INSS" else kind, number


def _owners_of(caller: Identity) -> frozenset[Owner]:
    found = set()
    if caller.ssin is not None:
        found.add((_SSIN, caller.ssin.digits))
    if caller.number:
        found.add((_EHP, caller.number) if caller.quality == HUB else (_NIHII, licence(caller.number)))
    return frozenset(found)
