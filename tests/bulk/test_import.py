"""What an import makes of good and bad files, beside what the index has."""

import gzip
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from bench.open_gate import OPEN_GATE
from hub.domain.declarations import Declaration
from hub.domain.references import Status, TransactionReference
from hub.domain.search import Criteria, PageRequest
from hub.storage.bulk import importing
from hub.storage.bulk.importing import ImportStopped
from hub.storage.bulk.line_source import SourceError
from hub.storage.bulk.lines import dump
from hub.storage.bulk.report import Rejected
from hub.storage.bulk.rows import Row, row_of
from hub.storage.bulk.vocabulary import Kind, author_line, kind_line
from hub.storage.values import Profile
from hub.wire.namespaces import KMEHR
from tests.builders import JAN, MILA, a_declaration, a_patient, a_person
from tests.bulk.files import a_population, closed, the_digest, the_example
from tests.bulk.loading import Watcher, imported
from tests.bulk.operator import Operator
from tests.consistency.workload import Declare, Revoke, Story

ALL, PAGE = Criteria(), PageRequest(1, 1000)
AUTHOR, AUTHOR_LINE = author_line((a_person(),))


def kind_of(source: str) -> tuple[str, bytes]:
    schemes = Profile.of(source, a_declaration(), None).id_schemes
    return kind_line(Kind(source, a_declaration().cds, schemes))


CHU, VAULT = kind_of("chu"), kind_of("vault")
WORDS = AUTHOR_LINE, CHU[1], VAULT[1]


def row(declaration: Declaration, status: Status = Status.CURRENT, document: bytes | None = None) -> Row:
    """A reference as a line has it."""
    source, (kind, _) = ("vault", VAULT) if document else ("chu", CHU)
    schemes = Profile.of(source, declaration, None).id_schemes
    return row_of(TransactionReference(1, declaration, source, status, document), AUTHOR, kind, schemes)


def patient(number: str, *rows: Row, registration: str | None = None) -> bytes:
    return dump(["patient", number, registration, rows])


GOOD = patient(MILA.digits, row(a_declaration("A")), row(a_declaration("B")))


def written(operator: Operator, content: bytes, name: str = "references") -> Path:
    file = operator.folder / name
    file.write_bytes(content)
    return file


async def names(operator: Operator, digits: str = JAN.digits) -> list[str]:
    async with operator.index() as index:
        found = await index.find(MILA if digits == MILA.digits else JAN, ALL, PAGE, OPEN_GATE)
        return sorted(reference.declaration.id_values[1] for reference in found.page.rows)


async def test_importing_again_changes_nothing(operator: Operator) -> None:
    file = written(operator, await a_population(2_000))
    first = await imported(operator.url, file, Watcher())
    assert (first.is_complete, first.counts.written) == (True, 2_000)
    kept = await operator.everything_kept()
    again = await imported(operator.url, file, Watcher())
    assert again.is_complete
    assert (again.counts.written, again.counts.added, again.counts.known) == (0, 0, 2_000)
    assert await operator.everything_kept() == kept


async def test_a_file_comes_in_beside_what_callers_have_said(operator: Operator) -> None:
    """Newer versions stay, what was withdrawn stays so, what is new is added, also to those without references."""
    late = "2026-03-09T10:00:00"
    async with operator.index() as index:
        story = Story(JAN)
        for declaration in (a_declaration("A", recorded=late), a_declaration("B"), a_declaration("C")):
            await story.ask(index, Declare(declaration))
        await story.ask(index, Revoke(story.known[1]))
    other = a_patient().as_put.replace(b"Proefpatient", b"Anders").decode()
    registration = f'<patient xmlns:k="{KMEHR}">{other}</patient>'
    rows = [row(a_declaration(name)) for name in "ABC"]
    rows += [row(a_declaration("C", recorded=late)), row(a_declaration("D", recorded=late), Status.SUPERSEDED)]
    line = patient(JAN.digits, *rows, registration=registration)
    done = await imported(operator.url, written(operator, closed(*WORDS, line)), watcher := Watcher())
    assert (done.is_complete, watcher.seen) == (True, [])
    counts = done.counts
    assert (counts.added, counts.known, counts.refused, counts.written) == (2, 2, 1, 0)
    async with operator.index() as index:
        found = await index.find(JAN, ALL, PAGE, OPEN_GATE)
        assert found.patient is not None
        assert found.patient.familyname == "Proefpatient", "a registration stands"
        assert {(r.declaration.id_values[1], r.declaration.recorddatetime) for r in found.page.rows} == {
            ("A", late),
            ("C", late),
        }
        history = await index.get(JAN, 5)
        assert history is not None
        assert (history.declaration.id_values[1], history.status) == ("D", Status.SUPERSEDED)


async def test_documents_of_another_hubs_vault_are_left_out(operator: Operator) -> None:
    rows = [row(a_declaration("V"), document=bytes(16)), row(a_declaration("A"))]
    only = patient(MILA.digits, row(a_declaration("W"), document=bytes(16)))
    file = written(operator, closed(*WORDS, patient(JAN.digits, *rows), only, hub="1990001025"))
    for _ in range(2):
        done = await imported(operator.url, file, Watcher())
        assert (done.is_complete, done.counts.refused, done.counts.references) == (True, 2, 3)
    assert (await names(operator), await names(operator, MILA.digits)) == (["A"], [])
    own = written(operator, closed(*WORDS, patient(JAN.digits, *rows)), "own")
    assert (await imported(operator.url, own, Watcher())).counts.added == 1
    assert await names(operator) == ["A", "V"]


