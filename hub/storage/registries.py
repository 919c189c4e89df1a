"""Patients and care parties on Redis, sealed, under keyed pseudonyms."""

from redis.asyncio import Redis

from hub.domain.identifiers import Ssin
from hub.domain.parties import Id, Patient
from hub.ports.registries import RegisteredParty
from hub.storage import keys
from hub.storage.connection import stored, translated
from hub.storage.patient_record import open_patient, seal_patient
from hub.storage.secrets import Pseudonyms, Sealer
from hub.storage.values import decode_party, encode_party


class RedisPatientRegistry:
    """Implements `hub.ports.registries.PatientRegistry`."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, sealer: Sealer) -> None:
        self._client, self._pseudonyms, self._sealer = client, pseudonyms, sealer

    async def get(self, ssin: Ssin) -> Patient | None:
        """See the port."""
        place = keys.patient(self._pseudonyms.of(ssin.digits))
        with translated():
            sealed = stored(await self._client.get(place))
        return open_patient(sealed, self._sealer, place) if sealed else None

    async def put(self, patient: Patient) -> None:
        """See the port."""
        place = keys.patient(self._pseudonyms.of(patient.ssin.digits))
        with translated():
            await self._client.set(place, seal_patient(patient, self._sealer, place))


class RedisPartyRegistry:
    """Implements `hub.ports.registries.PartyRegistry`: one hash, a field per identifier."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, sealer: Sealer) -> None:
        self._client, self._pseudonyms, self._sealer = client, pseudonyms, sealer

    async def get(self, ids: tuple[Id, ...]) -> RegisteredParty | None:
        """See the port."""
        with translated():
            sealed = await self._client.hmget(keys.PARTIES, [self._field(id_) for id_ in ids])
        first = next((stored(value) for value in sealed if value), None)
        return RegisteredParty(*decode_party(self._sealer.open(first, keys.PARTIES.encode()))) if first else None

    async def put(self, party: RegisteredParty) -> None:
        """See the port."""
        written = encode_party(party.party, party.recorddatetime)
        sealed = self._sealer.seal(written, keys.PARTIES.encode())
        with translated():
            await self._client.hset(keys.PARTIES, mapping={self._field(id_): sealed for id_ in party.party.ids})

    def _field(self, id_: Id) -> str:
        return self._pseudonyms.of("\x1f".join(id_.key))
