"""`hub import` as an operator runs it."""

from hub.domain.references import Status
from hub.domain.search import Criteria, PageRequest
from tests.builders import JAN, MILA
from tests.bulk.files import the_example
from tests.bulk.operator import Operator

ALL, PAGE = Criteria(), PageRequest()


async def test_what_a_file_says_is_in_the_next_list(operator: Operator) -> None:
    file = operator.folder / "references"
    file.write_bytes(the_example())
    status, facts, errors = await operator.run("import", file)
    assert (status, errors) == (0, "")
    assert facts.items() >= {"references": 2, "written": 2, "patient_lines": 2, "verified": True}.items()
    async with operator.index() as index:
        found = await index.find(JAN, ALL, PAGE)
        assert [row.declaration.id_values for row in found.page.rows] == [("1", "R-2")]
        assert found.page.rows[0].source == "north"
        assert found.page.rows[0].declaration.author[0].name == "Testziekenhuis"
        revoked = await index.get(JAN, 1)
        assert revoked is not None
        assert revoked.status is Status.REVOKED
        empty = await index.find(MILA, ALL, PAGE)
        assert empty.patient is not None
        assert empty.page.total == 0
