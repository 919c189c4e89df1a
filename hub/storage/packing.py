"""References to packed records and back: where the codec meets the interned authors and profiles."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from redis.asyncio import Redis

from hub.domain.parties import Author
from hub.domain.references import Declaration, TransactionReference
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
        return [unpack(head, vocabulary) for head in heads]

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
        )
        return codec.encode(record, form)


def unpack(head: codec.Head, vocabulary: Vocabulary) -> TransactionReference:
    """The reference of a head."""
    profile = vocabulary.profiles[head.profile]
    form = profile.form
    id_values, moments, texts, document, members, version = codec.decode(head, profile.open_values, form)
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
    return TransactionReference(head.serial, declaration, profile.source, head.status, document, members, version)
