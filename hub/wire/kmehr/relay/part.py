"""What may leave of a document for somebody who may see a part of it, and how the document says so."""

from dataclasses import dataclass
from typing import Self

from hub.domain.texts import Language
from hub.wire.kmehr.relay.additions import with_namespace
from hub.wire.xml import escape

PART_SCHEME = "hub-part"
"""The owner (SL) of the code that marks a transaction of which a part has left."""


@dataclass(frozen=True, slots=True)
class Part:
    """The kinds of item (CD-ITEM) that may leave, and what is inserted into each transaction.

    `mark` is its last `cd`, for software; `notice` the first of its content, for people. Both are the same whatever has
    been left out, so that they do not tell whether anything was.
    """

    items: frozenset[str]
    mark: bytes
    notice: bytes

    @classmethod
    def of(cls, items: frozenset[str], notice: str, language: Language) -> Self:
        """A part whose transactions carry this sentence."""
        return cls(
            items=items,
            mark=with_namespace(f'<k:cd S="LOCAL" SV="1.0" SL="{PART_SCHEME}">part</k:cd>'),
            notice=with_namespace(f'<k:text L="{language}">{escape(notice)}</k:text>'),
        )
