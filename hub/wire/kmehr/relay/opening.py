"""What stands before `kmehrmessage`: a hub's answer around it, or nothing (protocol facts, parts 2 and 4)."""

from hub.domain.errors import HubError, Reason
from hub.ports.documents import Shape
from hub.wire.kmehr.relay.stream import refusal
from hub.wire.namespaces import CORE, KMEHR, PROTOCOL, SOAP

_MESSAGES = (f"{CORE} kmehrmessage", f"{KMEHR} kmehrmessage")
_ENVELOPE, _HEADER, _BODY, _FAULT = (f"{SOAP} {name}" for name in ("Envelope", "Header", "Body", "Fault"))
_RESPONSES = (f"{PROTOCOL} GetTransactionResponse", f"{PROTOCOL} GetTransactionSetResponse")
_ACKNOWLEDGE, _ISCOMPLETE = f"{CORE} acknowledge", f"{CORE} iscomplete"


class Opening:
    """Looks for the KMEHR message where it may stand, and at what the source says before it.

    A refusal (`iscomplete` not true) and an answer without a message are source-lacks-document. Error entries beside
    `iscomplete` true do not count: one hub reports success that way.
    """

    def __init__(self, shape: Shape) -> None:
        self._is_answer = shape is Shape.HUB_ANSWER
        self._path: list[str] = []
        self._iscomplete = ""

    def start(self, name: str) -> bool:
        """An element starts; returns whether it is the message. Raises HubError for what is no answer."""
        if not self._is_answer:
            if name not in _MESSAGES:
                raise refusal("not a KMEHR message")
            return True
        self._path.append(name)
        match len(self._path):
            case 1 if name != _ENVELOPE:
                raise refusal("not a SOAP 1.1 envelope")
            case 2 if name not in (_HEADER, _BODY):
                raise refusal("not a SOAP 1.1 envelope", where="Envelope")
            case 3 if self._path[1] == _BODY:
                _check_body_element(name)
            case 4 if self._path[1] == _BODY and name in _MESSAGES:
                self._check_acknowledge()
                return True
        return False

    def text(self, data: str) -> None:
        """A piece of text."""
        if self._path[3:] == [_ACKNOWLEDGE, _ISCOMPLETE]:
            self._iscomplete += data

    def end(self, name: str) -> None:
        """An element ends. Raises HubError when the answer ends without a message."""
        self._path.pop()
        if name in _RESPONSES and self._path == [_ENVELOPE, _BODY]:
            self._check_acknowledge()
            raise HubError(Reason.SOURCE_LACKS_DOCUMENT)

    def _check_acknowledge(self) -> None:
        match self._iscomplete.strip():
            case "true" | "1":
                return
            case "false" | "0":
                raise HubError(Reason.SOURCE_LACKS_DOCUMENT)
            case _:
                raise refusal("no acknowledge", where="acknowledge")


def _check_body_element(name: str) -> None:
    if name == _FAULT:
        raise refusal("a SOAP fault")
    if name not in _RESPONSES:
        raise refusal("an answer to something else", where="Envelope/Body")
