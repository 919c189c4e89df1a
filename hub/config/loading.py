"""From a configuration file to settings, or to the list of everything that is wrong with it."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from hub.config.parsing import Parser, Problem
from hub.config.settings import Settings, SourceSettings
from hub.config.strict import unsafe


class ConfigurationError(Exception):
    """A configuration will not do; `problems` says everything that is wrong with it."""

    def __init__(self, file: Path, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{file}: {problem}" for problem in problems))
        self.problems = problems


def load(file: Path, *, kinds: Mapping[str, type], environment: Mapping[str, str] | None = None) -> Settings:
    """Read, check and freeze a configuration; `kinds` are the settings classes of the kinds of sources.

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
    settings = parser.read(Settings, table, given={"sources": sources})
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
    if not isinstance(table, Mapping):
        parser.report(path, "a table is wanted")
        return None
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        parser.report(f"{path}.kind", f"{' or '.join(sorted(kinds))} is wanted, seen: {kind!r}")
        return None
    head = {key: table[key] for key in ("kind", "custodian") if key in table}
    rest = {key: value for key, value in table.items() if key not in ("kind", "custodian")}
    connector = parser.read(kinds[kind], rest, path)
    return parser.read(SourceSettings, head, path, given={"connector": connector})
