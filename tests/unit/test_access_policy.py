"""The files of the policy: what is shipped, and what is said of files that will not do."""

from importlib import resources
from pathlib import Path

import pytest

from hub.commands.access_table import with_policy
from hub.config.access_policy import PolicyError, load_policy
from hub.config.access_settings import AccessSettings
from hub.domain.access_matrix import Basis, Level
from hub.domain.access_policy import Authentication
from hub.wire.kmehr.codes import code_list
from hub.wire.schemas import default_schema_folder
from tests.unit.configuration_files import MINIMAL, problems, read, with_keys

SHIPPED = resources.files("hub.config").joinpath("access")
RULES = SHIPPED.joinpath("rules.toml").read_text("utf-8")
MATRIX = SHIPPED.joinpath("matrix.toml").read_text("utf-8")
POLICY = load_policy()
ROOT = Path(__file__).resolve().parents[2]


def codes(name: str) -> frozenset[str]:
    """What a list of the schemas holds."""
    return code_list(default_schema_folder(), f"{name}values")


def complaint(folder: Path, *, rules: str = RULES, matrix: str = MATRIX) -> list[str]:
    """What is said of these files, without their folder."""
    (folder / "rules.toml").write_text(rules)
    (folder / "matrix.toml").write_text(matrix)
    with pytest.raises(PolicyError) as refusal:
        load_policy(rules=folder / "rules.toml", matrix=folder / "matrix.toml")
    return [line.removeprefix(f"{folder}/") for line in str(refusal.value).splitlines()]


def test_what_is_shipped_speaks_of_codes_that_kmehr_has() -> None:
    (edition,) = POLICY.matrix.editions
    assert {code for role in POLICY.roles for code in role.codes | role.departments} <= codes("CD-HCPARTY")
    assert codes("CD-HCPARTY") >= POLICY.authentication.circles_of_trust
    assert {code for team in POLICY.links.teams.values() for code in team.organisations} <= codes("CD-HCPARTY")
    for category in edition.categories:
        assert category.types <= codes("CD-TRANSACTION")
        assert category.authors <= codes("CD-HCPARTY")
        assert {kind for cell in category.cells.values() for kind in cell.items} <= codes("CD-ITEM")


def test_every_type_of_kmehr_is_in_a_category_and_every_role_in_every_category() -> None:
    (edition,) = POLICY.matrix.editions
    for kind in codes("CD-TRANSACTION"):
        assert edition.category(kind, frozenset()).name != "unknown", kind
    roles = {role.name for role in POLICY.roles} - {"psychiatrist", "administration"}
    for category in edition.categories:
        assert set(category.cells) - {"psychiatrist"} == roles
        assert all((cell.level is Level.PART) is bool(cell.items) for cell in category.cells.values())
    assert {cell.basis for category in edition.categories for cell in category.cells.values()} == set(Basis)


def test_no_category_of_departments_makes_lists_of_doctors_look_at_each_row() -> None:
    (edition,) = POLICY.matrix.editions
    for category in edition.categories:
        if category.cells["doctor"].level is Level.NONE:
            assert category.authors
            assert all(code.startswith("dept") for code in category.authors)


def test_the_documentation_has_the_present_policy() -> None:
    document = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    assert document == with_policy(document), "run: python -m hub.commands.access_table docs/access.md"


def test_the_glass_may_be_broken_when_the_configuration_says_so(tmp_path: Path) -> None:
    folder = with_keys(tmp_path)
    assert not read(folder, MINIMAL).access.policy().break_the_glass.enabled
    assert read(folder, f"{MINIMAL}[access]\nbreak_the_glass = true\n").access.policy().break_the_glass.enabled
    own = RULES.replace("enabled = false", "enabled = true")
    (tmp_path / "rules.toml").write_text(own)
    assert AccessSettings(rules=tmp_path / "rules.toml").policy().break_the_glass.enabled
    assert not AccessSettings(rules=tmp_path / "rules.toml", break_the_glass=False).policy().break_the_glass.enabled


def test_own_files_count_instead_of_the_shipped_ones(tmp_path: Path) -> None:
    folder = with_keys(tmp_path)
    (folder / "rules.toml").write_text(RULES.replace(', "plain"]', "]"))
    (folder / "matrix.toml").write_text(MATRIX.replace("2026-01-01", "2026-02-02"))
    settings = read(folder, f'{MINIMAL}[access]\nrules = "rules.toml"\nmatrix = "matrix.toml"\n')
    policy = settings.access.policy()
    assert policy.authentication.accepted == {Authentication.PERSON, Authentication.ORGANISATION}
    assert policy.matrix.editions[0].effective.isoformat() == "2026-02-02"


