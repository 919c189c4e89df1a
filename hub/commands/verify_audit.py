"""`hub verify-audit`: whether the archive of audit events is what the hub has written (docs/audit.md)."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from redis.asyncio import Redis
from rich.console import Console

from hub.archive.chain import DIGEST_BYTES, Chain, read_end
from hub.archive.database import ArchiveUnavailableError
from hub.archive.opening import open_archive
from hub.archive.verification import Verification
from hub.commands.configured import ConfigFile, connectors_of, load_or_exit
from hub.commands.index_store import open_store
from hub.commands.progress import AsJson, tell
from hub.config import Settings
from hub.domain.errors import HubError
from hub.runtime import BelgianClock
from hub.storage.archive_notes import ArchiveNotes
from hub.storage.connection import connect
from hub.storage.embedded import ServerError

_MOST_FINDINGS = 100
_HEAD = typer.Option("--head", help="A digest that an earlier run has told: the chain must go through it.")
_ACCEPT = typer.Option("--accept", help="Take the archive for what it is from now on, whatever is found.")


def verify_audit(
    context: typer.Context,
    config: ConfigFile,
    *,
    head: Annotated[str, _HEAD] = "",
    accept: Annotated[bool, _ACCEPT] = False,
    as_json: AsJson = False,
) -> None:
    """Find any change, gap, reordering or missing end in the archive of audit events, beside a running hub or not.

    Exit status: 0 when it is whole, 1 when it is not, every finding with its sequence number, 2 when that cannot be
    found out.
    """
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        settings, digest = load_or_exit(config, connectors_of(context)), _digest(head)
        facts = asyncio.run(_run(settings, digest, accept=accept))
    except typer.Exit as error:
        raise typer.Exit(2) from error
    except (ArchiveUnavailableError, HubError, ServerError, ValueError) as error:
        console.print(f"hub verify-audit: cannot be found out: {error}", markup=False)
        raise typer.Exit(2) from error
    for finding in facts["findings"]:
        console.print(finding, markup=False)
    tell(facts if as_json else {**facts, "findings": len(facts["findings"])}, title="Verified", as_json=as_json)
    raise typer.Exit(1 if facts["findings"] else 0)


async def _run(settings: Settings, digest: bytes | None, *, accept: bool) -> Mapping[str, Any]:
    async with open_store(settings) as url:
        client = connect(url, timeout=settings.redis.timeout, connections=1)
        try:
            return await _verified(client, settings, digest, accept=accept)
        finally:
            await client.aclose()


async def _verified(client: Redis, settings: Settings, digest: bytes | None, *, accept: bool) -> Mapping[str, Any]:
    notes = ArchiveNotes(client)
    noted = await notes.head()
    findings: list[str] = []
    secret = settings.index.secret.value
    async with open_archive(
        settings.audit_address(), patience=settings.audit.timeout, secret=secret, clock=BelgianClock()
    ) as archive:
        verification = Verification(
            archive,
            chain=Chain(secret),
            noted=None if noted is None else read_end(noted),
            digest=digest,
        )
        async for finding in verification.findings():
            findings.append(finding)
            if len(findings) == _MOST_FINDINGS:
                findings.append("and perhaps more")
                break
    if accept:
        await notes.forget_head()
    return {"events": verification.events, "head": verification.head.digest.hex(), "findings": findings}


def _digest(text: str) -> bytes | None:
    """Raises ValueError."""
    digest = bytes.fromhex(text)
    if digest and len(digest) != DIGEST_BYTES:
        raise ValueError(f"--head: {2 * DIGEST_BYTES} hexadecimal digits are wanted")
    return digest or None
