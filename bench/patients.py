"""The patients whose lists are asked for: invented, always the same for a seed, with summaries of about 1 KB.

A patient has twelve usual authors (a department of one of twenty hospitals and a person) and documents over ten years.
Of the publishers' identifiers sixty per cent are numbers of eleven digits and forty per cent are 16 random bytes.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.parties import Address, Author, Code, HcParty, Id, Patient
from hub.domain.references import Change, PatientReferences, Relevance, TransactionReference
from hub.ports.reference_index import ReferenceIndex, Rule

SOURCE = "north"
_HOSPITALS = 20
_USUAL_AUTHORS = 12
_AT_ONCE = 2_000
"""References in one change; a patient with more takes several."""
_LAST_DAY = datetime(2026, 3, 2, tzinfo=UTC)
_DAYS = 3650
_TYPES = ("contactreport", "labresult", "result", "note", "dischargereport", "sumehr")
_DEPARTMENTS = ("deptlaboratory", "deptradiology", "deptcardiology", "deptpediatry", "deptgynecology")
FIRST_NAMES = ("Ada", "Émile", "Fien", "Joris", "Lucie", "Milan", "Noor", "Théo", "Wout", "Zoé")
FAMILY_NAMES = ("Mesure", "Proefwerk", "Étalon", "Voorbeeld", "Essai", "Maatstaf", "Verzonnen", "Modèle")


@dataclass(frozen=True, slots=True)
class ListedPatient:
    """A patient and what is declared of them, oldest first."""

    patient: Patient
    declarations: Sequence[Declaration]


def listed_patients(count: int, references: int, *, seed: int = 3) -> Iterator[ListedPatient]:
    """So many patients with so many references each."""
    chance = random.Random(seed)  # noqa: S311 - test data, the same each time
    hospitals = [_hospital(number) for number in range(_HOSPITALS)]
    numbers: set[str] = set()
    while len(numbers) < count:
        if (ssin := invented_ssin(chance)).digits not in numbers:
            numbers.add(ssin.digits)
            authors = [_author(chance, hospitals) for _ in range(_USUAL_AUTHORS)]
            yield ListedPatient(_patient(ssin, chance), _declarations(references, authors, chance))


async def seed(index: ReferenceIndex, listed: ListedPatient) -> None:
    """Register a patient and declare everything of them at once, or in chunks; nothing checks it again."""
    declarations = listed.declarations
    for start in range(0, len(declarations), _AT_ONCE):
        rule = _adding(declarations[start : start + _AT_ONCE])
        await index.change(listed.patient.ssin, rule, Relevance(), register=listed.patient, witness=None)


def _adding(declarations: Sequence[Declaration]) -> Rule:
    def rule(before: PatientReferences) -> Change:
        added = tuple(
            TransactionReference(serial, declaration, SOURCE)
            for serial, declaration in enumerate(declarations, start=before.next_serial)
        )
        return Change(added[0], added=added)

    return rule


def _declarations(count: int, authors: Sequence[Author], chance: random.Random) -> list[Declaration]:
    moments = sorted(_LAST_DAY - timedelta(seconds=chance.randrange(_DAYS * 86400)) for _ in range(count))
    return [_declaration(moment, chance.choice(authors), chance) for moment in moments]


def _declaration(moment: datetime, author: Author, chance: random.Random) -> Declaration:
    recorded = moment + timedelta(seconds=chance.randrange(1, 86400))
    is_number = chance.random() < 0.6
    value = f"{chance.randrange(10**11):011d}" if is_number else chance.randbytes(16).hex()
    return Declaration.of(
        ids=(Id("ID-KMEHR", "1.0", "1"), Id("LOCAL", "1.0", value, "north-archive" if is_number else "north-emr")),
        cds=(Code("CD-TRANSACTION", "1.14", chance.choice(_TYPES)),),
        date=f"{moment:%Y-%m-%d}",
        time=f"{moment:%H:%M:%S}",
        author=author,
        iscomplete=True,
        isvalidated=chance.random() < 0.9,
        recorddatetime=f"{recorded:%Y-%m-%dT%H:%M:%S}",
    )


def _author(chance: random.Random, hospitals: Sequence[HcParty]) -> Author:
    department = HcParty(ids=(), cds=(Code("CD-HCPARTY", "1.16", chance.choice(_DEPARTMENTS)),))
    person = HcParty(
        ids=(Id("ID-HCPARTY", "1.0", physician_number(chance)), Id("INSS", "1.0", invented_ssin(chance).digits)),
        cds=(Code("CD-HCPARTY", "1.16", "persphysician"),),
        firstname=chance.choice(FIRST_NAMES),
        familyname=chance.choice(FAMILY_NAMES),
    )
    return (chance.choice(hospitals), department, person)


def hospital_number(number: int) -> str:
    """The NIHII number of one of a hundred invented hospitals."""
    body = 710_900 + number
    return f"{body}{97 - body % 97:02d}"


def _hospital(number: int) -> HcParty:
    work = Address(cds=(Code("CD-ADDRESS", "1.1", "work"),), country=Code("CD-FED-COUNTRY", "1.2", "be"), zip="1000")
    return HcParty(
        ids=(Id("ID-HCPARTY", "1.0", hospital_number(number)),),
        cds=(Code("CD-HCPARTY", "1.16", "orghospital"),),
        name=f"Ziekenhuis Meting {number + 1}",
        addresses=(work,) if number % 2 else (),  # not everybody states one
    )


def _patient(ssin: Ssin, chance: random.Random) -> Patient:
    first, family = chance.choice(FIRST_NAMES), chance.choice(FAMILY_NAMES)
    as_put = (
        f'<k:id S="INSS" SV="1.0">{ssin.digits}</k:id><k:firstname>{first}</k:firstname>'
        f'<k:familyname>{family}</k:familyname><k:sex><k:cd S="CD-SEX" SV="1.1">unknown</k:cd></k:sex>'
    )
    return Patient(ssin, (first,), family, "unknown", "", "", as_put.encode())


def physician_number(chance: random.Random) -> str:
    """The NIHII number of a general practitioner."""
    body = 190_000 + chance.randrange(10_000)
    return f"{body}{97 - body % 97:02d}004"


def invented_ssin(chance: random.Random) -> Ssin:
    """A number of somebody born last century; the counters from 900 on are hardly ever given."""
    body = f"{chance.randrange(30, 100)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
    body += f"{chance.randrange(900, 998)}"
    return Ssin(f"{body}{97 - int(body) % 97:02d}")
