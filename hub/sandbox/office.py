"""The office of the sandbox's hub: what its staff does beside it, with its own services and on its own store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path

from hub.config.provider_settings import GuarantorSettings, ProviderSettings
from hub.config.secrets import SecretKey
from hub.domain.context import Origin, RequestContext
from hub.domain.mandates import MandateKind
from hub.domain.parties import Requester
from hub.ports.access_registry import AccessRegistry
from hub.ports.audit_trail import AuditRecorder
from hub.ports.providers import ProviderRegistry
from hub.runtime import BelgianClock, RandomIds
from hub.sandbox.configuration import GUARANTORS, INDEX_KEY_FILE, INDEX_KEY_ID
from hub.sandbox.people import HUB_SIGNATORY, SamplePatient
from hub.sandbox.provider_directory import KnownProviders
from hub.services.attempts import Attempts
from hub.services.auditing import Auditing
from hub.services.mandates import Mandates
from hub.services.permissions import EverythingPermitted
from hub.services.providers import ProviderRegistrations
from hub.storage.access_registry import RedisAccessRegistry
from hub.storage.audit_recorder import RedisAuditRecorder
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.provider_registry import RedisProviderRegistry
from hub.storage.secrets import Pseudonyms

_SECONDS = 10.0
_POLICY = ProviderSettings(
    guarantors={key: GuarantorSettings(name=name, professions=of) for key, name, of, _ in GUARANTORS}
).policy


class Office:
    """Takes and decides applications, and registers what is proven by papers. Methods raise HubError."""

    def __init__(self, *, registry: AccessRegistry, providers: ProviderRegistry, trail: AuditRecorder) -> None:
        clock, self._ids = BelgianClock(), RandomIds()
        attempts = Attempts(permissions=EverythingPermitted(), auditing=Auditing(clock=clock), trail=trail)
        self._registrations = ProviderRegistrations(
            registry=providers,
            attempts=attempts,
            directory=KnownProviders(),
            policy=_POLICY,
            clock=clock,
            ids=self._ids,
        )
        self._mandates = Mandates(registry=registry, attempts=attempts, clock=clock)

    async def apply(self, number: str, profession: str, *, organisation: str = "") -> str:
        """Take the application of a care provider; the guarantor who has to say yes, empty when nobody has to."""
        guarantors = () if organisation else _POLICY.guarantors.items()
        guarantor = next((key for key, professions in guarantors if profession in professions), "")
        await self._registrations.register(
            HUB_SIGNATORY.author, number, profession, guarantor=guarantor, organisation=organisation
        )
        return guarantor

    async def approve(self, number: str, *, guarantor: str = "") -> None:
        """Approve an application: for a guarantor, or as the staff, who settle everything."""
        await self._registrations.approve(HUB_SIGNATORY.author, number, guarantor=guarantor)

    async def register_parent(self, patient: SamplePatient, parent: SamplePatient) -> None:
        """Somebody has shown that he is the parent of a patient."""
        context = RequestContext(
            requester=Requester(HUB_SIGNATORY.author),
            origin=Origin(operation="RegisterMandate", request_id=self._ids.new_id()),
            deadline=inf,
        )
        await self._mandates.name(context, patient.ssin, parent.ssin, MandateKind.PARENT)


@asynccontextmanager
async def open_office(folder: Path, redis_url: str) -> AsyncIterator[Office]:
    """The office of the sandbox in a folder, with the keys of its hub."""
    secret = SecretKey.parse((folder / INDEX_KEY_FILE).read_text()).value
    secrets = IndexSecrets.of(secret, Pseudonyms(secret, key_id=INDEX_KEY_ID))
    client = connect(redis_url, timeout=_SECONDS, connections=2)
    try:
        yield Office(
            registry=RedisAccessRegistry(client, secrets=secrets),
            providers=RedisProviderRegistry(client, secrets=secrets),
            trail=RedisAuditRecorder(client, secrets=secrets),
        )
    finally:
        await client.aclose()
