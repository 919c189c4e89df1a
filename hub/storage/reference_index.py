"""The index on Redis: what a rule decides on, and how lists come from packed references.

A change is committed by one script that fails when somebody was faster; then the rule is asked again.
"""

import asyncio
import random
import struct
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter
from weakref import WeakValueDictionary

from redis.asyncio import Redis

from hub.domain.access_matrix import Level
from hub.domain.access_rights import RightsInForce
from hub.domain.access_view import Document, View
from hub.domain.audit import AuditEvent
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id, Patient
from hub.domain.references import VAULT, Change, PatientReferences, Relevance, TransactionReference
from hub.domain.search import Criteria, PageRequest, ReferencePage
from hub.ports.reference_index import Found, Gate, Rule, Witness
from hub.storage import patient_change
from hub.storage.codec import Head
from hub.storage.id_values import patterns_of, places_of
from hub.storage.index_secrets import IndexSecrets
from hub.storage.kind_views import KindsOfView, KindViews
from hub.storage.lexical import FIRST, LAST, packed_moment
from hub.storage.packing import Packing, Vocabulary, unpack
from hub.storage.patient_store import PatientStore, Related
from hub.storage.patient_value import Block, PatientValue
from hub.storage.values import Profile

_ATTEMPTS = 60

_SLICE = 16
"""How many leaves of a long record are looked through before others have their turn: about two milliseconds."""

_DAY = 86400
_SERIAL = struct.Struct("<I")


