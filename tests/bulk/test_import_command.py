"""`hub import` as an operator runs it."""

import json
import stat

from bench.open_gate import OPEN_GATE
from hub.domain.references import Status
from hub.domain.search import Criteria, PageRequest
from tests.builders import JAN, MILA
from tests.bulk.files import the_example
from tests.bulk.operator import Operator

ALL, PAGE = Criteria(), PageRequest()


async def test_what_a_file_says_is_in_the_next_list(operator: Operator) -> None:
    status, facts, errors = await operator.run("import", "-", given=the_example())
    assert (status, errors) == (0, "")
    assert facts.items() >= {"references": 2, "written": 2, "patient_lines": 2, "verified": True}.items()
    async with operator.index() as index:
        found = await index.find(JAN, ALL, PAGE, OPEN_GATE)
        assert [row.declaration.id_values for row in found.page.rows] == [("1", "R-2")]
        assert found.page.rows[0].source == "north"
        assert found.page.rows[0].declaration.author[0].name == "Testziekenhuis"
        revoked = await index.get(JAN, 1)
        assert revoked is not None
        assert revoked.status is Status.REVOKED
        empty = await index.find(MILA, ALL, PAGE, OPEN_GATE)
        assert empty.patient is not None
        assert empty.page.total == 0


async def test_rejected_lines_go_where_they_are_told(operator: Operator) -> None:
    """To a file for its owner only; without one the import ends, and names the line but nobody in it."""
    file, rejects = operator.folder / "references", operator.folder / "rejects"
    bad = b'["patient", "45123199773", null, []]'
    first, *lines = the_example().splitlines(keepends=True)
    file.write_bytes(first + bad + b"\n" + b"".join(lines))
    status, facts, errors = await operator.run("import", file)
    assert (status, facts) == (1, {})
    assert errors == "hub import: line 2: patient: 11 digits with right check digits are wanted\n"
    status, facts, errors = await operator.run("import", file, "--rejects", rejects)
    assert (status, errors, facts["rejected_lines"], facts["references"]) == (1, "", 1, 2)
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    [rejected] = rejects.read_bytes().splitlines()
    assert json.loads(rejected) == [
        "rejected",
        2,
        "patient: 11 digits with right check digits are wanted",
        bad.decode(),
    ]
