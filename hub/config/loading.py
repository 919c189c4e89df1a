"""From a configuration file to settings, or to the list of everything that is wrong with it."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from hub.config.parsing import Parser, Problem
from hub.config.provider_settings import DirectorySettings, ProviderSettings
from hub.config.settings import Settings, SourceSettings
from hub.config.strict import unsafe

T = TypeVar("T")

_NONE: Mapping[str, type] = {}


class ConfigurationError(Exception):
    """A configuration will not do; `problems` says everything that is wrong with it."""

    def __init__(self, file: Path, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{file}: {problem}" for problem in problems))
        self.problems = problems


def load(
    file: Path,
    *,
    kinds: Mapping[str, type],
    directories: Mapping[str, type] = _NONE,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Read, check and freeze a configuration.

    `kinds` are the settings classes of the kinds of sources, `directories` those of directories of care providers.
    Uses no network. Raises ConfigurationError with all problems.
    """
    try:
        table = tomllib.loads(file.read_text())
    except OSError as error:
        raise ConfigurationError(file, [Problem("", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(file, [Problem("", "is not UTF-8")]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(file, [Problem("", f"is not TOML: {error}")]) from error
    parser = Parser(folder=file.resolve().parent, environment=os.environ if environment is None else environment)
    sources = _sources(parser, table.pop("sources", {}), kinds)
    given: dict[str, object] = {"sources": sources}
    if "providers" in table:
        given["providers"] = _providers(parser, table.pop("providers"), directories)
    settings = parser.read(Settings, table, given=given)
    if settings is None or parser.problems:
        raise ConfigurationError(file, parser.problems)
    if problems := unsafe(settings, secret_files=parser.secret_files):
        raise ConfigurationError(file, problems)
    return settings


def _sources(parser: Parser, tables: object, kinds: Mapping[str, type]) -> dict[str, SourceSettings]:
    if not isinstance(tables, Mapping):
        parser.report("sources", "tables like [sources.NAME] are wanted")
        return {}
    read = {name: _source(parser, table, f"sources.{name}", kinds) for name, table in tables.items()}
    return {name: source for name, source in read.items() if source is not None}


def _source(parser: Parser, table: object, path: str, kinds: Mapping[str, type]) -> SourceSettings | None:
    return _of_kind(parser, SourceSettings, table, path, kinds, own=("kind", "custodian"))


def _providers(parser: Parser, table: object, directories: Mapping[str, type]) -> ProviderSettings | None:
    if not isinstance(table, Mapping) or "directory" not in table:
        return parser.read(ProviderSettings, table, "providers")
    rest = {key: value for key, value in table.items() if key != "directory"}
    path = "providers.directory"
    directory = _of_kind(parser, DirectorySettings, table["directory"], path, directories, own=("kind",))
    return parser.read(ProviderSettings, rest, "providers", given={"directory": directory})


def _of_kind(
    parser: Parser, settings: type[T], table: object, path: str, kinds: Mapping[str, type], *, own: Sequence[str]
) -> T | None:
    """A table with the keys of a settings class that are its `own`, and with those of the kind that it names."""
    if not isinstance(table, Mapping):
        parser.report(path, "a table is wanted")
        return None
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        parser.report(f"{path}.kind", f"{' or '.join(sorted(kinds))} is wanted, seen: {kind!r}")
        return None
    head = {key: table[key] for key in own if key in table}
    rest = {key: value for key, value in table.items() if key not in own}
    connector = parser.read(kinds[kind], rest, path)
    return parser.read(settings, head, path, given={"connector": connector})
