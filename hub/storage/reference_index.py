"""The index on Redis: one packed value per patient, changed by one script that fails when somebody was faster."""

import asyncio
import random
from collections.abc import Sequence

from redis.asyncio import Redis

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, Id, Patient
from hub.domain.references import Change, Declaration, PatientReferences, Status, TransactionReference
from hub.domain.search import Criteria, PageRequest, ReferencePage
from hub.ports.reference_index import Found, Rule
from hub.storage import codec, keys, lexical
from hub.storage.connection import script, stored, translated
from hub.storage.dictionary import Dictionary
from hub.storage.patient_record import open_patient, seal_patient
from hub.storage.secrets import Pseudonyms, Sealer
from hub.storage.values import Profile, decode_author, decode_profile, encode_author, encode_profile

_ATTEMPTS = 60
_NO_MOMENTS = lexical.PackedMoments(0, 0, 0, 0)


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
        found = [head for head in codec.heads(value) if head.status is Status.CURRENT]
        await self._load(found)
        if value is None or not found:
            return Found(registered, ReferencePage((), 0))
        matching = [
            (moment, head.serial, head)
            for head in found
            if (moment := self._moment_if_matching(value, head, criteria)) is not None
        ]
        matching.sort(key=lambda entry: entry[:2], reverse=True)
        start = (page.index - 1) * page.size
        rows = [self._decode(value, head) for _, _, head in matching[start : start + page.size]]
        return Found(registered, ReferencePage(rows, len(matching)))

    async def get(self, patient: Ssin, serial: int) -> TransactionReference | None:
        """See the port."""
        _, value = await self._read(patient)
        found = [head for head in codec.heads(value) if head.serial == serial]
        await self._load(found)
        return self._decode(value, found[0]) if value is not None and found else None

    async def change(self, patient: Ssin, rule: Rule, *, register: Patient | None = None) -> Change:
        """See the port."""
        for attempt in range(_ATTEMPTS):
            registered, value = await self._read(patient)
            if registered is None and register is None:
                raise HubError(Reason.PATIENT_UNKNOWN)
            change = rule(await self._references(value))
            if change.is_empty:
                return change
            header = codec.read_header(value)
            if await self._write(patient, header, value, change, register if registered is None else None):
                return change
            await asyncio.sleep(random.uniform(0, 0.002 * min(attempt, 10)))  # noqa: S311 - spreading retries
        raise HubError(Reason.BUSY)

    async def _read(self, patient: Ssin) -> tuple[Patient | None, bytes | None]:
        pseudonym = self._pseudonyms.of(patient.digits)
        place = keys.patient(pseudonym)
        with translated():
            sealed, value = map(stored, await self._client.mget(place, keys.references(pseudonym)))
        return (open_patient(patient, sealed, self._sealer, place) if sealed else None), value

    async def _references(self, value: bytes | None) -> PatientReferences:
        header, all_heads = codec.read_header(value), list(codec.heads(value))
        await self._load(all_heads)
        rows = [self._decode(value, head) for head in all_heads] if value is not None else []
        return PatientReferences(rows, header.next_serial)

    async def _write(
        self, patient: Ssin, header: codec.Header, value: bytes | None, change: Change, register: Patient | None
    ) -> bool:
        pseudonym = self._pseudonyms.of(patient.digits)
        place = keys.patient(pseudonym)
        changed = bytearray(value or header.to_bytes())
        statuses = dict(change.marked)
        for head in codec.heads(value):
            if head.serial in statuses:
                codec.with_status(changed, head.offset, statuses[head.serial])
        for reference in change.added:
            changed += await self._encode(reference)
        serials = [reference.serial + 1 for reference in change.added]
        new = codec.Header(header.revision + 1, max(header.next_serial, *serials, 1), header.count + len(serials))
        changed[: codec.HEADER.size] = new.to_bytes()
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

    def _moment_if_matching(self, value: bytes, head: codec.Head, criteria: Criteria) -> int | None:
        """The moment to sort by when a reference fits; decided from its head, without decoding it, where possible."""
        if head.has_texts:
            reference = self._decode(value, head)
            return reference.declaration.moment if criteria.match(reference) else None
        profile, author = self._profiles.value_of(head.profile), self._authors.value_of(head.author)
        fits = criteria.match_parts(profile.transaction_type, author, head.moment // 86400)
        return head.moment if fits else None

    def _decode(self, value: bytes, head: codec.Head) -> TransactionReference:
        profile = self._profiles.value_of(head.profile)
        record = codec.decode(value, head.offset, len(profile.id_schemes), profile.form)
        date, time, recorded = record.texts or ("", "", "")
        if profile.form:
            date, time, recorded = lexical.unpack(profile.form, record.moments)
        declaration = Declaration(
            ids=tuple(
                Id(scheme, version, text, local)
                for (scheme, version, local), text in zip(profile.id_schemes, record.id_values, strict=True)
            ),
            cds=profile.cds,
            date=date,
            time=time,
            author=self._authors.value_of(record.author),
            iscomplete=record.iscomplete,
            isvalidated=record.isvalidated,
            recorddatetime=recorded,
        )
        return TransactionReference(
            serial=record.serial,
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
        form, moments = lexical.pack(*texts) or (None, _NO_MOMENTS)
        profile = Profile(
            source=reference.source,
            cds=declaration.cds,
            id_schemes=tuple((id_.scheme, id_.version, id_.local_scheme) for id_ in declaration.ids),
            form=form,
        )
        record = codec.Record(
            serial=reference.serial,
            author=await self._authors.number_of(declaration.author),
            profile=await self._profiles.number_of(profile),
            id_values=tuple(id_.value for id_ in declaration.ids),
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
