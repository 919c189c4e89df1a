"""Patients and care parties on Redis, sealed, under keyed pseudonyms."""

from redis.asyncio import Redis

from hub.domain.audit import AuditEvent
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id, Patient
from hub.ports.registries import RegisteredParty
from hub.storage import keys
from hub.storage.audit_lanes import lane_of
from hub.storage.connection import script, stored, translated
from hub.storage.index_secrets import IndexSecrets
from hub.storage.patient_places import MOVED, PatientPlaces
from hub.storage.patient_record import open_patient, seal_patient
from hub.storage.secrets import Pseudonyms, Sealer
from hub.storage.values import decode_party, encode_party

_ATTEMPTS = 3
"""A patient moves once, so the second is the last that can fail."""


class RedisPatientRegistry:
    """Implements `hub.ports.registries.PatientRegistry`."""

    def __init__(self, client: Redis, *, secrets: IndexSecrets) -> None:
        self._places = PatientPlaces(client, pseudonyms=secrets.pseudonyms, sealer=secrets.sealer)
        self._sealer, self._events = secrets.sealer, secrets.events
        self._register = script(client, "register")

    async def get(self, ssin: Ssin) -> Patient | None:
        """See the port."""
        place, answer = await self._places.ask(ssin, self._places.look)
        return open_patient(answer.sealed, self._sealer, place.patient) if answer.sealed else None

    async def put(self, patient: Patient, event: AuditEvent) -> None:
        """See the port."""
        for _ in range(_ATTEMPTS):
            place = await self._places.to_change(patient.ssin)
            sealed = seal_patient(patient, self._sealer, place.patient)
            lane = lane_of(keys.pseudonym_in(place.references))
            with translated():
                done = await self._register(
                    keys=[place.references, place.patient, lane], args=[*self._events.written(event), sealed]
                )
            if done:
                return
        raise HubError(Reason.INDEX_UNAVAILABLE, where="pseudonym key")


class RedisPartyRegistry:
    """Implements `hub.ports.registries.PartyRegistry`: one hash, a field per identifier.

    A field by the older of two keys holds a mark when the party has moved to the newer one.
    """

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, sealer: Sealer) -> None:
        self._client, self._sealer = client, sealer
        self._moves = pseudonyms.previous is not None
        self._older = pseudonyms.previous or pseudonyms
        self._newer = pseudonyms if pseudonyms.previous else pseudonyms.following
        self._put = script(client, "put_party")

    async def get(self, ids: tuple[Id, ...]) -> RegisteredParty | None:
        """See the port."""
        fields = [field for id_ in ids for field in reversed(self._fields(id_)) if field]
        with translated():
            sealed = map(stored, await self._client.hmget(keys.PARTIES, fields))
        first = next((value for value in sealed if value), None)
        if first == MOVED:
            raise HubError(Reason.INDEX_UNAVAILABLE, where="pseudonym key")
        return RegisteredParty(*decode_party(self._sealer.open(first, keys.PARTIES.encode()))) if first else None

    async def put(self, party: RegisteredParty) -> None:
        """See the port."""
        written = encode_party(party.party, party.recorddatetime)
        sealed = self._sealer.seal(written, keys.PARTIES.encode())
        fields = (field for id_ in party.party.ids for field in self._fields(id_))
        with translated():
            done = await self._put(keys=[keys.PARTIES], args=[sealed, int(self._moves), *fields])
        if not done:
            raise HubError(Reason.INDEX_UNAVAILABLE, where="pseudonym key")

    def _fields(self, id_: Id) -> tuple[str, str]:
        """The fields of an identifier by the older and by the newer of two keys; the second is empty for one key."""
        name = party_name(id_)
        return self._older.of(name), self._newer.of(name) if self._newer else ""


def party_name(id_: Id) -> str:
    """What the pseudonym of a party's identifier is made from."""
    return "\x1f".join(id_.key)
