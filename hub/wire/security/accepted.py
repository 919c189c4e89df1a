"""Assertions that were accepted already: a care provider sends the same one with every message of a day."""

import threading
from dataclasses import dataclass
from datetime import datetime

from hub.wire.security.assertions import Assertion
from hub.wire.security.trust import Trust


@dataclass(frozen=True, slots=True)
class _Accepted:
    assertion: Assertion
    until: datetime


class AcceptedAssertions:
    """Assertions by the SHA-256 of how they are written, signature and all; at most so many, until they end.

    Only what passed every check gets in, so nobody without a token can fill it. All are forgotten when the trust
    changes: who vouched for them may not count any more. Safe to use from several threads.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._trust: Trust | None = None
        self._by_digest: dict[bytes, _Accepted] = {}

    def get(self, digest: bytes, trust: Trust, now: datetime) -> Assertion | None:
        """The assertion with this digest, if it was accepted under this trust and has not ended."""
        with self._lock:
            found = self._by_digest.get(digest) if trust is self._trust else None
            if found is None:
                return None
            if now >= found.until:
                del self._by_digest[digest]
                return None
            return found.assertion

    def add(self, digest: bytes, assertion: Assertion, until: datetime, trust: Trust) -> None:
        """Remember an assertion; the one that came first makes room."""
        with self._lock:
            if trust is not self._trust:
                self._trust, self._by_digest = trust, {}
            while self._by_digest and len(self._by_digest) >= self._most:
                del self._by_digest[next(iter(self._by_digest))]
            if self._most:
                self._by_digest[digest] = _Accepted(assertion, until)

    def __len__(self) -> int:
        return len(self._by_digest)
