"""What somebody who was granted access sees of each document (security facts, parts 4.5 to 4.7).

A list decides each kind of document once, by what its rows share: their codes and their author. A get decides the same
way, so a list shows exactly what a get would grant.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from hub.domain.access_matrix import Category, Edition, Level, Role
from hub.domain.access_rights import Right, RightsInForce
from hub.domain.declarations import transaction_type_of
from hub.domain.parties import Author, Code, HcParty, licence
from hub.domain.references import Status, TransactionReference
from hub.domain.subjects import Subject, SubjectKind


class Document(NamedTuple):
    """What the decision needs of a reference.

    `lineage` is what all versions of the document have in common, `day` its date, `recorded_on` that of its
    publication.
    """

    serial: int
    lineage: tuple[int, ...]
    cds: tuple[Code, ...]
    author: Author
    day: date
    recorded_on: date

    @classmethod
    def of(cls, reference: TransactionReference) -> Self:
        """The same of a reference. A day that is none counts as the one on which least may be seen."""
        declaration = reference.declaration
        return cls(
            reference.serial,
            reference.lineage,
            declaration.cds,
            declaration.author,
            _declared_day(declaration.date) or date.min,
            _declared_day(declaration.recorddatetime) or date.max,
        )


class DocumentAccess(NamedTuple):
    """How much is seen of a document, by which rule; `items` are the kinds (CD-ITEM) of a part, None otherwise."""

    level: Level
    rule: str
    items: frozenset[str] | None = None


class Confidentiality(StrEnum):
    """How confidential a document is (`cd S=LOCAL SL=Confidentiality`)."""

    NORMAL = "normal"
    RESTRICTED = "restricted"
    """For those whom a link names themselves, not through their organisation, and those with a right on it."""
    SECRET = "secret"  # noqa: S105 - a degree of confidentiality
    """For its author. A word that is not known is taken for this one."""


class Opening(StrEnum):
    """What the publisher of a document says about the patient's seeing it."""

    OPEN = "open"
    LATER = "later"
    CLOSED = "closed"
    UNSAID = "unsaid"


_OWN = DocumentAccess(Level.FULL, "author/own")
_DISALLOWED = DocumentAccess(Level.NONE, "right/disallow")
_NOT_COVERED = DocumentAccess(Level.NONE, "coverage/before-consent")
_RESTRICTED = DocumentAccess(Level.NONE, "confidentiality/restricted")
_SECRET = DocumentAccess(Level.NONE, "confidentiality/secret")
_CLOSED = DocumentAccess(Level.NONE, "patient-access/closed")
_NOT_YET = DocumentAccess(Level.NONE, "patient-access/not-yet")
_BY_PEER = DocumentAccess(Level.FULL, "peer/trusted")
_REVOKED = DocumentAccess(Level.NONE, "transaction/revoked")
NO_SUCH_DOCUMENT = DocumentAccess(Level.NONE, "transaction/unknown")
"""That of a document that there is not."""


@dataclass(frozen=True, slots=True)
class KindView:
    """What is seen of documents of one kind from one author, which differ in serial, lineage and days only.

    `plain` is what counts without a right on the document, `allowed` with one. Documents of days before `covered_from`
    are not covered by the consent; later ones than `settled_by` have not opened to the patient yet.
    """

    plain: DocumentAccess
    allowed: DocumentAccess
    rights: RightsInForce
    covered_from: date = date.min
    settled_by: date = date.max

    def access(self, document: Document) -> DocumentAccess:
        """How much is seen of a document of the kind."""
        right = self.rights.on(document.serial, document.lineage)
        if right is Right.DISALLOW:
            return _DISALLOWED
        found = self.plain if right is None else self.allowed
        if found.level is Level.NONE:
            return found
        if document.day < self.covered_from:
            return _NOT_COVERED
        if document.day > self.settled_by or document.recorded_on > self.settled_by:
            return _NOT_YET
        return found

    @property
    def shows_none(self) -> bool:
        """Whether no document of the kind is seen, whatever its days and the rights on it."""
        return self.plain.level is Level.NONE and self.allowed.level is Level.NONE

    @property
    def shows_all(self) -> bool:
        """Whether every document of the kind is seen that no right is on, whatever its days."""
        return self.plain.level is not Level.NONE and self.covered_from == date.min and self.settled_by == date.max


