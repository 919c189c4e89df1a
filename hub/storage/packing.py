"""References to packed records and back: where the codec meets the interned authors and profiles."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import compress
from typing import NamedTuple

from redis.asyncio import Redis

from hub.domain.declarations import Declaration
from hub.domain.parties import Author
from hub.domain.references import TransactionReference
from hub.storage import codec, lexical
from hub.storage.dictionary import Dictionary
from hub.storage.secrets import Pseudonyms, Sealer
from hub.storage.values import Profile, decode_author, decode_profile, encode_author, encode_profile


class Vocabulary(NamedTuple):
    """The interned values that some records use, by number."""

    authors: Mapping[int, Author]
    profiles: Mapping[int, Profile]


class Packing:
    """Packs and unpacks references. Raises HubError (index-unavailable) when the store cannot be reached."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, sealer: Sealer) -> None:
        self._authors: Dictionary[Author] = Dictionary(
            client, "authors", encode=encode_author, decode=decode_author, pseudonyms=pseudonyms, sealer=sealer
        )
        self._profiles: Dictionary[Profile] = Dictionary(
            client, "profiles", encode=encode_profile, decode=decode_profile, pseudonyms=pseudonyms, sealer=sealer
        )

    async def vocabulary(self, heads: Collection[codec.Head]) -> Vocabulary:
        """The interned values of these records."""
        authors = await self._authors.values_of([head.author for head in heads])
        return Vocabulary(authors, await self.profiles([head.profile for head in heads]))

    async def profiles(self, numbers: Iterable[int]) -> Mapping[int, Profile]:
        """Some profiles by their numbers."""
        return await self._profiles.values_of(numbers)

    async def unpack(self, heads: Collection[codec.Head]) -> list[TransactionReference]:
        """The references of these heads."""
        vocabulary = await self.vocabulary(heads)
        return unpack_all(heads, vocabulary)

    async def pack(self, reference: TransactionReference) -> bytes:
        """The record of a reference. Raises HubError (content) when its identifiers are too long to be kept."""
        declaration = reference.declaration
        texts = (declaration.date, declaration.time, declaration.recorddatetime)
        packed = lexical.pack(*texts)
        form, moments = packed or (None, lexical.PackedMoments(lexical.packed_moment(declaration.rank)))
        profile = Profile.of(reference.source, declaration, form)
        record = codec.Record(
            author=await self._authors.number_of(declaration.author),
            profile=await self._profiles.number_of(profile),
            iscomplete=declaration.iscomplete,
            isvalidated=declaration.isvalidated,
            status=reference.status,
            moments=moments,
            id_values=profile.values_of(declaration),
            texts=None if packed else texts,
            document=reference.document,
            members=reference.members,
            version=reference.version,
            origins=reference.origins,
        )
        return codec.encode(record, form)


def unpack_all(heads: Collection[codec.Head], vocabulary: Vocabulary) -> list[TransactionReference]:
    """The references of these heads, in their order: as `unpack` for each, most of them in one go."""
    profiles = vocabulary.profiles
    are_usual = [not head.flags & codec.UNUSUAL and profiles[head.profile].usual is not None for head in heads]
    usual = _unpack_usual([*compress(heads, are_usual)], vocabulary)
    if all(are_usual):
        return usual
    rows = iter(usual)
    return [
        next(rows) if is_usual else unpack(head, vocabulary) for head, is_usual in zip(heads, are_usual, strict=True)
    ]


def _unpack_usual(heads: Sequence[codec.Head], vocabulary: Vocabulary) -> list[TransactionReference]:
    """A page has ninety: texts are put together in place, and tuples made without the constructors of their classes."""
    authors = vocabulary.authors
    shared = {number: profile.usual for number, profile in vocabulary.profiles.items() if profile.usual}
    days, minutes, seconds = lexical.DAY_TEXTS, lexical.MINUTE_TEXTS, lexical.SECOND_TEXTS
    day_minutes, make = lexical.DAY_MINUTES, tuple.__new__
    found = []
    for head, (distance, value) in zip(heads, codec.decode_usual(heads), strict=True):
        moment, serial, _, _, author, profile, flags = head
        source, outline, before, after, date_zone, time_zone, recorded_zone = shared[profile]
        minute, second = divmod(moment, 60)
        recorded_minute, recorded_second = divmod(moment + distance, 60)
        recorded = f"{minutes[recorded_minute % day_minutes]}{seconds[recorded_second]}{recorded_zone}"
        declared = (
            outline,
            (*before, value, *after),
            f"{days[minute // day_minutes]}{date_zone}",
            f"{minutes[minute % day_minutes]}{seconds[second]}{time_zone}",
            authors[author],
            flags & codec.COMPLETE != 0,
            flags & codec.VALIDATED != 0,
            f"{days[recorded_minute // day_minutes]}T{recorded}",
        )
        status = codec.STATUSES[flags & codec.STATUS]
        found.append(make(TransactionReference, (serial, make(Declaration, declared), source, status, None, 1, 0, ())))
    return found


def unpack(head: codec.Head, vocabulary: Vocabulary) -> TransactionReference:
    """The reference of a head."""
    profile = vocabulary.profiles[head.profile]
    form = profile.form
    id_values, moments, texts, document, members, version, origins = codec.decode(head, profile.open_values, form)
    date, time, recorded = lexical.unpack(form, moments) if form else texts or ("", "", "")
    declaration = Declaration(
        profile.outline,
        profile.with_fixed(id_values),
        date,
        time,
        vocabulary.authors[head.author],
        head.is_complete,
        head.is_validated,
        recorded,
    )
    return TransactionReference(
        head.serial, declaration, profile.source, head.status, document, members, version, origins
    )
