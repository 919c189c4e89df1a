"""`hub demo`: the main scenario, or the documents of a folder, on a sandbox of its own or one that runs already."""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from hub.commands.validation_batch import files_of
from hub.runtime import BelgianClock
from hub.sandbox.answers import NotAccepted
from hub.sandbox.callers import Callers, open_callers
from hub.sandbox.demo import Played, Scenario
from hub.sandbox.demo_story import Story
from hub.sandbox.description import Description
from hub.sandbox.folder_demo import FolderDemo, Outcome, Report
from hub.sandbox.network import running_network
from hub.sandbox.office import Office, open_office
from hub.sandbox.people import load_people
from hub.sandbox.processes import SandboxError, cancel_on_signals
from hub.wire.security.token_messages import TokenRefused

_INTERRUPTED = 130
_TITLE_WIDTH = 44


def demo(
    *,
    docs: Annotated[
        Path | None,
        typer.Option(exists=True, help="Publish and consult the KMEHR documents of this folder instead."),
    ] = None,
    sandbox: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The sandbox.json of a running sandbox, instead of an own one."),
    ] = None,
) -> None:
    """Play the main scenario with real processes and print what happened, step by step.

    Exit status 0 only if every step held; with --docs, if every document came back identical or was refused because
    its patient number has wrong check digits.
    """
    files = files_of([docs]) if docs else []
    if docs and not files:
        raise typer.BadParameter("no *.xml or *.kmehr file in this folder", param_hint="--docs")
    raise typer.Exit(asyncio.run(_run(docs, files, sandbox)))


async def _run(docs: Path | None, files: Sequence[Path], sandbox: Path | None) -> int:
    cancel_on_signals()
    console, started = Console(highlight=False, soft_wrap=True), time.monotonic()
    try:
        async with _stage(sandbox) as (callers, office):
            console.print(f"The sandbox is ready after {time.monotonic() - started:.1f} s.\n")
            if docs:
                holds = await _play_folder(console, FolderDemo(callers, office), docs, files)
            else:
                story = Story(callers=callers, now=BelgianClock().now())
                holds = await _play_scenario(console, Scenario(story))
    except asyncio.CancelledError:
        return _INTERRUPTED
    except (SandboxError, NotAccepted, TokenRefused, OSError, ValueError) as error:
        typer.echo(f"hub demo: {error}", err=True)
        return 1
    console.print(f"Done in {time.monotonic() - started:.1f} s.")
    return 0 if holds else 1


@asynccontextmanager
async def _stage(sandbox: Path | None) -> AsyncIterator[tuple[Callers, Office]]:
    """Those who play: of a running sandbox, or of one that lives as long as the demo."""
    if sandbox:
        description = Description.read(sandbox)
        async with (
            open_callers(description, load_people()) as callers,
            open_office(description.folder, description.redis) as office,
        ):
            yield callers, office
        return
    with tempfile.TemporaryDirectory(prefix="hub-demo-") as folder:
        async with running_network(Path(folder), empty=True) as network:
            if network.without_seals:
                typer.echo(f"No sealed folders: {network.without_seals}.", err=True)
            async with open_office(network.folder, network.description.redis) as office:
                yield network.callers, office


async def _play_scenario(console: Console, scenario: Scenario) -> bool:
    played = []
    async for step in scenario.play():
        played.append(step)
        console.print(_line_of_step(len(played), step))
    held = sum(not step.failure for step in played)
    console.print(f"\n{held} of {len(scenario.steps)} steps held.")
    return held == len(scenario.steps)


def _line_of_step(number: int, step: Played) -> Text:
    head = (f"{number:3} ", "bold")
    title = f"{step.title:<{_TITLE_WIDTH}}"
    if step.exchange is None:
        return Text.assemble(head, ("✗ ", "red"), title, (step.failure, "red"))
    return Text.assemble(head, ("✓ ", "green"), title, step.exchange.sent, ("  →  ", "dim"), step.exchange.received)


async def _play_folder(console: Console, demo: FolderDemo, docs: Path, files: Sequence[Path]) -> bool:
    reports = []
    width = max(len(_name(file, docs)) for file in files)
    console.print(Text(f"  {'document':<{width}}  published  listed  fetched back", "bold"))
    async for report in demo.play(files):
        reports.append(report)
        console.print(_line_of_report(report, _name(report.file, docs), width))
    counts = Counter(report.outcome for report in reports)
    told = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome])
    console.print(f"\n{len(reports)} documents: {told}.")
    return all(report.outcome.is_expected for report in reports)


def _line_of_report(report: Report, name: str, width: int) -> Text:
    mark = ("✓ ", "green") if report.outcome.is_expected else ("✗ ", "red")
    progress = f"{_yes(report.published):<9}  {_yes(report.listed):<6}"
    return Text.assemble(mark, f"{name:<{width}}  {progress}  {report.outcome.value}", (_remark(report), "dim"))


def _remark(report: Report) -> str:
    """How it was published, or every reason why it was not, each on a line of its own."""
    if report.outcome is Outcome.NUMBER or not report.remark:
        return ""
    if report.outcome is Outcome.IDENTICAL:
        return f" ({report.remark})"
    return "".join(f"\n      {line}" for line in report.remark.splitlines())


def _name(file: Path, docs: Path) -> str:
    return str(file.relative_to(docs)) if docs.is_dir() else file.name


def _yes(value: object) -> str:
    return "yes" if value else "no"
