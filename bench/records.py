"""What is known of the people of `population`: who wrote what where and when, as lines of `hub import`.

An author chain (a department of a hospital and a person) for every 1,540 references, 60,000 in a capital, of which a
patient has twelve usual ones. Up to 300 sources of which a patient has four; each publishes ten types of documents. Ten
years, the later ones fuller; registered within a day, and in that order. 40 % of the sources name documents by 16
random bytes in hexadecimal, the others by numbers of eleven digits. 3 % of the references replace the one before them.
Every patient is registered with name, sex and day of birth.
"""

import random
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, Self

import orjson

from hub.domain.identifiers import Ssin
from hub.domain.parties import Address, Author, Code, HcParty, Id, Telecom
from hub.storage.bulk.lines import digest_of
from hub.storage.bulk.vocabulary import Kind, author_line, kind_line

_REFERENCES_OF_AN_AUTHOR, _LEAST_AUTHORS, _MOST_AUTHORS = 1_540, 1_000, 60_000
_AUTHORS_OF_A_SOURCE = 200
_USUAL_AUTHORS, _USUAL_SOURCES = 12, 4
_RANDOM_NAMES = 2
"""Of every five sources, so many name documents by random bytes."""
_FIRST_DAY, _DAYS = date(2016, 3, 1), 3650
_REPLACES = 8
"""Of 256 references."""

_TYPES = (
    "contactreport",
    "labresult",
    "result",
    "note",
    "dischargereport",
    "sumehr",
    "report",
    "intervention",
    "referral",
    "prescription",
)
_DEPARTMENTS = ("deptlaboratory", "deptradiology", "deptcardiology", "deptpediatry", "deptgynecology")
_FIRST_NAMES = ("Ada", "Émile", "Fien", "Joris", "Lucie", "Milan", "Noor", "Théo", "Wout", "Zoé")
_FAMILY_NAMES = ("Mesure", "Proefwerk", "Étalon", "Voorbeeld", "Essai", "Maatstaf", "Verzonnen", "Modèle")

_CHOICES = struct.Struct("<IIHBBBBQ16s")
"""What chance decides of a reference: when, how long until it is registered, of what kind, by whom, and its names."""


