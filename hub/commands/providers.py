"""`hub providers …`: what the staff does about care providers who want to take part (docs/providers.md)."""

import getpass
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from redis.asyncio import Redis

from hub.app import identity, pseudonyms_of
from hub.commands.configured import ConfigFile, connectors_of, load_or_exit
from hub.commands.progress import AsJson, fail, tell
from hub.commands.provider_reminders import write_reminders
from hub.commands.sweep import sweep
from hub.config import Settings
from hub.domain.errors import HubError, Kind
from hub.domain.parties import Author, HcParty
from hub.domain.providers import Provider, RegistrationState
from hub.domain.search import PageRequest
from hub.domain.subjects import SubjectKind
from hub.ports.connectors import Connectors
from hub.runtime import BelgianClock, RandomIds
from hub.services.attempts import Attempts
from hub.services.auditing import Auditing
from hub.services.permissions import NothingPermitted
from hub.services.providers import ProviderRegistrations
from hub.storage.audit_recorder import RedisAuditRecorder
from hub.storage.index_secrets import IndexSecrets
from hub.storage.known_keys import require_known
from hub.storage.provider_registry import RedisProviderRegistry
from hub.web.texts import sentence

Number = Annotated[str, typer.Argument(help="NIHII number of the care provider, 8 or 11 digits.")]
By = Annotated[str, typer.Option(help="Who decides, for the audit trail; your login name when absent.")]
Guarantor = Annotated[str, typer.Option(help="For this guarantor, by its key in the configuration.")]
Remark = Annotated[str, typer.Option(help="Why; kept with the registration and in the audit trail.")]

Result = TypeVar("Result")

_NOT_THE_CALLERS = (Kind.UNAVAILABLE, Kind.TOO_LATE, Kind.INTERNAL)
_NO_NUMBER = "(by national number)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the staff works with; `staff` is who acts, as an author chain."""

    registrations: ProviderRegistrations
    staff: Author
    settings: Settings


Work = Callable[[Desk], Awaitable[Result]]


def providers() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(no_args_is_help=True, help="Care providers: registrations, and who waits for whom.")
    group.command("list")(list_providers)
    for command in (pending, register, approve, refuse, suspend, remind):
        group.command()(command)
    return group


def list_providers(
    context: typer.Context,
    config: ConfigFile,
    *,
    state: Annotated[RegistrationState | None, typer.Option(help="Only those whose registration is so.")] = None,
    as_json: AsJson = False,
) -> None:
    """List all care providers that the hub knows, whatever their state."""

    async def work(desk: Desk) -> list[Provider]:
        return [each async for each in desk.registrations.everybody() if state in (None, each.state)]

    found = _run(context, config, work)
    found.sort(key=lambda provider: provider.subject)
    _show(found, total=len(found), as_json=as_json)


def pending(
    context: typer.Context,
    config: ConfigFile,
    *,
    first: Annotated[int, typer.Option(help="Number of the first row, from 1.", min=1)] = 1,
    rows: Annotated[int, typer.Option(help="Rows at most.", min=1, max=1000)] = 100,
    as_json: AsJson = False,
) -> None:
    """List the registrations that wait for a guarantor or for validation, longest waiting first."""
    page = _run(context, config, lambda desk: desk.registrations.pending(PageRequest(first, rows)))
    _show(page.providers, total=page.total, as_json=as_json)


