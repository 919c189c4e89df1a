"""Valid documents made from the content model, for every element and every type."""

import random
from collections.abc import Iterator

from lxml import etree

from tests.unit.wire.content_model import ContentModel, Facts

XSI = "http://www.w3.org/2001/XMLSchema-instance"

_VALUES: dict[str, tuple[str, ...]] = {
    "xs:string": ("", "Invented", " two  words ", "é <&> 語", "x" * 70),
    "xs:anySimpleType": ("anything",),
    "xs:decimal": ("0", "-1.50", "+3.", ".5", "  12 ", "123456789012345678"),
    "xs:boolean": ("true", "false", "1", "0", " true "),
    "xs:date": ("2026-03-01", "2024-02-29", "1899-12-31Z", "2026-03-01+02:00"),
    "xs:time": ("09:30:00", "23:59:59.999", "00:00:00Z", "24:00:00"),
    "xs:dateTime": ("2026-03-01T09:30:00", "2026-03-01T09:30:00.5+01:00"),
    "xs:gYear": ("1961", "2026Z"),
    "xs:gYearMonth": ("1961-07", "2026-12+01:00"),
    "xs:language": ("fr", "nl-BE", "x-lang"),
    "xs:base64Binary": ("", "QUJD", "QUI=", "QU JD\nREVG"),
    "xs:anyURI": ("http://example.org/a?b=c#d", "urn:a:b", "", "relative path"),
    "xs:integer": ("-7", "0", "+12345678901234567890"),
    "xs:int": ("2147483647", "-2147483648", "0"),
    "xs:positiveInteger": ("1", "+77"),
    "xs:unsignedInt": ("0", "4294967295"),
    "dt:date": ("2026-03-01", "1901-01-01", "9999-12-31"),
    "dt:time": ("09:30:00", "23:59:59", "00:00:00.250"),
}
"""Values that are valid for a type, its corners included."""

_DEEPEST = 9
UNKNOWN = "urn:example:unknown"
"""A namespace that no schema knows."""


