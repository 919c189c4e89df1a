"""The 26 operations of hub services v3 and the names they have on the wire."""

from dataclasses import dataclass

from hub.domain.errors import HubError, Reason

INTRAHUB_ACTION = "urn:be:fgov:ehealth:intrahub:protocol:v3:"
INTERHUB_ACTION = "urn:be:fgov:ehealth:interhub:protocol:v3:"
"""The natural reading for interhub; no public WSDL was found, so the prefix is a setting."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation by its name."""

    name: str

    @property
    def request_element(self) -> str:
        """The local name of the request message, in the protocol namespace."""
        return f"{self.name}Request"

    @property
    def response_element(self) -> str:
        """The local name of the response message, in the protocol namespace."""
        return f"{self.name}Response"


OPERATIONS: dict[str, Operation] = {
    name: Operation(name)
    for name in (
        "DeclareTransaction",
        "PutTransaction",
        "GetTransactionList",
        "GetTransaction",
        "RevokeTransaction",
        "PutPatient",
        "GetPatient",
        "PutPatientConsent",
        "GetPatientConsent",
        "RevokePatientConsent",
        "PutHCParty",
        "GetHCParty",
        "PutHCPartyConsent",
        "GetHCPartyConsent",
        "RevokeHCPartyConsent",
        "PutTherapeuticLink",
        "GetTherapeuticLink",
        "RevokeTherapeuticLink",
        "PutAccessRight",
        "GetAccessRight",
        "RevokeAccessRight",
        "GetPatientAuditTrail",
        "RequestPublication",
        "PutTransactionSet",
        "GetTransactionSet",
        "GetLatestUpdate",
    )
}


def operation_named(name: str) -> Operation:
    """The operation with this name. Raises HubError (operation-unknown)."""
    try:
        return OPERATIONS[name]
    except KeyError:
        raise HubError(Reason.OPERATION_UNKNOWN, where="Envelope/Body") from None


def check_action(header: str | None, prefix: str, operation: Operation) -> None:
    """Compare the SOAPAction header with the operation in the body, which decides.

    A missing or empty header passes; quotes are optional. Raises HubError (soap-action) when it names something else.
    """
    action = (header or "").strip().strip("\"'").strip()
    if action and action != prefix + operation.name:
        raise HubError(Reason.SOAP_ACTION, where="SOAPAction", wanted=prefix + operation.name)
