"""`hub call`: one operation of a sandbox's hub, signed as a real client signs, so that both messages can be seen."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import aiohttp
import typer
from lxml import etree

from hub.commands.calling import ACCEPTED, CANNOT_ASK, REFUSED, SANDBOX, NameOption, SandboxOption, signatory_named
from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.domain.identity import PATIENT
from hub.domain.parties import Id
from hub.runtime import BelgianClock
from hub.sandbox import contents
from hub.sandbox.answers import NotAccepted, Reply, UnexpectedAnswer
from hub.sandbox.callers import open_callers
from hub.sandbox.client import CannotSeal, HubClient
from hub.sandbox.description import Description
from hub.sandbox.people import People, load_people
from hub.sandbox.sample_requests import NEED_DOCUMENT, NoContent, SampleRequests
from hub.sandbox.signatories import Signatory
from hub.wire.hubservices.operations import OPERATIONS
from hub.wire.kmehr.sealed_folders import document_in
from hub.wire.namespaces import KMEHR, PROTOCOL, SOAP
from hub.wire.security.token_messages import TokenRefused
from hub.wire.xml import local_name, parse

_EVERYDAY = "everyday"
_PUTS = ("PutTransaction", "PutTransactionSet")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What is to be called, by whom and how."""

    operation: str
    signatory: Signatory
    patient: Ssin
    party: Signatory | None
    person: Signatory | None
    glass: str
    body: Path | None
    is_plain: bool
    is_sealed: bool
    only_show: bool
    is_raw: bool


def call(
    *,
    operation: Annotated[str, typer.Argument(help="One of the 26 operations, such as GetTransactionList.")],
    name: NameOption,
    sandbox: SandboxOption = SANDBOX,
    plain: Annotated[bool, typer.Option("--plain", help="Without a signature, on the plain listener.")] = False,
    patient: Annotated[
        str,
        typer.Option(help="The patient, by national number or name; the everyday one otherwise."),
    ] = "",
    person: Annotated[
        str, typer.Option(help="Who asks through an organisation, by name: nobody sees documents as an organisation.")
    ] = "",
    party: Annotated[
        str, typer.Option(help="Whom a link, a right or a trail is about, by name; who calls otherwise.")
    ] = "",
    break_the_glass: Annotated[str, typer.Option(help="Look without a link, in an emergency, for this reason.")] = "",
    body: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="What to send instead of a sample: a whole request message, or the element behind its request part.",
        ),
    ] = None,
    sealed: Annotated[bool, typer.Option("--sealed", help="Seal the folders of what is put for the hub.")] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print the message byte for byte instead of sending it.")
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Print the answer as it came: not indented, not opened.")] = False,
) -> None:
    """Call an operation of a sandbox's hub, and print the answer, in clear if it came sealed.

    An operation about a document takes the newest one of the patient.

    Exit status: 0 accepted, 1 refused, 2 the hub could not be asked.
    """
    if operation not in OPERATIONS:
        raise typer.BadParameter(f"no such operation; there are {', '.join(OPERATIONS)}", param_hint="OPERATION")
    if sealed and operation not in _PUTS:
        raise typer.BadParameter(f"folders are sealed in {' and '.join(_PUTS)} only", param_hint="--sealed")
    people = load_people()
    signatory = signatory_named(name, people)
    wish = _Wish(
        operation=operation,
        signatory=signatory,
        patient=_patient(patient, signatory, people),
        party=signatory_named(party, people, "--party") if party else None,
        person=signatory_named(person, people, "--person") if person else None,
        glass=break_the_glass,
        body=body,
        is_plain=plain,
        is_sealed=sealed,
        only_show=show,
        is_raw=raw,
    )
    raise typer.Exit(asyncio.run(_run(wish, sandbox, people)))


def _patient(number: str, signatory: Signatory, people: People) -> Ssin:
    """The patient that is named; or else the caller himself, if he is one, or the everyday one."""
    if not number:
        return Ssin(signatory.inss) if signatory.quality == PATIENT else people.patients[_EVERYDAY].ssin
    if number in people.patients:
        return people.patients[number].ssin
    try:
        return Ssin(number)
    except HubError as error:
        names = ", ".join(people.patients)
        problem = f"no national number with right check digits, nor one of {names}"
        raise typer.BadParameter(problem, param_hint="--patient") from error


