"""Interned values as bytes: author chains, and profiles (what references of one kind from one source share)."""

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Self

import orjson

from hub.domain.declarations import Declaration, Outline, transaction_type_of
from hub.domain.parties import Address, Author, Code, FreeText, HcParty, Id, IdScheme, Telecom
from hub.storage.lexical import Form

IdPattern = tuple[str, str, str | None, str | None]
"""S, SV and SL of an identifier, and its value when that is a mere position and so repeats."""


@dataclass(frozen=True)
class Profile:
    """What many references share: source, codes, the schemes of their ids in order, and how dates are written.

    `form` is None for references whose dates cannot be packed and are kept as texts. `departments` are the CD-HCPARTY
    codes of departments among the authors: what may be seen of a kind can depend on them.
    """

    source: str
    cds: tuple[Code, ...]
    id_schemes: tuple[IdPattern, ...]
    form: Form | None
    departments: tuple[str, ...] = ()

    @classmethod
    def of(cls, source: str, declaration: Declaration, form: Form | None) -> Self:
        """The profile of a reference."""
        schemes = tuple((id_.scheme, id_.version, id_.local_scheme, _fixed_value(id_)) for id_ in declaration.ids)
        return cls(source, declaration.cds, schemes, form, departments_of(declaration.author))

    @cached_property
    def transaction_type(self) -> str:
        """The CD-TRANSACTION code among the codes."""
        return transaction_type_of(self.cds)

    @cached_property
    def open_values(self) -> int:
        """How many of the ids have a value of their own in each reference."""
        return sum(1 for scheme in self.id_schemes if scheme[3] is None)

    @cached_property
    def outline(self) -> Outline:
        """What the declarations share; the same object every time."""
        return Outline(
            tuple(IdScheme(scheme, version, local) for scheme, version, local, _ in self.id_schemes), self.cds
        )

    @cached_property
    def _fixed_values(self) -> tuple[str | None, ...]:
        return tuple(fixed for *_, fixed in self.id_schemes)

    def values_of(self, declaration: Declaration) -> tuple[str, ...]:
        """The values that are a reference's own."""
        paired = zip(declaration.id_values, self._fixed_values, strict=True)
        return tuple(value for value, fixed in paired if fixed is None)

    @cached_property
    def usual(self) -> "Usual | None":
        """What is known beforehand of a reference with one value of its own and without fractions of a second."""
        form = self.form
        if form is None or form.time_fraction or form.recorded_fraction or self.open_values != 1:
            return None
        place = self._fixed_values.index(None)
        values = tuple(fixed or "" for fixed in self._fixed_values)
        zones = form.date_zone, form.time_zone, form.recorded_zone
        return Usual(self.source, self.outline, values[:place], values[place + 1 :], *zones)

    def with_fixed(self, values: tuple[str, ...]) -> tuple[str, ...]:
        """The values of all ids of a reference, from those that are its own."""
        own = iter(values)
        return tuple([next(own) if fixed is None else fixed for fixed in self._fixed_values])


def departments_of(author: Author) -> tuple[str, ...]:
    """The departments in an author chain, in one order."""
    return tuple(sorted({party.profession for party in author if party.profession.startswith("dept")}))


class Usual(NamedTuple):
    """What the usual references of a profile share; `before` and `after` stand around the value that is their own."""

    source: str
    outline: Outline
    before: tuple[str, ...]
    after: tuple[str, ...]
    date_zone: str
    time_zone: str
    recorded_zone: str


def _fixed_value(id_: Id) -> str | None:
    return id_.value if id_.scheme == "ID-KMEHR" and len(id_.value) <= _LONGEST_POSITION else None


_LONGEST_POSITION = 3


def encode_author(author: Author) -> bytes:
    """An author chain as bytes; equal chains give equal bytes."""
    return _dump(chain_as_list(author))


def decode_author(value: bytes) -> Author:
    """The reverse of `encode_author`."""
    return tuple(party_from_list(party) for party in json.loads(value))


def chain_as_list(author: Author) -> list[Any]:
    """An author chain as plain lists, texts and None."""
    return [party_as_list(party) for party in author]


def chain_from_list(value: list[Any]) -> Author:
    """The reverse of `chain_as_list`."""
    return _chain(orjson.dumps(value)) if value else ()


@lru_cache(maxsize=5000)
def _chain(value: bytes) -> Author:
    """The same people act again and again: reading them is most of what an event or a statement costs."""
    return decode_author(value)


def encode_party(party: HcParty, recorddatetime: str) -> bytes:
    """A registered care party as bytes."""
    return _dump([party_as_list(party), recorddatetime])


def decode_party(value: bytes) -> tuple[HcParty, str]:
    """The reverse of `encode_party`."""
    party, recorddatetime = json.loads(value)
    return party_from_list(party), recorddatetime


def encode_profile(profile: Profile) -> bytes:
    """A profile as bytes; equal profiles give equal bytes."""
    form = profile.form
    written = form and [
        form.date_zone,
        form.time_fraction,
        form.time_zone,
        form.recorded_fraction,
        form.recorded_zone,
    ]
    parts = [profile.source, [_code(cd) for cd in profile.cds], profile.id_schemes, written]
    return _dump([*parts, profile.departments] if profile.departments else parts)


def decode_profile(value: bytes) -> Profile:
    """The reverse of `encode_profile`."""
    source, cds, schemes, form, *departments = json.loads(value)
    return Profile(
        source=source,
        cds=tuple(Code(*cd) for cd in cds),
        id_schemes=tuple((scheme, version, local, fixed) for scheme, version, local, fixed in schemes),
        form=Form(*form) if form else None,
        departments=tuple(departments[0]) if departments else (),
    )


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _id(id_: Id) -> list[Any]:
    return [id_.scheme, id_.version, id_.value, id_.local_scheme]


def _code(cd: Code) -> list[Any]:
    return [cd.scheme, cd.version, cd.value, cd.local_scheme, cd.display, cd.language]


def party_as_list(party: HcParty) -> list[Any]:
    """A care party as plain lists, texts and None."""
    return [
        [_id(id_) for id_ in party.ids],
        [_code(cd) for cd in party.cds],
        party.name,
        party.firstname,
        party.familyname,
        [_address(address) for address in party.addresses],
        [[[_id(i) for i in t.ids], [_code(c) for c in t.cds], t.number] for t in party.telecoms],
    ]


def _address(address: Address) -> list[Any]:
    return [
        [_id(id_) for id_ in address.ids],
        [_code(cd) for cd in address.cds],
        address.country and _code(address.country),
        address.zip,
        address.nis,
        address.city,
        address.district,
        address.street,
        address.housenumber,
        address.postboxnumber,
        [[text.language, text.value] for text in address.texts],
    ]


def party_from_list(value: list[Any]) -> HcParty:
    """The reverse of `party_as_list`."""
    ids, cds, name, firstname, familyname, addresses, telecoms = value
    return HcParty(
        ids=tuple(Id(*id_) for id_ in ids),
        cds=tuple(Code(*cd) for cd in cds),
        name=name,
        firstname=firstname,
        familyname=familyname,
        addresses=tuple(_read_address(address) for address in addresses),
        telecoms=tuple(Telecom(tuple(Id(*i) for i in t), tuple(Code(*c) for c in u), n) for t, u, n in telecoms),
    )


def _read_address(value: list[Any]) -> Address:
    ids, cds, country, *lines, texts = value
    return Address(
        tuple(Id(*id_) for id_ in ids),
        tuple(Code(*cd) for cd in cds),
        Code(*country) if country else None,
        *(*lines, tuple(FreeText(*text) for text in texts)),
    )
