"""Figures: medians, spreads, the machine they were measured on, and how they are shown."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def median(values: Sequence[float], digits: int = 2) -> float:
    """The median, rounded."""
    return round(statistics.median(values), digits)


def spread(values: Sequence[float], digits: int = 2) -> list[float]:
    """The smallest and the largest value."""
    return [round(min(values), digits), round(max(values), digits)]


def machine() -> dict[str, Any]:
    """What is worth knowing of the machine; `load` is how busy it was in the last minute."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def show(figures: Mapping[str, Any], *, title: str, as_json: bool) -> None:
    """One JSON object, or lines for people; nested figures only in JSON."""
    if as_json:
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    table = Table("figure", "value", title=title)
    for name, value in figures.items():
        if not isinstance(value, dict | list):
            table.add_row(name, "-" if value is None else str(value))
    Console().print(table)


def tell(text: str) -> None:
    """Progress, where it does not disturb the figures."""
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(text)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