def test_a_hub_does_not_start_with_files_that_will_not_do(tmp_path: Path) -> None:
    folder = with_keys(tmp_path)
    (folder / "rules.toml").write_text("[roles")
    own = f'{MINIMAL}[access]\nrules = "rules.toml"\n'
    (said,) = problems(folder, own)
    assert said.startswith(f"access: {folder}/rules.toml: is not TOML: ")
    (folder / "rules.toml").unlink()
    (said,) = problems(folder, own)
    assert said == f"access: {folder}/rules.toml: cannot be read: No such file or directory"
    (folder / "rules.toml").write_bytes(b"\xff")
    assert problems(folder, own) == [f"access: {folder}/rules.toml: is not UTF-8"]


CELL = "full, part SET, conditional, conditional SET or none is wanted, then sourced or inferred; seen: "
ROLES = (
    "[roles] has: administration, dentist, dietitian, doctor, midwife, nurse, patient, pharmacist, physiotherapist, "
    "psychiatrist, psychologist"
)
SETS = "[items] has: follow-up, plan, prescribed, results, summary, vaccines"
DOCTOR_CELL = 'editions.2026-01-01.sumehr.cells]\ndoctor = "full sourced"'
AT = "matrix.toml: editions.2026-01-01.sumehr"


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('"full sourced"', '"ful sourced"', f"{AT}.cells.doctor: {CELL}'ful sourced'"),
        ('"full sourced"', '"full"', f"{AT}.cells.doctor: {CELL}'full'"),
        ('"full sourced"', '"full summary sourced"', f"{AT}.cells.doctor: {CELL}'full summary sourced'"),
        ('"full sourced"', '"part sourced"', f"{AT}.cells.doctor: {CELL}'part sourced'"),
        ('"full sourced"', '"full guessed"', f"{AT}.cells.doctor: {CELL}'full guessed'"),
        ('"full sourced"', "true", f"{AT}.cells.doctor: a text is wanted, seen: True"),
        (
            '"full sourced"',
            '"part nothing sourced"',
            f"{AT}.cells.doctor: no such set of items, or an empty one: 'nothing'; {SETS}",
        ),
        ("doctor =", "surgeon =", f"{AT}.cells.surgeon: no such role; {ROLES}"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, was: str, now: str, said: str) -> None:
    wrong = MATRIX.replace(DOCTOR_CELL, DOCTOR_CELL.replace(was, now), 1)
    assert complaint(tmp_path, matrix=wrong) == [said]


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (
            'types = ["sumehr"]',
            "",
            f"{AT}: types: some are wanted, or authors: what holds everything would show the unknown",
        ),
        ('types = ["sumehr"]', "types = 1", f"{AT}.types: a list of texts is wanted, seen: 1"),
        ('types = ["sumehr"]', "types = [1]", f"{AT}.types: a text is wanted, seen: 1"),
        (
            'types = ["sumehr"]',
            'types = ["sumehr"]\ndelay = -1',
            f"{AT}.delay: a number of days from 0 to 3650 is wanted, seen: -1",
        ),
        (
            'types = ["sumehr"]',
            'types = ["sumehr"]\ndelay = 3651',
            f"{AT}.delay: a number of days from 0 to 3650 is wanted, seen: 3651",
        ),
        (
            'types = ["sumehr"]',
            'kinds = ["sumehr"]',
            f"{AT}.kinds: unknown key; known here: authors, cells, delay, types",
        ),
        (
            "2026-01-01.sumehr",
            "2026-01-01.unknown",
            "matrix.toml: editions.2026-01-01.unknown: this is the name of what is in no category; choose another",
        ),
    ],
)
def test_a_wrong_category_is_named(tmp_path: Path, was: str, now: str, said: str) -> None:
    assert complaint(tmp_path, matrix=MATRIX.replace(was, now)) == [said]


def test_a_wrong_matrix_is_named(tmp_path: Path) -> None:
    assert complaint(tmp_path, matrix="") == ["matrix.toml: editions: is missing"]
    assert complaint(tmp_path, matrix="[editions]") == ["matrix.toml: editions: at least one is wanted"]
    no_day = "[editions.tomorrow.note]\ntypes = ['note']\n[editions.tomorrow.note.cells]\n"
    said = ["matrix.toml: editions.tomorrow: a day such as 2026-01-01 is wanted in its place"]
    assert complaint(tmp_path, matrix=no_day) == said
    no_sets = "[editions.2026-01-01.note]\ntypes = ['note']\ncells = { doctor = 'part x sourced' }\n"
    (empty,) = complaint(tmp_path, matrix=no_sets)
    assert empty.endswith("[items] has: nothing")


