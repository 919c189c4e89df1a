"""From a parsed TOML table to a frozen settings class, collecting every problem instead of stopping at the first.

Works for any dataclass whose fields have plain types: the hub's own settings and those of the connectors.
"""

import dataclasses
import difflib
import math
import re
import types
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from hub.config.secrets import Password, Secret, SecretKey

T = TypeVar("T")

FILE_SUFFIX = "_file"
_SIZE = re.compile(r"(\d+) ?(KiB|MiB|GiB)")
_UNITS = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_LONGEST_SHOWN = 60
_MISSING = object()
_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a configuration: the full path of the key, and what to do."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


class _Wrong(Exception):
    """A value is not what its field wants."""


class Parser:
    """Reads tables into settings classes; `problems` holds what was wrong, `secret_files` where secrets were found."""

    def __init__(self, *, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self.problems: list[Problem] = []
        self.secret_files: dict[str, Path] = {}

    def read(self, kind: type[T], table: object, path: str = "", *, given: Mapping[str, object] = _NOTHING) -> T | None:
        """A settings object, or None when something in the table was wrong. Fields in `given` have been read before."""
        if not isinstance(table, Mapping):
            self.report(path, _no_table(table))
            return None
        count = len(self.problems)
        hints = get_type_hints(kind)
        fields = [field for field in fields_of(kind) if field.name not in given]
        self._refuse_unknown(table, {field.name: hints[field.name] for field in fields}, path)
        values: dict[str, Any] = dict(given)
        for field in fields:
            value = self._field(field, hints[field.name], table, _join(path, field.name))
            if value is not _MISSING:
                values[field.name] = value
        if len(self.problems) > count:
            return None
        try:
            return kind(**values)
        except ValueError as error:
            name, _, text = str(error).partition(": ")
            if name in values:
                self.report(_join(path, name), text)
            else:
                self.report(path, str(error))
            return None

    def report(self, path: str, text: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(path, text))

    def _refuse_unknown(self, table: Mapping[str, object], hints: Mapping[str, object], path: str) -> None:
        known = {key_of(name, hint) for name, hint in hints.items()}
        for key in table:
            if key in known:
                continue
            if key in hints:
                self.report(
                    _join(path, key),
                    f"a secret is not written here; use {key}{FILE_SUFFIX} or the environment variable "
                    f"{variable_of(_join(path, key))}",
                )
                continue
            nearest = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {nearest[0]}?" if nearest else f"; known here: {', '.join(sorted(known))}"
            self.report(_join(path, key), f"unknown key{hint}")

    def _field(self, field: "dataclasses.Field[Any]", hint: object, table: Mapping[str, object], path: str) -> object:
        kind = optional(hint)
        if kind in (SecretKey, Password):
            return self._secret(field, kind, table, path)
        if field.name not in table:
            # A whole table that is absent is read as an empty one, so that what is missing in it gets named.
            if is_missing(field):
                if dataclasses.is_dataclass(kind):
                    return self._value(kind, {}, field.metadata, path)
                self.report(path, ": ".join(["is missing", *filter(None, [field.metadata.get("doc")])]))
            return self._folder / field.default if isinstance(field.default, Path) else _MISSING
        return self._value(kind, table[field.name], field.metadata, path)

    def _secret(self, field: "dataclasses.Field[Any]", kind: object, table: Mapping[str, object], path: str) -> object:
        variable, key = variable_of(path), f"{field.name}{FILE_SUFFIX}"
        from_file, from_environment = table.get(key), self._environment.get(variable)
        if from_file is not None and from_environment is not None:
            self.report(f"{path}{FILE_SUFFIX}", f"given twice: here and in the environment variable {variable}")
            return _MISSING
        if from_file is not None:
            return self._value(kind, from_file, field.metadata, f"{path}{FILE_SUFFIX}")
        if from_environment is not None:
            try:
                return _secret_type(kind).parse(from_environment)
            except ValueError as error:
                self.report(variable, f"wanted: {error}")
        elif is_missing(field):
            self.report(path, f"is missing: give {key} or the environment variable {variable}. {field.metadata['doc']}")
        return _MISSING

    def _value(self, kind: object, value: object, metadata: Mapping[str, object], path: str) -> object:
        if dataclasses.is_dataclass(kind) and isinstance(kind, type) and kind not in (SecretKey, Password):
            return self.read(kind, value, path)
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
            return self._mapping(arguments[0], arguments[1], value, metadata, path)
        try:
            if kind in (SecretKey, Password):
                return self._secret_file(_secret_type(kind), value, path)
            if origin in (tuple, frozenset):
                return origin(self._scalar(arguments[0], part) for part in _list(value))
            read = _within(self._scalar(kind, value), value, metadata)
            if metadata.get("secret") and isinstance(read, Path):
                self.secret_files[path] = read
            return read
        except _Wrong as wrong:
            self.report(path, str(wrong))
            return _MISSING

    def _mapping(
        self, key_kind: object, kind: object, value: object, metadata: Mapping[str, object], path: str
    ) -> Mapping[object, object]:
        if not isinstance(value, Mapping):
            self.report(path, _no_table(value))
            return {}
        read: dict[object, object] = {}
        for key, part in value.items():
            place = _join(path, key)
            try:
                name = _enum(key_kind, key, "unknown key") if is_enum(key_kind) else key
            except _Wrong as wrong:
                self.report(place, str(wrong))
                continue
            read[name] = self._value(kind, part, metadata, place)
        return read

    def _scalar(self, kind: object, value: object) -> object:
        if get_origin(kind) is Literal:
            return _one_of(get_args(kind), value)
        if is_enum(kind):
            return _enum(kind, value, "unknown value")
        if kind is Path and isinstance(value, str) and value:
            return self._folder / value
        if kind is int and isinstance(value, str) and (size := _SIZE.fullmatch(value)):
            return int(size[1]) * _UNITS[size[2]]
        if type(value) is kind or (kind is float and type(value) is int):
            return value
        raise _Wrong(f"{wanted(kind)} is wanted, seen: {_shown(value)}")

    def _secret_file(self, kind: type[SecretKey | Password], value: object, path: str) -> Secret:
        if not isinstance(value, str):
            raise _Wrong("the name of a file is wanted")
        file = self.secret_files[path] = self._folder / value
        try:
            return kind.parse(file.read_text())
        except OSError as error:
            raise _Wrong(f"the file cannot be read: {error.strerror}") from error
        except ValueError as error:  # UnicodeDecodeError among them; its text would show the content
            text = "text" if isinstance(error, UnicodeDecodeError) else str(error)
            raise _Wrong(f"wanted in the file: {text}") from error


def fields_of(kind: type) -> tuple["dataclasses.Field[Any]", ...]:
    """The fields of a settings class."""
    return dataclasses.fields(kind)


def key_of(name: str, hint: object) -> str:
    """How a field is written in the file: a secret is named by its file."""
    return f"{name}{FILE_SUFFIX}" if optional(hint) in (SecretKey, Password) else name


def variable_of(path: str) -> str:
    """The environment variable that may hold a secret."""
    return "HUB_" + re.sub(r"\W", "_", path).upper()


def optional(hint: object) -> object:
    """The type X of `X | None`; any other type as it is."""
    if get_origin(hint) in (Union, types.UnionType):
        (kind,) = (part for part in get_args(hint) if part is not type(None))
        return kind
    return hint


def is_enum(kind: object) -> bool:
    """Whether this is an enumeration with texts as values."""
    return isinstance(kind, type) and issubclass(kind, Enum)


def is_missing(field: "dataclasses.Field[Any]") -> bool:
    """Whether a field has no default and must be given."""
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def wanted(kind: object) -> str:
    """What a type wants, in words."""
    if get_origin(kind) is Literal:
        return " or ".join(str(choice) for choice in get_args(kind))
    if get_origin(kind) in (tuple, frozenset):
        return "a list of texts"
    if is_enum(kind):
        return "one of the known names"
    return {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "a text",
        Path: "the name of a file or folder",
    }[kind]  # type: ignore[index]  # any other type is a mistake in a settings class


def _secret_type(kind: object) -> type[SecretKey | Password]:
    return SecretKey if kind is SecretKey else Password


def _within(read: object, seen: object, metadata: Mapping[str, object]) -> object:
    least, most = metadata.get("least"), metadata.get("most")
    if not isinstance(read, int | float) or isinstance(read, bool):
        return read
    if not math.isfinite(read):
        raise _Wrong(f"a number is wanted, seen: {_shown(seen)}")
    if isinstance(least, int | float) and read < least:
        raise _Wrong(f"at least {least:g} is wanted, seen: {_shown(seen)}")
    if isinstance(most, int | float) and read > most:
        raise _Wrong(f"at most {most:g} is wanted, seen: {_shown(seen)}")
    return read


def _one_of(choices: tuple[object, ...], value: object) -> object:
    if value in choices:
        return value
    raise _Wrong(f"{' or '.join(str(choice) for choice in choices)} is wanted, seen: {_shown(value)}")


def _enum(kind: Any, value: object, complaint: str) -> object:  # noqa: ANN401 - any enumeration
    try:
        return kind(value)
    except ValueError:
        known = [str(member.value) for member in kind]
        nearest = difflib.get_close_matches(str(value), known, n=1)
        hint = f"did you mean {nearest[0]}?" if nearest else f"known: {', '.join(known)}"
        raise _Wrong(f"{complaint}; {hint}") from None


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise _Wrong(f"a list of texts is wanted, seen: {_shown(value)}")
    return value


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _no_table(value: object) -> str:
    """What stands in the place of a table may be a key that belongs into a file, so it is not repeated."""
    seen = "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else _shown(value)
    return f"a table is wanted, seen: {seen}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
