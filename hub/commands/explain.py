"""`hub explain`: why somebody would see something, or nothing, of a patient (docs/access.md)."""

import asyncio
import getpass
import json
from typing import Annotated, Literal

import typer
from rich.console import Console

from hub.app import identity
from hub.commands.access_stores import open_access_stores, open_national
from hub.commands.configured import ConfigFile, connectors_of, load_or_exit
from hub.commands.people_numbers import HOW_GIVEN, given
from hub.commands.progress import AsJson
from hub.config import Settings
from hub.domain.errors import HubError, Kind
from hub.domain.staff import Staff
from hub.operations import deciding_on, explaining_for
from hub.ports.connectors import Connectors
from hub.runtime import BelgianClock, RandomIds
from hub.services.explanations import Explained
from hub.storage.embedded import ServerError
from hub.storage.known_keys import WrongKeyError
from hub.web.access_answers import answer, lines
from hub.web.access_questions import AskedAccess, question_of
from hub.web.texts import sentence

_GRANTED, _REFUSED, _UNKNOWN = 0, 1, 2

_REQUESTER = typer.Option(help=f"His NIHII or national number, {HOW_GIVEN}; twice when both are known.")
_PATIENT = typer.Option(help=f"The patient's national number, {HOW_GIVEN}.")
_PROFESSION = typer.Option(help="His CD-HCPARTY code, such as persnurse; patient for a patient.")
_ORGANISATION = typer.Option(help="NIHII number of the organisation that he speaks through.")
_KIND = typer.Option(help="CD-HCPARTY code of the organisation.")
_SIGNED_BY = typer.Option(help="Who signs the request; the organisation when there is one, else the person.")
_TRANSACTION = typer.Option(help="Id of a document.")
_ID_SCHEME = typer.Option(help="Whose id that is (SL), when it is not the hub's own.")
_GLASS = typer.Option(help="The reason he would give to break the glass; nothing is broken.")
_LANGUAGE = typer.Option(help="Of the sentences.")
_BY = typer.Option(help="Who asks, for the audit trail; your login name when absent.")


def explain(
    context: typer.Context,
    config: ConfigFile,
    *,
    requester: Annotated[list[str], _REQUESTER],
    profession: Annotated[str, _PROFESSION],
    patient: Annotated[str, _PATIENT],
    organisation: Annotated[str, _ORGANISATION] = "",
    organisation_kind: Annotated[str, _KIND] = "orghospital",
    signed_by: Annotated[Literal["person", "organisation", "nobody", ""], _SIGNED_BY] = "",
    transaction: Annotated[str, _TRANSACTION] = "",
    id_scheme: Annotated[str, _ID_SCHEME] = "",
    break_the_glass: Annotated[str | None, _GLASS] = None,
    language: Annotated[Literal["fr", "nl", "en"], _LANGUAGE] = "en",
    by: Annotated[str, _BY] = "",
    as_json: AsJson = False,
) -> None:
    """Tell why somebody would see something, or nothing, of a patient: the facts, each rule in order, the outcome.

    Decided as for a request that came now, beside a running hub or not; the audit trail has who asked. Exit status: 0
    when access is granted, 1 when it is refused, 2 when that cannot be found out.
    """
    request_id = RandomIds().new_id()
    try:
        connectors = connectors_of(context)
        settings = load_or_exit(config, connectors)
        asked = AskedAccess(
            requester=[given(text) for text in requester],
            profession=profession,
            patient=given(patient),
            organisation=organisation,
            organisation_kind=organisation_kind,
            signed_by=signed_by,
            transaction=transaction,
            id_scheme=id_scheme,
            break_the_glass=break_the_glass,
        )
        explained = asyncio.run(_explain(settings, connectors, asked, by or getpass.getuser(), request_id))
    except typer.Exit as error:
        raise typer.Exit(_UNKNOWN) from error
    except HubError as error:
        _complain(sentence(error, language, request_id))
        raise typer.Exit(_REFUSED if error.kind is Kind.NOT_FOUND else _UNKNOWN) from error
    except (ServerError, WrongKeyError, OSError, ValueError) as error:
        _complain(str(error))
        raise typer.Exit(_UNKNOWN) from error
    text = json.dumps(answer(explained, request_id)) if as_json else "\n".join(lines(explained, language, request_id))
    typer.echo(text)
    raise typer.Exit(_REFUSED if explained.reason else _GRANTED)


async def _explain(
    settings: Settings, connectors: Connectors, asked: AskedAccess, by: str, request_id: str
) -> Explained:
    question, clock = question_of(asked, id_scheme=settings.hub.id_scheme), BelgianClock()
    deadline = asyncio.get_running_loop().time() + settings.listener.request_timeout
    staff = Staff(hub=identity(settings).party, name=by, request_id=request_id, deadline=deadline)
    async with open_access_stores(settings) as opened, open_national(settings, connectors) as national:
        deciding = deciding_on(settings, opened.stores, national=national, clock=clock)
        return await explaining_for(opened.stores, deciding, clock=clock).explain(staff, question)


def _complain(problem: str) -> None:
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"hub explain: {problem}", markup=False)
