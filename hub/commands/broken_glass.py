"""`hub broken-glass …`: what the staff does about care providers who broke the glass (docs/access.md)."""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from hub.commands.configured import ConfigFile
from hub.commands.desk import Desk, work_at_desk
from hub.commands.progress import AsJson
from hub.domain.parties import HcParty
from hub.services.broken_glass import Break, BrokenGlass, Review, Verdict
from hub.services.permissions import NothingPermitted

By = Annotated[str, typer.Option(help="Who acts, for the audit trail; your login name when absent.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
ShowPatients = Annotated[
    bool, typer.Option("--show-patients", help="Show national numbers, where pseudonyms are shown otherwise.")
]

Result = TypeVar("Result")


Work = Callable[[Desk, BrokenGlass], Awaitable[Result]]


def broken_glass() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(no_args_is_help=True, help="Broken glass: who did it, and what became of it.")
    group.command("list")(list_broken_glass)
    group.command()(review)
    return group


def list_broken_glass(
    context: typer.Context,
    config: ConfigFile,
    *,
    begin: Day = None,
    end: Day = None,
    unreviewed: Annotated[bool, typer.Option("--unreviewed", help="Only those that nobody has reviewed.")] = False,
    show_patients: ShowPatients = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """List who broke the glass, when and why, newest first, with the reviews; the audit trail has that you looked."""

    async def work(desk: Desk, glass: BrokenGlass) -> list[dict[str, Any]]:
        first, last = (moment.date() if moment else None for moment in (begin, end))
        found = await glass.breaks(desk.staff, begin=first, end=last, unreviewed=unreviewed)
        return [_facts(one, desk, show_patients=show_patients) for one in found]

    _show(_run(context, config, work, by=by), as_json=as_json)


def review(
    context: typer.Context,
    config: ConfigFile,
    name: Annotated[str, typer.Argument(help="The name of a break, as the list and the notices have it.")],
    verdict: Annotated[Verdict, typer.Argument(help="What the review came to.")],
    *,
    remark: Annotated[str, typer.Option(help="Why; kept in the audit trail.")] = "",
    show_patients: ShowPatients = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Say what the review of a break came to. It can be said again: every review is kept."""

    async def work(desk: Desk, glass: BrokenGlass) -> list[dict[str, Any]]:
        reviewed = await glass.review(desk.staff, name, verdict, remark=remark)
        return [_facts(reviewed, desk, show_patients=show_patients)]

    _show(_run(context, config, work, by=by), as_json=as_json)


def _run(context: typer.Context, config: Path, work: Work[Result], *, by: str) -> Result:
    async def at(desk: Desk) -> Result:
        return await work(desk, BrokenGlass(trail=desk.stores.trail, attempts=desk.attempts(NothingPermitted())))

    return work_at_desk("hub broken-glass", context, config, at, by=by)


def _facts(one: Break, desk: Desk, *, show_patients: bool) -> dict[str, Any]:
    event, patient = one.event, one.event.patient
    return {
        "name": one.name,
        "at": event.at.isoformat(timespec="seconds"),
        "who": [_called(party) for party in event.actor.parties if party.is_person or party.is_organisation],
        "patient": desk.called(patient, show=show_patients) if patient else "",
        "reason": event.break_the_glass,
        "operation": event.origin.operation,
        "reviews": [_review(review) for review in one.reviews],
    }


def _review(review: Review) -> dict[str, str]:
    return {
        "at": review.event.at.isoformat(timespec="seconds"),
        "by": review.by,
        "verdict": review.verdict.value,
        "remark": review.remark,
    }


def _called(party: HcParty) -> str:
    """Who it is, of a person without a practice number the profession only."""
    return " ".join(filter(None, (party.profession, party.number, party.firstname, party.familyname, party.name)))


def _printable(text: str) -> str:
    """What a caller wrote, without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _show(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"total": len(rows), "breaks": rows}))
        return
    for row in rows:
        typer.echo(f"{row['name']}  {row['at']}  patient {row['patient']}  {row['operation']}")
        typer.echo(f"  {'; '.join(row['who'])}")
        typer.echo(f"  reason: {_printable(row['reason'])}")
        for said in row["reviews"]:
            remark = f": {said['remark']}" if said["remark"] else ""
            typer.echo(f"  {said['verdict']} ({said['by']}, {said['at']}){remark}")
    typer.echo(f"{len(rows)} in all")