async def test_bad_lines_are_told_apart_from_good_ones_and_name_nobody(operator: Operator) -> None:
    """Each with its number, the place, what was seen and what is wanted; the others come in."""
    bad_row = [*row(a_declaration("C"))]
    bad_row[0] = "2026-02-30"
    other = kind_of("elsewhere")
    party = [{"id": [{"S": "nonsense", "SV": "1.0", "value": "x"}], "cd": []}]
    wrong = f'<patient><id S="INSS" SV="1.0">{MILA.digits}</id></patient>'
    lines = (
        *WORDS,
        patient(JAN.digits, row(a_declaration("A")), bad_row),
        patient("45123199773"),
        GOOD,
        b'["patient"',
        other[1],
        patient(JAN.digits, [*row(a_declaration("B"))[:3], other[0], *row(a_declaration("B"))[4:]]),
        dump(["author", "x", party]),
        patient(JAN.digits, registration=wrong),
        dump(["author", AUTHOR, [*party, *party]]),
        dump(["patients", 2]),
    )
    done = await imported(operator.url, written(operator, closed(*lines)), watcher := Watcher())
    assert {line.number: line.reason for line in watcher.seen} == {
        5: "reference 2: date: a date (2026-03-02) is wanted, seen: a text like 9999-99-99",
        6: "patient: 11 digits with right check digits are wanted",
        8: "is no JSON: unexpected end of data at byte 11",
        9: "source: one of the configured sources is wanted: chu, north, source-0, source-1, source-2, source-3, "
        "source-4, vault",
        10: f"reference 1: kind: no kind line before this one has its label, {shape(other[0])}",
        11: "hcparty: the schema refuses this",
        12: "registration: a valid KMEHR person with this number is wanted, see id",
        13: "hcparty: the schema refuses this",
        14: '["patient", number, registration, [reference ...]] is wanted, seen: an array of 2',
    }
    assert [line.line for line in watcher.seen] == [lines[line.number - 2] for line in watcher.seen]
    assert (done.is_complete, done.counts.rejected_lines, done.counts.is_verified) == (False, 9, True)
    assert done.problems == []
    assert (await names(operator, MILA.digits), await names(operator)) == (["A", "B"], [])


def shape(label: str) -> str:
    """What is shown of a label."""
    return "a text like " + "".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in label)


async def test_an_import_without_room_for_rejects_stops_at_the_first(operator: Operator) -> None:
    lines = (*WORDS, patient("45123199773"), patient("45123199774"))
    with pytest.raises(ImportStopped, match=r"line 5: patient: 11 digits with right check digits are wanted"):
        await imported(operator.url, written(operator, closed(*lines)), watcher := Watcher(room=0))
    assert [line.number for line in watcher.seen] == [5]


FILE = closed(*WORDS, GOOD)
ENDED = FILE.rindex(b'["end"')


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (FILE[:ENDED], "the last line is missing: the file is cut off"),
        (FILE.replace(b'"B"', b'"X"'), "what was read has another digest than the last line states: .* was changed"),
        (closed(*WORDS, GOOD, references=3), "2 references were read, the last line states 3"),
        (closed(*WORDS, GOOD, patients=0), "1 patient lines were read, the last line states 0"),
    ],
)
async def test_a_file_that_was_cut_or_altered_is_reported(operator: Operator, content: bytes, problem: str) -> None:
    done = await imported(operator.url, written(operator, content), watcher := Watcher())
    assert (done.is_complete, watcher.seen) == (False, [])
    [told] = done.problems
    assert re.fullmatch(problem, told)


async def test_lines_behind_the_last_are_rejected(operator: Operator) -> None:
    await imported(operator.url, written(operator, FILE + GOOD + b"\n"), watcher := Watcher())
    assert watcher.seen == [Rejected(7, "nothing is wanted behind the last line", GOOD)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (b'["author"]\n', "line 1: the first line is wanted to begin with"),
        (gzip.compress(FILE)[:-12], "the file is cut off or damaged behind line"),
    ],
)
async def test_what_is_no_whole_file_is_refused(operator: Operator, content: bytes, problem: str) -> None:
    with pytest.raises((ImportStopped, SourceError), match=problem):
        await imported(operator.url, written(operator, content), Watcher())


async def test_an_import_that_was_broken_off_goes_on_behind_what_is_in(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, counts all of the file, and verifies it as a whole; a changed file begins anew."""
    monkeypatch.setattr(importing, "_SAVED_EVERY", 0.0)
    file = written(operator, await a_population(2_000))
    lines = file.read_bytes().count(b"\n") - 2
    with pytest.raises(ImportStopped, match="far enough"):
        await imported(operator.url, file, Watcher(last=lines - 5), piece=8192)
    done = await imported(operator.url, file, Watcher(), piece=8192)
    assert lines // 2 < done.resumed_behind < lines
    assert (done.is_complete, done.counts.lines, done.counts.references) == (True, lines, 2_000)
    assert (await imported(operator.url, file, Watcher())).resumed_behind == 0, "it was forgotten at the end"


async def test_the_example_may_be_read_from_a_file_of_any_source(operator: Operator) -> None:
    done = await imported(operator.url, written(operator, the_example()), Watcher(), sources=None)
    assert (done.is_complete, done.counts.patients) == (True, 2)


async def test_the_digest_is_computed_as_documented() -> None:
    population = await a_population(300)
    stated = orjson.loads(population.splitlines()[-1])[1]["digest"]
    spaced = population.replace(b"\n", b"\n\n", 3)
    for content in (population, spaced, spaced.removesuffix(b"\n")):
        done = subprocess.run([sys.executable, "-c", the_digest()], input=content, capture_output=True, check=True)
        assert done.stdout.decode().strip() == stated
