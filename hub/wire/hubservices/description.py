"""What an endpoint tells about itself under `?wsdl` and `?xsd=NAME` (WSDL 1.1, WS-I Basic Profile 1.1).

The files are those of `schemas/kmehr`; what changes on the way out is the address, the SOAPAction, the place of every
import and the form of the message elements.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Self
from urllib.parse import quote

from lxml import etree

from hub.wire.hubservices.operations import INTERHUB_ACTION, INTRAHUB_ACTION
from hub.wire.namespaces import PROTOCOL

_XS = "{http://www.w3.org/2001/XMLSchema}"
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

    wsdls: Mapping[Service, bytes]
    schemas: Mapping[str, bytes]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the files of a folder laid out like `schemas/kmehr`; raises OSError when one is missing."""
        messages = folder / "hubservices-3.5"
        return cls(
            wsdls={service: (messages / f"{service}-v3.wsdl").read_bytes() for service in Service},
            schemas={path.name: path.read_bytes() for path in folder.rglob("*.xsd")},
        )

    def wsdl(self, service: Service, *, endpoint: str, action_prefix: str | None = None) -> bytes:
        """The WSDL of a service that is reached at `endpoint`, an absolute URL without query."""
        definitions = etree.fromstring(self.wsdls[service])
        prefix = service.action_prefix if action_prefix is None else action_prefix
        for address in definitions.iter(f"{_SOAP}address"):
            address.set("location", endpoint)
        for binding in definitions.iter(f"{_SOAP}operation"):
            operation = binding.getparent()
            assert operation is not None
            binding.set("soapAction", f"{prefix}{operation.get('name')}")
        return _served(definitions, endpoint)

    def schema(self, name: str, *, endpoint: str) -> bytes | None:
        """The schema of that file name as served at `endpoint`; None when there is no such file."""
        source = self.schemas.get(name)
        if source is None:
            return None
        schema = etree.fromstring(source)
        if schema.get("targetNamespace") == PROTOCOL:
            for message in schema.iterchildren(f"{_XS}element"):
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


def _served(root: etree._Element, endpoint: str) -> bytes:
    """The document with all imports by absolute URL of the running server."""
    for imported in root.iter(f"{_XS}import"):
        name = PurePosixPath(imported.get("schemaLocation", "")).name
        imported.set("schemaLocation", f"{endpoint}?xsd={quote(name)}")
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
