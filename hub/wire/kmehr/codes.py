"""Code lists that the schemas name without enforcing them, read from the schemas so that one place has them."""

from pathlib import Path

from lxml import etree

_XS = "{http://www.w3.org/2001/XMLSchema}"


def code_list(folder: Path, name: str) -> frozenset[str]:
    """The values of the simple type `name`, such as `CD-TRANSACTIONvalues`, in the schemas of a folder.

    Empty when no schema there has that type: an open list that is not known forbids nothing.
    """
    values: set[str] = set()
    for path in folder.rglob("*.xsd"):
        for _, simple_type in etree.iterparse(
            str(path), tag=f"{_XS}simpleType", no_network=True, resolve_entities=False
        ):
            if simple_type.get("name") == name:
                values.update(value for value in map(_value, simple_type.iter(f"{_XS}enumeration")) if value)
    return frozenset(values)


def _value(enumeration: etree._Element) -> str | None:
    return enumeration.get("value")
