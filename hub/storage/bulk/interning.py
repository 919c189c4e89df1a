"""Numbers for what the lines of a file call by labels: authors in bulk, profiles as they are met."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from redis.asyncio import Redis

from hub.domain.parties import Author
from hub.storage import keys
from hub.storage.bulk.vocabulary import Kind
from hub.storage.connection import script, translated
from hub.storage.dictionary import Dictionary
from hub.storage.lexical import Form
from hub.storage.secrets import Pseudonyms, Sealer
from hub.storage.values import (
    Profile,
    decode_author,
    decode_profile,
    departments_of,
    encode_author,
    encode_profile,
)

_AT_ONCE = 1000


class NumberedAuthor(NamedTuple):
    """The number that the index has for an author chain, and the departments in it (CD-HCPARTY codes)."""

    number: int
    departments: tuple[str, ...]


class Interning:
    """The dictionaries of the index, asked for many values. Raises HubError (index-unavailable)."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, sealer: Sealer) -> None:
        self._pseudonyms, self._sealer = pseudonyms, sealer
        self._intern = script(client, "intern")
        self._authors: Dictionary[Author] = Dictionary(
            client, "authors", encode=encode_author, decode=decode_author, pseudonyms=pseudonyms, sealer=sealer
        )
        self._profiles: Dictionary[Profile] = Dictionary(
            client, "profiles", encode=encode_profile, decode=decode_profile, pseudonyms=pseudonyms, sealer=sealer
        )

    async def authors(self, authors: Sequence[Author]) -> list[NumberedAuthor]:
        """The numbers of author chains, new ones for those that were never seen."""
        numbers = await self._numbers("authors", map(encode_author, authors))
        return [*map(NumberedAuthor, numbers, map(departments_of, authors))]

    async def profiles(self, kinds: Sequence[tuple[Kind, tuple[str, ...]]], form: Form) -> list[int]:
        """The numbers of the profiles of references whose dates are written in a form: by kind and departments."""
        profiles = (Profile(kind.source, kind.cds, kind.id_schemes, form, departments) for kind, departments in kinds)
        return await self._numbers("profiles", map(encode_profile, profiles))

    async def authors_of(self, numbers: Iterable[int]) -> Mapping[int, Author]:
        """The author chains with these numbers."""
        return await self._authors.values_of(numbers)

    async def profiles_of(self, numbers: Iterable[int]) -> Mapping[int, Profile]:
        """The profiles with these numbers."""
        return await self._profiles.values_of(numbers)

    async def _numbers(self, name: str, written: Iterator[bytes]) -> list[int]:
        values, numbers = keys.dictionary_values(name), keys.dictionary_numbers(name)
        found: list[int] = []
        while part := list(islice(written, _AT_ONCE)):
            arguments = []
            for value in part:
                arguments += [self._pseudonyms.digests(value), self._sealer.seal(value, values.encode())]
            with translated():
                found += await self._intern(keys=[values, numbers], args=arguments)
        return found
