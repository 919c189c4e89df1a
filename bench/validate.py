"""`hub bench validate`: what it costs to parse a KMEHR document and to check it against the schema.

Three ways, in one process, by CPU time: lxml alone (libxml2's parser with its defaults, and its schema check); the
hub's own path (hardened parser with its bounds, schema, and the rules beyond the schema, told apart); the pure Python
package `xmlschema` alone. Every document is judged valid before anything is timed.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
import xmlschema
from lxml import etree

from bench.command import AsJson, run
from bench.documents import Document, documents
from bench.figures import machine, median, spread, tell
from bench.processes import BenchmarkError
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.kmehr.validation import KmehrValidator
from hub.wire.schemas import SchemaSet, default_schema_folder
from hub.wire.xml import parse

_NOW = datetime(2026, 3, 2, tzinfo=UTC)
_LEAST_SECONDS = 0.05
"""A batch is repeated until it has taken so long: the clock of the processor's time is coarse."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways to check one document; each raises BenchmarkError when it is not valid."""

    validator: KmehrValidator
    schemas: SchemaSet
    python_schema: xmlschema.XMLSchema

    def lxml_alone(self, content: bytes) -> None:
        """libxml2, without anything of ours."""
        tree = etree.ElementTree(etree.fromstring(content))  # noqa: TID251 - what is compared
        _require(self.schemas.kmehr_message.validate(tree))

    def ours(self, content: bytes) -> None:
        """The hub's parser, and the hub's verdict by the schema."""
        _require(not self.validator.refusals(parse(content)))

    def rules(self, message: etree._Element) -> None:
        """The rules beyond the schema, on a parsed message."""
        _require(not any(finding.refuses for finding in self.validator.rules(message, now=_NOW)))

    def xmlschema_alone(self, content: bytes) -> None:
        """xmlschema, its parsing included."""
        _require(self.python_schema.is_valid(content.decode()))


def measure(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="How often each way has its turn at each document.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Parsing and checking KMEHR documents, in microseconds per KB: lxml alone, ours, xmlschema alone."""
    run(partial(_measure, rounds), title="KMEHR parse + validate", as_json=as_json)


async def _measure(rounds: int, _folder: Path) -> Mapping[str, Any]:
    about, validator = machine(), KmehrValidator.load(default_schema_folder(), ValidationLimits())
    schemas = SchemaSet.load(default_schema_folder())
    ways = Ways(validator, schemas, xmlschema.XMLSchema(schemas.kmehr_file))
    rows = [_time_document(document, ways, rounds) for document in documents()]
    names = ("us_per_kb", "rules_us_per_kb", "lxml_us_per_kb", "xmlschema_us_per_kb")
    figures: dict[str, Any] = {name: median([row[name] for row in rows]) for name in names}
    return {
        **figures,
        "worst_us_per_kb": max(row["us_per_kb"] for row in rows),
        "ratio_lxml": round(figures["us_per_kb"] / figures["lxml_us_per_kb"], 2),
        "ratio_xmlschema": round(figures["xmlschema_us_per_kb"] / figures["us_per_kb"], 1),
        "rounds": rounds,
        "documents": rows,
        "machine": about,
    }


def _time_document(document: Document, ways: Ways, rounds: int) -> dict[str, Any]:
    """The medians of the rounds, in which the ways take turns."""
    content, message = document.content, parse(document.content)
    steps: dict[str, Callable[[], None]] = {
        "us_per_kb": partial(ways.ours, content),
        "rules_us_per_kb": partial(ways.rules, message),
        "lxml_us_per_kb": partial(ways.lxml_alone, content),
        "xmlschema_us_per_kb": partial(ways.xmlschema_alone, content),
    }
    for step in steps.values():
        step()
    measured: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            measured[name].append(_cpu_seconds(step) * 1e6 / document.kilobytes)
    row = {name: median(values) for name, values in measured.items()}
    tell(f"{document.kind}, {document.kilobytes:.1f} KB: {row['us_per_kb']} us per KB")
    about = {"kind": document.kind, "kb": round(document.kilobytes, 1)}
    return about | row | {"spread": {name: spread(values) for name, values in measured.items()}}


def _cpu_seconds(step: Callable[[], None]) -> float:
    """The processor's time for one step, the mean of as many as fill a batch."""
    count, begin = 0, time.process_time()
    while (elapsed := time.process_time() - begin) < _LEAST_SECONDS:
        step()
        count += 1
    return elapsed / count


def _require(is_valid: bool) -> None:  # noqa: FBT001 - a function of one value
    if not is_valid:
        raise BenchmarkError("a document is not valid: what was timed would be something else")
