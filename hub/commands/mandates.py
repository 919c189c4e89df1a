"""`hub mandates …`: what the staff does about those who may act for a patient (docs/mandates.md)."""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from hub.commands.configured import ConfigFile
from hub.commands.desk import Desk, work_at_desk
from hub.commands.people_numbers import HOW_GIVEN, given_ssin
from hub.commands.progress import AsJson, fail, tell
from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.domain.mandates import Mandate, MandateKind
from hub.services.mandates import Mandates
from hub.services.permissions import EverythingPermitted
from hub.web.texts import sentence

Patient = Annotated[str, typer.Option(help=f"The patient's national number, {HOW_GIVEN}.")]
Holder = Annotated[str, typer.Option(help=f"National number of who acts for him, {HOW_GIVEN}, after the patient's.")]
Kind = Annotated[MandateKind, typer.Option(help="Why he may.")]
By = Annotated[str, typer.Option(help="Who has seen the papers, for the audit trail; your login name when absent.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
ShowHolders = Annotated[
    bool, typer.Option("--show-holders", help="Show national numbers, where pseudonyms are shown otherwise.")
]

Result = TypeVar("Result")

Work = Callable[[Desk, Mandates], Awaitable[Result]]


def mandates() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(no_args_is_help=True, help="Mandates: who may act for a patient, registered by their papers.")
    group.command()(put)
    group.command()(end)
    group.command("list")(list_mandates)
    return group


def put(
    context: typer.Context,
    config: ConfigFile,
    *,
    patient: Patient,
    holder: Holder,
    kind: Kind,
    start: Day = None,
    end: Day = None,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Register a mandate by its papers, from today or --start on, up to --end if there is one.

    It takes the place of one of the same kind for another period. A trusted person is named by the patient himself.
    """
    named = _number(patient, "--patient"), _number(holder, "--holder")
    first, last = (moment.date() if moment else None for moment in (start, end))

    async def work(desk: Desk, mandates: Mandates) -> bool:
        return await mandates.name(desk.staff.doing("RegisterMandate"), *named, kind, start=first, end=last)

    changed = _run(context, config, work, by=by)
    tell({"kind": kind.value, "changed": changed}, title="Registered", as_json=as_json)


def end(
    context: typer.Context,
    config: ConfigFile,
    *,
    patient: Patient,
    holder: Holder,
    kind: Kind,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """End a mandate today; nothing changes when there is none."""
    named = _number(patient, "--patient"), _number(holder, "--holder")

    async def work(desk: Desk, mandates: Mandates) -> bool:
        return await mandates.end(desk.staff.doing("EndMandate"), *named, kind)

    changed = _run(context, config, work, by=by)
    tell({"kind": kind.value, "changed": changed}, title="Ended", as_json=as_json)


def list_mandates(
    context: typer.Context,
    config: ConfigFile,
    *,
    patient: Patient,
    show_holders: ShowHolders = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """List the mandates of a patient, ended ones too; the audit trail has that you looked."""
    named = _number(patient, "--patient")

    async def work(desk: Desk, mandates: Mandates) -> list[dict[str, str]]:
        found = await mandates.mandates(desk.staff.doing("ListMandates"), named)
        today = desk.clock.now().date()
        return [
            _facts(mandate, today, holder=desk.called(mandate.holder, show=show_holders))
            for mandate in sorted(found, key=lambda mandate: (mandate.start, mandate.recorded.at))
        ]

    _show(_run(context, config, work, by=by), as_json=as_json)


def _number(text: str, option: str) -> Ssin:
    """The number of a person; ends the command with status 1, and one sentence, when it cannot be had."""
    try:
        return given_ssin(text, option=option)
    except HubError as error:
        raise fail(f"hub mandates: {sentence(error, 'en', '-')}") from error
    except OSError as error:
        raise fail(f"hub mandates: {error.filename}: cannot be read: {error.strerror}") from error


def _run(context: typer.Context, config: Path, work: Work[Result], *, by: str) -> Result:
    async def at(desk: Desk) -> Result:
        mandates = Mandates(
            registry=desk.stores.registry, attempts=desk.attempts(EverythingPermitted()), clock=desk.clock
        )
        return await work(desk, mandates)

    return work_at_desk("hub mandates", context, config, at, by=by)


def _facts(mandate: Mandate, today: date, *, holder: str) -> dict[str, str]:
    ended = mandate.revoked_on or mandate.end
    return {
        "holder": holder,
        "kind": mandate.kind.value,
        "start": mandate.start.isoformat(),
        "end": ended.isoformat() if ended else "",
        "state": _state(mandate, today),
    }


def _state(mandate: Mandate, today: date) -> str:
    if mandate.has_ended_by(today):
        return "ended"
    if not mandate.accepted:
        return "not agreed"
    return "in force" if mandate.holds_on(today) else "not begun"


def _show(rows: Sequence[dict[str, str]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"total": len(rows), "mandates": rows}))
        return
    for row in rows:
        until = f" to {row['end']}" if row["end"] else ""
        typer.echo(f"{row['holder']}  {row['kind']}  from {row['start']}{until}  {row['state']}")
    typer.echo(f"{len(rows)} in all")
