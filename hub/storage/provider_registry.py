"""Care providers on Redis, sealed, under keyed pseudonyms; apart from patients, in a slot of their own."""

from collections.abc import AsyncIterator, Collection, Mapping

from redis.asyncio import Redis

from hub.domain.audit import AuditEvent
from hub.domain.errors import HubError, Reason
from hub.domain.providers import Provider
from hub.domain.search import PageRequest
from hub.domain.subjects import Subject
from hub.ports.providers import PendingPage, ProviderRule
from hub.storage import keys
from hub.storage.audit_lanes import EVENT, PATIENT, lane_of
from hub.storage.connection import script, stored, translated
from hub.storage.index_secrets import IndexSecrets
from hub.storage.patient_places import MOVED
from hub.storage.provider_values import decode_provider, decode_waiting, encode_provider, encode_waiting
from hub.storage.sweeping import fields

_ATTEMPTS = 10
_PLACE, _QUEUE = keys.PROVIDERS.encode(), keys.PENDING_PROVIDERS.encode()


class RedisProviderRegistry:
    """Implements `hub.ports.providers.ProviderRegistry`: one hash of providers, one of those who wait.

    A field by the older of two keys holds a mark when the provider has moved to the newer one; in the queue there are
    no marks.
    """

    def __init__(self, client: Redis, *, secrets: IndexSecrets) -> None:
        self._client, self._sealer, self._events = client, secrets.sealer, secrets.events
        pseudonyms = secrets.pseudonyms
        self._moves = pseudonyms.previous is not None
        self._older = pseudonyms.previous or pseudonyms
        self._newer = pseudonyms if pseudonyms.previous else pseudonyms.following
        self._put = script(client, "put_provider")

    async def get(self, subjects: Collection[Subject]) -> Mapping[Subject, Provider]:
        """See the port."""
        kept = await self._kept(tuple(subjects))
        return {subject: self._opened(sealed) for subject, sealed in kept.items() if sealed}

    async def change(self, subject: Subject, rule: ProviderRule, event: AuditEvent) -> Provider | None:
        """See the port."""
        for _ in range(_ATTEMPTS):
            sealed = (await self._kept((subject,)))[subject]
            after = rule(self._opened(sealed) if sealed else None)
            if await self._keep(subject, sealed, after, event):
                return after
        raise HubError(Reason.BUSY)

    async def pending(self, page: PageRequest) -> PendingPage:
        """See the port."""
        with translated():
            queue = await self._client.hvals(keys.PENDING_PROVIDERS)
        waiting = {decode_waiting(self._sealer.open(sealed, _QUEUE)) for sealed in map(stored, queue) if sealed}
        subjects = [subject for subject, _ in page.cut(sorted(waiting, key=lambda entry: entry[::-1]))]
        providers = await self.get(subjects)
        found = [providers[subject] for subject in subjects if subject in providers]
        return PendingPage([provider for provider in found if provider.is_pending], len(waiting))

    async def everybody(self) -> AsyncIterator[Provider]:
        """See the port."""
        seen = set[Subject]()
        async for found in fields(self._client, keys.PROVIDERS):
            for sealed in found.values():
                if sealed != MOVED and (provider := self._opened(sealed)).subject not in seen:
                    seen.add(provider.subject)
                    yield provider

    async def _kept(self, subjects: tuple[Subject, ...]) -> dict[Subject, bytes]:
        """What is kept of each subject, sealed; empty for nothing."""
        names = [self._fields(subject) for subject in subjects]
        if not names:
            return {}
        with translated():
            found = await self._client.hmget(keys.PROVIDERS, [field for pair in names for field in pair])
        values = [stored(value) or b"" for value in found]
        kept = dict(zip(subjects, map(_standing_at, values[::2], values[1::2]), strict=True))
        if MOVED in kept.values():
            raise _moved_on()
        return kept

    async def _keep(self, subject: Subject, before: bytes, after: Provider | None, event: AuditEvent) -> bool:
        mark, sealed_event = self._events.written(event)
        with translated():
            done = await self._put(
                keys=[keys.PROVIDERS, keys.PENDING_PROVIDERS, lane_of(keys.PROVIDERS_TAG)],
                args=[
                    before,
                    self._sealer.seal(encode_provider(after), _PLACE) if after else b"",
                    self._waiting(after),
                    int(self._moves),
                    *self._fields(subject),
                    *(PATIENT, mark, EVENT, sealed_event),
                ],
            )
        if done < 0:
            raise _moved_on()
        return bool(done)

    def _waiting(self, provider: Provider | None) -> bytes:
        """The entry of the queue; empty for one who does not wait."""
        if provider is None or provider.since is None or not provider.is_pending:
            return b""
        return self._sealer.seal(encode_waiting(provider.subject, provider.since), _QUEUE)

    def _opened(self, sealed: bytes) -> Provider:
        return decode_provider(self._sealer.open(sealed, _PLACE))

    def _fields(self, subject: Subject) -> tuple[str, str]:
        """The fields of a provider by the older and by the newer of two keys; the second is empty for one key."""
        name = provider_name(subject)
        return self._older.of(name), self._newer.of(name) if self._newer else ""


def provider_name(subject: Subject) -> str:
    """What the pseudonym of a provider is made from."""
    return "\x1f".join(("provider", *subject))


def _standing_at(older: bytes, newer: bytes) -> bytes:
    """What is kept under one of two fields: where the older has the mark, it is under the newer."""
    return newer or MOVED if older == MOVED else older


def _moved_on() -> HubError:
    return HubError(Reason.INDEX_UNAVAILABLE, where="pseudonym key")
