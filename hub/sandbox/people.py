"""The invented people of the sandbox: patients, care providers, hospitals (numbers: protocol facts, part 8)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from hub.domain.identifiers import Ssin
from hub.domain.parties import Address, Author, Code, HcParty, Id
from hub.wire.hubservices.responses import HubIdentity
from hub.wire.xml import escape

Language = Literal["fr", "nl"]

SANDBOX_HUB = HubIdentity(number="1990000728", name="RSB", id_scheme="RSBID")


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
        """The hospital as a care party.

        Without an address: zeep, unless told not to be strict, fails on a party with a name and an address.
        """
        return HcParty(
            ids=(Id("ID-HCPARTY", "1.0", self.number),),
            cds=(Code("CD-HCPARTY", "1.16", "orghospital"),),
            name=self.name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleProvider:
    """A care provider; `hospital` is the key of the institution a specialist works in."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePatient:
    """A patient; `what` says what it is there to try."""

    key: str
    ssin: Ssin
    firstname: str
    familyname: str
    sex: str
    birthdate: str
    language: Language
    what: str
    deathdate: str | None = None

    @property
    def name(self) -> str:
        """First name and family name."""
        return f"{self.firstname} {self.familyname}"

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


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody in the sandbox, by key."""

    hospitals: Mapping[str, SampleHospital]
    providers: Mapping[str, SampleProvider]
    patients: Mapping[str, SamplePatient]

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
        providers={key: SampleProvider(key=key, **values) for key, values in data["providers"].items()},
        patients={
            key: SamplePatient(key=key, ssin=Ssin(values.pop("inss")), **values)
            for key, values in data["patients"].items()
        },
    )


def work_address(zip_code: str, nis: str) -> Address:
    """The address a care provider states: country, postal code and commune."""
    return Address(
        cds=(Code("CD-ADDRESS", "1.1", "work"),), country=Code("CD-FED-COUNTRY", "1.2", "be"), zip=zip_code, nis=nis
    )