class ViewTraits(NamedTuple):
    """See `View.traits`."""

    edition: date
    role: str
    today: date
    covered_from: date
    is_patient: bool
    has_own_link: bool
    in_care_context: bool
    by_matrix: bool
    by_flags: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one requester sees of one patient's documents today.

    `own` are the subjects as whom he writes documents. `rights` are those that he has on single documents.
    `covered_from` is the day from which documents are covered by the consent. `is_patient` says that he asks as one:
    then flags of the publisher count, unless without `by_flags`. Without `by_matrix` a peer hub is trusted with what
    the matrix would say.
    """

    edition: Edition
    role: Role
    today: date
    own: frozenset[Subject]
    rights: RightsInForce
    covered_from: date
    is_patient: bool
    has_own_link: bool = False
    in_care_context: bool = False
    by_matrix: bool = True
    by_flags: bool = True

    def access_to(self, reference: TransactionReference) -> DocumentAccess:
        """How much is seen of what a reference names: nothing once it is revoked."""
        return _REVOKED if reference.status is Status.REVOKED else self.access(Document.of(reference))

    def access(self, document: Document) -> DocumentAccess:
        """How much is seen of a document."""
        return self.kind(document.cds, document.author).access(document)

    def kind(self, cds: tuple[Code, ...], author: Author) -> KindView:
        """What is seen of all documents with these codes from this author."""
        return self.own_kind if wrote(author, self.own) else self.kind_of_others(cds, author)

    @property
    def own_kind(self) -> KindView:
        """What is seen of documents that he wrote himself."""
        return KindView(_OWN, _OWN, self.rights)

    @property
    def traits(self) -> ViewTraits:
        """All that `kind_of_others` depends on besides the rights, among views of one policy."""
        return ViewTraits(
            self.edition.effective,
            self.role.name,
            self.today,
            self.covered_from,
            self.is_patient,
            self.has_own_link,
            self.in_care_context,
            self.by_matrix,
            self.by_flags,
        )

    def kind_of_others(self, cds: tuple[Code, ...], author: Author) -> KindView:
        """What is seen of all documents with these codes from this author, who is somebody else."""
        codes = frozenset(party.profession for party in author)
        return self._of_category(self.edition.category(transaction_type_of(cds), codes), cds)

    def shows_all(self, cds: tuple[Code, ...], departments: frozenset[str]) -> bool:
        """Whether every document with these codes is seen, whoever wrote it in whichever of these departments.

        Departments are CD-HCPARTY codes. Except those documents that `rights` are on.
        """
        possible = self.edition.possible(transaction_type_of(cds), departments)
        return all(self._of_category(category, cds).shows_all for category in possible)

    def _of_category(self, category: Category, cds: tuple[Code, ...]) -> KindView:
        if self.is_patient and self.by_flags:
            return self._of_patient(category, cds)
        plain = allowed = self._granted(category)
        confidentiality = _confidentiality_of(cds)
        if confidentiality is Confidentiality.SECRET:
            plain = allowed = _SECRET
        elif plain.level is not Level.NONE:
            if confidentiality is Confidentiality.RESTRICTED and not self.has_own_link:
                plain = _RESTRICTED
            elif self.by_matrix and category.cell(self.role).is_conditional and not self.in_care_context:
                plain = self._denied(category)
        return KindView(plain, allowed, self.rights, self.covered_from)

    def _of_patient(self, category: Category, cds: tuple[Code, ...]) -> KindView:
        """The publisher decides what a patient sees of himself; where he said nothing, the matrix and its delay do."""
        plain = allowed = self._granted(category)
        opening = _opening(cds, self.today)
        if _confidentiality_of(cds) is Confidentiality.SECRET:
            plain = allowed = _SECRET
        elif plain.level is not Level.NONE:
            if opening is Opening.CLOSED:
                plain = allowed = _CLOSED
            elif opening is Opening.LATER:
                plain = allowed = _NOT_YET
            elif opening is Opening.UNSAID and category.cell(self.role).is_conditional:
                plain = self._denied(category)
        waits = opening is Opening.UNSAID and category.delay
        settled_by = self.today - timedelta(days=category.delay) if waits else date.max
        return KindView(plain, allowed, self.rights, self.covered_from, settled_by)

    def _granted(self, category: Category) -> DocumentAccess:
        if not self.by_matrix:
            return _BY_PEER
        cell = category.cell(self.role)
        items = cell.items if cell.level is Level.PART else None
        return DocumentAccess(cell.level, self.edition.rule(category, self.role), items)

    def _denied(self, category: Category) -> DocumentAccess:
        return DocumentAccess(Level.NONE, self.edition.rule(category, self.role))


def wrote(author: Author, own: frozenset[Subject]) -> bool:
    """Whether somebody is a person who wrote a document, or the organisation where no person did."""
    return not own.isdisjoint(writers_of(author))


def writers_of(author: Author) -> frozenset[Subject]:
    """The persons who wrote a document, or the organisations where no person did."""
    persons = [party for party in author if party.is_person]
    writers = persons or [party for party in author if party.is_organisation]
    return frozenset(subject for party in writers for subject in numbers_of(party))


def numbers_of(party: HcParty) -> Iterator[Subject]:
    """The subjects that a party is by its numbers."""
    if party.number:
        yield Subject(SubjectKind.NIHII, licence(party.number))
    if inss := party.id_value("INSS"):
        yield Subject(SubjectKind.INSS, inss)


def _local_words(cds: tuple[Code, ...], scheme: str) -> list[str]:
    """What the codes of a local scheme say, in lower case."""
    return [
        cd.value.strip().lower()
        for cd in cds
        if cd.scheme == "LOCAL" and (cd.local_scheme or "").strip().lower() == scheme
    ]


def _confidentiality_of(cds: tuple[Code, ...]) -> Confidentiality:
    words = set(_local_words(cds, "confidentiality"))
    if words <= {Confidentiality.NORMAL.value}:
        return Confidentiality.NORMAL
    known = words <= {Confidentiality.NORMAL.value, Confidentiality.RESTRICTED.value}
    return Confidentiality.RESTRICTED if known else Confidentiality.SECRET


_OPEN = frozenset({"true", "yes"})
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{2})([/-])(\d{2})\5(\d{4})", re.ASCII)


def _opening(cds: tuple[Code, ...], today: date) -> Opening:
    """What the codes `PatientAccess` and `PatientAccessDate` say; a word or a day that cannot be read closes."""
    flags = _local_words(cds, "patientaccess")
    days = [_day(text) for text in _local_words(cds, "patientaccessdate") if text]
    if not _OPEN.issuperset(flags) or None in days:
        return Opening.CLOSED
    if any(day and day > today for day in days):
        return Opening.LATER
    return Opening.OPEN if flags else Opening.UNSAID


def _declared_day(text: str) -> date | None:
    """The day of an XML Schema date or dateTime, without its zone."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    if not found:
        return None
    year, month, day, day_first, _, month_after, year_last = found.groups()
    try:
        return date(int(year or year_last), int(month or month_after), int(day or day_first))
    except ValueError:
        return None
