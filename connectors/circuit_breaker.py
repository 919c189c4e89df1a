"""A memory of failures, so that a source that is down costs nobody a timeout.

After several failures in a row the circuit opens: nobody tries for a while. Then one request probes; its answer closes
the circuit, its failure opens it again. Each worker process remembers for itself.
"""

import random
import time
from collections.abc import Callable


class CircuitBreaker:
    """Opens after `failures` in a row, for `pause` seconds.

    By chance up to a quarter longer, so that workers do not probe in step.
    """

    def __init__(
        self,
        *,
        failures: int,
        pause: float,
        now: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._limit = failures
        self._pause = pause
        self._now = now
        self._chance = chance
        self._failures = 0
        self._opened_until: float | None = None
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        """Whether nobody is to try now."""
        return self._opened_until is not None and (self._is_probing or self._now() < self._opened_until)

    def begin(self) -> "Attempt | None":
        """Start an attempt, or None while the circuit is open. Whoever starts one ends it."""
        if self.is_open:
            return None
        self._is_probing = self._opened_until is not None
        return Attempt(self, is_probe=self._is_probing)

    def close(self) -> None:
        """Forget all failures."""
        self._failures, self._opened_until, self._is_probing = 0, None, False

    def open(self) -> None:
        """Let nobody try for a while."""
        self._opened_until = self._now() + self._pause * (1 + self._chance() / 4)
        self._is_probing = False

    def count_failure(self) -> None:
        """One more failure in a row."""
        self._failures += 1
        if self._failures >= self._limit and self._opened_until is None:
            self.open()

    def count_success(self) -> None:
        """The row of failures is broken."""
        self._failures = 0

    def stop_probing(self) -> None:
        """The probe told nothing; the next attempt is a probe again."""
        self._is_probing = False


class Attempt:
    """One try of a source. What it saw last before `end` counts; a caller who goes away says nothing of the source."""

    def __init__(self, breaker: CircuitBreaker, *, is_probe: bool) -> None:
        self._breaker = breaker
        self._is_probe = is_probe
        self._has_failed: bool | None = None

    def answer(self) -> None:
        """The source has begun to answer: enough to close a circuit, not enough to forget failures half-way."""
        if self._is_probe:
            self._is_probe = False
            self._breaker.close()

    def succeed(self) -> None:
        """The source has answered to the end."""
        self._has_failed = False

    def fail(self) -> None:
        """The source did not answer, or not to the end."""
        self._has_failed = True

    def end(self) -> None:
        """Nothing more is coming."""
        match self._is_probe, self._has_failed:
            case True, True:
                self._breaker.open()
            case True, None:
                self._breaker.stop_probing()
            case _, True:
                self._breaker.count_failure()
            case _, False:
                self._breaker.count_success()