class RedisReferenceIndex:
    """Implements `hub.ports.reference_index.ReferenceIndex`."""

    def __init__(self, client: Redis, *, secrets: IndexSecrets) -> None:
        self._store = PatientStore(client, secrets=secrets)
        self._packing = Packing(client, pseudonyms=secrets.pseudonyms, sealer=secrets.sealer)
        self._kinds = KindViews()
        self._turns: WeakValueDictionary[Ssin, asyncio.Lock] = WeakValueDictionary()

    async def find(self, patient: Ssin, criteria: Criteria, page: PageRequest, gate: Gate) -> Found:
        """See the port."""
        about = gate.subjects
        if criteria.is_everything:
            listed = await self._store.page(patient, skip=page.first - 1, size=page.size, about=about)
            view = gate.open(listed.registered, listed.facts)
            if listed.profiles is not None and not view.rights and await self._shows_all(view, listed.profiles):
                heads = [head for block in listed.blocks for head in block.heads(only_current=True)]
                rest = PageRequest(page.first - listed.passed, page.size)
                return await self._found(listed.registered, heads, listed.header.current, rest)
            if listed.profiles is not None:
                # Of a long record that this viewer may not see the whole of, somebody has to count what he may.
                listed = await self._store.period(patient, first=FIRST, last=LAST, about=about)
        else:
            listed = await self._store.period(patient, first=_first(criteria), last=_last(criteria), about=about)
            view = gate.open(listed.registered, listed.facts)
        heads = await self._matching(listed.blocks, criteria, view)
        return await self._found(listed.registered, heads, len(heads), page)

    async def _found(self, patient: Patient | None, heads: list[Head], total: int, page: PageRequest) -> Found:
        heads.sort(reverse=True)
        return Found(patient, ReferencePage(await self._packing.unpack(page.cut(heads)), total))

    async def _shows_all(self, view: View, profiles: frozenset[int]) -> bool:
        """Whether every reference of these profiles is seen on which the viewer has no right."""
        return await self._shown_whole(self._kinds.of(view), profiles) == profiles

    async def _shown_whole(self, kinds: KindsOfView, profiles: frozenset[int]) -> set[int]:
        """Those among some profiles of which every document is seen that no right is on."""
        if unknown := kinds.unknown(profiles):
            kinds.learn(await self._packing.profiles(unknown))
        return kinds.shown_whole(profiles)

    async def get(self, patient: Ssin, serial: int) -> TransactionReference | None:
        """See the port."""
        _, value = await self._store.related(patient, [_SERIAL.pack(serial)])
        rows = await self._packing.unpack([head for head in value.heads() if head.serial == serial])
        return rows[0] if rows else None

    async def named(self, patient: Ssin, name: Id) -> TransactionReference | None:
        """See the port."""
        relevance = Relevance(values=frozenset((name.key[2],)))
        _, value = await self._related(patient, relevance)
        rows = await self._relevant(value, relevance)
        return next((row for row in reversed(rows) if name.key in row.declaration.names()), None)

    async def latest(self, patient: Ssin, types: frozenset[str]) -> Sequence[TransactionReference]:
        """See the port."""
        _, value = await self._store.related(patient)
        heads = await self._newest_of_long(patient, value, types) if value.is_long else value.heads()
        profiles = await self._packing.profiles({head.profile for head in heads})
        current = sorted((head for head in heads if head.is_current), key=lambda head: head.serial)
        by_type = {profiles[head.profile].transaction_type: head for head in current}
        return await self._packing.unpack([head for kind, head in by_type.items() if kind in types])

    async def preview(
        self, patient: Ssin, rule: Rule, relevance: Relevance, *, register: Patient | None = None
    ) -> Change:
        """See the port."""
        change, _ = await self._decide(patient, rule, relevance, register)
        return change

    async def change(
        self,
        patient: Ssin,
        rule: Rule,
        relevance: Relevance,
        *,
        register: Patient | None = None,
        witness: Witness | None,
    ) -> Change:
        """See the port."""
        # Within a process one after the other: a race costs everybody but the winner their work.
        async with self._turns.setdefault(patient, asyncio.Lock()):
            for attempt in range(_ATTEMPTS):
                change, related = await self._decide(patient, rule, relevance, register)
                newcomer = register if related.registered is None else None
                if change.is_empty:
                    return change
                event = witness(change) if witness else None
                if await self._commit(patient, related.value, change, newcomer, event):
                    return change
                await asyncio.sleep(random.uniform(0, 0.002 * min(attempt, 10)))  # noqa: S311 - spreading retries
            raise HubError(Reason.BUSY)

    async def _decide(
        self, patient: Ssin, rule: Rule, relevance: Relevance, register: Patient | None
    ) -> tuple[Change, Related]:
        """What the rule decides now, and what it was decided on."""
        related = await self._related(patient, relevance)
        if related.registered is None and register is None:
            raise HubError(Reason.PATIENT_UNKNOWN)
        rows = await self._relevant(related.value, relevance)
        return rule(PatientReferences(rows, related.value.header.total + 1)), related

    async def _commit(
        self,
        patient: Ssin,
        value: PatientValue,
        change: Change,
        newcomer: Patient | None,
        event: AuditEvent | None,
    ) -> bool:
        """Store a change of the value it was decided on; False when somebody was faster."""
        added = [await self._packing.pack(reference) for reference in change.added]
        if missing := patient_change.leaves_to_read(value, added):
            with_them = await self._store.with_leaves(patient, value, missing)
            if with_them is None:
                return False
            value = with_them
        stored = patient_change.changed(value, dict(change.marked), added)
        return await self._store.commit(patient, value, stored, register=newcomer, event=event)

    async def _related(self, patient: Ssin, relevance: Relevance) -> Related:
        """What the store has that is relevant, and more. Of a long record it is found by what occurs in the leaves."""
        patterns = [*patterns_of(relevance.values), *map(_SERIAL.pack, relevance.serials)]
        asked: set[int] = set()
        while True:
            related = await self._store.related(patient, [*patterns, *map(_in_record, asked)])
            wanted = await self._profiles_that_matter(related.value.latest, relevance)
            if wanted <= asked:
                return related
            asked = wanted

    async def _relevant(self, value: PatientValue, relevance: Relevance) -> list[TransactionReference]:
        """The references that matter, oldest first, and perhaps a few more; only these are unpacked."""
        found: dict[int, Head] = {}
        patterns = patterns_of(relevance.values)
        for block in value.blocks.values():
            heads = block.heads()
            profiles = await self._profiles_that_matter({head.profile for head in heads}, relevance)
            matter = [head for head in heads if head.profile in profiles or head.serial in relevance.serials]
            matter += [head for place in places_of(block.data, patterns) for head in _head_at(heads, place)]
            found |= {head.serial: head for head in matter}
        return await self._packing.unpack([found[serial] for serial in sorted(found)])

    async def _profiles_that_matter(self, numbers: Iterable[int], relevance: Relevance) -> set[int]:
        profiles = await self._packing.profiles(numbers)
        return {number for number, profile in profiles.items() if _matters(profile, relevance)}

    async def _matching(self, blocks: Sequence[Block], criteria: Criteria, view: View) -> list[Head]:
        """The heads that fit and may be seen, decided without unpacking a record wherever possible."""
        found: list[Head] = []
        kinds = self._kinds.of(view)
        for start in range(0, len(blocks), _SLICE):
            if start:
                await asyncio.sleep(0)
            heads = [head for block in blocks[start : start + _SLICE] for head in block.heads(only_current=True)]
            if not criteria.is_everything:
                vocabulary = await self._packing.vocabulary(heads)
                heads = [head for head in heads if _fits(head, vocabulary, criteria)]
            found += await self._shown(heads, view, kinds)
        return found

    async def _shown(self, heads: list[Head], view: View, kinds: KindsOfView) -> list[Head]:
        """The heads that may be seen; for those of which all is seen nobody has to know more than the profile."""
        whole = await self._shown_whole(kinds, frozenset({head.profile for head in heads}))
        doubtful = [head for head in heads if head.profile not in whole]
        if view.rights:
            doubtful += [head for head in heads if head.profile in whole and _may_have_right(head, view.rights)]
        if not doubtful:
            return heads
        vocabulary = await self._packing.vocabulary(doubtful)
        unseen = {head.serial for head in doubtful if not _is_seen(head, vocabulary, view, kinds)}
        return [head for head in heads if head.serial not in unseen]

    async def _newest_of_long(self, patient: Ssin, value: PatientValue, types: frozenset[str]) -> list[Head]:
        """Heads among which are the newest of these types; all heads when one that was newest has been withdrawn."""
        profiles = await self._packing.profiles(value.latest)
        newest: dict[str, int] = {}
        for number, serial in value.latest.items():
            kind = profiles[number].transaction_type
            if kind in types:
                newest[kind] = max(serial, newest.get(kind, 0))
        _, value = await self._store.related(patient, map(_SERIAL.pack, newest.values()))
        heads = value.heads()
        if set(newest.values()) <= {head.serial for head in heads if head.is_current}:
            return heads
        listed = await self._store.period(patient, first=FIRST, last=LAST, about=())
        return [head for block in listed.blocks for head in block.heads(only_current=True)]