def test_a_delay_of_nothing_and_of_ten_years_will_do(tmp_path: Path) -> None:
    for days in (0, 3650):
        (tmp_path / "matrix.toml").write_text(MATRIX.replace("delay = 7", f"delay = {days}"))
        assert load_policy(matrix=tmp_path / "matrix.toml").matrix.editions[0].categories[0].delay == days


WRONG_RULES = [
    (
        "[roles.patient]",
        "[roles.patients]",
        "roles: tables like [roles.NAME] are wanted, and one of them is [roles.pati",
    ),
    ('like = "doctor"', 'like = "docter"', f"roles.psychiatrist.like: no such role: 'docter'; {ROLES}"),
    ("[provider]", "[providers]", "providers: unknown key; did you mean provider?"),
    ("[authentication]", "[authorisation]", "authentication.accepted: is missing"),
    ('accepted = ["person"', 'accepted = ["per"', "authentication.accepted: unknown value; did you mean person?"),
    ('kinds = ["retro', 'kinds = ["', "consent.kinds: unknown value; did you mean prospective?"),
    ('"practice-prefix"', '"practice"', "exclusion.persons: unknown value; did you mean practice-prefix?"),
    ("least = 10 ", "least = 0 ", "break_the_glass.least: from 1 to 200 (most) is wanted, seen: 0"),
    ("least = 10 ", "least = 201 ", "break_the_glass.least: from 1 to 200 (most) is wanted, seen: 201"),
    ("hours = 24", "hours = 0", "break_the_glass.hours: at least 1 is wanted, seen: 0"),
    ("hours = 24", 'hours = "24"', "break_the_glass.hours: a whole number is wanted, seen: '24'"),
    ('roles = ["doctor"]  ', 'roles = ["medic"]  ', f"break_the_glass.roles: no such role: 'medic'; {ROLES}"),
    ("[links.teams.practice]\n", "[links.teams.practice]\nname = 1\n", "links.teams.practice.name: unknown key"),
    ('roles = ["*"]\n', "", "links.teams.hospital.roles: is missing"),
    ('roles = ["*"]\n', 'roles = "*"\n', "links.teams.hospital.roles: a list of texts is wanted, seen: '*'"),
    ('linked = ["dentist"', 'linked = ["d"', f"actions.put-link.linked: no such role: 'd'; {ROLES}"),
    ("[actions.exclude]", "[actions.shun]", "actions.shun: unknown key; known: "),
    ("[mandates.parent]", "[mandates.parents]", "mandates.parents: unknown key; did you mean parent?"),
    ("reads_below = 12", "reads_below = true", "mandates.parent.reads_below: a whole number is wanted, seen: True"),
]


@pytest.mark.parametrize(("was", "now", "said"), WRONG_RULES)
def test_wrong_rules_are_named(tmp_path: Path, was: str, now: str, said: str) -> None:
    found = complaint(tmp_path, rules=RULES.replace(was, now, 1))
    assert any(line.startswith(f"rules.toml: {said}") for line in found), found


def test_the_least_that_rules_may_say_will_do(tmp_path: Path) -> None:
    least = (
        RULES.replace("least = 10 ", "least = 1 ").replace("most = 200", "most = 1").replace("hours = 24", "hours = 1")
    )
    (tmp_path / "rules.toml").write_text(least)
    rules = load_policy(rules=tmp_path / "rules.toml").break_the_glass
    assert (rules.least, rules.most, rules.hours) == (1, 1, 1)


def test_everything_wrong_in_both_files_is_told_at_once(tmp_path: Path) -> None:
    rules = RULES.replace("hours = 24", "hours = 0").replace("[peers]", "[peers]\nnothing = 1")
    found = complaint(tmp_path, rules=rules, matrix=MATRIX.replace('"full sourced"', '"all"', 1))
    assert [line.split(": ")[:2] for line in found] == [
        ["matrix.toml", "editions.2026-01-01.genetics.cells.doctor"],
        ["rules.toml", "break_the_glass.hours"],
        ["rules.toml", "peers.nothing"],
    ]
