"""Lanes: the streams in which audit events wait for the archive (docs/adr/0012-audit-lanes.md).

A change and its event are stored by one script, so the event must be in the slot of what is changed: there is a lane
for each slot of a cluster, and on one server as many. What a script executes is

    XADD <lane_of(hash tag of its keys)> * p <mark of the patient> e <sealed event>
"""

import hashlib
import hmac
from binascii import crc_hqx
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import NamedTuple

from redis.crc import REDIS_CLUSTER_HASH_SLOTS

from hub.domain.audit import AuditEvent
from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.storage import keys
from hub.storage.audit_codec import decode_event, encode_event
from hub.storage.secrets import DIGEST, Sealer, derive

PATIENT, EVENT = b"p", b"e"
"""The fields of an entry."""


def lane_of(tag: str) -> str:
    """The key of the lane in the slot of a hash tag: of a patient's pseudonym, or of another key's tag."""
    return keys.audit_lane(_tags()[crc_hqx(tag.encode(), 0) % REDIS_CLUSTER_HASH_SLOTS])


def lanes() -> list[str]:
    """The keys of all lanes."""
    return [keys.audit_lane(tag) for tag in _tags()]


@cache
def _tags() -> Sequence[str]:
    """For each slot the smallest number that is in it as a hash tag; some 50 ms the first time."""
    found: dict[int, str] = {}
    numbers = map(str, count())
    while len(found) < REDIS_CLUSTER_HASH_SLOTS:
        number = next(numbers)
        found.setdefault(crc_hqx(number.encode(), 0) % REDIS_CLUSTER_HASH_SLOTS, number)
    return [found[slot] for slot in range(REDIS_CLUSTER_HASH_SLOTS)]


class Written(NamedTuple):
    """An event as a lane and the archive have it: the mark of its patient (empty without one), and the sealed event."""

    mark: bytes
    sealed: bytes


class AlteredError(Exception):
    """It was altered, has the mark of somebody else, or was never sealed by us."""


class EventSealer:
    """Seals audit events, and marks whom they are about.

    Its keys derive from the secret of the index, which is never replaced: marks stay comparable for as long as events
    are kept.
    """

    def __init__(self, secret: bytes) -> None:
        self._marks = derive(secret, "audit marks")
        self._sealer = Sealer(derive(secret, "audit events"))

    def written(self, event: AuditEvent) -> Written:
        """An event as it is stored."""
        mark = self.patient_mark(event.patient) if event.patient else b""
        return Written(mark, self._sealer.seal(encode_event(event), mark))

    def read(self, written: Written) -> AuditEvent:
        """The reverse. Raises AlteredError, and ValueError for an event of a later format."""
        try:
            opened = self._sealer.open(written.sealed, written.mark)
        except (HubError, ValueError) as error:
            raise AlteredError from error
        return decode_event(opened)

    def patient_mark(self, patient: Ssin) -> bytes:
        """What events about a patient are marked with."""
        return self.mark("patient", patient.digits)

    def mark(self, kind: str, value: str) -> bytes:
        """A keyed digest of 16 bytes, by which what has an equal value of this kind is found again."""
        return hmac.digest(self._marks, f"{kind}:{value}".encode(), hashlib.sha256)[:DIGEST]
