"""The index on Redis: one packed value per patient, changed by one script that fails when somebody was faster."""

import asyncio
import random
from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter

from redis.asyncio import Redis

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, Id, Patient
from hub.domain.references import (
    VAULT,
    Change,
    Declaration,
    PatientReferences,
    Relevance,
    TransactionReference,
)
from hub.domain.search import Criteria, PageRequest, ReferencePage
from hub.ports.reference_index import Found, Rule
from hub.storage import codec, keys, lexical
from hub.storage.connection import script, stored, translated
from hub.storage.dictionary import Dictionary
from hub.storage.id_values import places_of
from hub.storage.patient_record import open_patient, seal_patient
from hub.storage.secrets import Pseudonyms, Sealer
from hub.storage.values import Profile, decode_author, decode_profile, encode_author, encode_profile

_ATTEMPTS = 60


class RedisReferenceIndex:
    """Implements `hub.ports.reference_index.ReferenceIndex`."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, sealer: Sealer) -> None:
        self._client = client
        self._pseudonyms, self._sealer = pseudonyms, sealer
        self._commit = script(client, "commit")
        self._authors: Dictionary[Author] = Dictionary(
            client, "authors", encode=encode_author, decode=decode_author, pseudonyms=pseudonyms, sealer=sealer
        )
        self._profiles: Dictionary[Profile] = Dictionary(
            client, "profiles", encode=encode_profile, decode=decode_profile, pseudonyms=pseudonyms, sealer=sealer
        )

    async def find(self, patient: Ssin, criteria: Criteria, page: PageRequest) -> Found:
        """See the port."""
        registered, value = await self._read(patient)
        matching = await self._matching(value, criteria)
        shown = page.cut(matching)
        await self._load(shown)
        return Found(registered, ReferencePage([self._decode(value, head) for head in shown], len(matching)))

    async def get(self, patient: Ssin, serial: int) -> TransactionReference | None:
        """See the port."""
        value = await self._read_references(patient)
        rows = await self._relevant(value, Relevance(serials=frozenset((serial,))))
        return rows[0] if rows else None

    async def named(self, patient: Ssin, name: Id) -> TransactionReference | None:
        """See the port."""
        value = await self._read_references(patient)
        rows = await self._relevant(value, Relevance(values=frozenset((name.key[2],))))
        return next((row for row in reversed(rows) if name.key in row.declaration.names()), None)

    async def latest(self, patient: Ssin, types: frozenset[str]) -> Sequence[TransactionReference]:
        """See the port."""
        value = await self._read_references(patient)
        found = codec.heads(value, only_current=True)
        await self._profiles.load(head.profile for head in found)
        by_type = {self._profiles.value_of(head.profile).transaction_type: head for head in found}
        wanted = [head for transaction_type, head in by_type.items() if transaction_type in types]
        await self._authors.load(head.author for head in wanted)
        return [self._decode(value, head) for head in wanted]

    async def preview(
        self, patient: Ssin, rule: Rule, relevance: Relevance, *, register: Patient | None = None
    ) -> Change:
        """See the port."""
        change, _, _ = await self._decide(patient, rule, relevance, register)
        return change

    async def change(
        self, patient: Ssin, rule: Rule, relevance: Relevance, *, register: Patient | None = None
    ) -> Change:
        """See the port."""
        for attempt in range(_ATTEMPTS):
            change, value, is_known = await self._decide(patient, rule, relevance, register)
            if change.is_empty or await self._write(patient, value, change, None if is_known else register):
                return change
            await asyncio.sleep(random.uniform(0, 0.002 * min(attempt, 10)))  # noqa: S311 - spreading retries
        raise HubError(Reason.BUSY)

    async def _decide(
        self, patient: Ssin, rule: Rule, relevance: Relevance, register: Patient | None
    ) -> tuple[Change, bytes, bool]:
        """What the rule decides now, the value it was decided on, and whether the patient is registered."""
        registered, value = await self._read(patient)
        if registered is None and register is None:
            raise HubError(Reason.PATIENT_UNKNOWN)
        rows = await self._relevant(value, relevance)
        before = PatientReferences(rows, codec.read_header(value).count + 1)
        return rule(before), value, registered is not None

    async def _read(self, patient: Ssin) -> tuple[Patient | None, bytes]:
        pseudonym = self._pseudonyms.of(patient.digits)
        place = keys.patient(pseudonym)
        with translated():
            sealed, value = map(stored, await self._client.mget(place, keys.references(pseudonym)))
        return (open_patient(patient, sealed, self._sealer, place) if sealed else None), value or b""

    async def _read_references(self, patient: Ssin) -> bytes:
        with translated():
            value = stored(await self._client.get(keys.references(self._pseudonyms.of(patient.digits))))
        return value or b""

    async def _relevant(self, value: bytes, relevance: Relevance) -> list[TransactionReference]:
        """The references that matter, oldest first, and perhaps a few more; only these are decoded."""
        all_heads = codec.heads(value)
        await self._profiles.load(head.profile for head in all_heads)
        profiles = {number for number in {head.profile for head in all_heads} if self._matters(number, relevance)}
        found = {
            head.serial: head for head in all_heads if head.profile in profiles or head.serial in relevance.serials
        }
        offsets = [head.offset for head in all_heads]
        for place in places_of(value, relevance.values):
            if place >= codec.HEADER.size:
                head = all_heads[bisect_right(offsets, place) - 1]
                found[head.serial] = head
        await self._authors.load(head.author for head in found.values())
        return [self._decode(value, found[serial]) for serial in sorted(found)]

    def _matters(self, number: int, relevance: Relevance) -> bool:
        profile = self._profiles.value_of(number)
        is_of_type = profile.source == VAULT and profile.transaction_type in relevance.vault_types
        return is_of_type or any(scheme[3] in relevance.values for scheme in profile.id_schemes)

    async def _write(self, patient: Ssin, value: bytes, change: Change, register: Patient | None) -> bool:
        """Commit a change to the value it was decided on; False when somebody was faster."""
        header = codec.read_header(value)
        pseudonym = self._pseudonyms.of(patient.digits)
        place = keys.patient(pseudonym)
        changed = bytearray(value or header.to_bytes())
        statuses = dict(change.marked)
        for head in codec.heads(value) if statuses else ():
            if head.serial in statuses:
                codec.with_status(changed, head, statuses[head.serial])
        for reference in change.added:
            changed += await self._encode(reference)
        changed[: codec.HEADER.size] = codec.Header(header.revision + 1, header.count + len(change.added)).to_bytes()
        sealed = seal_patient(register, self._sealer, place) if register else b""
        before = header.to_bytes() if value else b""
        with translated():
            return bool(
                await self._commit(
                    keys=[keys.references(pseudonym), place],
                    args=[codec.HEADER.size, before, bytes(changed), sealed],
                )
            )

    async def _load(self, found: Sequence[codec.Head]) -> None:
        await self._profiles.load(head.profile for head in found)
        await self._authors.load(head.author for head in found)

    async def _matching(self, value: bytes, criteria: Criteria) -> list[codec.Head]:
        """The heads that fit, newest first, decided without decoding a record wherever possible."""
        found = codec.heads(value, only_current=True)
        if criteria.is_everything and not any(head.has_texts for head in found):
            return sorted(found, key=attrgetter("moment", "serial"), reverse=True)
        await self._load(found)
        ranked = [
            (moment, head.serial, head)
            for head in found
            if (moment := self._moment_if_matching(value, head, criteria)) is not None
        ]
        return [head for _, _, head in sorted(ranked, reverse=True)]

    def _moment_if_matching(self, value: bytes, head: codec.Head, criteria: Criteria) -> int | None:
        """The moment to sort by when a reference fits."""
        if head.has_texts:
            reference = self._decode(value, head)
            return reference.declaration.moment if criteria.match(reference) else None
        profile, author = self._profiles.value_of(head.profile), self._authors.value_of(head.author)
        fits = criteria.match_parts(profile.transaction_type, author, head.moment // 86400)
        return head.moment if fits else None

    def _decode(self, value: bytes, head: codec.Head) -> TransactionReference:
        profile = self._profiles.value_of(head.profile)
        record = codec.decode(value, head, profile.open_values, profile.form)
        date, time, recorded = record.texts or ("", "", "")
        if profile.form and record.moments:
            date, time, recorded = lexical.unpack(profile.form, record.moments)
        declaration = Declaration(
            ids=profile.ids_with(record.id_values),
            cds=profile.cds,
            date=date,
            time=time,
            author=self._authors.value_of(record.author),
            iscomplete=record.iscomplete,
            isvalidated=record.isvalidated,
            recorddatetime=recorded,
        )
        return TransactionReference(
            serial=head.serial,
            declaration=declaration,
            source=profile.source,
            status=record.status,
            document=record.document,
            members=record.members,
            version=record.version,
        )

    async def _encode(self, reference: TransactionReference) -> bytes:
        declaration = reference.declaration
        texts = (declaration.date, declaration.time, declaration.recorddatetime)
        form, moments = lexical.pack(*texts) or (None, None)
        profile = Profile.of(reference.source, declaration, form)
        record = codec.Record(
            author=await self._authors.number_of(declaration.author),
            profile=await self._profiles.number_of(profile),
            id_values=profile.values_of(declaration),
            iscomplete=declaration.iscomplete,
            isvalidated=declaration.isvalidated,
            status=reference.status,
            moments=moments,
            texts=None if form else texts,
            document=reference.document,
            members=reference.members,
            version=reference.version,
        )
        return codec.encode(record, form)
