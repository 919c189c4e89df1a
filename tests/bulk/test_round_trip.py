"""What goes out of an index and into an empty one is the same index, whatever is in it."""

import stat
from pathlib import Path

from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, HcParty, Id
from hub.domain.references import TransactionReference
from hub.ports.reference_index import ReferenceIndex
from hub.storage.id_values import LONGEST
from tests.builders import JAN, a_declaration, a_hospital, a_person
from tests.bulk.files import HUB, Content, a_population
from tests.bulk.operator import Operator
from tests.consistency.workload import Caller, Declare, Story, invented_patients

PEOPLE = invented_patients(12, seed=8)
ODD = (
    a_declaration("long", extra_ids=(Id("LOCAL", "1.0", "x" * LONGEST, "archive"), Id("ID-KMEHR", "1.0", "2"))),
    a_declaration("authors", author=(a_hospital(), *(a_person(familyname=f"Testarts-{n}") for n in range(80)))),
    a_declaration(
        "ward",
        author=(HcParty(ids=(), cds=(Code("CD-HCPARTY", "1.16", "deptcardiology"),), name=" Caf\u00e9 \u2665 "),),
    ),
    a_declaration("zones", date="2026-03-02+01:00", time="10:00:00.125Z", recorded="2026-03-02T10:05:00.5-05:00"),
    a_declaration("far", date="2120-03-02", recorded="1890-01-01T00:00:00"),
    a_declaration("midnight", time="24:00:00", recorded=""),
    a_declaration("<&>'\"\\ \u2028\ufffd"),
    a_declaration("12345678901")._replace(iscomplete=False, isvalidated=False),
)


async def fill(operator: Operator) -> None:
    """A population from a file, people of whom callers have said all sorts of things, and odd references."""
    file = operator.folder / "population"
    file.write_bytes(await a_population(6_000))
    status, facts, errors = await operator.run("import", file)
    assert (status, errors) == (0, "")
    assert (facts["written"], facts["verified"]) == (6_000, True)
    async with operator.index() as index:
        stories = [Story(patient) for patient in PEOPLE]
        caller = Caller([index], stories, seed=11)
        for _ in range(500):
            await caller.act()
        for declaration in ODD:
            await Story(JAN).ask(index, Declare(declaration))


async def everything_of(index: ReferenceIndex, patient: Ssin) -> list[TransactionReference]:
    found: list[TransactionReference] = []
    while reference := await index.get(patient, len(found) + 1):
        found.append(reference)
    return found


async def everything(operator: Operator) -> list[list[TransactionReference]]:
    async with operator.index() as index:
        return [await everything_of(index, patient) for patient in (JAN, *PEOPLE)]


async def exported(operator: Operator, name: str) -> tuple[Path, Content]:
    """A new export, with all that its result and its last line say."""
    file = operator.folder / name
    status, facts, errors = await operator.run("export", file)
    assert (status, errors) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = Content.of(file)
    assert content.opening.hub == HUB
    closing = content.closing
    assert (facts["patients"], facts["references"], facts["digest"]) == (
        closing.patients,
        closing.references,
        closing.digest,
    )
    return file, content


async def test_an_index_goes_out_and_in_and_out_again_unchanged(any_operator: Operator) -> None:
    """Population and odd references, history and documents of the vault; through a plain and a compressed file."""
    await fill(any_operator)
    before = await everything(any_operator)
    statuses = {reference.status for references in before for reference in references}
    assert len(statuses) == 3
    assert any(reference.version > 1 for references in before for reference in references)
    file, first = await exported(any_operator, "first")
    await any_operator.emptied()
    status, facts, errors = await any_operator.run("import", file)
    assert (status, errors) == (0, "")
    assert facts["written"] == facts["references"] == first.closing.references
    assert facts["digest"] == first.closing.digest
    assert await everything(any_operator) == before
    file, second = await exported(any_operator, "second.gz")
    assert second.lines == first.lines
    assert second.closing == first.closing
    status, facts, errors = await any_operator.run("import", file)
    assert (status, errors) == (0, "")
    assert (facts["known"], facts["written"], facts["added"]) == (facts["references"], 0, 0)
