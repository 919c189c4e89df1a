"""What is seen of documents of one kind, remembered from list to list.

Whoever asks with the same role, the same day and the same sort of link sees the same of a kind, unless he wrote it or a
right is on one of the documents. A list has some seventy kinds by profile and author; to decide each anew would cost
as much as all the rest of it.
"""

from typing import NamedTuple

from hub.domain.access_view import KindView, View, ViewTraits, writers_of
from hub.domain.subjects import Subject
from hub.storage.codec import Head
from hub.storage.packing import Vocabulary

_MOST = 200_000
"""Kinds remembered in all; a kind takes some 200 bytes. When there are more, all are forgotten."""


class KnownKind(NamedTuple):
    """What those see who did not write it, and who did."""

    view: KindView
    writers: frozenset[Subject]


class KindViews:
    """Remembers kinds by the numbers of profile and author."""

    def __init__(self) -> None:
        self._by_traits: dict[ViewTraits, dict[tuple[int, int], KnownKind]] = {}
        self._count = 0

    def of(self, view: View) -> "KindsOfView":
        """Those of a view without rights on single documents; what is new is remembered too."""
        if self._count > _MOST:
            self._by_traits.clear()
            self._count = 0
        return KindsOfView(view, {} if view.rights else self._by_traits.setdefault(view.traits, {}), self)

    def counted(self) -> None:
        """One more is remembered."""
        self._count += 1


class KindsOfView:
    """The kinds of one list."""

    def __init__(self, view: View, known: dict[tuple[int, int], KnownKind], remembering: KindViews) -> None:
        self._view, self._known, self._remembering = view, known, remembering

    def kind(self, head: Head, vocabulary: Vocabulary) -> KindView:
        """What is seen of documents like that of a head."""
        key = head.profile, head.author
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _known(self._view, *key, vocabulary)
            self._remembering.counted()
        return found.view if found.writers.isdisjoint(self._view.own) else self._view.own_kind


def _known(view: View, profile: int, author: int, vocabulary: Vocabulary) -> KnownKind:
    written_by = vocabulary.authors[author]
    return KnownKind(view.kind_of_others(vocabulary.profiles[profile].cds, written_by), writers_of(written_by))
