"""Ids of statements lead back to what they name, for their owner alone."""

import re

import pytest

from hub.domain.subjects import EVERYBODY, Subject, SubjectKind
from hub.ports.statement_ids import StatementName, StatementType
from hub.storage.statement_ids import EncryptedStatementIds
from tests.builders import GP_NIHII, JAN, MILA

IDS = EncryptedStatementIds(bytes(32))
GP_LINK = StatementName(Subject(SubjectKind.NIHII, GP_NIHII[:8]), "gpconsultation")
MILAS = StatementName(Subject(SubjectKind.INSS, MILA.digits), "trusted-person")


@pytest.mark.parametrize("name", [GP_LINK, MILAS, StatementName(EVERYBODY)])
def test_an_id_is_always_the_same_and_leads_back(name: StatementName) -> None:
    given = IDS.give(StatementType.LINK, JAN.digits, name)
    assert given == IDS.give(StatementType.LINK, JAN.digits, name)
    assert re.fullmatch(r"[A-Za-z0-9_-]{20,600}", given)
    assert IDS.follow(StatementType.LINK, JAN.digits, given) == name


def test_an_id_leads_nowhere_for_another_owner_type_or_secret() -> None:
    given = IDS.give(StatementType.LINK, JAN.digits, GP_LINK)
    assert IDS.follow(StatementType.LINK, MILA.digits, given) is None
    assert IDS.follow(StatementType.EXCLUSION, JAN.digits, given) is None
    assert EncryptedStatementIds(bytes(range(32))).follow(StatementType.LINK, JAN.digits, given) is None


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", "A" * 60, "=" * 40])
def test_a_text_that_is_no_id_leads_nowhere(text: str) -> None:
    assert IDS.follow(StatementType.LINK, JAN.digits, text) is None


def test_one_id_has_one_spelling() -> None:
    given = IDS.give(StatementType.LINK, JAN.digits, GP_LINK)
    others = {given + "=", given + "\n", f"{given[:5]}*{given[5:]}", *(given[:-1] + last for last in "ABCDEFGH")} - {
        given
    }
    assert {IDS.follow(StatementType.LINK, JAN.digits, other) for other in others} == {None}
