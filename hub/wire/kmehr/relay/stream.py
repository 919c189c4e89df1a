"""What the web layer needs of a document that is being rewritten."""

from typing import Protocol

from hub.domain.errors import HubError, Reason


class MessageStream(Protocol):
    """Turns the bytes of a source into one `kmehrmessage` element of a hub services answer.

    The first bytes that come out are the sign that the document is the one that was asked for: as long as nothing
    came out, an error can still be told to the caller. After an error the stream is of no more use.
    """

    def feed(self, chunk: bytes) -> bytes:
        """Take the next bytes and return what can be sent on, possibly nothing. Raises HubError (source-answer …)."""
        ...

    def finish(self) -> bytes:
        """Say that the source has sent everything; returns the rest. Raises HubError when something is missing."""
        ...


def refusal(problem: str, *, where: str = "") -> HubError:
    """The error for a source that did not answer what was agreed. `problem` is our own sentence, never the source's."""
    return HubError(Reason.SOURCE_ANSWER, where=where, problem=problem)
