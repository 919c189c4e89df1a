"""What the acts of the demo share: who plays, what was published, and how a step says that it holds."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from hub.domain.declarations import Declaration
from hub.domain.parties import Id
from hub.sandbox.answers import NotAccepted, Reply
from hub.sandbox.callers import Callers
from hub.sandbox.client import HubClient
from hub.sandbox.comparison import difference
from hub.sandbox.demo_documents import DemoDocuments
from hub.sandbox.documents import SampleDocument
from hub.sandbox.people import DEMO_PATIENT, SANDBOX_HUB, People
from hub.wire.xml import parse


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was sent and what came back, in a few words each."""

    sent: str
    received: str


class StepFailed(Exception):
    """A step did not hold; the text says what was expected and what was there."""


Step = tuple[str, Callable[[], Awaitable[Exchange]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The story of one patient that begins `now`: who plays, what they write, and the hub's ids of what they published.

    `gp` is the family doctor, `colleague` another one.
    """

    callers: Callers
    now: datetime
    ids: dict[str, Id] = field(default_factory=dict)

    @property
    def people(self) -> People:
        """Everybody in the sandbox."""
        return self.callers.people

    @property
    def documents(self) -> DemoDocuments:
        """Documents of the hour before the story."""
        return DemoDocuments(self.people, self.now)

    @property
    def summary(self) -> SampleDocument:
        """The SUMEHR that the GP puts."""
        return self.documents.summary(minutes_ago=30)

    @property
    def gp(self) -> HubClient:
        """The software of the family doctor."""
        return self.callers.caller("gp_fr")

    @property
    def colleague(self) -> HubClient:
        """The software of another doctor."""
        return self.callers.caller("gp_nl")

    @property
    def sealed(self) -> str:
        """A word for what is sealed, where folders are."""
        return ", sealed" if self.gp.seals else ""

    async def list(self) -> Reply:
        """What the hub answers when the GP asks what there is."""
        return await self.gp.list(DEMO_PATIENT.ssin)

    async def rows(self) -> tuple[Declaration, ...]:
        """The rows of that list."""
        return (await self.list()).accepted().summaries


def expect(what: str, *, holds: bool) -> None:
    """Raises StepFailed when it does not hold."""
    if not holds:
        raise StepFailed(f"expected: {what}")


def expect_refused(reply: Reply, code: str) -> str:
    """What the hub says no with, by this code. Raises StepFailed when it says something else."""
    codes = [error.code for error in reply.errors]
    expect(f"a refusal with {code}, not {codes or 'success'}", holds=not reply.complete and code in codes)
    return first_error(reply)


def expect_same(document: SampleDocument, reply: Reply) -> None:
    """Raises StepFailed when another document came back."""
    if reply.document is None:
        raise StepFailed("expected: a document")
    if found := difference(parse(document.content), reply.document, SANDBOX_HUB, was_sealed=reply.seal is not None):
        raise StepFailed(f"expected: the same document; {found}")


async def refusal(action: Awaitable[object]) -> str:
    """What the hub says no with, to something that must be refused."""
    try:
        await action
    except NotAccepted as refused:
        return f"refused: {refused}"
    raise StepFailed("expected: a refusal")


def first_error(reply: Reply) -> str:
    """The first reason of a refusal."""
    return f"refused: {reply.errors[0].text} [{reply.errors[0].code}]"


def named(document: SampleDocument) -> str:
    """A document by its type and its publisher's number."""
    return f"{document.declaration.transaction_type} {document.id}"


def shown(id_: Id) -> str:
    """An id of the hub."""
    return f"{id_.local_scheme} {id_.value}"


def types_of(rows: tuple[Declaration, ...]) -> str:
    """The types of documents in a list."""
    return ", ".join(sorted({row.transaction_type for row in rows}))