class Words(NamedTuple):
    """The labels of all authors and kinds, and the lines that say what they are."""

    authors: Sequence[str]
    kinds: Sequence[str]
    lines: Sequence[bytes]

    @classmethod
    def make(cls, references: int) -> Self:
        """Those that so many references need; always the same."""
        count = min(max(_LEAST_AUTHORS, references // _REFERENCES_OF_AN_AUTHOR), _MOST_AUTHORS)
        authors = [author_line(author_of(number)) for number in range(count)]
        kinds = [kind_line(_kind_of(number)) for number in range(count // _AUTHORS_OF_A_SOURCE * len(_TYPES))]
        lines = [line for _, line in (*authors, *kinds)]
        return cls([label for label, _ in authors], [label for label, _ in kinds], lines)


class RecordPart(NamedTuple):
    """Patients from a number on, and how many references each has."""

    seed: int
    first: int
    sizes: Sequence[int]


@dataclass(frozen=True, slots=True)
class RecordWriting:
    """Writes parts in a process of its own: see `worker_process.Workshop`."""

    authors: Sequence[str]
    kinds: Sequence[str]

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Callable[[RecordPart], Awaitable[tuple[bytes, int]]]]:
        """Gives the lines of a part, and the sum of their digests."""
        writer = _Writer(self.authors, self.kinds)

        async def write(part: RecordPart) -> tuple[bytes, int]:
            lines = list(writer.lines(part))
            return b"".join(line + b"\n" for line in lines), sum(map(digest_of, lines))

        yield write


class _Writer:
    def __init__(self, authors: Sequence[str], kinds: Sequence[str]) -> None:
        self._authors, self._kinds = authors, kinds
        self._days = [(_FIRST_DAY + timedelta(days=day)).isoformat() for day in range(_DAYS + 2)]
        self._minutes = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(24 * 60)]
        self._seconds = [f":{second:02d}" for second in range(60)]

    def lines(self, part: RecordPart) -> Iterator[bytes]:
        """A line for each patient, in the canonical form."""
        chance = random.Random(f"{part.seed} {part.first}")  # noqa: S311 - test data, the same each time
        for number, size in enumerate(part.sizes, start=part.first):
            rows = ",".join(self._rows(size, chance))
            ssin = patient_number(number)
            person = orjson.dumps(_person(number, ssin)).decode()
            yield f'["patient","{ssin.digits}",{person},[{rows}]]'.encode()

    def _rows(self, count: int, chance: random.Random) -> list[str]:
        authors = chance.choices(self._authors, k=_USUAL_AUTHORS)
        sources = chance.choices(range(len(self._kinds) // len(_TYPES)), k=_USUAL_SOURCES)
        choices = _CHOICES.iter_unpack(chance.randbytes(_CHOICES.size * count))
        rows: list[str] = []
        source = type_ = 0
        name = ""
        # Two dice for the moment, of which the higher counts: so the later years are fuller.
        for moment, delay, what, by, state, replaces, digits, random_name in sorted(
            [(max(first, second) * _SPAN >> 32, *rest) for first, second, *rest in choices]
        ):
            if replaces < _REPLACES and rows:
                rows[-1] = rows[-1].removesuffix(_SUPERSEDED)[:-1] + _SUPERSEDED
            else:
                source, type_ = sources[what % _USUAL_SOURCES], what // _USUAL_SOURCES % len(_TYPES)
                name = random_name.hex() if source % 5 < _RANDOM_NAMES else str(10**10 + digits % (9 * 10**10))
            day, minute, second = _clock(moment)
            then_day, then_minute, then_second = _clock(moment + (delay * delay >> 16))
            rows.append(
                f'["{self._days[day]}","{self._minutes[minute]}{self._seconds[second]}",'
                f'"{authors[by % _USUAL_AUTHORS]}","{self._kinds[source * len(_TYPES) + type_]}",'
                f"{'false' if state < 6 else 'true'},{'false' if state % 10 == 0 else 'true'},"
                f'"{self._days[then_day]}T{self._minutes[then_minute]}{self._seconds[then_second]}",["{name}"]]'
            )
        return rows


_SPAN = _DAYS * 86400
_SUPERSEDED = ',{"status":"superseded"}]'


def _clock(moment: int) -> tuple[int, int, int]:
    """Day, minute of the day, second of the minute."""
    minutes, second = divmod(moment, 60)
    day, minute = divmod(minutes, 1440)
    return day, minute, second


def patient_number(number: int) -> Ssin:
    """The national number of a patient: a day of birth, a number of that day, and check digits."""
    year, rest = number % 100, number // 100
    month, rest = rest % 12 + 1, rest // 12
    day, serial = rest % 28 + 1, rest // 28 + 1
    body = f"{year:02d}{month:02d}{day:02d}{serial:03d}"
    return Ssin(f"{body}{97 - int(body) % 97:02d}")


def _person(number: int, ssin: Ssin) -> str:
    """The registration of a patient."""
    sex = "male" if int(ssin.digits[6:9]) % 2 else "female"
    first, family = _FIRST_NAMES[number % len(_FIRST_NAMES)], _FAMILY_NAMES[number // 10 % len(_FAMILY_NAMES)]
    return (
        '<patient xmlns:k="http://www.ehealth.fgov.be/standards/kmehr/schema/v1">'
        f'<k:id S="INSS" SV="1.0">{ssin.digits}</k:id><k:firstname>{first}</k:firstname>'
        f"<k:familyname>{family}-{number}</k:familyname>"
        f"<k:birthdate><k:date>19{ssin.digits[:2]}-{ssin.digits[2:4]}-{ssin.digits[4:6]}</k:date></k:birthdate>"
        f'<k:sex><k:cd S="CD-SEX" SV="1.1">{sex}</k:cd></k:sex></patient>'
    )


def author_of(number: int) -> Author:
    """A department of a hospital, and a person who works there."""
    hospital = number % 20
    department = HcParty(
        ids=(Id("ID-HCPARTY", "1.0", _nihii(710 + hospital)),),
        cds=(Code("CD-HCPARTY", "1.16", _DEPARTMENTS[number // 20 % len(_DEPARTMENTS)]),),
        name=f"Ziekenhuis Maatstaf {hospital + 1}",
        addresses=(
            Address(
                cds=(Code("CD-ADDRESS", "1.1", "work"),),
                country=Code("CD-FED-COUNTRY", "1.2", "be"),
                zip="1000",
                city="Bruxelles - Brussel",
                street="Rue de la Mesure - Meetstraat",
                housenumber=str(hospital + 1),
            ),
        ),
        telecoms=(
            Telecom(
                ids=(),
                cds=(Code("CD-ADDRESS", "1.1", "work"), Code("CD-TELECOM", "1.0", "phone")),
                number=f"+32 2 000 {hospital:04d}",
            ),
        ),
    )
    person = HcParty(
        ids=(Id("ID-HCPARTY", "1.0", f"{_nihii(100000 + number)}004"),),
        cds=(Code("CD-HCPARTY", "1.16", "persphysician"),),
        firstname=_FIRST_NAMES[number % len(_FIRST_NAMES)],
        familyname=f"{_FAMILY_NAMES[number // 10 % len(_FAMILY_NAMES)]}-{number}",
    )
    return department, person


def _nihii(number: int) -> str:
    return f"{number:06d}{97 - number % 97:02d}"


def _kind_of(number: int) -> Kind:
    source, type_ = divmod(number, len(_TYPES))
    return Kind(
        source=f"source-{source}",
        cds=(Code("CD-TRANSACTION", "1.14", _TYPES[type_]),),
        id_schemes=(("ID-KMEHR", "1.0", None, "1"), ("LOCAL", "1.0", f"source-{source}", None)),
    )
