"""What token services and authorities say of invented callers, for every quality of the table."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ObjectIdentifier

from hub.sandbox.authority import Authority
from hub.wire.security.assertions import Assertion, AttributeName
from hub.wire.security.holders import holder_of
from hub.wire.security.identification import CERTIFIED, IDENTIFICATION, Identification, Quality, load_qualities
from hub.wire.security.verification import Token
from tests.credentials import ec_credential

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
SSIN, OTHER_SSIN = "70031499873", "81112699701"
PERSON, OTHER_PERSON = "19991106004", "19991205004"
HOSPITAL, OTHER_HOSPITAL = "71998150", "71998249"
PEER, OTHER_HUB = "1990999927", "1990000728"
QUALITIES = {quality.name: quality for quality in load_qualities()}
OF_SSIN = AttributeName(IDENTIFICATION, "urn:be:fgov:person:ssin")
OF_HOLDER = AttributeName(IDENTIFICATION, "urn:be:fgov:ehealth:1.0:certificateholder:person:ssin")
OF_SESSION = AttributeName(CERTIFIED, "urn:be:fgov:ehealth:1.0:certificateholder:person:ssin:usersession:boolean")
Attributes = dict[AttributeName, Sequence[str]]


def token(attributes: Mapping[AttributeName, Sequence[str]]) -> Token:
    holder = holder_of(ec_credential().der, "here")
    return Token(holder, Assertion("_1", NOW, NOW + timedelta(days=1), (), holder, attributes))


def certificate(*subject: tuple[ObjectIdentifier, str]) -> Token:
    credential = Authority.make(NOW).issue(ec.generate_private_key(ec.SECP256R1()), subject)
    return Token(holder_of(credential.der, "here"), None)


def number_of(quality: Quality) -> str:
    return {"organisation": HOSPITAL, "hub": PEER}.get(quality.kind, PERSON)


def proof_of(quality: Quality) -> Attributes:
    """All that a token service may say of somebody with a quality."""
    number = number_of(quality)
    certified = f"{number}000" if quality.kind == "organisation" else number
    said: Attributes = dict.fromkeys(quality.recognised, ("true",))
    said |= dict.fromkeys(quality.numbers, (certified,))
    said |= dict.fromkeys(quality.identified, (number,))
    return said | ({OF_SSIN: (SSIN,), OF_HOLDER: (SSIN,)} if quality.kind == "person" else {})


def identification(*qualities: Quality) -> Identification:
    return Identification(qualities or tuple(QUALITIES.values()), peer_hubs=frozenset({PEER}))
