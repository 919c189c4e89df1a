"""What an endpoint tells about itself under `?wsdl` and `?xsd=NAME` (WSDL 1.1, WS-I Basic Profile 1.1).

The files are those of `schemas/kmehr`; what changes on the way out is the address, the SOAPAction, the place of every
import and the form of the message elements.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Self
from urllib.parse import quote

from lxml import etree

from hub.wire.hubservices.operations import INTERHUB_ACTION, INTRAHUB_ACTION
from hub.wire.namespaces import PROTOCOL

_XS = "{http://www.w3.org/2001/XMLSchema}"
_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"


class Service(StrEnum):
    """A service of the hub; the value is its name in paths and files."""

    INTRAHUB = "intrahub"
    INTERHUB = "interhub"

    @property
    def action_prefix(self) -> str:
        """What stands before the name of the operation in SOAPAction, unless the configuration says otherwise."""
        return INTRAHUB_ACTION if self is Service.INTRAHUB else INTERHUB_ACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDescription:
    """The WSDL of each service and the schemas it imports, as clients of a running server need them."""

    wsdls: Mapping[Service, etree._ElementTree]
    schemas: Mapping[str, etree._ElementTree]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the files of a folder laid out like `schemas/kmehr`; raises OSError when one is missing."""
        messages = folder / "hubservices-3.5"
        return cls(
            wsdls={service: etree.parse(str(messages / f"{service}-v3.wsdl")) for service in Service},
            schemas={path.name: etree.parse(str(path)) for path in folder.rglob("*.xsd")},
        )

    def wsdl(self, service: Service, *, endpoint: str, action_prefix: str | None = None) -> bytes:
        """The WSDL of a service that is reached at `endpoint`, an absolute URL without query."""
        definitions = deepcopy(self.wsdls[service])
        prefix = service.action_prefix if action_prefix is None else action_prefix
        for address in definitions.iter(f"{_SOAP}address"):
            address.set("location", endpoint)
        for operation in definitions.iter(f"{_WSDL}operation"):
            for binding in operation.iterchildren(f"{_SOAP}operation"):
                binding.set("soapAction", f"{prefix}{operation.get('name')}")
        return _served(definitions, endpoint)

    def schema(self, name: str, *, endpoint: str) -> bytes | None:
        """The schema of that file name as served at `endpoint`; None when there is no such file."""
        if name not in self.schemas:
            return None
        schema = deepcopy(self.schemas[name])
        if schema.getroot().get("targetNamespace") == PROTOCOL:
            for message in schema.getroot().iterchildren(f"{_XS}element"):
                _give_own_type(message)
        return _served(schema, endpoint)


def _give_own_type(message: etree._Element) -> None:
    """Let a message element extend its type in place.

    Code generators then unwrap the message, and see its parts. Not so in the files that validate: there an `xsi:type`
    on the root that names the published type must stay valid, and no type may be derived from a nameless one.
    """
    published = str(message.attrib.pop("type"))
    own_type = etree.SubElement(message, f"{_XS}complexType")
    etree.SubElement(
        etree.SubElement(own_type, f"{_XS}complexContent"),
        f"{_XS}extension",
        base=published,
    )
    etree.indent(message, level=1)


def _served(document: etree._ElementTree, endpoint: str) -> bytes:
    """The document with all imports by absolute URL of the running server."""
    for imported in document.iter(f"{_XS}import"):
        name = PurePosixPath(imported.get("schemaLocation", "")).name
        imported.set("schemaLocation", f"{endpoint}?xsd={quote(name)}")
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True)
