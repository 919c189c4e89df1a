"""From what is certified of a caller to who he is, by the table of qualities (security facts, part 2.3).

A token may fit several qualities: a doctor may be a dentist too, a hospital's token may name a person. All that it
proves are candidates; the author of the message says as which of them he speaks, and has to be that very one.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final, Literal, Self
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.x509.oid import NameOID

from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.domain.identity import Identity
from hub.domain.parties import Author, HcParty, licence
from hub.wire.security.assertions import Assertion, AttributeName
from hub.wire.security.refusal import Cause, SecurityRefusal
from hub.wire.security.verification import Token

Kind = Literal["person", "organisation", "hub", "patient"]
CERTIFIED: Final = "urn:be:fgov:certified-namespace:ehealth"
IDENTIFICATION: Final = "urn:be:fgov:identification-namespace"
_PREFIX = "urn:be:fgov:"
_SSIN = AttributeName(IDENTIFICATION, f"{_PREFIX}person:ssin")
_HOLDER_SSIN = AttributeName(IDENTIFICATION, f"{_PREFIX}ehealth:1.0:certificateholder:person:ssin")
_OWN_SESSION = AttributeName(CERTIFIED, f"{_PREFIX}ehealth:1.0:certificateholder:person:ssin:usersession:boolean")
_NUMBER_IN_SUBJECT = re.compile(r"([A-Z]+(?:-[A-Z]+)*)=([0-9]{1,20})(?:\s*,.*)?")
"""What is behind the comma is the name of an application, which its owner has chosen: it proves nothing."""
_WHERE = "Security/Assertion/AttributeStatement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """A row of the table: what makes a caller this, and how the author of his messages is called."""

    name: str
    kind: Kind
    professions: frozenset[str]
    recognised: Sequence[AttributeName] = ()
    numbers: Sequence[AttributeName] = ()
    identified: Sequence[AttributeName] = ()
    certificate: str = ""

    @classmethod
    def read(cls, name: str, table: Mapping[str, object]) -> Self:
        """A row of the file. Raises ValueError that names the row and what is wrong with it."""
        if unknown := set(table) - {"kind", "professions", "recognised", "numbers", "identified", "certificate"}:
            raise ValueError(f"[{name}]: unknown key {min(unknown)}")
        kind = table.get("kind")
        if kind not in ("person", "organisation", "hub", "patient"):
            raise ValueError(f"[{name}] kind: person, organisation, hub or patient is wanted, seen: {kind!r}")
        quality = cls(
            name=name,
            kind=kind,
            professions=frozenset(_words(name, table, "professions")),
            recognised=_names(CERTIFIED, _words(name, table, "recognised")),
            numbers=_names(CERTIFIED, _words(name, table, "numbers")),
            identified=_names(IDENTIFICATION, _words(name, table, "identified")),
            certificate=str(table.get("certificate", "")),
        )
        if not quality.professions or (kind != "patient" and not (quality.recognised and quality.names_number)):
            raise ValueError(f"[{name}]: professions, recognised and numbers or identified are wanted")
        return quality

    @property
    def names_number(self) -> bool:
        """Whether the table says where the number is."""
        return bool(self.numbers or self.identified)


class Identification:
    """Finds out who a caller is."""

    def __init__(self, qualities: Sequence[Quality], *, peer_hubs: frozenset[str]) -> None:
        self._qualities, self._peer_hubs = qualities, peer_hubs
        self._known: WeakKeyDictionary[Assertion, Sequence[Identity]] = WeakKeyDictionary()

    def candidates(self, token: Token) -> Sequence[Identity]:
        """Everybody a token proves its holder to be, at least one. Raises SecurityRefusal."""
        known = None if token.assertion is None else self._known.get(token.assertion)
        if known is None:
            known = self._found(token)
            if token.assertion is not None:
                self._known[token.assertion] = known
        return known

    def _found(self, token: Token) -> Sequence[Identity]:
        found = self._from_certificate(token) if token.assertion is None else self._from_attributes(token)
        if not found:
            raise SecurityRefusal(
                Cause.QUALITY_UNKNOWN, where=_WHERE, expected=", ".join(q.name for q in self._qualities)
            )
        return found

    def is_any_of(self, token: Token, numbers: frozenset[str]) -> bool:
        """Whether a token proves its holder to have one of these numbers."""
        try:
            return bool(numbers) and any(candidate.number in numbers for candidate in self.candidates(token))
        except SecurityRefusal:
            return False

    def speaking(self, candidates: Sequence[Identity], author: Author) -> Identity:
        """The candidate who is the author of a message. Raises SecurityRefusal."""
        for candidate in candidates:
            if _is_author(candidate, self._quality(candidate), author):
                return candidate
        raise SecurityRefusal(
            Cause.AUTHOR_DIFFERS,
            where="request/author",
            expected=" or ".join(self._described(candidate) for candidate in candidates),
            arrived=", ".join(f"{party.profession} {party.number or party.id_value('INSS')}" for party in author),
        )

    def _quality(self, identity: Identity) -> Quality:
        return next(quality for quality in self._qualities if quality.name == identity.quality)

    def _described(self, candidate: Identity) -> str:
        professions = " or ".join(sorted(self._quality(candidate).professions))
        number = candidate.number or (candidate.ssin.digits if candidate.ssin else "")
        return f"an hcparty with CD-HCPARTY {professions} and the number {number}, and nobody else"

    def _from_certificate(self, token: Token) -> Sequence[Identity]:
        """X.509 profile: organisations only; a person is known by what the token service says of him."""
        certificate = token.holder.certificate
        if certificate is None:
            return ()
        stated = _numbers_in_subject(certificate)
        return [
            self._identity(quality, stated[quality.certificate], None, token)
            for quality in self._qualities
            if quality.kind in ("organisation", "hub") and quality.certificate in stated
        ]

    def _from_attributes(self, token: Token) -> Sequence[Identity]:
        attributes = {} if token.assertion is None else token.assertion.attributes
        found, incomplete = [], None
        for quality in self._qualities:
            if quality.kind != "patient" and _is_recognised(quality, attributes):
                try:
                    ssin = _ssin(attributes) if quality.kind == "person" else None
                    found.append(self._identity(quality, _number(quality, attributes), ssin, token))
                except SecurityRefusal as refusal:
                    # What else he is proved to be still counts.
                    if refusal.cause is not Cause.ATTRIBUTE_MISSING:
                        raise
                    incomplete = incomplete or refusal
        if not found and incomplete:
            raise incomplete
        if not found and not _has_profession(attributes):
            patients = (quality for quality in self._qualities if quality.kind == "patient")
            return [self._identity(quality, "", _ssin(attributes), token) for quality in patients]
        return found

    def _identity(self, quality: Quality, number: str, ssin: Ssin | None, token: Token) -> Identity:
        if quality.kind == "hub" and number not in self._peer_hubs:
            expected = ", ".join(sorted(self._peer_hubs)) or "no peer is configured"
            raise SecurityRefusal(Cause.PEER_UNKNOWN, where=_WHERE, expected=expected, arrived=number)
        return Identity(
            quality=quality.name,
            number=number,
            ssin=ssin,
            is_organisation=quality.kind in ("organisation", "hub"),
            certificate=token.holder.fingerprint,
            token_id=token.assertion.id if token.assertion else "",
        )


def load_qualities(file: Path | None = None) -> Sequence[Quality]:
    """The table of a file, or the hub's own. Raises OSError, and ValueError for a file that is no such table."""
    source = resources.files(__package__).joinpath("qualities.toml") if file is None else file
    tables = tomllib.loads(source.read_text("utf-8"))
    return [Quality.read(name, table) for name, table in tables.items()]


