"""`hub mandates …`: what the staff does about those who may act for a patient (docs/mandates.md)."""

import asyncio
import getpass
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from hub.app import identity
from hub.commands.access_stores import open_access_stores
from hub.commands.configured import ConfigFile, connectors_of, load_or_exit
from hub.commands.people_numbers import HOW_GIVEN, given_ssin
from hub.commands.progress import AsJson, fail, tell
from hub.config import Settings
from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.domain.mandates import Mandate, MandateKind
from hub.domain.staff import Staff
from hub.runtime import BelgianClock, RandomIds
from hub.services.attempts import Attempts
from hub.services.auditing import Auditing
from hub.services.mandates import Mandates
from hub.services.permissions import EverythingPermitted
from hub.storage.audit_lanes import EventSealer
from hub.storage.embedded import ServerError
from hub.storage.known_keys import WrongKeyError
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


@dataclass(frozen=True, slots=True)
class Desk:
    """What the staff works with; `events` gives the pseudonyms of people."""

    mandates: Mandates
    staff: Staff
    events: EventSealer


Work = Callable[[Desk], Awaitable[Result]]


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

    async def work(desk: Desk) -> bool:
        return await desk.mandates.name(desk.staff.doing("RegisterMandate"), *named, kind, start=first, end=last)

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

    async def work(desk: Desk) -> bool:
        return await desk.mandates.end(desk.staff.doing("EndMandate"), *named, kind)

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

    async def work(desk: Desk) -> list[dict[str, str]]:
        found = await desk.mandates.mandates(desk.staff.doing("ListMandates"), named)
        today = BelgianClock().now().date()
        return [
            _facts(mandate, today, holder=_called(mandate.holder, desk.events, show=show_holders))
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
    """What a piece of work gives; ends the command with status 1, and one sentence, when it fails."""
    settings, request_id = load_or_exit(config, connectors_of(context)), RandomIds().new_id()
    staff = Staff(hub=identity(settings).party, name=by or getpass.getuser(), request_id=request_id)
    try:
        return asyncio.run(_work(settings, staff, work))
    except HubError as error:
        raise fail(f"hub mandates: {sentence(error, 'en', request_id)}") from error
    except (ServerError, WrongKeyError) as error:
        raise fail(f"hub mandates: {error}") from error


async def _work(settings: Settings, staff: Staff, work: Work[Result]) -> Result:
    async with open_access_stores(settings) as opened:
        clock, stores = BelgianClock(), opened.stores
        attempts = Attempts(permissions=EverythingPermitted(), auditing=Auditing(clock=clock), trail=stores.trail)
        found = Mandates(registry=stores.registry, attempts=attempts, clock=clock)
        return await work(Desk(found, staff, opened.secrets.events))


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


def _called(holder: Ssin, events: EventSealer, *, show: bool) -> str:
    return holder.digits if show else events.patient_mark(holder).hex()[:12]


def _show(rows: Sequence[dict[str, str]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"total": len(rows), "mandates": rows}))
        return
    for row in rows:
        until = f" to {row['end']}" if row["end"] else ""
        typer.echo(f"{row['holder']}  {row['kind']}  from {row['start']}{until}  {row['state']}")
    typer.echo(f"{len(rows)} in all")
