"""The memory of failures, on a clock that the test moves."""

from connectors.circuit_breaker import CircuitBreaker


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0


def a_breaker(clock: Clock, *, chance: float = 0.0) -> CircuitBreaker:
    return CircuitBreaker(failures=2, pause=10.0, now=lambda: clock.now, chance=lambda: chance)


def fail(breaker: CircuitBreaker) -> None:
    attempt = breaker.begin()
    assert attempt is not None
    attempt.fail()
    attempt.end()


def test_it_opens_after_failures_in_a_row_and_only_then() -> None:
    breaker = a_breaker(Clock())
    fail(breaker)
    between = breaker.begin()
    assert between is not None
    between.succeed()
    between.end()
    fail(breaker)
    assert not breaker.is_open

    fail(breaker)

    assert breaker.is_open
    assert breaker.begin() is None


def test_an_answer_that_stops_half_way_each_time_opens_it() -> None:
    breaker = a_breaker(Clock())
    for _ in range(2):
        attempt = breaker.begin()
        assert attempt is not None
        attempt.answer()
        attempt.fail()
        attempt.end()

    assert breaker.is_open


def test_after_the_pause_one_probe_at_a_time_is_let_through() -> None:
    clock = Clock()
    breaker = a_breaker(clock, chance=1.0)
    fail(breaker)
    fail(breaker)
    clock.now += 12.4
    assert breaker.is_open, "a quarter longer by chance"
    clock.now += 0.2

    probe = breaker.begin()

    assert probe is not None
    assert breaker.begin() is None
    probe.answer()
    assert breaker.begin() is not None, "its first bytes close the circuit"


def test_a_failed_probe_opens_it_again_and_an_abandoned_one_does_not() -> None:
    clock = Clock()
    breaker = a_breaker(clock)
    fail(breaker)
    fail(breaker)
    clock.now += 11
    abandoned = breaker.begin()
    assert abandoned is not None
    abandoned.end()
    assert not breaker.is_open

    fail(breaker)

    assert breaker.is_open


def test_late_failures_of_attempts_from_before_do_not_prolong_the_pause() -> None:
    clock = Clock()
    breaker = a_breaker(clock)
    late = breaker.begin()
    fail(breaker)
    fail(breaker)
    clock.now += 9
    assert late is not None
    late.fail()
    late.end()

    clock.now += 2

    assert not breaker.is_open