def _is_author(identity: Identity, quality: Quality, author: Author) -> bool:
    """Whether a chain speaks for this caller, and for nobody whom he has not proved to be.

    An organisation vouches for the persons in its messages, a peer hub for everybody; a person for himself only.
    """
    own = [party for party in author if party.profession in quality.professions and _is(party, identity)]
    if not own:
        return False
    if quality.kind == "hub":
        return True
    others = [party for party in author if party not in own]
    institutions = [party for party in others if party.is_organisation or party.profession == "hub"]
    if quality.kind == "organisation":
        return all(_is(party, identity) for party in institutions)
    return not institutions and not any(party.is_person for party in others)


def _is(party: HcParty, identity: Identity) -> bool:
    """Whether every number of a party is the caller's, and there is one."""
    numbers = {id_.value.strip() for id_ in party.ids if id_.scheme == "ID-HCPARTY"}
    inss = {id_.value.strip() for id_ in party.ids if id_.scheme == "INSS"}
    if identity.is_organisation:
        return bool(numbers) and {licence(number) for number in numbers} == {licence(identity.number)}
    own = {identity.ssin.digits} if identity.ssin else set()
    return (
        bool(numbers or inss)
        and inss <= own
        and all(identity.number and licence(number) == licence(identity.number) for number in numbers)
    )


