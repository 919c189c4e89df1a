"""What is seen of documents of one kind, remembered from list to list.

Whoever asks with the same role, the same day and the same sort of link sees the same of a kind, unless he wrote it or a
right is on one of the documents. Most profiles show all of their documents to most of those who ask, whoever wrote
them; of the others it is remembered by profile and author. To decide each anew would cost a list as much as all the
rest of it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from hub.domain.access_view import KindView, View, ViewTraits, writers_of
from hub.domain.subjects import Subject
from hub.storage.packing import Vocabulary
from hub.storage.values import Profile

_MOST = 200_000
"""Kinds remembered in all; a kind takes some 200 bytes. When there are more, all are forgotten."""


class _KnownKind(NamedTuple):
    """What those see who did not write it, and who did."""

    view: KindView
    writers: frozenset[Subject]


class _Known:
    """What is known for one sort of view: whether profiles show all that no right is on, and kinds."""

    def __init__(self) -> None:
        self.shows_all: dict[int, bool] = {}
        self.kinds: dict[tuple[int, int], _KnownKind] = {}


class KindViews:
    """Remembers kinds by the numbers of profile and author."""

    def __init__(self) -> None:
        self._by_traits: dict[ViewTraits, _Known] = {}
        self._count = 0

    def of(self, view: View) -> "KindsOfView":
        """Those of a view; what is new is remembered, unless there are rights on single documents."""
        if self._count > _MOST:
            self._by_traits.clear()
            self._count = 0
        known = _Known() if view.rights else self._by_traits.setdefault(view.traits, _Known())
        return KindsOfView(view, known, self)

    def counted(self) -> None:
        """One more is remembered."""
        self._count += 1


class KindsOfView:
    """The kinds of one list."""

    def __init__(self, view: View, known: _Known, remembering: KindViews) -> None:
        self._view, self._known, self._remembering = view, known, remembering

    def unknown(self, profiles: frozenset[int]) -> frozenset[int]:
        """Those among some profiles that are still to be learnt."""
        return profiles.difference(self._known.shows_all)

    def learn(self, profiles: Mapping[int, Profile]) -> None:
        """Find out of some profiles whether they show all."""
        for number, profile in profiles.items():
            self._known.shows_all[number] = self._view.shows_all(profile.cds, frozenset(profile.departments))
            self._remembering.counted()

    def shown_whole(self, profiles: frozenset[int]) -> set[int]:
        """Those among some profiles, all learnt, of which every document is seen that no right is on."""
        shows_all = self._known.shows_all
        return {number for number in profiles if shows_all[number]}

    def kind(self, profile: int, author: int, vocabulary: Vocabulary) -> KindView:
        """What is seen of documents of a profile by an author."""
        found = self._known.kinds.get((profile, author))
        if found is None:
            written_by = vocabulary.authors[author]
            view = self._view.kind_of_others(vocabulary.profiles[profile].cds, written_by)
            found = self._known.kinds[profile, author] = _KnownKind(view, writers_of(written_by))
            self._remembering.counted()
        return found.view if found.writers.isdisjoint(self._view.own) else self._view.own_kind
