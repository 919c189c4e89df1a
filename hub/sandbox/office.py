"""What is done to a sandbox's hub without an operation of the hub services: by its staff, and in a patient's portal.

The services of the hub do it, on the store of the hub, beside the hub.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path

from hub.archive.audit_trail import RedisAuditTrail
from hub.archive.database import address
from hub.archive.opening import open_archive
from hub.config.access_settings import AccessSettings
from hub.config.provider_settings import GuarantorSettings, ProviderSettings
from hub.config.secrets import SecretKey
from hub.domain.context import Origin, RequestContext
from hub.domain.mandates import MandateKind
from hub.domain.parties import Id, Requester
from hub.domain.patient_record import PatientRecord
from hub.ports.access_registry import AccessRegistry
from hub.ports.audit_trail import AuditTrail
from hub.ports.providers import ProviderRegistry
from hub.ports.registries import PatientRegistry
from hub.runtime import BelgianClock, RandomIds
from hub.sandbox.configuration import DATA_FOLDER, GUARANTORS, INDEX_KEY_FILE, INDEX_KEY_ID
from hub.sandbox.people import HUB_SIGNATORY, SamplePatient
from hub.sandbox.provider_directory import KnownProviders
from hub.services.attempts import Attempts
from hub.services.auditing import Auditing
from hub.services.exclusions import Exclusions
from hub.services.mandates import Mandates
from hub.services.patient_records import PatientRecords
from hub.services.patients import KnownPatients, NoCardDirectory
from hub.services.permissions import EverythingPermitted, Permissions
from hub.services.policy_permissions import PolicyPermissions
from hub.services.provider_standing import ProviderStandings
from hub.services.providers import ProviderRegistrations
from hub.storage.access_registry import RedisAccessRegistry
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.provider_registry import RedisProviderRegistry
from hub.storage.registries import RedisPatientRegistry
from hub.storage.secrets import Pseudonyms

_SECONDS = 10.0
_GUARANTORS = ProviderSettings(
    guarantors={key: GuarantorSettings(name=name, professions=of) for key, name, of, _ in GUARANTORS}
)


class Office:
    """The staff's desk and the patients' portal of a sandbox. Methods raise HubError, as the services do."""

    def __init__(
        self,
        *,
        registry: AccessRegistry,
        patients: PatientRegistry,
        providers: ProviderRegistry,
        trail: AuditTrail,
    ) -> None:
        self._clock, self._ids = BelgianClock(), RandomIds()
        as_patient = self._attempts(_permissions(registry, patients, providers), trail)
        as_staff = self._attempts(EverythingPermitted(), trail)
        self._registrations = ProviderRegistrations(
            registry=providers,
            attempts=as_staff,
            directory=KnownProviders(),
            policy=_GUARANTORS.policy,
            clock=self._clock,
            ids=self._ids,
        )
        self._exclusions = Exclusions(registry=registry, attempts=as_patient, clock=self._clock)
        self._mandates = Mandates(registry=registry, attempts=as_patient, clock=self._clock)
        self._papers = Mandates(registry=registry, attempts=as_staff, clock=self._clock)
        self._records = PatientRecords(
            registry=registry,
            trail=trail,
            attempts=as_patient,
            patients=KnownPatients(patients=patients, cards=NoCardDirectory()),
            clock=self._clock,
        )

    async def apply(self, number: str, profession: str, *, organisation: str = "") -> str:
        """Take the application of a care provider; the guarantor who has to say yes, empty when nobody has to."""
        guarantors = () if organisation else _GUARANTORS.policy.guarantors.items()
        guarantor = next((key for key, professions in guarantors if profession in professions), "")
        await self._registrations.register(
            HUB_SIGNATORY.author, number, profession, guarantor=guarantor, organisation=organisation
        )
        return guarantor

    async def approve(self, number: str, *, guarantor: str = "") -> None:
        """Approve an application: for a guarantor, or as the staff, who settle everything."""
        await self._registrations.approve(HUB_SIGNATORY.author, number, guarantor=guarantor)

    async def exclude(self, patient: SamplePatient, party: Id) -> None:
        """A patient shuts a care provider out."""
        await self._exclusions.exclude(self._of(patient, "Exclude"), patient.ssin, (party,))

    async def lift(self, patient: SamplePatient, party: Id) -> None:
        """A patient lets a care provider in again; nothing happens when he is not out."""
        await self._exclusions.lift(self._of(patient, "LiftExclusion"), patient.ssin, (party,))

    async def trust(self, patient: SamplePatient, person: SamplePatient) -> None:
        """A patient names a trusted person, who agrees."""
        kind = MandateKind.TRUSTED_PERSON
        await self._mandates.name(self._of(patient, "NameMandate"), patient.ssin, person.ssin, kind)
        await self._mandates.accept(self._of(person, "AcceptMandate"), patient.ssin, person.ssin, kind)

    async def register_parent(self, patient: SamplePatient, person: SamplePatient) -> None:
        """The staff has seen the papers of a parent."""
        requester = Requester(HUB_SIGNATORY.author)
        await self._papers.name(self._context(requester, "NameMandate"), patient.ssin, person.ssin, MandateKind.PARENT)

    async def record(self, patient: SamplePatient) -> PatientRecord:
        """What a patient takes home: all that is registered about access to his documents, and the whole trail."""
        return await self._records.record(self._of(patient, "ExportRecord"), patient.ssin)

    def _of(self, patient: SamplePatient, operation: str) -> RequestContext:
        return self._context(Requester(patient.signatory.author), operation)

    def _context(self, requester: Requester, operation: str) -> RequestContext:
        origin = Origin(operation=operation, request_id=self._ids.new_id())
        return RequestContext(requester=requester, origin=origin, deadline=inf)

    def _attempts(self, permissions: Permissions, trail: AuditTrail) -> Attempts:
        return Attempts(permissions=permissions, auditing=Auditing(clock=self._clock), trail=trail)


@asynccontextmanager
async def open_office(folder: Path, redis_url: str) -> AsyncIterator[Office]:
    """The office of the sandbox in a folder, with the keys of its hub."""
    secret = SecretKey.parse((folder / INDEX_KEY_FILE).read_text()).value
    secrets = IndexSecrets.of(secret, Pseudonyms(secret, key_id=INDEX_KEY_ID))
    place = address(f"sqlite:///{folder / DATA_FOLDER / 'audit.sqlite'}", password=None)
    client = connect(redis_url, timeout=_SECONDS, connections=2)
    try:
        async with open_archive(place, patience=_SECONDS, secret=secret, clock=BelgianClock()) as archive:
            yield Office(
                registry=RedisAccessRegistry(client, secrets=secrets),
                patients=RedisPatientRegistry(client, secrets=secrets),
                providers=RedisProviderRegistry(client, secrets=secrets),
                trail=RedisAuditTrail(client, secrets=secrets, archive=archive),
            )
    finally:
        await client.aclose()


def _permissions(registry: AccessRegistry, patients: PatientRegistry, providers: ProviderRegistry) -> Permissions:
    """The rules of the hub."""
    policy = AccessSettings().policy()
    standings = ProviderStandings(
        registry=providers, circles_of_trust=policy.authentication.circles_of_trust, seconds=0
    )
    return PolicyPermissions(
        policy=policy, standing=standings.of, registry=registry, patients=patients, clock=BelgianClock()
    )
