"""Documents given to the vault."""

from dataclasses import dataclass

from hub.domain.declarations import Declaration
from hub.domain.parties import Patient


@dataclass(frozen=True, slots=True)
class Submission:
    """A KMEHR message of one patient, as put.

    `declaration` is what its first transaction says of itself; its recorddatetime may be empty. `message` is the whole
    message as a standalone document, opaque to everything but the wire. `members` counts its transactions.
    `new_version_of` are the identifiers its `isanewversionof` links name. `stated_version` is the version that the head
    of a set states, None when it states none.
    """

    patient: Patient
    declaration: Declaration
    message: bytes
    members: int
    new_version_of: frozenset[str]
    stated_version: int | None