def _is_recognised(quality: Quality, attributes: Mapping[AttributeName, Sequence[str]]) -> bool:
    """Whether the quality is certified: said at least once, and never denied."""
    said = [value for name in quality.recognised for value in attributes.get(name, ())]
    if "true" in said and set(said) != {"true"}:
        raise _contradicts(quality.recognised[0].name, said)
    return "true" in said


def _number(quality: Quality, attributes: Mapping[AttributeName, Sequence[str]]) -> str:
    """The number, on which everything that is said agrees."""
    certified = {value for name in quality.numbers for value in attributes.get(name, ())}
    identified = {value for name in quality.identified for value in attributes.get(name, ())}
    if quality.numbers and not certified:
        raise _missing(quality.numbers[0].name)
    if quality.identified and not attributes.get(quality.identified[0]):
        raise _missing(quality.identified[0].name)
    said = certified | identified
    if not all(value.isascii() and value.isdigit() for value in said) or len({licence(value) for value in said}) != 1:
        raise _contradicts((quality.numbers or quality.identified)[0].name, sorted(said))
    if len(certified) > 1:
        raise _contradicts(quality.numbers[0].name, sorted(certified))
    return licence(min(certified or identified)) if quality.kind == "organisation" else min(certified or identified)


def _ssin(attributes: Mapping[AttributeName, Sequence[str]]) -> Ssin:
    """The number of the person to whom the certificate was given: nobody speaks for another person."""
    said = {value for name in (_SSIN, _HOLDER_SSIN) for value in attributes.get(name, ())}
    is_own = bool(attributes.get(_HOLDER_SSIN)) or attributes.get(_OWN_SESSION) == ("true",)
    if not said or not is_own:
        raise _missing(_HOLDER_SSIN.name)
    if len(said) > 1:
        raise _contradicts(_SSIN.name, ["two numbers"])
    try:
        return Ssin(said.pop())
    except HubError as error:
        raise _contradicts(_SSIN.name, ["no national number"]) from error


def _has_profession(attributes: Iterable[AttributeName]) -> bool:
    """Whether a token says anything of a profession, were it that he has none: then he is not there as a patient."""
    return any(
        name.name.startswith(f"{_SSIN.name}:") and name.name.endswith((":boolean", ":nihii11")) for name in attributes
    )


def _numbers_in_subject(certificate: x509.Certificate) -> Mapping[str, str]:
    """`NIHII-HOSPITAL=71000040` and the like, in the common name or organisational units; each name with one number.

    Raises SecurityRefusal.
    """
    found: dict[str, str] = {}
    for oid in (NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.COMMON_NAME):
        for attribute in certificate.subject.get_attributes_for_oid(oid):
            stated = _NUMBER_IN_SUBJECT.fullmatch(str(attribute.value).strip())
            if stated and found.setdefault(stated[1], stated[2]) != stated[2]:
                raise _contradicts(stated[1], (found[stated[1]], stated[2]))
    return found


def _names(namespace: str, words: Iterable[str]) -> Sequence[AttributeName]:
    return tuple(AttributeName(namespace, f"{_PREFIX}{word}") for word in words)


def _words(name: str, table: Mapping[str, object], key: str) -> Sequence[str]:
    words = table.get(key, [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError(f"[{name}] {key}: a list of texts is wanted")
    return words


def _missing(name: str) -> SecurityRefusal:
    return SecurityRefusal(Cause.ATTRIBUTE_MISSING, where=_WHERE, expected=name, arrived="nothing")


def _contradicts(name: str, values: Iterable[str]) -> SecurityRefusal:
    return SecurityRefusal(
        Cause.ATTRIBUTE_CONTRADICTS, where=_WHERE, expected=f"one value of {name}", arrived=", ".join(values)
    )
