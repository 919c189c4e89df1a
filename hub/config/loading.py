"""From a configuration file to settings, or to the list of everything that is wrong with it."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

from hub.config.national_settings import NationalSettings
from hub.config.parsing import Parser, Problem
from hub.config.provider_settings import DirectorySettings, ProviderSettings
from hub.config.settings import Settings, SourceSettings
from hub.config.strict import unsafe
from hub.domain.national import NationalRegister
from hub.ports.connectors import ConnectorSettings

T = TypeVar("T", SourceSettings, NationalSettings, DirectorySettings)


class ConfigurationError(Exception):
    """A configuration will not do; `problems` says everything that is wrong with it."""

    def __init__(self, file: Path, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{file}: {problem}" for problem in problems))
        self.problems = problems


def load(file: Path, *, connectors: ConnectorSettings, environment: Mapping[str, str] | None = None) -> Settings:
    """Read, check and freeze a configuration.

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
    sources = _sources(parser, table.pop("sources", {}), connectors.kinds)
    national = _national(parser, table.pop("national", {}), connectors.national_service)
    given: dict[str, object] = {"sources": sources, "national": national}
    if "providers" in table:
        given["providers"] = _providers(parser, table.pop("providers"), connectors.directories)
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
    return _of_kind(parser, SourceSettings, table, path, kinds)


def _providers(parser: Parser, table: object, directories: Mapping[str, type]) -> ProviderSettings | None:
    if not isinstance(table, Mapping) or "directory" not in table:
        return parser.read(ProviderSettings, table, "providers")
    rest = {key: value for key, value in table.items() if key != "directory"}
    directory = _of_kind(parser, DirectorySettings, table["directory"], "providers.directory", directories)
    return parser.read(ProviderSettings, rest, "providers", given={"directory": directory})


def _national(parser: Parser, tables: object, connector: type) -> dict[NationalRegister, NationalSettings]:
    known = " or ".join(f"[national.{register}]" for register in NationalRegister)
    if not isinstance(tables, Mapping):
        parser.report("national", f"tables are wanted: {known}")
        return {}
    read: dict[NationalRegister, NationalSettings] = {}
    for name, table in tables.items():
        path = f"national.{name}"
        if name not in set(NationalRegister):
            parser.report(path, f"unknown register; {known} is wanted")
        elif not isinstance(table, Mapping):
            parser.report(path, "a table is wanted")
        elif (settings := _with_connector(parser, NationalSettings, table, path, connector=connector)) is not None:
            read[NationalRegister(name)] = settings
    return read


def _of_kind(parser: Parser, settings: type[T], table: object, path: str, kinds: Mapping[str, type]) -> T | None:
    """The settings of a table that names the kind of its connector."""
    if not isinstance(table, Mapping):
        parser.report(path, "a table is wanted")
        return None
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        parser.report(f"{path}.kind", f"{' or '.join(sorted(kinds))} is wanted, seen: {kind!r}")
        return None
    return _with_connector(parser, settings, table, path, connector=kinds[kind])


def _with_connector(
    parser: Parser, settings: type[T], table: Mapping[str, object], path: str, *, connector: type
) -> T | None:
    """The settings of a table that holds those of a connector too."""
    own = {field.name for field in fields(settings)} - {"connector"}
    head = {key: value for key, value in table.items() if key in own}
    rest = {key: value for key, value in table.items() if key not in own}
    return parser.read(settings, head, path, given={"connector": parser.read(connector, rest, path)})
