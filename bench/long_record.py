"""What a page of 100 costs of a very long record, against the same page of a record of 100."""

from pathlib import Path
from typing import Any

from bench.figures import median, spread, tell
from bench.hub_process import HubProcess, RedisProcess
from bench.messages import ASKER, headers, list_request
from bench.patients import ListedPatient, listed_patients, seed
from bench.permission import permit
from bench.wrk import Wrk, write_bodies
from hub.sandbox.bulk import open_index

PAGE = 100
_CONNECTIONS = 8
_SEED = 7


async def long_record_costs(
    folder: Path, redis: RedisProcess, hub: HubProcess, wrk: Wrk, *, references: int, rounds: int, seconds: int
) -> dict[str, Any]:
    """CPU milliseconds of a page, hub and Redis together, and ratios; each page has its turn in every round."""
    (short,), (long,) = listed_patients(1, PAGE, seed=_SEED), listed_patients(1, references, seed=_SEED + 1)
    tell(f"Declaring {references} references of one patient.")
    async with open_index(folder, redis.url) as index:
        await seed(index, short)
        await seed(index, long)
    await permit(folder, redis.url, [short.patient.ssin, long.patient.ssin], [ASKER])
    pages = {"list_100": (short, 1), "list_100k": (long, 1), "list_100k_middle": (long, references // 2)}
    costs: dict[str, list[float]] = {name: [] for name in pages}
    for number in range(rounds + 1):
        for name, page in pages.items():
            load = await wrk.load(
                hub.url,
                _body(folder / name, *page),
                headers("GetTransactionList"),
                seconds=seconds,
                connections=_CONNECTIONS,
                servers=[hub.process, redis.process],
            )
            if number:  # the first round warms up
                costs[name].append(load.cpu_ms)
    shortest = median(costs["list_100"], 3)
    return {
        "long_record": references,
        **{f"{name}_cpu_ms": median(values, 3) for name, values in costs.items()},
        "list_100k_over_100": round(median(costs["list_100k"], 3) / shortest, 2),
        "list_100k_middle_over_100": round(median(costs["list_100k_middle"], 3) / shortest, 2),
        "long_record_spread": {name: spread(values, 3) for name, values in costs.items()},
    }


def _body(file: Path, listed: ListedPatient, first: int) -> Path:
    return write_bodies(file, [list_request(listed.patient.ssin, first=first, rows=PAGE)])
