"""Care parties, identifiers, codes and addresses: KMEHR elements to values and back, element for element.

KMEHR `hcpartyType`, `addressType`, `telecomType`. Written fragments use the prefix `k`, or the prefix given.
"""

from lxml import etree

from hub.domain.parties import Address, Author, Code, FreeText, HcParty, Id, Telecom
from hub.wire.namespaces import KMEHR
from hub.wire.xml import escape, local_name, verbatim


def read_id(element: etree._Element) -> Id:
    """An `id` element of any identifier type."""
    return Id(element.get("S", ""), element.get("SV", ""), element.text or "", element.get("SL"))


def read_code(element: etree._Element) -> Code:
    """A `cd` element of any code type."""
    return Code(
        element.get("S", ""),
        element.get("SV", ""),
        element.text or "",
        element.get("SL"),
        element.get("DN"),
        element.get("L"),
    )


def read_author(element: etree._Element | None) -> Author:
    """The care parties of an author, redactor, sender or recipient element."""
    return () if element is None else tuple(read_hcparty(child) for child in element if local_name(child) == "hcparty")


def read_hcparty(element: etree._Element) -> HcParty:
    """An `hcparty` element, of KMEHR or of the hub's own core namespace."""
    parts = _by_name(element)
    return HcParty(
        ids=tuple(read_id(child) for child in parts.get("id", ())),
        cds=tuple(read_code(child) for child in parts.get("cd", ())),
        name=_first(parts, "name"),
        firstname=_first(parts, "firstname"),
        familyname=_first(parts, "familyname"),
        addresses=tuple(_read_address(child) for child in parts.get("address", ())),
        telecoms=tuple(_read_telecom(child) for child in parts.get("telecom", ())),
    )


def _read_address(element: etree._Element) -> Address:
    parts = _by_name(element)
    country = parts["country"][0].find(f"{{{KMEHR}}}cd") if "country" in parts else None
    return Address(
        ids=tuple(read_id(child) for child in parts.get("id", ())),
        cds=tuple(read_code(child) for child in parts.get("cd", ())),
        country=None if country is None else read_code(country),
        texts=tuple(FreeText(child.get("L", ""), child.text or "") for child in parts.get("text", ())),
        **{name: _first(parts, name) for name in _ADDRESS_LINES},
    )


def _read_telecom(element: etree._Element) -> Telecom:
    parts = _by_name(element)
    return Telecom(
        ids=tuple(read_id(child) for child in parts.get("id", ())),
        cds=tuple(read_code(child) for child in parts.get("cd", ())),
        number=_first(parts, "telecomnumber") or "",
    )


_ADDRESS_LINES = ("zip", "nis", "city", "district", "street", "housenumber", "postboxnumber")


def _by_name(element: etree._Element) -> dict[str, list[etree._Element]]:
    parts: dict[str, list[etree._Element]] = {}
    for child in element:
        parts.setdefault(local_name(child), []).append(child)
    return parts


def _first(parts: dict[str, list[etree._Element]], name: str) -> str | None:
    return verbatim(parts[name][0]) if name in parts else None


def write_id(id_: Id, prefix: str = "k:") -> str:
    """An `id` element."""
    local = "" if id_.local_scheme is None else f' SL="{escape(id_.local_scheme)}"'
    return f'<{prefix}id S="{escape(id_.scheme)}" SV="{escape(id_.version)}"{local}>{escape(id_.value)}</{prefix}id>'


def write_code(code: Code, prefix: str = "k:") -> str:
    """A `cd` element."""
    attributes = [("S", code.scheme), ("SV", code.version), ("SL", code.local_scheme)]
    attributes += [("DN", code.display), ("L", code.language)]
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes if value is not None)
    return f"<{prefix}cd{written}>{escape(code.value)}</{prefix}cd>"


def write_author(author: Author, prefix: str = "k:") -> str:
    """The `hcparty` elements of an author chain, without the element around them."""
    return "".join(write_hcparty(party, prefix) for party in author)


def write_hcparty(party: HcParty, prefix: str = "k:") -> str:
    """An `hcparty` element."""
    return f"<{prefix}hcparty>{write_party_content(party, prefix, prefix)}</{prefix}hcparty>"


def write_party_content(party: HcParty, prefix: str = "k:", outer: str = "k:") -> str:
    """What stands inside a care party; `outer` is the prefix of its direct children (the core namespace differs)."""
    return "".join(
        (
            *(write_id(id_, outer) for id_ in party.ids),
            *(write_code(cd, outer) for cd in party.cds),
            _line(outer, "name", party.name),
            _line(outer, "firstname", party.firstname),
            _line(outer, "familyname", party.familyname),
            *(f"<{outer}address>{_write_address(address, prefix)}</{outer}address>" for address in party.addresses),
            *(f"<{outer}telecom>{_write_telecom(telecom, prefix)}</{outer}telecom>" for telecom in party.telecoms),
        )
    )


def _write_address(address: Address, prefix: str) -> str:
    country = f"<{prefix}country>{write_code(address.country, prefix)}</{prefix}country>" if address.country else ""
    return "".join(
        (
            *(write_id(id_, prefix) for id_ in address.ids),
            *(write_code(cd, prefix) for cd in address.cds),
            country,
            *(_line(prefix, name, getattr(address, name)) for name in _ADDRESS_LINES),
            *(
                f'<{prefix}text L="{escape(text.language)}">{escape(text.value)}</{prefix}text>'
                for text in address.texts
            ),
        )
    )


def _write_telecom(telecom: Telecom, prefix: str) -> str:
    return "".join(
        (
            *(write_id(id_, prefix) for id_ in telecom.ids),
            *(write_code(cd, prefix) for cd in telecom.cds),
            _line(prefix, "telecomnumber", telecom.number),
        )
    )


def _line(prefix: str, name: str, value: str | None) -> str:
    return "" if value is None else f"<{prefix}{name}>{escape(value)}</{prefix}{name}>"
