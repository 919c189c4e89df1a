"""From the bytes of a request to the bytes of the answer: the same for both servers of the floor."""

import argparse
import itertools
import pickle
from datetime import datetime
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from cryptography import x509
from lxml import etree
from redis.asyncio import Redis

from bench.floor.records import RowWriter, Tables
from bench.floor.signatures import BareVerification
from hub.sandbox.people import SANDBOX_HUB
from hub.wire.kmehr.parties import write_hcparty
from hub.wire.namespaces import ANSWER_DECLARATIONS, CORE, SOAP
from hub.wire.schemas import SchemaSet, default_schema_folder
from hub.wire.soap import open_envelope
from hub.wire.xml import parse, text

KEY = "floor:"
READY = "ready"
_SELECT = f"{{{CORE}}}select/{{{CORE}}}patient/{{{CORE}}}id"
_ZONE = ZoneInfo("Europe/Brussels")
_START = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope xmlns:S="{SOAP}"><S:Body>'
    f'<p:GetTransactionListResponse {ANSWER_DECLARATIONS}><response><id S="ID-KMEHR" SV="1.0">'
)
_AUTHOR = f"</id><author>{write_hcparty(SANDBOX_HUB.party)}</author>"
_BEFORE_PATIENT = b"</response><acknowledge><iscomplete>true</iscomplete></acknowledge><kmehrheader><folder><patient>"
_END = b"</folder></kmehrheader></p:GetTransactionListResponse></S:Body></S:Envelope>"


class ListAnswering:
    """Answers GetTransactionList requests for everything of one patient."""

    def __init__(
        self, *, redis: Redis, writer: RowWriter, schema: etree.XMLSchema, verification: BareVerification | None
    ) -> None:
        self._redis, self._writer, self._schema, self._verification = redis, writer, schema, verification
        self._numbers = itertools.count(1)

    @classmethod
    def load(cls, arguments: argparse.Namespace) -> Self:
        """As the command line says; see `arguments`."""
        tables: Tables = pickle.loads(arguments.tables.read_bytes())  # noqa: S301 - the benchmark wrote it
        schema = SchemaSet.load(default_schema_folder()).hub_message
        token_service = arguments.token_service and x509.load_pem_x509_certificate(arguments.token_service.read_bytes())
        return cls(
            redis=Redis.from_url(arguments.redis),
            writer=RowWriter(tables),
            schema=schema,
            verification=BareVerification(token_service, remembers=True) if token_service else None,
        )

    async def answer(self, body: bytes) -> bytes:
        """The whole answer. Raises ValueError for what is not valid, not signed, or about somebody unknown."""
        envelope = open_envelope(parse(body))
        if self._verification is not None:
            self._verification.verify(envelope.root)
        message = envelope.message
        if not self._schema.validate(etree.ElementTree(message)):
            raise ValueError("not valid")
        request = etree.tostring(message[0], with_tail=False)
        value = await self._redis.get(KEY + text(message.find(_SELECT)))
        if not isinstance(value, bytes):
            raise ValueError("nobody we know")  # noqa: TRY004 - it is absent, not of a wrong type
        patient, total, rows = self._writer.read(value)
        now = datetime.now(_ZONE)
        start = (
            f"{_START}{SANDBOX_HUB.number}.{next(self._numbers):026d}{_AUTHOR}"
            f"<date>{now:%Y-%m-%d}</date><time>{now:%H:%M:%S}</time>"
        )
        pages = (
            f"<paginationinfo><pagesize>1000</pagesize><totalrecordcount>{total}</totalrecordcount></paginationinfo>"
        )
        return b"".join((start.encode(), request, pages.encode(), _BEFORE_PATIENT, patient, b"</patient>", rows, _END))


def arguments() -> argparse.Namespace:
    """Where to listen (the processes of a server share the port), the Redis, the pickled tables.

    With the certificate of a token service, messages have to be signed.
    """
    parser = argparse.ArgumentParser(description="A server of the floor; writes a line when it listens.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--redis", required=True)
    parser.add_argument("--tables", type=Path, required=True)
    parser.add_argument("--token-service", type=Path)
    return parser.parse_args()
