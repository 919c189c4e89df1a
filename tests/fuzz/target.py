"""What is fuzzed: a message as a hub takes it in, from bytes to who sent it; and what must hold for every input.

The order is that of `hub/web/soap/endpoint.py` and `hub/web/authentication.py`, without the memory of messages.
"""

import codecs
import time
from base64 import b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, Self

from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.domain.identity import Identity
from hub.domain.parties import Author
from hub.wire.hubservices.operations import operation_named
from hub.wire.hubservices.requests import read_request_part
from hub.wire.namespaces import PROTOCOL
from hub.wire.schemas import SchemaSet, default_schema_folder
from hub.wire.security.refusal import SecurityRefusal
from hub.wire.security.verification import MessageVerification, Verified
from hub.wire.soap import Envelope, read_envelope
from tests.fuzz.fixed_world import NOW, fixed_world
from tests.fuzz.genuine import Genuine

CORPUS: Final = Path(__file__).parent / "corpus"
GENUINE: Final = "genuine"
"""The folder of the corpus with what must be accepted."""
MOST_SECONDS: Final = 0.5
"""Of the processor, for one input. The slowest ones seen take a hundredth of that."""
_LONG = 0.01
ACCEPTED: Final = "accepted"
_CHARSET = b"charset="


class Finding(AssertionError):
    """Something that must not happen; the text says what."""


class Outcome(NamedTuple):
    """Accepted, or the name of the cause or reason and where; and how long it took."""

    label: str
    place: str
    seconds: float

    @property
    def kind(self) -> tuple[str, str]:
        """What makes an outcome worth keeping an input for."""
        return self.label, self.place


class _Accepted(NamedTuple):
    verified: Verified
    identity: Identity
    author: Author


class Target:
    """Takes inputs, and raises Finding."""

    def __init__(self, corpus: Mapping[str, bytes]) -> None:
        world = fixed_world()
        self._fresh, self._remembering = world.verification(most=0), world.verification(most=8)
        self._identification = world.identification()
        self._schemas = SchemaSet.load(default_schema_folder())
        self._genuine = Genuine(world, corpus.values())
        for name, message in corpus.items():
            if name.startswith(GENUINE):
                accepted = self._accept(read_envelope(message), self._fresh)
                self._genuine.learn(message, accepted.verified, accepted.identity)

    @classmethod
    def of_folder(cls, folder: Path = CORPUS) -> Self:
        """For the corpus of a folder."""
        return cls(read_corpus([folder]))

    def judge(self, data: bytes) -> Outcome:
        """What becomes of an input. Raises Finding, which notes the input, when a property does not hold."""
        try:
            return self._judged(data)
        except Finding as finding:
            finding.add_note(f"in base64: {b64encode(data).decode()}")
            raise

    def _judged(self, data: bytes) -> Outcome:
        outcome, accepted, seconds = self._timed(data)
        if seconds > _LONG:
            # Python may have tidied up meanwhile: what takes long by itself does so again.
            seconds = min(seconds, self._timed(data)[2])
        if seconds > MOST_SECONDS:
            raise Finding(f"{seconds:.1f} seconds until {outcome}")
        again, accepted_again = self._outcome(data, self._remembering)
        if outcome != again or accepted != accepted_again:
            raise Finding(f"{outcome}, but {again} where assertions are remembered")
        if accepted is not None:
            message, encoding = split(data)
            if complaint := self._genuine.complaint(read_envelope(message, encoding=encoding), *accepted):
                raise Finding(f"false accept: {complaint}")
        return Outcome(*outcome, seconds)

    def _timed(self, data: bytes) -> tuple[tuple[str, str], _Accepted | None, float]:
        begin = time.thread_time()
        outcome, accepted = self._outcome(data, self._fresh)
        return outcome, accepted, time.thread_time() - begin

    def _outcome(self, data: bytes, verification: MessageVerification) -> tuple[tuple[str, str], _Accepted | None]:
        try:
            message, encoding = split(data)
            accepted = self._accept(read_envelope(message, encoding=encoding), verification)
        except SecurityRefusal as refusal:
            return (refusal.cause.label, refusal.where), None
        except HubError as error:
            return (error.reason.value, ""), None
        except Exception as error:
            raise Finding(f"unhandled {type(error).__name__}: {error}") from error
        return (ACCEPTED, accepted.identity.quality), accepted

    def _accept(self, envelope: Envelope, verification: MessageVerification) -> _Accepted:
        verified = verification.verify(envelope, NOW)
        candidates = self._identification.candidates(verified.token)
        if etree.QName(envelope.message).namespace != PROTOCOL:
            raise HubError(Reason.OPERATION_UNKNOWN)
        operation_named(envelope.operation)
        if not self._schemas.hub_message(envelope.message):
            raise HubError(Reason.SCHEMA)
        author = read_request_part(envelope.message).author
        return _Accepted(verified, self._identification.speaking(candidates, author), author)


def split(data: bytes) -> tuple[bytes, str | None]:
    """The message of an input, and the charset that its first line may state as the transport would."""
    if not data.startswith(_CHARSET):
        return data, None
    name, _, message = data.partition(b"\n")
    try:
        return message, codecs.lookup(name.removeprefix(_CHARSET).decode("ascii")).name
    except (LookupError, ValueError) as error:
        raise HubError(Reason.MESSAGE_MALFORMED, where="Content-Type", problem="unknown charset") from error


def read_corpus(folders: Iterable[Path]) -> dict[str, bytes]:
    """The inputs of folders, by their path within; always in the same order."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for folder in folders
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