async def _run(wish: _Wish, sandbox: Path, people: People) -> int:
    try:
        async with open_callers(Description.read(sandbox), people) as callers:
            key = wish.signatory.key
            client = callers.plain_caller(key) if wish.is_plain else callers.caller(key)
            client = client.breaking_the_glass(wish.glass)
            if wish.person:
                client = client.naming(wish.person.author[0])
            envelope = await _envelope(client, wish, people)
            if wish.only_show:
                sys.stdout.buffer.write(envelope)
                return ACCEPTED
            reply = await client.send(wish.operation, envelope)
    except NotAccepted as refusal:
        typer.echo(f"hub call: the list of documents is refused: {refusal}", err=True)
        return REFUSED
    except _TROUBLES as error:
        typer.echo(f"hub call: {str(error) or type(error).__name__}", err=True)
        return CANNOT_ASK
    sys.stdout.buffer.write(reply.received if wish.is_raw else _readable(reply))
    return ACCEPTED if reply.complete else REFUSED


_TROUBLES = (NoContent, CannotSeal, TokenRefused, UnexpectedAnswer, HubError, OSError, ValueError, aiohttp.ClientError)


def _readable(reply: Reply) -> bytes:
    """The envelope of an answer, indented. That it came sealed is told beside it."""
    if reply.seal is not None:
        problem = reply.seal.problem
        said = f"sealed, and cannot be opened here: {problem}" if problem else "sealed, and is opened here"
        typer.echo(f"hub call: the document came {said}.", err=True)
    answer = parse(reply.received) if reply.message is None else reply.message.getroottree().getroot()
    etree.indent(answer)
    return etree.tostring(answer, encoding="utf-8", pretty_print=True)


async def _envelope(client: HubClient, wish: _Wish, people: People) -> bytes:
    """What is sent. Raises NoContent, CannotSeal, and NotAccepted when a document is needed and the list is refused."""
    operation = wish.operation
    if wish.body is None:
        samples = SampleRequests(
            people=people,
            signatory=wish.signatory,
            patient=wish.patient,
            document=await _newest(client, wish, people) if operation in NEED_DOCUMENT else None,
            now=BelgianClock().now(),
            party=wish.party or wish.person,
        )
        return await _written(client, wish, samples.content(operation))
    given = parse(wish.body.read_bytes())
    if given.tag == f"{{{SOAP}}}Envelope":
        raise NoContent(f"{wish.body} holds a whole envelope; give the element in its Body, which is signed anew.")
    if etree.QName(given).namespace != PROTOCOL:
        is_message = given.tag == f"{{{KMEHR}}}kmehrmessage"
        content = contents.message_put(given) if is_message else etree.tostring(given, encoding="unicode")
        return await _written(client, wish, content)
    if local_name(given) != f"{operation}Request":
        raise NoContent(f"{wish.body} holds {local_name(given)}, not {operation}Request.")
    document = document_in(given)
    if wish.is_sealed and document is not None:
        given.replace(document, await client.sealed(document))
    return await client.enclose(etree.tostring(given, encoding="utf-8"))


async def _written(client: HubClient, wish: _Wish, content: str) -> bytes:
    if wish.is_sealed:
        content = etree.tostring(await client.sealed(parse(content.encode())), encoding="unicode")
    return await client.write(wish.operation, content)


async def _newest(client: HubClient, wish: _Wish, people: People) -> Id | None:
    """The newest document that who calls sees; a hospital looks through one of its people."""
    staff = (provider.party for provider in people.providers.values() if provider.hospital == wish.signatory.key)
    person = None if wish.person else next(staff, None)
    client = client.naming(person) if person else client
    rows = (await client.list(wish.patient, types=NEED_DOCUMENT[wish.operation])).accepted().summaries
    return rows[0].ids[-1] if rows else None
