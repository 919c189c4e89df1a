"""What a worker of an import does with its share of the lines: all lines of a patient go to the same worker, in order.

Patients whom the index does not know are written whole. For the others the rules of the domain decide. Everything is
read back: what was written byte for byte, and of every few patients the references once more as lists read them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.ports.reference_index import ReferenceIndex
from hub.storage.bulk.forms import Forms
from hub.storage.bulk.interning import NumberedAuthor
from hub.storage.bulk.lines import BadLine, digest_of, load
from hub.storage.bulk.merging import Merge, Tally
from hub.storage.bulk.new_patients import NewPatient, NewPatients, Outcome
from hub.storage.bulk.packing_lines import LinePacker, PackedLines
from hub.storage.bulk.report import Counts, Rejected
from hub.storage.bulk.rows import PatientLine, Row
from hub.storage.bulk.vocabulary import Kind

_MERGED_AT_ONCE = 500
"""References in one change of a patient who is known."""

_LOOKED_AT = 256
"""One in so many patients is unpacked again and compared with the line."""


class NumberedLine(NamedTuple):
    """A line of the file, without its end, and which it is."""

    number: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Share:
    """Lines for a worker, in their order, and what labels in them mean that were not used before."""

    lines: Sequence[NumberedLine]
    authors: Mapping[str, NumberedAuthor] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)


@dataclass(slots=True)
class ShareReport:
    """What became of a share."""

    counts: Counts = field(default_factory=Counts)
    rejected: list[Rejected] = field(default_factory=list)


class _Line(NamedTuple):
    line: NumberedLine
    digest: int
    rows: list[Row]
    registration: str | None


@dataclass(slots=True)
class _Group:
    """What a share says of one patient."""

    patient: Ssin
    lines: list[_Line] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        return self.lines[0].rows if len(self.lines) == 1 else [row for line in self.lines for row in line.rows]


class _Newcomer(NamedTuple):
    group: _Group
    patient: Patient
    packed: PackedLines | None


class ImportWorker:
    """Takes shares of lines, one after the other."""

    def __init__(self, *, packer: LinePacker, newcomers: NewPatients, index: ReferenceIndex, forms: Forms) -> None:
        self._packer, self._newcomers, self._index, self._forms = packer, newcomers, index, forms

    async def take(self, share: Share) -> ShareReport:
        """Bring lines into the index. Raises HubError: index-unavailable, busy, internal (it reads back otherwise)."""
        self._packer.learn(share.authors, share.kinds)
        report = ShareReport()
        groups = self._grouped(share.lines, report)
        packed = await self._packer.pack_usual([group.rows for group in groups])
        ready = [await self._ready(group, usual, report) for group, usual in zip(groups, packed, strict=True)]
        newcomers = [newcomer for newcomer in ready if newcomer is not None]
        outcomes = await self._newcomers.write([_as_new(newcomer) for newcomer in newcomers])
        for newcomer, outcome in zip(newcomers, outcomes, strict=True):
            tally = await self._settled(newcomer, outcome)
            counts = report.counts
            counts.patients += len(newcomer.group.lines)
            counts.references += len(newcomer.group.rows)
            counts.written += tally.added if outcome.is_written else 0
            counts.added += 0 if outcome.is_written else tally.added
            counts.known += tally.known
            counts.refused += tally.refused
            counts.verified += sum(line.digest for line in newcomer.group.lines)
        return report

    def _grouped(self, lines: Sequence[NumberedLine], report: ShareReport) -> list[_Group]:
        """The lines by patient, without those that are none."""
        groups: dict[str, _Group] = {}
        for line in lines:
            digest = digest_of(line.text)
            report.counts.lines += 1
            report.counts.digest += digest
            try:
                read = PatientLine.read(load(line.text))
            except BadLine as error:
                _reject(report, line, digest, error)
                continue
            group = groups.setdefault(read.patient.digits, _Group(read.patient))
            group.lines.append(_Line(line, digest, read.rows, read.registration))
        return list(groups.values())

    async def _ready(self, group: _Group, usual: PackedLines | None, report: ShareReport) -> _Newcomer | None:
        """A patient as they would be stored; bad lines are taken out. None when no line is left."""
        try:
            return await self._newcomer(group, usual)
        except BadLine:
            await self._take_out_bad_lines(group, report)
        return await self._newcomer(group) if group.lines else None

    async def _newcomer(self, group: _Group, usual: PackedLines | None = None) -> _Newcomer:
        written = next((line.registration for line in group.lines if line.registration is not None), None)
        patient = self._registration(group.patient, written)
        rows = group.rows
        return _Newcomer(group, patient, usual or (await self._packer.pack(rows) if rows else None))

    async def _take_out_bad_lines(self, group: _Group, report: ShareReport) -> None:
        for line in list(group.lines):
            try:
                self._registration(group.patient, line.registration)
                await self._packer.pack(line.rows)
            except BadLine as error:
                group.lines.remove(line)
                _reject(report, line.line, line.digest, error)

    def _registration(self, patient: Ssin, written: str | None) -> Patient:
        try:
            return self._forms.registration(patient, written)
        except HubError as error:
            raise BadLine(
                "registration", f"a valid KMEHR person with this number is wanted, see {error.where}"
            ) from error

    async def _settled(self, newcomer: _Newcomer, outcome: Outcome) -> Tally:
        """What became of a patient's references; merges them when the index has others."""
        group, packed = newcomer.group, newcomer.packed
        if not outcome.is_as_wanted:
            if outcome.is_written:
                raise _differs()
            return await self._merge(newcomer)
        if packed is None:
            return Tally()
        tally, is_unchanged = packed.tally, packed.tally.added == len(group.rows)
        if (
            packed.stored
            and is_unchanged
            and _is_looked_at(group.patient)
            and not await self._packer.reads_back(packed.stored, group.rows)
        ):
            raise _differs()
        return tally if outcome.is_written else Tally(known=tally.added + tally.known, refused=tally.refused)

    async def _merge(self, newcomer: _Newcomer) -> Tally:
        references = await self._packer.references(newcomer.group.rows)
        tally, waiting = Tally(refused=len(newcomer.group.rows) - len(references)), iter(references)
        while part := list(islice(waiting, _MERGED_AT_ONCE)):
            merge = Merge(part)
            patient = newcomer.patient
            await self._index.change(patient.ssin, merge, merge.relevance, register=patient, witness=None)
            tally.add(merge.tally)
            again = await self._index.preview(patient.ssin, merge, merge.relevance, register=patient)
            if not again.is_empty:
                raise _differs()
        return tally


def _as_new(newcomer: _Newcomer) -> NewPatient:
    return NewPatient(newcomer.patient, newcomer.packed.stored if newcomer.packed else None)


def _reject(report: ShareReport, line: NumberedLine, digest: int, error: BadLine) -> None:
    report.counts.rejected_lines += 1
    report.counts.rejected_digest += digest
    report.rejected.append(Rejected(line.number, str(error), line.text))


def _is_looked_at(patient: Ssin) -> bool:
    return int(patient.digits) % _LOOKED_AT == 0


def _differs() -> HubError:
    return HubError(Reason.INTERNAL, where="what was read back differs from what was written")
