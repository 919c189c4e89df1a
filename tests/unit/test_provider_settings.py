"""`[providers]` of a configuration."""

from pathlib import Path

import pytest

from connectors.provider_directory.settings import HttpProviderDirectorySettings
from hub.config.printing import effective
from tests.unit.configuration_files import DIRECTORY, MINIMAL, problems, read, with_keys

LEAGUE = """
[providers.guarantors.ligue]
name = "Ligue fictive"
professions = ["persphysician", "persdentist"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_keys(tmp_path)


def test_without_the_table_nurses_need_no_guarantor_and_nobody_is_one(folder: Path) -> None:
    settings = read(folder, MINIMAL).providers
    assert settings.policy.guarantors == {}
    assert settings.policy.without == {"persnurse"}
    assert settings.directory is None


def test_guarantors_are_read_by_their_keys(folder: Path) -> None:
    settings = read(folder, MINIMAL + "[providers]\nwithout_guarantor = []\n" + LEAGUE).providers
    assert settings.policy.guarantors == {"ligue": {"persphysician", "persdentist"}}
    assert settings.policy.without == frozenset()
    assert settings.reminder_folder == folder / "reminders"


def test_the_directory_has_the_settings_of_its_kind(folder: Path) -> None:
    settings = read(folder, MINIMAL + DIRECTORY + "remembered_seconds = 60\n" + LEAGUE)
    directory = settings.providers.directory
    assert directory is not None
    assert isinstance(directory.connector, HttpProviderDirectorySettings)
    assert directory.connector.remembered_seconds == 60
    shown = effective(settings)
    assert '[providers.directory]\nkind = "http"' in shown
    assert "remembered_seconds = 60" in shown


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("providers = 1\n", "providers: a table is wanted"),
        ("[providers]\nguarantor = 1\n", "providers.guarantor: unknown key"),
        ("[providers]\nremembered_seconds = -1\n", "providers.remembered_seconds: at least 0 is wanted"),
        ("[providers]\ndirectory = 'x'\n", "providers.directory: a table is wanted"),
        ("[providers.directory]\n", "providers.directory.kind: http is wanted, seen: None"),
        ("[providers.directory]\nkind = 'ldap'\n", "providers.directory.kind: http is wanted, seen: 'ldap'"),
        (DIRECTORY.replace("https", "http"), "providers.directory: http://directory.example"),
        (DIRECTORY + "colour = 'red'\n", "providers.directory.colour: unknown key"),
        (LEAGUE.replace("ligue", "71000436"), "providers.guarantors: a letter, then letters"),
        (LEAGUE.replace("ligue", '"../x"'), "providers.guarantors: a letter, then letters"),
        (LEAGUE.replace('["persphysician", "persdentist"]', "[]"), "providers.guarantors.ligue.professions: at least"),
        (LEAGUE + "address = 'nobody'\n", "providers.guarantors.ligue.address: a mail address is wanted"),
        (LEAGUE + 'address = "a@b.example\\nBcc: c@d.example"\n', "providers.guarantors.ligue.address: a mail"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(folder: Path, text: str, problem: str) -> None:
    where = f"{text}{MINIMAL}" if text.startswith("providers =") else f"{MINIMAL}{text}"
    assert [found.startswith(problem) for found in problems(folder, where)] == [True]
