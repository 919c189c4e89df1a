"""Who takes part: care parties, the requester built from them, patients.

Structure of KMEHR `hcpartyType`, `addressType` and `telecomType` as values, so that what a publisher declared comes
back element for element. Texts are kept as written; comparing trims them.
"""

from dataclasses import dataclass
from typing import NamedTuple

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.identity import Identity


class Id(NamedTuple):
    """An identifier with its scheme: KMEHR `id` with S, SV and, for local schemes, SL."""

    scheme: str
    version: str
    value: str
    local_scheme: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two identifiers the same one: scheme, local scheme and value; never the version."""
        return self.scheme, (self.local_scheme or "").strip(), self.value.strip()

    @property
    def of_scheme(self) -> "IdScheme":
        """The scheme that the value is of."""
        return IdScheme(self.scheme, self.version, self.local_scheme)


class IdScheme(NamedTuple):
    """The scheme of an identifier: S, SV and, for local schemes, SL."""

    scheme: str
    version: str
    local_scheme: str | None = None

    def id_of(self, value: str) -> Id:
        """An identifier of this scheme."""
        return Id(self.scheme, self.version, value, self.local_scheme)


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value with its list: KMEHR `cd` with S, SV and what else it carried."""

    scheme: str
    version: str
    value: str
    local_scheme: str | None = None
    display: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class FreeText:
    """A text with its language code, as declared."""

    language: str
    value: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as declared; absent elements are None, empty ones are empty."""

    ids: tuple[Id, ...] = ()
    cds: tuple[Code, ...] = ()
    country: Code | None = None
    zip: str | None = None
    nis: str | None = None
    city: str | None = None
    district: str | None = None
    street: str | None = None
    housenumber: str | None = None
    postboxnumber: str | None = None
    texts: tuple[FreeText, ...] = ()


@dataclass(frozen=True, slots=True)
class Telecom:
    """A telephone number or electronic address as declared."""

    ids: tuple[Id, ...]
    cds: tuple[Code, ...]
    number: str


@dataclass(frozen=True, slots=True)
class HcParty:
    """A care party: a person, an organisation, a department, an application or a hub."""

    ids: tuple[Id, ...]
    cds: tuple[Code, ...]
    name: str | None = None
    firstname: str | None = None
    familyname: str | None = None
    addresses: tuple[Address, ...] = ()
    telecoms: tuple[Telecom, ...] = ()

    @property
    def profession(self) -> str:
        """The CD-HCPARTY code, such as `persphysician` or `orghospital`; empty when it has none."""
        for cd in self.cds:
            if cd.scheme == "CD-HCPARTY":
                return cd.value.strip()
        return ""

    @property
    def number(self) -> str:
        """The NIHII or hub number (ID-HCPARTY); empty when it has none."""
        return self.id_value("ID-HCPARTY")

    def id_value(self, scheme: str) -> str:
        """The value of its first identifier of a scheme; empty when it has none."""
        for id_ in self.ids:
            if id_.scheme == scheme:
                return id_.value.strip()
        return ""

    @property
    def is_organisation(self) -> bool:
        """Whether it is an institution or practice: what may hold documents and be their custodian."""
        return is_organisation(self.profession)

    @property
    def is_person(self) -> bool:
        """Whether it is a person in a profession, or a patient."""
        return self.profession.startswith("pers") or self.profession == "patient"


_ORGANISATIONS = frozenset(
    {"guardpost", "groupofnurses", "groupofphysicianssameaddress", "groupofphysiciansdifferentaddress", "ecaresafe"}
)


def is_organisation(profession: str) -> bool:
    """Whether a CD-HCPARTY code is of institutions or practices."""
    return profession.startswith("org") or profession in _ORGANISATIONS


Author = tuple[HcParty, ...]
"""An author chain in its declared order."""


def licence(number: str) -> str:
    """The part of a NIHII number that identifies a party: its first eight digits (the rest is a qualification)."""
    return number[:8] if len(number) == 11 else number


def software_of(author: Author) -> str:
    """The number of the package that an author chain names as an application; empty when it names none."""
    application = next((party for party in author if party.profession.lower() == "application"), None)
    return next((id_.value.strip() for id_ in application.ids), "") if application else ""


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks: the author chain of the request, as authenticated.

    `identity` is who signed; None on the plain listener, where nobody does.
    """

    parties: Author
    identity: Identity | None = None

    @property
    def person(self) -> HcParty | None:
        """The person in the chain, if any."""
        return next((party for party in self.parties if party.is_person), None)

    @property
    def organisation(self) -> HcParty | None:
        """The institution or practice in the chain, if any."""
        return next((party for party in self.parties if party.is_organisation), None)

    @property
    def organisation_number(self) -> str:
        """The number of the institution for logs and custodianship; empty for a person who asks alone."""
        return licence(self.organisation.number) if self.organisation else ""


def peer_of(requester: Requester) -> str:
    """The number of the hub that asks for its own users; empty for a caller of ours."""
    return next((party.number for party in requester.parties if party.profession == "hub"), "")


@dataclass(frozen=True, slots=True, repr=False)
class Patient:
    """A patient the hub knows, who is not named when shown.

    `as_put` is the person exactly as registered (KMEHR personType), opaque to everything but the wire; the other
    fields are what the hub's rules need of it. Dates are lexical, possibly only a year or a month.
    """

    ssin: Ssin
    firstnames: tuple[str, ...]
    familyname: str
    sex: str
    birthdate: str
    deathdate: str
    as_put: bytes

    def __repr__(self) -> str:
        return f"Patient({self.ssin})"


def only_patient_number(ids: tuple[Id, ...]) -> Ssin:
    """The patient that a patient element names: INSS, or ID-PATIENT when there is no INSS.

    Raises HubError (patient-number) when there is none, when check digits are wrong, or when two numbers differ.
    """
    numbers = {id_.value.strip() for id_ in ids if id_.scheme in ("INSS", "ID-PATIENT") and id_.value.strip()}
    if len(numbers) != 1:
        raise HubError(Reason.PATIENT_NUMBER)
    return Ssin(numbers.pop())
