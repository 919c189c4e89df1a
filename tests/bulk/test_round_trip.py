"""What goes out of an index and into an empty one is the same index, whatever is in it."""

import stat
from dataclasses import asdict
from pathlib import Path

from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, HcParty, Id
from hub.domain.references import Status, TransactionReference
from hub.ports.reference_index import ReferenceIndex
from hub.storage.id_values import LONGEST
from hub.storage.patient_change import MOST_SHORT
from tests.builders import JAN, a_declaration, a_hospital, a_person
from tests.bulk.files import HUB, Content, a_population
from tests.bulk.loading import Watcher, access_to, exported, imported
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
    file.write_bytes(await a_population(2_000, largest=MOST_SHORT + 200))
    assert (await imported(operator.url, file, Watcher())).counts.written == 2_000
    async with operator.index() as index:
        caller = Caller([index], [Story(patient) for patient in PEOPLE], seed=11)
        for _ in range(500):
            await caller.act()
        for declaration in ODD:
            await Story(JAN).ask(index, Declare(declaration))


async def everything_of(index: ReferenceIndex, patient: Ssin) -> list[TransactionReference]:
    """What is exported: not from which versions one came, which only rights on it need, and those stay behind."""
    found: list[TransactionReference] = []
    while reference := await index.get(patient, len(found) + 1):
        found.append(reference._replace(origins=()))
    return found


async def everything(operator: Operator) -> list[list[TransactionReference]]:
    async with operator.index() as index:
        return [await everything_of(index, patient) for patient in (JAN, *PEOPLE)]


async def filled(operator: Operator) -> list[list[TransactionReference]]:
    """What there is then, with every kind of history."""
    await fill(operator)
    before = await everything(operator)
    references = [reference for references in before for reference in references]
    assert {reference.status for reference in references} == {*Status}
    assert any(reference.version > 1 for reference in references)
    assert any(reference.document and not reference.version for reference in references)
    return before


async def test_an_index_goes_out_and_in_and_out_again_unchanged(operator: Operator) -> None:
    """By the commands, through a compressed file."""
    before = await filled(operator)
    first, second = operator.folder / "first.gz", operator.folder / "second"
    status, facts, errors = await operator.run("export", first)
    assert (status, errors) == (0, "")
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    content = Content.of(first)
    assert content.opening.hub == HUB
    assert facts.items() >= asdict(content.closing).items()
    await operator.emptied()
    status, facts, errors = await operator.run("import", first)
    assert (status, errors) == (0, "")
    assert (facts["written"], facts["digest"]) == (content.closing.references, content.closing.digest)
    assert await everything(operator) == before
    await exported(access_to(operator.url), second)
    assert Content.of(second)[1:] == content[1:]


async def test_an_index_on_a_cluster_goes_out_and_in_and_out_again(tmp_path: Path, cluster_url: str) -> None:
    operator = Operator(tmp_path, cluster_url)
    before = await filled(operator)
    await exported(access_to(operator.url), first := operator.folder / "first")
    await operator.emptied()
    done = await imported(operator.url, first, Watcher())
    assert (done.is_complete, done.counts.written) == (True, done.counts.references)
    assert await everything(operator) == before
    await exported(access_to(operator.url), second := operator.folder / "second")
    assert Content.of(second)[1:] == Content.of(first)[1:]
