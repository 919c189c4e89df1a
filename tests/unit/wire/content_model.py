"""The facts that the schemas are written from, as schemas again: literally, without any of our rewriting.

The tests of `schemas/kmehr` compare with these, in structure and in verdicts.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

Facts = dict[str, Any]

MODEL_FILE = Path(__file__).resolve().parents[4] / "shared" / "kmehr" / "content-model.json"


class ContentModel:
    """The content model: for each prefix its elements, simple types and complex types, as dictionaries."""

    def __init__(self, facts: Facts) -> None:
        self.namespaces: dict[str, str] = facts["how_to_read"]["prefixes"]
        self.schemas: dict[str, Facts] = facts["schemas"]

    @classmethod
    def load(cls) -> "ContentModel":
        """Read the facts, or skip the test that needs them."""
        if not MODEL_FILE.exists():
            pytest.skip("the content model (../shared/kmehr/content-model.json) is not here")
        return cls(json.loads(MODEL_FILE.read_text(encoding="utf-8")))

    def clark(self, name: str) -> str:
        """`{namespace}local` of a prefixed name."""
        prefix, _, local = name.partition(":")
        return f"{{{self.namespaces[prefix]}}}{local}"

    def type_names(self) -> list[str]:
        """All named types, prefixed."""
        return [
            f"{prefix}:{name}"
            for prefix, schema in self.schemas.items()
            for kind in ("simpleTypes", "complexTypes")
            for name in schema.get(kind, {})
        ]

    def element_names(self) -> list[str]:
        """All global elements, prefixed."""
        return [f"{prefix}:{name}" for prefix, schema in self.schemas.items() for name in schema.get("elements", {})]

    def literal_schemas(self) -> dict[str, str]:
        """One schema text per file name `PREFIX.xsd`."""
        return {f"{prefix}.xsd": self._schema(prefix) for prefix in self.schemas}

    def every_type_schema(self, locations: Mapping[str, str]) -> str:
        """A schema with an element for each type, in no namespace; `locations` says where each prefix's schema is."""
        imports = "".join(
            f'<xs:import namespace="{self.namespaces[prefix]}" schemaLocation="{location}"/>'
            for prefix, location in locations.items()
        )
        elements = "".join(f'<xs:element name="{name.replace(":", ".")}" type="{name}"/>' for name in self.type_names())
        return f"<xs:schema {self._declarations()}>{imports}{elements}</xs:schema>"

    def _declarations(self) -> str:
        return " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in self.namespaces.items())

    def _schema(self, prefix: str) -> str:
        schema = self.schemas[prefix]
        parts = [
            f'<xs:import namespace="{self.namespaces[imported]}" schemaLocation="{imported}.xsd"/>'
            for imported in schema.get("imports", [])
        ]
        parts += [_element(name, facts) for name, facts in schema.get("elements", {}).items()]
        parts += [_simple_type(name, facts) for name, facts in schema.get("simpleTypes", {}).items()]
        parts += [_complex_type(facts, name) for name, facts in schema.get("complexTypes", {}).items()]
        head = _attributes(schema, "targetNamespace", "elementFormDefault", "attributeFormDefault")
        return f"<xs:schema {self._declarations()}{head}>{''.join(parts)}</xs:schema>"


def _attributes(facts: Facts, *names: str) -> str:
    return "".join(f" {name}={quoteattr(_text(facts[name]))}" for name in names if name in facts)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _occurrence(particle: Facts) -> str:
    most = str(particle.get("max", 1)).replace("*", "unbounded")
    return f' minOccurs="{particle.get("min", 1)}" maxOccurs="{most}"'


def _particle(particle: Facts) -> str:
    occurrence = _occurrence(particle)
    for group in ("sequence", "choice"):
        if group in particle:
            return f"<xs:{group}{occurrence}>{''.join(map(_particle, particle[group]))}</xs:{group}>"
    if "ref" in particle:
        return f'<xs:element ref="{particle["ref"]}"{occurrence}/>'
    if "any" in particle:
        return f'<xs:any namespace="{particle["any"]}" processContents="{particle["process"]}"{occurrence}/>'
    return _element(particle["element"], particle, occurrence)


def _element(name: str, facts: Facts, occurrence: str = "") -> str:
    inner = _complex_type(facts["complexType"]) if "complexType" in facts else ""
    known = _attributes(facts, "type", "default", "fixed", "nillable")
    return f'<xs:element name="{name}"{known}{occurrence}>{inner}</xs:element>'


def _complex_type(facts: Facts, name: str = "") -> str:
    body = _particle(facts["particle"]) if "particle" in facts else ""
    for attribute in facts.get("attributes", []):
        body += f"<xs:attribute{_attributes(attribute, 'name', 'type', 'use', 'default', 'fixed')}/>"
    if wildcard := facts.get("anyAttribute"):
        body += f'<xs:anyAttribute namespace="{wildcard["namespace"]}" processContents="{wildcard["process"]}"/>'
    if "derivation" in facts:
        way, content = facts["derivation"], f"xs:{facts['content']}Content"
        body = f'<{content}><xs:{way} base="{facts["base"]}">{body}</xs:{way}></{content}>'
    named = f' name="{name}"' if name else ""
    return f"<xs:complexType{named}{_attributes(facts, 'mixed', 'abstract')}>{body}</xs:complexType>"


def _simple_type(name: str, facts: Facts) -> str:
    facets = "".join(
        f"<xs:{facet} value={quoteattr(value)}/>"
        for facet, values in facts.items()
        if facet != "base"
        for value in (values if isinstance(values, list) else [values])
    )
    return (
        f'<xs:simpleType name="{name}"><xs:restriction base="{facts["base"]}">{facets}</xs:restriction></xs:simpleType>'
    )
