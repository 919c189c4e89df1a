"""What a hub adds to a document that it hands out (protocol facts, part 4)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from hub.domain.parties import Author, HcParty, Id
from hub.wire.kmehr.parties import write_author, write_hcparty, write_id
from hub.wire.namespaces import KMEHR


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """KMEHR fragments to insert; each declares the namespace it uses, because a document may use any prefix.

    `sender` is the hub's `hcparty`, the first of the header's sender unless one of the senders has the number `hub`;
    `recipient` comes before the other recipients; the n-th of `transaction_ids` is the last `id` of the n-th
    transaction of the message.
    """

    hub: str
    sender: bytes
    recipient: bytes
    transaction_ids: tuple[bytes, ...] = ()
    version: bytes = b""

    @classmethod
    def of(cls, hub: HcParty, recipient: Author, ids: Sequence[Id] = (), *, version: int = 0) -> Self:
        """The additions of a hub that hands out a document to a recipient."""
        return cls(
            hub=hub.number,
            sender=with_namespace(write_hcparty(hub)),
            recipient=with_namespace(f"<k:recipient>{write_author(recipient)}</k:recipient>"),
            transaction_ids=tuple(with_namespace(write_id(id_)) for id_ in ids),
            version=with_namespace(f"<k:version>{version}</k:version>") if version else b"",
        )


def with_namespace(fragment: str) -> bytes:
    """A fragment whose root, with the prefix `k`, declares the namespace of KMEHR."""
    return re.sub(r"^<k:\w+", rf'\g<0> xmlns:k="{KMEHR}"', fragment).encode()