def register(
    context: typer.Context,
    config: ConfigFile,
    number: Number,
    profession: Annotated[str, typer.Argument(help="CD-HCPARTY code, such as persphysician or orghospital.")],
    *,
    guarantor: Annotated[str, typer.Option(help="The guarantor he chose, by its key in the configuration.")] = "",
    organisation: Annotated[str, typer.Option(help="NIHII number of the hospital whose staff he is.")] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Take an application: the directory is asked, and what it does not settle waits for the staff."""
    if guarantor and organisation:
        raise typer.BadParameter("one of the two vouches, not both", param_hint="--guarantor, --organisation")
    done = _run(
        context,
        config,
        lambda desk: desk.registrations.register(
            desk.staff, number, profession, guarantor=guarantor, organisation=organisation
        ),
        by=by,
    )
    _say(done, as_json=as_json)


def approve(
    context: typer.Context,
    config: ConfigFile,
    number: Number,
    *,
    guarantor: Guarantor = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Approve a registration; without --guarantor as the staff, who settle all that is waited for."""
    done = _run(
        context,
        config,
        lambda desk: desk.registrations.approve(desk.staff, number, guarantor=guarantor),
        by=by,
    )
    _say(done, as_json=as_json)


def refuse(
    context: typer.Context,
    config: ConfigFile,
    number: Number,
    *,
    guarantor: Guarantor = "",
    remark: Remark = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Refuse a registration that waits."""
    done = _run(
        context,
        config,
        lambda desk: desk.registrations.refuse(desk.staff, number, guarantor=guarantor, remark=remark),
        by=by,
    )
    _say(done, as_json=as_json)


def suspend(
    context: typer.Context,
    config: ConfigFile,
    number: Number,
    *,
    remark: Remark = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Suspend a care provider, until he is approved again."""
    done = _run(context, config, lambda desk: desk.registrations.suspend(desk.staff, number, remark=remark), by=by)
    _say(done, as_json=as_json)


def remind(context: typer.Context, config: ConfigFile, *, as_json: AsJson = False) -> None:
    """Ask the directory again about those who wait, and write a message for each guarantor with somebody to decide on.

    Meant for a weekly timer. A message of an earlier run is replaced, or deleted when nobody waits any more.
    """

    async def work(desk: Desk) -> dict[str, str | int]:
        validated = await desk.registrations.validate_waiting(desk.staff)
        waiting = await desk.registrations.waiting_for_guarantors()
        settings = desk.settings.providers
        files = write_reminders(settings, waiting, hub=desk.settings.hub.name, now=BelgianClock().now())
        return {
            "validated": validated,
            "waiting": sum(map(len, waiting.values())),
            "messages": len(files),
            "folder": str(settings.reminder_folder),
        }

    try:
        facts = _run(context, config, work, by="hub providers remind")
    except OSError as error:
        raise fail(f"hub providers: {error.filename}: cannot be written: {error.strerror}") from error
    tell(facts, title="Reminded", as_json=as_json)


def _run(context: typer.Context, config: Path, work: Work[Result], *, by: str = "") -> Result:
    """What a piece of work gives; ends the command with status 1, and one sentence, when it is refused."""
    connectors = connectors_of(context)
    settings = load_or_exit(config, connectors)
    staff = (identity(settings).party, HcParty(ids=(), cds=(), name=by or getpass.getuser()))

    async def on(client: Redis) -> Result:
        async with _registrations(client, settings, connectors) as registrations:
            try:
                return await work(Desk(registrations=registrations, staff=staff, settings=settings))
            except HubError as error:
                if error.kind in _NOT_THE_CALLERS:
                    raise
                raise fail(f"hub providers: {sentence(error, 'en', '-')}") from error

    return sweep("hub providers", settings, on)


@asynccontextmanager
async def _registrations(
    client: Redis, settings: Settings, connectors: Connectors
) -> AsyncIterator[ProviderRegistrations]:
    pseudonyms, secret = pseudonyms_of(settings.index), settings.index.secret.value
    await require_known(client, pseudonyms)
    secrets, clock = IndexSecrets.of(secret, pseudonyms), BelgianClock()
    trail = RedisAuditRecorder(client, secrets=secrets)
    asked = settings.providers.directory
    directory = connectors.directory(asked.connector) if asked else None
    try:
        yield ProviderRegistrations(
            registry=RedisProviderRegistry(client, secrets=secrets),
            attempts=Attempts(permissions=NothingPermitted(), auditing=Auditing(clock=clock), trail=trail),
            directory=directory,
            policy=settings.providers.policy,
            clock=clock,
            ids=RandomIds(),
        )
    finally:
        if directory is not None:
            await directory.close()


def _say(provider: Provider, *, as_json: bool) -> None:
    tell(_facts(provider), title="Registered as", as_json=as_json)


def _show(providers: Iterable[Provider], *, total: int, as_json: bool) -> None:
    rows = [_facts(provider) for provider in providers]
    if as_json:
        typer.echo(json.dumps({"total": total, "providers": rows}))
        return
    lines = [[name.replace("_", " ") for name in _COLUMNS], *([row[name] for name in _COLUMNS] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        typer.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())
    typer.echo(f"{len(rows)} of {total}")


_COLUMNS = ("number", "profession", "state", "waits_for", "guarantor", "directory", "since", "consent")


def _facts(provider: Provider) -> dict[str, str]:
    """A row; empty texts where there is nothing. A national number is not shown."""
    registration, consent = provider.registration, provider.consent
    standing = {
        "number": provider.subject.value if provider.subject.kind is SubjectKind.NIHII else _NO_NUMBER,
        "profession": provider.profession,
        "consent": "" if consent is None else "given" if provider.has_consented else "revoked",
    }
    if registration is None:
        return dict.fromkeys(_COLUMNS, "") | standing
    return standing | {
        "state": registration.state.value,
        "waits_for": ", ".join(sorted(registration.waits_for)),
        "guarantor": registration.guarantor,
        "directory": registration.directory.value,
        "since": f"{provider.since:%Y-%m-%d}",
    }
