"""What the index takes to answer, one question at a time: a list, how many there are, and the latest of a type."""

import random
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bench.open_gate import OPEN_GATE
from bench.records import patient_number
from hub.domain.identifiers import Ssin
from hub.domain.search import Criteria, PageRequest
from hub.ports.reference_index import ReferenceIndex

_WARM_UP = 200
_TYPE = frozenset({"sumehr"})

Question = Callable[[Ssin], Awaitable[object]]


async def look_up(index: ReferenceIndex, sizes: Sequence[int], *, count: int, seed: int) -> Mapping[str, float]:
    """Microseconds of the whole way, unpacking included, for patients drawn at random; and for the two extremes.

    `lookup` is the first page of 100, `count` a page of one with the total, `latest` the latest SUMEHR.
    `list_longest_over_100` compares the first pages of the patient who has most and of one who has about 100.
    """
    chance = random.Random(seed)  # noqa: S311 - test data, the same each time
    questions: dict[str, Question] = {
        "lookup": lambda patient: index.find(patient, Criteria(), PageRequest(), OPEN_GATE),
        "count": lambda patient: index.find(patient, Criteria(), PageRequest(size=1), OPEN_GATE),
        "latest": lambda patient: index.latest(patient, _TYPE),
    }
    figures: dict[str, float] = {}
    patients = [patient_number(chance.randrange(len(sizes))) for _ in range(_WARM_UP + count)]
    for name, question in questions.items():
        times = (await _times(question, patients))[_WARM_UP:]
        figures |= {f"{name}_p50_us": _percentile(times, 50), f"{name}_p99_us": _percentile(times, 99)}
    longest, usual = max(sizes), min(sizes, key=lambda size: abs(size - 100))
    page = {
        size: statistics.median(await _times(questions["lookup"], [patient_number(sizes.index(size))] * _WARM_UP))
        for size in (longest, usual)
    }
    return figures | {"longest": longest, "list_longest_over_100": round(page[longest] / page[usual], 2)}


async def _times(question: Question, patients: Sequence[Ssin]) -> list[float]:
    """In microseconds."""
    times = []
    for patient in patients:
        started = time.perf_counter()
        await question(patient)
        times.append((time.perf_counter() - started) * 1e6)
    return times


def _percentile(times: Sequence[float], part: int) -> float:
    return round(statistics.quantiles(times, n=100)[part - 1])
