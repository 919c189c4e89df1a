"""What references share and a file says once: authors and kinds, as JSON with the names that KMEHR gives the elements.

    ["author", label, [hcparty ...]]
    ["kind", label, {"source": …, "cd": [cd ...], "id": [id without value ...]}]

A kind names the source, the codes, and the identifiers in their order. Every reference has values of its own for the
identifiers, except that a position in a message (an ID-KMEHR of up to three characters) stands in the kind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hub.domain.parties import Address, Author, Code, FreeText, HcParty, Id, Telecom
from hub.storage.bulk.lines import BadLine, dump, label_of, seen
from hub.storage.values import IdPattern

Made = TypeVar("Made")
Json = dict[str, Any]

_LONGEST_LABEL = 64
LONGEST_POSITION = 3
_ADDRESS_LINES = ("zip", "nis", "city", "district", "street", "housenumber", "postboxnumber")


@dataclass(frozen=True, slots=True)
class Kind:
    """What references of one kind from one source share; a profile of the index, but for how dates are written."""

    source: str
    cds: tuple[Code, ...]
    id_schemes: tuple[IdPattern, ...]


def is_position(scheme: str, value: str) -> bool:
    """Whether an identifier is a position in a message, which repeats from one reference to the next."""
    return scheme == "ID-KMEHR" and len(value) <= LONGEST_POSITION


def author_line(author: Author) -> tuple[str, bytes]:
    """The label of an author chain, and the line that says it."""
    content = [_write_party(party) for party in author]
    return _labelled("author", content)


def kind_line(kind: Kind) -> tuple[str, bytes]:
    """The label of a kind, and the line that says it."""
    ids = [_without_none({"S": s, "SV": sv, "SL": sl, "value": value}) for s, sv, sl, value in kind.id_schemes]
    return _labelled("kind", {"source": kind.source, "cd": [_write_code(cd) for cd in kind.cds], "id": ids})


def read_author(line: Sequence[Any]) -> tuple[str, Author]:
    """Label and author chain of an `author` line. Raises BadLine."""
    label, content = _read_labelled(line)
    return label, _each(content, "hcparty", _read_party)


def read_kind(line: Sequence[Any]) -> tuple[str, Kind]:
    """Label and kind of a `kind` line. Raises BadLine."""
    label, content = _read_labelled(line)
    fields = _fields(content, {"source", "cd", "id"}, "kind")
    if not fields.get("source"):
        raise BadLine("source", "a name is wanted")
    kind = Kind(_text(fields, "source"), _codes(fields), _each(fields.get("id", []), "id", _read_scheme))
    if not kind.id_schemes:
        raise BadLine("id", "at least one is wanted")
    return label, kind


def _labelled(word: str, content: object) -> tuple[str, bytes]:
    label = label_of(content)
    return label, dump([word, label, content])


def _read_labelled(line: Sequence[Any]) -> tuple[str, Any]:
    if len(line) != 3:
        raise BadLine("", f"an array of 3 is wanted, seen: {seen(line)}")
    _, label, content = line
    if not isinstance(label, str) or not 0 < len(label) <= _LONGEST_LABEL:
        raise BadLine("label", f"a text of 1 to {_LONGEST_LABEL} characters is wanted, seen: {seen(label)}")
    return label, content


def _write_id(id_: Id) -> Json:
    return _without_none({"S": id_.scheme, "SV": id_.version, "SL": id_.local_scheme, "value": id_.value})


def _write_code(code: Code) -> Json:
    return _without_none(
        {
            "S": code.scheme,
            "SV": code.version,
            "SL": code.local_scheme,
            "DN": code.display,
            "L": code.language,
            "value": code.value,
        }
    )


def _write_party(party: HcParty) -> Json:
    return _without_none(
        {
            "id": [_write_id(id_) for id_ in party.ids],
            "cd": [_write_code(cd) for cd in party.cds],
            "name": party.name,
            "firstname": party.firstname,
            "familyname": party.familyname,
            "address": [_write_address(address) for address in party.addresses],
            "telecom": [_write_telecom(telecom) for telecom in party.telecoms],
        }
    )


def _write_address(address: Address) -> Json:
    return _without_none(
        {
            "id": [_write_id(id_) for id_ in address.ids],
            "cd": [_write_code(cd) for cd in address.cds],
            "country": address.country and _write_code(address.country),
            **{name: getattr(address, name) for name in _ADDRESS_LINES},
            "text": [{"L": text.language, "value": text.value} for text in address.texts],
        }
    )


def _write_telecom(telecom: Telecom) -> Json:
    return _without_none(
        {
            "id": [_write_id(id_) for id_ in telecom.ids],
            "cd": [_write_code(cd) for cd in telecom.cds],
            "telecomnumber": telecom.number,
        }
    )


def _without_none(fields: Json) -> Json:
    """What is there: an absent element and no elements at all are not written."""
    return {name: value for name, value in fields.items() if value is not None and value != []}


def _read_id(value: object) -> Id:
    fields = _fields(value, {"S", "SV", "SL", "value"}, "id")
    return Id(_text(fields, "S"), _text(fields, "SV"), _text(fields, "value"), _text_or_none(fields, "SL"))


def _read_scheme(value: object) -> IdPattern:
    fields = _fields(value, {"S", "SV", "SL", "value"}, "id")
    scheme, fixed = _text(fields, "S"), _text_or_none(fields, "value")
    if fixed is not None and not is_position(scheme, fixed):
        raise BadLine("id", f"only an ID-KMEHR of up to {LONGEST_POSITION} characters has its value in the kind")
    return scheme, _text(fields, "SV"), _text_or_none(fields, "SL"), fixed


def _read_code(value: object) -> Code:
    fields = _fields(value, {"S", "SV", "SL", "DN", "L", "value"}, "cd")
    return Code(
        _text(fields, "S"),
        _text(fields, "SV"),
        _text(fields, "value"),
        _text_or_none(fields, "SL"),
        _text_or_none(fields, "DN"),
        _text_or_none(fields, "L"),
    )


def _read_party(value: object) -> HcParty:
    known = {"id", "cd", "name", "firstname", "familyname", "address", "telecom"}
    fields = _fields(value, known, "hcparty")
    return HcParty(
        ids=_ids(fields),
        cds=_codes(fields),
        name=_text_or_none(fields, "name"),
        firstname=_text_or_none(fields, "firstname"),
        familyname=_text_or_none(fields, "familyname"),
        addresses=_each(fields.get("address", []), "address", _read_address),
        telecoms=_each(fields.get("telecom", []), "telecom", _read_telecom),
    )


def _read_address(value: object) -> Address:
    fields = _fields(value, {"id", "cd", "country", *_ADDRESS_LINES, "text"}, "address")
    return Address(
        ids=_ids(fields),
        cds=_codes(fields),
        country=_read_code(fields["country"]) if "country" in fields else None,
        **{name: _text_or_none(fields, name) for name in _ADDRESS_LINES},
        texts=_each(fields.get("text", []), "text", _read_free_text),
    )


def _read_telecom(value: object) -> Telecom:
    fields = _fields(value, {"id", "cd", "telecomnumber"}, "telecom")
    return Telecom(_ids(fields), _codes(fields), _text(fields, "telecomnumber"))


def _read_free_text(value: object) -> FreeText:
    fields = _fields(value, {"L", "value"}, "text")
    return FreeText(_text(fields, "L"), _text(fields, "value"))


def _ids(fields: Json) -> tuple[Id, ...]:
    return _each(fields.get("id", []), "id", _read_id)


def _codes(fields: Json) -> tuple[Code, ...]:
    return _each(fields.get("cd", []), "cd", _read_code)


def _each(values: object, name: str, read: Callable[[object], Made]) -> tuple[Made, ...]:
    if not isinstance(values, list):
        raise BadLine(name, f"an array is wanted, seen: {seen(values)}")
    return tuple(read(value) for value in values)


def _fields(value: object, known: set[str], name: str) -> Json:
    if not isinstance(value, dict):
        raise BadLine(name, f"an object is wanted, seen: {seen(value)}")
    if value.keys() - known:
        raise BadLine(name, f"{', '.join(sorted(known))} are known here, seen: something else besides")
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise BadLine(name, f"a text is wanted, seen: {seen(value)}")
    return value


def _text_or_none(fields: Mapping[str, Any], name: str) -> str | None:
    return _text(fields, name) if name in fields else None
