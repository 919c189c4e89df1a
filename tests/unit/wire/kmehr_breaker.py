"""Systematic ways to break a document of the standard in one place."""

import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from lxml import etree

from tests.unit.wire.content_model import ContentModel, Facts
from tests.unit.wire.kmehr_generator import UNKNOWN, XSI

ODD_VALUES = (
    # White space
    *("", " ", "  ", "\n", "\t1 ", "\u00a0", "y" * 5000),
    # Numbers and booleans
    *(
        "1.",
        ".5",
        ".",
        "+1",
        "-1",
        "-0",
        "00",
        "1e3",
        "1,5",
        "INF",
        "NaN",
        "1",
        "0",
        "2",
        "١",
    ),
    *(
        "4294967295",
        "4294967296",
        "2147483647",
        "2147483648",
        "-2147483649",
        "99999999999999999999999999",
    ),
    *("true", "TRUE", "True", "yes"),
    # Dates
    *(
        "2020-02-30",
        "2020-02-29",
        "2019-02-29",
        "2020-2-1",
        "20200201",
        " 2020-02-01 ",
        "2020-02\u201001",
    ),
    *(
        "2020-02-01Z",
        "2020-02-01+14:00",
        "2020-02-01+14:01",
        "2020-13-01",
        "2020-00-10",
    ),
    *(
        "0000-01-01",
        "0001-01-01",
        "-0044-03-15",
        "1900-12-31",
        "1901-01-01",
        "10000-01-01",
        "12020-01-01",
    ),
    *("2020", "2020Z", "02020", "20", "-0001", "2020-12", "2020-00", "2020-12Z"),
    # Times
    *("24:00:00", "24:00:01", "23:59:60", "12:00", "9:00:00", "12:60:00", "12:00:00Z"),
    *("12:00:00.123456789", "12:00:00.", "2020-01-01T00:00:00", "2020-01-01T24:00:00"),
    *("2020-01-01 00:00:00", "2020-01-01T00:00", "2020-01-01T00:00:00.000Z"),
    # Languages, base64, addresses
    *("en", "EN-be", "en_US", "e", "toolonglanguage", "fr-", "a1-b2"),
    *("QQ==", "QQ=", "Q===", "Q Q = =", "*", "QUJD*REVG", "QUJ", "QUJD\nREVG", "=QQ="),
    *("http://x", "a b", "%zz", "http://[", "::", "#a#b"),
    # Codes
    *(
        "female",
        "Female",
        " female",
        "female ",
        "CD-SEX",
        "CD-TRANSACTION",
        "ID-KMEHR",
        "LOCAL",
        "LOCAL ",
    ),
    *("20260210", "20260211", "local", "cd:CD-SEX"),
)
"""Values that are right somewhere and wrong elsewhere."""


