"""The invented people of the sandbox: patients, care providers, hospitals (numbers: protocol facts, part 8)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from hub.domain.identifiers import Ssin
from hub.domain.identity import HUB, PATIENT
from hub.domain.parties import Address, Author, Code, HcParty, Id
from hub.sandbox.signatories import HOSPITAL, CertificateKind, Signatory
from hub.wire.hubservices.responses import HubIdentity
from hub.wire.xml import escape

Language = Literal["fr", "nl"]

SANDBOX_HUB = HubIdentity(number="1990000728", name="RSB", id_scheme="RSBID")
HUB_SIGNATORY = Signatory(
    key="hub", quality=HUB, name=SANDBOX_HUB.name, author=(SANDBOX_HUB.party,), number=SANDBOX_HUB.number
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleHospital:
    """An institution that keeps documents.

    `kind` is how its server speaks; `id_scheme` is the SL of the numbers it gives to documents.
    """

    key: str
    kind: Literal["soap", "rest"]
    number: str
    name: str
    language: Language
    id_scheme: str

    @property
    def party(self) -> HcParty:
        """The hospital as a care party."""
        return _organisation(self.number, "orghospital", self.name)

    @property
    def signatory(self) -> Signatory:
        """The hospital as it signs."""
        return Signatory(key=self.key, quality=HOSPITAL, name=self.name, author=(self.party,), number=self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOrganisation:
    """A group practice, or another hub."""

    key: str
    quality: str
    profession: str
    number: str
    name: str

    @property
    def party(self) -> HcParty:
        """The organisation as a care party."""
        return _organisation(self.number, self.profession, self.name)

    @property
    def signatory(self) -> Signatory:
        """The organisation as it signs."""
        return Signatory(key=self.key, quality=self.quality, name=self.name, author=(self.party,), number=self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleProvider:
    """A care provider; `hospital` is the key of the institution a specialist works in.

    One who does not take part has applied, and nobody has said yes.
    """

    key: str
    quality: str
    profession: str
    inss: str
    nihii: str
    firstname: str
    familyname: str
    language: Language
    zip: str
    nis: str
    hospital: str | None = None
    certificate: CertificateKind = "eid"
    takes_part: bool = True

    @property
    def name(self) -> str:
        """First name and family name."""
        return f"{self.firstname} {self.familyname}"

    @property
    def party(self) -> HcParty:
        """The provider as a care party."""
        return HcParty(
            ids=(Id("ID-HCPARTY", "1.0", self.nihii), Id("INSS", "1.0", self.inss)),
            cds=(Code("CD-HCPARTY", "1.16", self.profession),),
            firstname=self.firstname,
            familyname=self.familyname,
            addresses=(work_address(self.zip, self.nis),),
        )

    @property
    def signatory(self) -> Signatory:
        """The provider as he signs."""
        return Signatory(
            key=self.key,
            quality=self.quality,
            name=self.name,
            author=(self.party,),
            number=self.nihii,
            inss=self.inss,
            firstname=self.firstname,
            familyname=self.familyname,
            certificate=self.certificate,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePatient:
    """A patient; `what` says what it is there to try. One who signs can ask for himself."""

    key: str
    ssin: Ssin
    firstname: str
    familyname: str
    sex: str
    birthdate: str
    language: Language
    what: str
    deathdate: str | None = None
    signs: bool = False

    @property
    def name(self) -> str:
        """First name and family name."""
        return f"{self.firstname} {self.familyname}"

    @property
    def signatory(self) -> Signatory:
        """The patient as he signs."""
        party = HcParty(
            ids=(Id("INSS", "1.0", self.ssin.digits),),
            cds=(Code("CD-HCPARTY", "1.16", PATIENT),),
            firstname=self.firstname,
            familyname=self.familyname,
        )
        return Signatory(
            key=self.key,
            quality=PATIENT,
            name=self.name,
            author=(party,),
            inss=self.ssin.digits,
            firstname=self.firstname,
            familyname=self.familyname,
            certificate="eid",
        )

    def content(self, prefix: str = "") -> str:
        """What stands inside a KMEHR person element; `prefix` is the one of the KMEHR namespace, with its colon."""
        p = prefix
        death = f"<{p}deathdate><{p}date>{self.deathdate}</{p}date></{p}deathdate>" if self.deathdate else ""
        return (
            f'<{p}id S="ID-PATIENT" SV="1.0">{self.ssin.digits}</{p}id>'
            f'<{p}id S="INSS" SV="1.0">{self.ssin.digits}</{p}id>'
            f"<{p}firstname>{escape(self.firstname)}</{p}firstname>"
            f"<{p}familyname>{escape(self.familyname)}</{p}familyname>"
            f"<{p}birthdate><{p}date>{self.birthdate}</{p}date></{p}birthdate>{death}"
            f'<{p}sex><{p}cd S="CD-SEX" SV="1.1">{self.sex}</{p}cd></{p}sex>'
            f"<{p}usuallanguage>{self.language}</{p}usuallanguage>"
        )


DEMO_PATIENT = SamplePatient(
    key="demo",
    ssin=Ssin("77010199715"),
    firstname="Dominique",
    familyname="Démonstration",
    sex="male",
    birthdate="1977-01-01",
    language="fr",
    what="the patient of the demo",
    signs=True,
)
"""Not among the patients: it is the demo that registers him."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody in the sandbox, by key."""

    hospitals: Mapping[str, SampleHospital]
    organisations: Mapping[str, SampleOrganisation]
    providers: Mapping[str, SampleProvider]
    patients: Mapping[str, SamplePatient]

    @property
    def signatories(self) -> Mapping[str, Signatory]:
        """Everybody who can sign, by key."""
        everybody = (
            *(provider.signatory for provider in self.providers.values()),
            *(hospital.signatory for hospital in self.hospitals.values()),
            *(organisation.signatory for organisation in self.organisations.values()),
            *(patient.signatory for patient in (*self.patients.values(), DEMO_PATIENT) if patient.signs),
        )
        return {signatory.key: signatory for signatory in everybody}

    def author(self, provider: SampleProvider, department: str | None = None) -> Author:
        """The author chain of what a provider writes: the hospital and department, if any, then the person."""
        if provider.hospital is None:
            return (provider.party,)
        ward = (HcParty(ids=(), cds=(Code("CD-HCPARTY", "1.16", department),)),) if department else ()
        return (self.hospitals[provider.hospital].party, *ward, provider.party)


def load_people() -> People:
    """The people of `people.toml`."""
    data = tomllib.loads(resources.files(__package__).joinpath("people.toml").read_text("utf-8"))
    return People(
        hospitals={key: SampleHospital(key=key, **values) for key, values in data["hospitals"].items()},
        organisations={key: SampleOrganisation(key=key, **values) for key, values in data["organisations"].items()},
        providers={key: SampleProvider(key=key, **values) for key, values in data["providers"].items()},
        patients={
            key: SamplePatient(key=key, ssin=Ssin(values.pop("inss")), **values)
            for key, values in data["patients"].items()
        },
    )


def _organisation(number: str, profession: str, name: str) -> HcParty:
    """Without an address: zeep, unless told not to be strict, fails on a party with a name and an address."""
    return HcParty(ids=(Id("ID-HCPARTY", "1.0", number),), cds=(Code("CD-HCPARTY", "1.16", profession),), name=name)


def work_address(zip_code: str, nis: str) -> Address:
    """The address a care provider states: country, postal code and commune."""
    return Address(
        cds=(Code("CD-ADDRESS", "1.1", "work"),), country=Code("CD-FED-COUNTRY", "1.2", "be"), zip=zip_code, nis=nis
    )
