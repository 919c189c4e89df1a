"""The table of qualities: another one may be configured, and one that will not do says why."""

from pathlib import Path

import pytest

from hub.wire.security.assertions import AttributeName
from hub.wire.security.identification import CERTIFIED, load_qualities
from tests.unit.wire.security.proofs import identification, proof_of, token

TABLE = """
[vet]
kind = "person"
professions = ["persvet"]
recognised = ["person:ssin:vet:boolean"]
numbers = ["person:ssin:vet:nihii11"]
"""


def test_a_table_may_be_another_one(tmp_path: Path) -> None:
    file = tmp_path / "qualities.toml"
    file.write_text(TABLE)
    (vet,) = load_qualities(file)
    assert vet.recognised == (AttributeName(CERTIFIED, "urn:be:fgov:person:ssin:vet:boolean"),)
    assert [identity.quality for identity in identification(vet).candidates(token(proof_of(vet)))] == ["vet"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (TABLE.replace('"person"', '"animal"'), r"\[vet\] kind: person, .* is wanted, seen: 'animal'"),
        (TABLE.replace('kind = "person"', ""), r"\[vet\] kind: .* seen: None"),
        (TABLE.replace("numbers", "number"), r"\[vet\]: unknown key number"),
        (TABLE.replace('["persvet"]', '"persvet"'), r"\[vet\] professions: a list of texts is wanted"),
        (TABLE.replace('["persvet"]', "[1]"), r"\[vet\] professions: a list of texts is wanted"),
        (TABLE.replace('["persvet"]', "[]"), r"\[vet\]: professions, recognised and numbers or identified are wanted"),
        (TABLE.replace('["person:ssin:vet:boolean"]', "[]"), r"\[vet\]: professions, recognised and numbers"),
        (TABLE.replace('["person:ssin:vet:nihii11"]', "[]"), r"\[vet\]: professions, recognised and numbers"),
        ("[vet", r"Expected '\]'"),
    ],
)
def test_a_table_that_is_none_says_what_is_wrong(tmp_path: Path, changed: str, says: str) -> None:
    file = tmp_path / "qualities.toml"
    file.write_text(changed)
    with pytest.raises(ValueError, match=says):
        load_qualities(file)


def test_a_table_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="qualities"):
        load_qualities(tmp_path / "qualities.toml")
