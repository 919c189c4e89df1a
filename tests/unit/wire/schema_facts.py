"""Our schemas read back into the form of the content model, and the content model in the form we chose to write it."""

from pathlib import Path
from typing import Any

from lxml import etree

from tests.unit.wire.content_model import ContentModel, Facts

_XS = "{http://www.w3.org/2001/XMLSchema}"


def facts_of_folder(folder: Path, namespaces: dict[str, str]) -> dict[str, Facts]:
    """What the schemas of a folder declare, by prefix of their target namespace."""
    prefixes = {uri: prefix for prefix, uri in namespaces.items()}
    roots = [etree.parse(str(path)).getroot() for path in sorted(folder.rglob("*.xsd"))]
    return {prefixes[str(root.get("targetNamespace"))]: _SchemaReader(prefixes).schema(root) for root in roots}


def as_we_write(model: ContentModel) -> dict[str, Facts]:
    """The model with the deliberate rewrites of `schemas/kmehr/README.md`."""
    rewritten: dict[str, Facts] = _rewritten(model.schemas)
    rewritten["hubcore"]["complexTypes"]["TransactionIdType"]["attributes"] = [
        {"name": "notAnArray", "type": "xs:string", "use": "prohibited"}
    ]
    return rewritten


def _rewritten(facts: Any) -> Any:
    """Choices directly in a choice written flat, no value twice in a list; order of declarations is left aside."""
    if isinstance(facts, list):
        return [_rewritten(one) for one in facts]
    if not isinstance(facts, dict):
        return facts
    copy = {key: _rewritten(value) for key, value in facts.items()}
    if "choice" in copy:
        copy["choice"] = [inner for member in copy["choice"] for inner in _flat(member)]
    if "enumeration" in copy:
        copy["enumeration"] = list(dict.fromkeys(copy["enumeration"]))
    return copy


def _flat(member: Facts) -> list[Facts]:
    """The members of a choice that occurs exactly once, even when a sequence of nothing else is around it."""
    while list(member) == ["sequence"] and [list(one) for one in member["sequence"]] == [["choice"]]:
        member = member["sequence"][0]
    return member["choice"] if list(member) == ["choice"] else [member]


class _SchemaReader:
    def __init__(self, prefixes: dict[str, str]) -> None:
        self._prefixes = prefixes

    def schema(self, root: etree._Element) -> Facts:
        facts = _attributes(root)
        if imports := [self._prefixes[str(one.get("namespace"))] for one in root.iterchildren(f"{_XS}import")]:
            facts["imports"] = imports
        for kind, tag, read in (
            ("elements", "element", self._element),
            ("simpleTypes", "simpleType", self._simple_type),
            ("complexTypes", "complexType", self._complex_type),
        ):
            if declared := {str(one.get("name")): read(one) for one in root.iterchildren(f"{_XS}{tag}")}:
                facts[kind] = declared
        return facts

    def _name(self, node: etree._Element, attribute: str) -> str:
        prefix, _, local = str(node.get(attribute)).partition(":")
        return f"{self._prefixes[node.nsmap[prefix]]}:{local}"

    def _element(self, node: etree._Element) -> Facts:
        facts: Facts = {}
        if node.get("type"):
            facts["type"] = self._name(node, "type")
        if node.get("nillable") == "true":
            facts["nillable"] = True
        for inner in node.iterchildren(f"{_XS}complexType"):
            facts["complexType"] = self._complex_type(inner)
        return facts

    def _simple_type(self, node: etree._Element) -> Facts:
        restriction = next(node.iterchildren(f"{_XS}restriction"))
        facts: Facts = {"base": self._name(restriction, "base")}
        for facet in restriction.iterchildren("*"):
            name, value = etree.QName(facet).localname, facet.get("value")
            if name in ("enumeration", "pattern"):
                facts.setdefault(name, []).append(value)
            else:
                facts[name] = value
        return facts

    def _complex_type(self, node: etree._Element) -> Facts:
        facts: Facts = {flag: True for flag in ("abstract", "mixed") if node.get(flag) == "true"}
        body = node
        for kind in ("simple", "complex"):
            for content in node.iterchildren(f"{_XS}{kind}Content"):
                body = next(content.iterchildren("*"))
                facts |= {
                    "content": kind,
                    "derivation": etree.QName(body).localname,
                    "base": self._name(body, "base"),
                }
        for child in body.iterchildren("*"):
            match etree.QName(child).localname:
                case "attribute":
                    attribute = _attributes(child) | {"type": self._name(child, "type")}
                    facts.setdefault("attributes", []).append(attribute)
                case "anyAttribute":
                    facts["anyAttribute"] = {
                        "namespace": child.get("namespace"),
                        "process": child.get("processContents"),
                    }
                case "sequence" | "choice":
                    facts["particle"] = self._particle(child)
        return facts

    def _particle(self, node: etree._Element) -> Facts:
        match etree.QName(node).localname:
            case "any":
                facts: Facts = {
                    "any": node.get("namespace"),
                    "process": node.get("processContents"),
                }
            case "element" if node.get("ref"):
                facts = {"ref": self._name(node, "ref")}
            case "element":
                facts = {"element": node.get("name"), **self._element(node)}
            case group:
                facts = {group: [self._particle(member) for member in node.iterchildren("*")]}
        if least := node.get("minOccurs"):
            facts["min"] = int(least)
        if most := node.get("maxOccurs"):
            facts["max"] = "*" if most == "unbounded" else int(most)
        return facts


def _attributes(node: etree._Element) -> Facts:
    return {str(name): value for name, value in node.items()}
