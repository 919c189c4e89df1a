"""Requests for documents, as a hub that has looked up a reference makes them."""

import asyncio
from datetime import UTC, datetime

from hub.domain.context import RequestContext
from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, HcParty, Id
from hub.domain.references import TransactionReference
from hub.ports.documents import DocumentRequest
from tests.builders import a_context
from tests.fakes.documents import HUB, PATIENT

HUB_AS_PARTY = HcParty((Id("ID-HCPARTY", "1.0", HUB),), (Code("CD-HCPARTY", "1.16", "hub"),), name="RSB")
PHYSICIAN = HcParty(
    (Id("ID-HCPARTY", "1.0", "19980119004"), Id("INSS", "1.0", "70413199724")),
    (Code("CD-HCPARTY", "1.16", "persphysician"),),
    firstname="Dokter",
    familyname="Verzonnen",
)


class FixedClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Always the same moment."""
        return datetime(2026, 3, 3, 9, 30, tzinfo=UTC)


def soon(*, seconds: float = 10.0, break_the_glass: str | None = None) -> RequestContext:
    """The context of a physician's request that may still take so many seconds."""
    deadline = asyncio.get_running_loop().time() + seconds
    return a_context(PHYSICIAN, deadline=deadline, break_the_glass=break_the_glass)


def a_reference(local_id: str, *, document: bytes | None = None, version: int = 0) -> TransactionReference:
    """A reference to the hospital's document with this number."""
    declaration = Declaration.of(
        ids=(Id("ID-KMEHR", "1.0", "1"), Id("LOCAL", "1.0", local_id, "deproef")),
        cds=(Code("CD-TRANSACTION", "1.14", "contactreport"),),
        date="2026-03-02",
        time="10:00:00",
        author=(PHYSICIAN,),
        iscomplete=True,
        isvalidated=True,
        recorddatetime="2026-03-02T10:00:00+01:00",
    )
    return TransactionReference(1, declaration, "deproef", document=document, version=version)


def a_request(
    local_id: str = "D-1", *, seconds: float = 10.0, document: bytes | None = None, version: int = 0
) -> DocumentRequest:
    """A request for the hospital's document with this number, or for a document of the vault by its key."""
    reference = a_reference(local_id, document=document, version=version)
    return DocumentRequest(Ssin(PATIENT), reference, soon(seconds=seconds))
