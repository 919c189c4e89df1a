"""A whole hub in this process: the real application on a real socket, with a real Redis and a vault in a folder."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

import aiohttp
from lxml import etree
from multidict import CIMultiDictProxy

from connectors import registry
from hub.app import running_hub
from hub.config.redis_settings import RedisSettings
from hub.config.sealing_settings import SealingSettings
from hub.config.secrets import SecretKey
from hub.config.security_settings import SecuritySettings
from hub.config.settings import HubSettings, IndexSettings, ListenerSettings, Settings, VaultSettings
from hub.domain.identifiers import Ssin
from hub.domain.parties import HcParty
from hub.domain.references import VAULT
from hub.observability.logging import open_log
from hub.observability.metrics import Metrics
from hub.runtime import BelgianClock
from hub.sandbox.client import HubClient
from hub.services.national_facts import NationalFacts
from hub.services.routing import Source
from hub.web.rest.authentication import stated_token
from hub.web.rest.routes import PATH
from hub.web.serving import Server, bound
from hub.web.soap.paths import INTRAHUB_PATH, PLAIN_INTRAHUB_PATH
from hub.wire.namespaces import SOAP
from hub.wire.schemas import SchemaSet, default_schema_folder
from hub.wire.xml import local_name, parse
from tests.allowed import PARTIES, allow_on
from tests.builders import JAN, MILA, a_hospital, a_patient, a_person
from tests.rest_client import RestClient

SECRET = SecretKey(bytes(range(32)))


@dataclass
class ServedHub:
    """Where the hub is, clients for it, and what it logged."""

    url: str
    signed_url: str
    rest_url: str
    session: aiohttp.ClientSession
    schemas: SchemaSet
    log: StringIO

    @property
    def doctor(self) -> HubClient:
        """A family doctor's client."""
        return self.client(a_person())

    @property
    def hospital(self) -> HubClient:
        """The publishing system of the hospital that is a source."""
        return self.client(a_hospital())

    def client(self, *parties: HcParty) -> HubClient:
        """A client for these parties."""
        return HubClient(
            session=self.session,
            endpoint=self.url,
            author=parties,
            schemas=self.schemas,
            clock=BelgianClock(),
        )

    def rest(self, *parties: HcParty, patient: Ssin = JAN) -> RestClient:
        """A client of the REST API for these parties, about a patient."""
        return RestClient(self.session, self.rest_url, stated_token(parties), patient)

    async def post(
        self, body: bytes, *, url: str = "", **headers: str
    ) -> tuple[int, etree._Element, CIMultiDictProxy[str]]:
        """Send bytes; the status, the one element in the body of the answer, and the headers."""
        sent = {"Content-Type": "text/xml; charset=utf-8"} | {k.replace("_", "-"): v for k, v in headers.items()}
        async with self.session.post(url or self.url, data=BytesIO(body), headers=sent) as response:
            message = parse(await response.read()).find(f"{{{SOAP}}}Body/*")
            assert message is not None
            return response.status, message, response.headers


def fault_of(message: etree._Element) -> tuple[str, str, str]:
    """The fault code, the eHealth code and all sentences of a fault."""
    assert local_name(message) == "Fault"
    texts = {local_name(element): (element.text or "") for element in message.iter()}
    sentences = " ".join(element.text or "" for element in message.iter() if local_name(element) == "Message")
    return texts["faultcode"].partition(":")[2], texts["Code"], sentences


@asynccontextmanager
async def served_hub(
    redis_url: str,
    folder: Path,
    sources: Sequence[Source] = (),
    *,
    body_timeout: float = 60.0,
    request_timeout: float = 120.0,
    redis_timeout: float = 5.0,
    wait_replicas: int = 0,
    sealing: SealingSettings | None = None,
    security: SecuritySettings | None = None,
    client_certificate_of: Mapping[str, tuple[str, ...]] | None = None,
    allowed: Sequence[HcParty] = PARTIES,
) -> AsyncIterator[ServedHub]:
    """Serve until the context is left; with `security` signed messages too.

    Those `allowed` are registered, and may see what there is about Jan and Mila, who have consented.

    With `client_certificate_of` whoever connects is the proxy that ends TLS.
    """
    settings = Settings(
        strict=False,
        hub=HubSettings(id="1990000728", name="RSB", language="en", data_folder=folder / "data"),
        listener=ListenerSettings(
            authentication="both" if security else "plain",
            body_timeout=body_timeout,
            request_timeout=request_timeout,
            tls_terminator=() if client_certificate_of is None else ("127.0.0.1",),
            client_certificate_of=client_certificate_of or {},
        ),
        security=security or SecuritySettings(),
        redis=RedisSettings(url=redis_url, timeout=redis_timeout, wait_replicas=wait_replicas),
        index=IndexSettings(secret=SECRET),
        vault=VaultSettings(key_id="1", keys={"1": SECRET}),
        sealing=sealing,
    )
    (folder / "data").mkdir(parents=True, exist_ok=True)
    if allowed:
        await allow_on(redis_url, SECRET.value, [a_patient(JAN), a_patient(MILA)], allowed)
    vault = registry.vault(folder.as_uri(), keys={"1": SECRET.value}, key_id="1")
    log = StringIO()
    place = bound("127.0.0.1", 0)
    async with (
        running_hub(
            settings,
            redis_url=redis_url,
            sources=[*sources, Source(VAULT, "", vault)],
            vault=vault,
            national=NationalFacts(),
            trust=settings.security.trust(BelgianClock().now),
            logger=open_log(log),
            metrics=Metrics(),
        ) as hub,
        Server.serving(hub.application, place),
        aiohttp.ClientSession() as session,
    ):
        schemas = SchemaSet.load(default_schema_folder())
        server = f"http://127.0.0.1:{place.getsockname()[1]}"
        yield ServedHub(
            f"{server}{PLAIN_INTRAHUB_PATH}", f"{server}{INTRAHUB_PATH}", f"{server}{PATH}", session, schemas, log
        )