def _may_have_right(head: Head, rights: RightsInForce) -> bool:
    """Whether one of the rights may be on a document: of a later version the head does not tell."""
    return head.is_later_version or rights.on(head.serial, (head.serial,)) is not None


def _is_seen(head: Head, vocabulary: Vocabulary, view: View, kinds: KindsOfView) -> bool:
    kind = kinds.kind(head.profile, head.author, vocabulary)
    if kind.shows_none:
        return False
    if kind.shows_all and not (view.rights and _may_have_right(head, view.rights)):
        return True
    return kind.access(Document.of(unpack(head, vocabulary))).level is not Level.NONE


def _fits(head: Head, vocabulary: Vocabulary, criteria: Criteria) -> bool:
    profile, author = vocabulary.profiles[head.profile], vocabulary.authors[head.author]
    if head.has_texts:
        return criteria.match(unpack(head, vocabulary))
    return criteria.match_parts(profile.transaction_type, author, head.moment // _DAY)


def _matters(profile: Profile, relevance: Relevance) -> bool:
    """Whether all references of a profile matter: by their type, or by a position that is part of the profile."""
    is_of_type = profile.source == VAULT and profile.transaction_type in relevance.vault_types
    return is_of_type or any(scheme[3] in relevance.values for scheme in profile.id_schemes)


def _in_record(profile: int) -> bytes:
    """How the number of a profile stands in a record."""
    return profile.to_bytes(3, "little")


def _head_at(heads: Sequence[Head], place: int) -> list[Head]:
    """The head of the record that a place of the data is in; none for what stands before the records."""
    number = bisect_right(heads, place, key=attrgetter("offset"))
    return [heads[number - 1]] if number else []


def _first(criteria: Criteria) -> int:
    return packed_moment(criteria.begin.toordinal() * _DAY) if criteria.begin else FIRST


def _last(criteria: Criteria) -> int:
    return packed_moment((criteria.end.toordinal() + 1) * _DAY - 1) if criteria.end else LAST
