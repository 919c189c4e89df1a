"""`hub validate`: production's rules, offline, for the developer who wants to know why a document is refused.

Contract (design part 8): KMEHR documents and hub messages; exit 0 when all are valid, 1 when one is invalid, 2 when one
could not be read; one bad file never stops the batch.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from hub.commands.validation_batch import Batch, files_of
from hub.commands.validation_report import HumanReport, as_json
from hub.domain.texts import Language
from hub.wire.kmehr.judgement import Judgement, Verdict
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.schemas import SchemaFolderError, default_schema_folder

_MANY = 8


class ReportLanguage(StrEnum):
    """The languages a report can be written in."""

    FR = "fr"
    NL = "nl"
    EN = "en"


def validate(
    files: Annotated[list[Path], typer.Argument(help="Files, and folders that hold *.xml or *.kmehr files.")],
    *,
    json_output: Annotated[bool, typer.Option("--json", help="Write one JSON array, and nothing else.")] = False,
    language: Annotated[ReportLanguage, typer.Option(help="The language of the report.")] = ReportLanguage.EN,
    schemas: Annotated[Path | None, typer.Option(help="A folder with other schemas than the hub's own.")] = None,
) -> None:
    """Check KMEHR documents and hub messages by the schemas and rules of the hub.

    Exit status: 0 all valid (warnings allowed), 1 something is invalid, 2 something could not be read.
    """
    meant = files_of(files)
    if not meant:
        raise typer.BadParameter("no *.xml or *.kmehr file in this folder", param_hint="FILES")
    batch = Batch(schema_folder=schemas or default_schema_folder(), limits=ValidationLimits(), now=datetime.now(UTC))
    try:
        judged = _with_progress(batch.judge(meant), len(meant))
        verdicts = _write_json(judged) if json_output else _write_report(judged, language.value)
    except SchemaFolderError as error:
        raise typer.BadParameter(str(error), param_hint="--schemas") from error
    raise typer.Exit(_exit_status(verdicts))


def _write_report(judged: Iterable[tuple[Path, Judgement]], language: Language) -> Counter[Verdict]:
    report, verdicts = HumanReport(console=Console(), language=language), Counter[Verdict]()
    for file, judgement in judged:
        verdicts[judgement.verdict] += 1
        report.add(file, judgement)
    report.close(verdicts)
    return verdicts


def _write_json(judged: Iterable[tuple[Path, Judgement]]) -> Counter[Verdict]:
    """An array, written as it grows: a batch may be long."""
    verdicts = Counter[Verdict]()
    separator = "["
    for file, judgement in judged:
        sys.stdout.write(f"{separator}\n{json.dumps(as_json(file, judgement))}")
        verdicts[judgement.verdict] += 1
        separator = ","
    sys.stdout.write("\n]\n")
    return verdicts


def _exit_status(verdicts: Counter[Verdict]) -> int:
    if verdicts[Verdict.UNREADABLE]:
        return 2
    return 1 if verdicts[Verdict.INVALID] else 0


def _with_progress(judged: Iterator[tuple[Path, Judgement]], total: int) -> Iterator[tuple[Path, Judgement]]:
    """The same, with a progress bar when there is much to wait for and somebody to see it."""
    console = Console(stderr=True)
    if total <= _MANY or not console.is_terminal:
        yield from judged
        return
    # The bar may take over standard output only where both are one terminal.
    with Progress(console=console, redirect_stdout=sys.stdout.isatty(), transient=True) as progress:
        yield from progress.track(judged, total=total, description="")