class DocumentGenerator:
    """Writes valid elements of the model's declarations, choosing with the given source of chance."""

    def __init__(self, model: ContentModel, chance: random.Random) -> None:
        self._model = model
        self._chance = chance
        self._next_id = 0

    def global_element(self, name: str) -> etree._Element:
        """A valid document whose root is the global element of that prefixed name."""
        prefix, _, local = name.partition(":")
        return self._element(
            prefix,
            {"element": local, **self._model.schemas[prefix]["elements"][local]},
            0,
        )

    def of_type(self, name: str) -> etree._Element:
        """A valid element of a named type, called as in `ContentModel.every_type_schema`."""
        element = etree.Element(name.replace(":", "."), nsmap=dict(self._model.namespaces))
        self._fill_named(element, name, 0)
        return element

    def _element(self, prefix: str, facts: Facts, depth: int) -> etree._Element:
        element = etree.Element(
            self._model.clark(f"{prefix}:{facts['element']}"),
            nsmap={key: uri for key, uri in self._model.namespaces.items() if key != "xs"},
        )
        if facts.get("nillable") and self._chance.random() < 0.3:
            element.set(f"{{{XSI}}}nil", "true")
            self._fill_attributes_of(element, facts["type"])
        elif "complexType" in facts:
            self._fill(element, prefix, facts["complexType"], depth)
        else:
            self._fill_named(element, facts["type"], depth)
        return element

    def _fill_named(self, element: etree._Element, name: str, depth: int) -> None:
        if name == "xs:anyType":
            element.text = "free"
            if self._chance.random() < 0.3:
                element.append(etree.Element(f"{{{UNKNOWN}}}anything", a="1"))
            return
        prefix, _, local = name.partition(":")
        if (facts := self._complex(name)) is None:
            element.text = self._value(name)
            return
        if facts.get("abstract"):
            local = self._chance.choice(list(self._concrete(name)) or [name]).partition(":")[2]
            if self._complex(f"{prefix}:{local}") is not facts:
                facts = self._model.schemas[prefix]["complexTypes"][local]
                element.set(f"{{{XSI}}}type", f"{prefix}:{local}")
        self._fill(element, prefix, facts, depth)

    def _concrete(self, base: str) -> Iterator[str]:
        prefix = base.partition(":")[0]
        for name, facts in self._model.schemas[prefix]["complexTypes"].items():
            if facts.get("base") == base:
                yield f"{prefix}:{name}"

    def _complex(self, name: str) -> Facts | None:
        prefix, _, local = name.partition(":")
        found: Facts | None = self._model.schemas.get(prefix, {}).get("complexTypes", {}).get(local)
        return found

    def _fill(self, element: etree._Element, prefix: str, facts: Facts, depth: int) -> None:
        for attribute in self._all_attributes(facts):
            if attribute.get("use") == "required" or self._chance.random() < 0.4:
                element.set(
                    attribute["name"],
                    attribute.get("fixed") or self._value(attribute["type"]),
                )
        if facts.get("content") == "simple":
            element.text = self._value(self._simple_base(facts))
            return
        for owner, particle in self._particles(prefix, facts):
            element.extend(self._particle(owner, particle, depth))
        if facts.get("mixed"):
            element.text = "mixed"
            for child in element:
                child.tail = " text "

    def _fill_attributes_of(self, element: etree._Element, name: str) -> None:
        for attribute in self._all_attributes(self._complex(name) or {}):
            if attribute.get("use") == "required":
                element.set(
                    attribute["name"],
                    attribute.get("fixed") or self._value(attribute["type"]),
                )

    def _all_attributes(self, facts: Facts) -> list[Facts]:
        base = self._complex(facts["base"]) if "derivation" in facts else None
        inherited = self._all_attributes(base) if base else []
        own: list[Facts] = facts.get("attributes", [])
        return inherited + own

    def _simple_base(self, facts: Facts) -> str:
        base = self._complex(facts["base"])
        return self._simple_base(base) if base else str(facts["base"])

    def _particles(self, prefix: str, facts: Facts) -> Iterator[tuple[str, Facts]]:
        base = facts["base"] if facts.get("derivation") == "extension" else None
        if base and (inherited := self._complex(base)):
            yield from self._particles(base.partition(":")[0], inherited)
        if "particle" in facts:
            yield prefix, facts["particle"]

    def _particle(self, prefix: str, particle: Facts, depth: int) -> Iterator[etree._Element]:
        for _ in range(self._times(particle, depth)):
            if "sequence" in particle:
                for member in particle["sequence"]:
                    yield from self._particle(prefix, member, depth)
            elif "choice" in particle:
                yield from self._particle(prefix, self._choose(particle["choice"], depth), depth)
            elif "ref" in particle:
                yield self.global_element(particle["ref"])
            elif "any" in particle:
                yield self._any(prefix, particle)
            else:
                yield self._element(prefix, particle, depth + 1)

    def _times(self, particle: Facts, depth: int) -> int:
        least = particle.get("min", 1)
        most = least + 2 if particle.get("max", 1) == "*" else particle.get("max", 1)
        if depth > _DEEPEST or (depth > 3 and self._chance.random() < 0.7):
            return int(least)
        return self._chance.randint(least, most)

    def _choose(self, members: list[Facts], depth: int) -> Facts:
        if depth <= _DEEPEST:
            return self._chance.choice(members)
        # Past this depth only what ends: neither another heading or item, nor a part of any key or signature.
        return next(
            (one for one in members if one.get("element") in ("text", "decimal", "cd")),
            members[0],
        )

    def _any(self, prefix: str, wildcard: Facts) -> etree._Element:
        if wildcard["process"] == "strict" or self._chance.random() < 0.3:
            return self.global_element("hubcore:PatientIdType" if prefix == "hubcore" else _declared_outside(prefix))
        foreign = etree.Element(f"{{{UNKNOWN}}}foreign", a="1")
        foreign.text = "anything"
        return foreign

    def _value(self, name: str) -> str:
        if name == "xs:ID":
            self._next_id += 1
            return f"id{self._next_id}"
        if name in _VALUES:
            return self._chance.choice(_VALUES[name])
        prefix, _, local = name.partition(":")
        facts: Facts = self._model.schemas[prefix]["simpleTypes"][local]
        if "enumeration" in facts:
            return str(self._chance.choice(facts["enumeration"]))
        return self._value(facts["base"])


def _declared_outside(prefix: str) -> str:
    """A small global element of another namespace than the one of `prefix`."""
    return "xenc:CipherData" if prefix == "ds" else "ds:KeyName"
