"""What can be configured about a hospital by SOAP."""

from dataclasses import dataclass, field

from connectors.http_settings import HttpSettings
from hub.wire.hubservices.operations import INTRAHUB_ACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class HospitalSoapSettings(HttpSettings):
    """A hospital's hub services endpoint."""

    url: str = field(metadata={"doc": "Endpoint of the hospital's hub services v3 server"})
    action_prefix: str = field(
        default=INTRAHUB_ACTION, metadata={"doc": "What stands before the operation's name in SOAPAction"}
    )
    takes_publication_requests: bool = field(
        default=False, metadata={"doc": "Whether the hospital accepts RequestPublication"}
    )

    def __post_init__(self) -> None:
        self.require_https(self.url)