class Breaker:
    """Breaks a document in one place, in one of many ways; some of the results are still valid, which is wanted."""

    def __init__(self, model: ContentModel, chance: random.Random) -> None:
        self._chance = chance
        self._types = model.type_names()
        self._vocabulary = sorted(set(_local_names(model.schemas)))
        self._namespaces = [*model.namespaces.values(), UNKNOWN]
        self._codes = sorted(set(_listed_values(model.schemas)))

    def break_one(self, document: etree._Element) -> etree._Element:
        """A copy of the document, changed in one place."""
        copy = deepcopy(document)
        elements = list(copy.iter("*"))
        self._chance.choice(_WAYS)(self, self._chance.choice(elements))
        return copy

    def remove(self, element: etree._Element) -> None:
        """Leave an element out."""
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)

    def duplicate(self, element: etree._Element) -> None:
        """Write an element twice."""
        if element.getparent() is not None:
            element.addnext(deepcopy(element))

    def swap(self, element: etree._Element) -> None:
        """Exchange an element and the next one."""
        following = next(element.itersiblings("*"), None)
        if following is not None:
            following.addnext(element)

    def move(self, element: etree._Element) -> None:
        """Put an element first, or into its neighbour."""
        parent, following = element.getparent(), next(element.itersiblings("*"), None)
        if following is not None and self._chance.random() < 0.5:
            following.append(element)
        elif parent is not None:
            parent.insert(0, element)

    def rename(self, element: etree._Element) -> None:
        """Give an element another name of the standard, or another spelling of its own."""
        name = etree.QName(element)
        new = self._chance.choice(
            [
                self._chance.choice(self._vocabulary),
                name.localname.upper(),
                name.localname + "s",
            ]
        )
        element.tag = f"{{{name.namespace}}}{new}" if name.namespace else new

    def change_namespace(self, element: etree._Element) -> None:
        """Put an element into another namespace, or into none."""
        local = etree.QName(element).localname
        element.tag = f"{{{self._chance.choice(self._namespaces)}}}{local}" if self._chance.random() < 0.7 else local

    def insert(self, element: etree._Element) -> None:
        """Add an element of the standard, or a foreign one, empty."""
        tag = f"{{{self._chance.choice(self._namespaces)}}}{self._chance.choice(self._vocabulary)}"
        element.insert(self._chance.randint(0, len(element)), etree.Element(tag))

    def empty(self, element: etree._Element) -> None:
        """Take everything out of an element."""
        for child in list(element):
            element.remove(child)
        element.text = None

    def change_text(self, element: etree._Element) -> None:
        """Give an element another value."""
        element.text = self._any_value()

    def change_value_of_leaf(self, element: etree._Element) -> None:
        """Give a simple element another value: its own in another spelling, or any."""
        if len(element) == 0:
            text = element.text or ""
            own = [
                text.upper(),
                f" {text}",
                f"{text} ",
                f"{text}\n",
                text[1:],
                text + text,
                text.replace("-", "/"),
            ]
            element.text = self._chance.choice([*own, self._any_value(), self._any_value()])

    def add_tail(self, element: etree._Element) -> None:
        """Write text between elements."""
        if element.getparent() is not None:
            element.tail = self._any_value()

    def remove_attribute(self, element: etree._Element) -> None:
        """Leave an attribute out."""
        if element.attrib:
            del element.attrib[self._chance.choice(list(element.attrib))]

    def change_attribute(self, element: etree._Element) -> None:
        """Give an attribute another value."""
        if element.attrib:
            name = self._chance.choice(list(element.attrib))
            value = element.get(name, "")
            element.set(
                name,
                self._chance.choice([value.lower(), f" {value}", f"{value} ", self._any_value()]),
            )

    def add_attribute(self, element: etree._Element) -> None:
        """Add an attribute, known or not, in no namespace or in one."""
        name = self._chance.choice(
            [
                "S",
                "SV",
                "SL",
                "DN",
                "L",
                "nullFlavor",
                "TYPE",
                "URL",
                "SIZE",
                "Id",
                "unknown",
                "notAnArray",
            ]
        )
        if self._chance.random() < 0.3:
            name = f"{{{self._chance.choice([*self._namespaces, 'http://www.w3.org/XML/1998/namespace'])}}}{name}"
        element.set(name, self._any_value())

    def add_xml_attribute(self, element: etree._Element) -> None:
        """Add an attribute that XML or XML Schema itself defines."""
        name, value = self._chance.choice(
            [
                ("{http://www.w3.org/XML/1998/namespace}lang", "fr"),
                ("{http://www.w3.org/XML/1998/namespace}space", "preserve"),
                (f"{{{XSI}}}schemaLocation", "urn:a nowhere.xsd"),
                (f"{{{XSI}}}noNamespaceSchemaLocation", "nowhere.xsd"),
                (f"{{{XSI}}}unknown", "1"),
            ]
        )
        element.set(name, value)

    def set_type(self, element: etree._Element) -> None:
        """Claim a type: one of the model, a built-in one, or one that does not exist."""
        kin = [name for name in self._types if etree.QName(element).localname.lower() in name.lower()]
        builtin = [
            "xs:string",
            "xs:anyType",
            "xs:date",
            "xs:token",
            "xs:int",
            "xs:anySimpleType",
            "kmehr:unknown",
            "no:such",
        ]
        choice = self._chance.choice([self._types, builtin, kin or self._types, kin or builtin])
        element.set(f"{{{XSI}}}type", self._chance.choice(choice))

    def set_nil(self, element: etree._Element) -> None:
        """Say that an element is nil, or that it is not."""
        element.set(
            f"{{{XSI}}}nil",
            self._chance.choice(["true", "1", "false", "0", " true ", "maybe", ""]),
        )
        if self._chance.random() < 0.5:
            self.empty(element)

    def add_comment(self, element: etree._Element) -> None:
        """Write a comment or a processing instruction into an element, within its value if it has one."""
        note = etree.Comment("note") if self._chance.random() < 0.5 else etree.ProcessingInstruction("note", "x")
        if len(element) == 0 and element.text:
            note.tail, element.text = element.text[1:], element.text[:1]
        element.insert(self._chance.randint(0, len(element)), note)

    def _any_value(self) -> str:
        return self._chance.choice(self._codes if self._chance.random() < 0.2 else ODD_VALUES)


_WAYS: tuple[Callable[[Breaker, etree._Element], None], ...] = (
    Breaker.remove,
    Breaker.duplicate,
    Breaker.swap,
    Breaker.move,
    Breaker.rename,
    Breaker.change_namespace,
    Breaker.insert,
    Breaker.empty,
    Breaker.change_text,
    Breaker.change_value_of_leaf,
    Breaker.add_tail,
    Breaker.remove_attribute,
    Breaker.change_attribute,
    Breaker.add_attribute,
    Breaker.add_xml_attribute,
    Breaker.set_type,
    Breaker.set_nil,
    Breaker.add_comment,
)


def _local_names(facts: Any) -> Iterator[str]:
    if isinstance(facts, dict):
        if isinstance(facts.get("element"), str):
            yield facts["element"]
        for inner in facts.values():
            yield from _local_names(inner)
    elif isinstance(facts, list):
        for inner in facts:
            yield from _local_names(inner)


def _listed_values(schemas: dict[str, Facts]) -> Iterator[str]:
    for schema in schemas.values():
        for facts in schema.get("simpleTypes", {}).values():
            yield from facts.get("enumeration", [])
