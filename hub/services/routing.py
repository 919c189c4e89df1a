"""From a reference to the source that holds the document, and from an institution to its source."""

from collections.abc import Iterable
from dataclasses import dataclass

from hub.domain.errors import HubError, Reason
from hub.domain.parties import Author, Requester, licence
from hub.domain.references import VAULT, TransactionReference
from hub.ports.documents import DocumentSource


@dataclass(frozen=True, slots=True)
class Source:
    """A source of documents and the institution that answers for it: the custodian, by its NIHII number."""

    name: str
    custodian: str
    documents: DocumentSource


class Routing:
    """The sources of this hub, the vault among them under its own name."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._by_name = {source.name: source for source in sources}
        self._by_custodian = {
            licence(source.custodian): source for source in self._by_name.values() if source.custodian
        }

    def source_of(self, reference: TransactionReference) -> DocumentSource:
        """The source that holds a document. Raises HubError (source-unavailable) when it is not configured any more."""
        if reference.source not in self._by_name:
            raise HubError(Reason.SOURCE_UNAVAILABLE, source=reference.source)
        return self._by_name[reference.source].documents

    def source_for_custodian(self, requester: Requester) -> Source:
        """The source that the requester's institution answers for.

        Raises HubError (source-unknown) when there is none.
        """
        source = self._by_custodian.get(requester.organisation_number)
        if source is None:
            raise HubError(Reason.SOURCE_UNKNOWN, where="request/author")
        return source

    def custodian_of(self, requester: Requester) -> frozenset[str]:
        """The names of the sources that the requester's institution answers for."""
        source = self._by_custodian.get(requester.organisation_number)
        return frozenset((source.name,)) if source else frozenset()

    def sources_named(self, author: Author) -> list[Source]:
        """The sources whose custodian is in an author chain; every hospital when it names none."""
        named = [self._by_custodian[licence(p.number)] for p in author if licence(p.number) in self._by_custodian]
        return named or [source for source in self._by_name.values() if source.name != VAULT]
