"""Settings as text: the effective configuration with secrets masked, and the manual page of all settings."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import TypeGuard, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit, urlunsplit

from hub.config.national_settings import NationalSettings
from hub.config.parsing import fields_of, is_missing, key_of, optional, variable_of, wanted
from hub.config.secrets import Password, SecretKey
from hub.config.settings import Settings, SourceSettings
from hub.ports.connectors import ConnectorSettings

_MEBIBYTE = 1024 * 1024
_MASK = "***"


def effective(settings: Settings) -> str:
    """Every setting with the value that counts, as TOML; secrets and passwords in URLs are masked."""
    return "\n".join(_table(settings, "")).strip() + "\n"


def _table(part: object, path: str) -> Iterator[str]:
    values = _values(part)
    tables = {name: value for name, value in values.items() if _is_table(value)}
    if path and (len(tables) < len(values) or not tables):
        yield f"\n[{path}]"
    for name, value in values.items():
        if name not in tables and value is not None:
            yield f"{name} = {_toml(value)}"
    for name, value in tables.items():
        yield from _table(value, f"{path}.{name}" if path else name)


def _values(part: object) -> dict[str, object]:
    if isinstance(part, Mapping):
        return {key.value if isinstance(key, Enum) else key: value for key, value in part.items()}
    values = {field.name: getattr(part, field.name) for field in fields_of(type(part))}
    connector = values.pop("connector", None)
    return values if connector is None else values | _values(connector)


def _is_table(value: object) -> bool:
    return _is_settings(type(value)) or isinstance(value, Mapping)


def _toml(value: object) -> str:
    match value:
        case SecretKey() | Password():
            return json.dumps(_MASK)
        case str():
            return json.dumps(_without_password(value), ensure_ascii=False)
        case Path():
            return json.dumps(str(value), ensure_ascii=False)
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case bool():
            return str(value).lower()
        case _:
            return _number(value)


def _number(value: object) -> str:
    if isinstance(value, int) and value >= _MEBIBYTE and value % _MEBIBYTE == 0:
        return f'"{value // _MEBIBYTE} MiB"'
    return f"{value:g}" if isinstance(value, float) else str(value)


def _without_password(text: str) -> str:
    parts = urlsplit(text) if "://" in text and "@" in text else None
    if parts is None or not parts.password:
        return text
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{_MASK}@{parts.netloc.rpartition('@')[2]}"))


_INTRODUCTION = """# Configuration

*Written by `make docs` from the settings classes in `hub/config` and `connectors`; `make check` fails when stale.*

One TOML file holds everything: `hub serve --config hub.toml`. `hub check-config` says all that is wrong with a file,
without any network; `hub print-config` shows what counts in the end, secrets masked. `deploy/hub.example.toml` is an
example to start from.

- An unknown key or a wrong value is refused, with its full path and what was wanted.
- Relative names of files and folders start at the folder of the configuration file.
- Sizes are bytes, or texts such as `"48 MiB"`; times are seconds.
- Secrets are never in the file: it names a file that holds one (`…_file`), or the environment variable given below
  holds it. Keys are 32 bytes, written as 64 hexadecimal digits or base64: `openssl rand -hex 32 > index.key`.
- *(inferred)* marks a default that is our reading of how the field works, for want of a written rule.
"""


def manual(connectors: ConnectorSettings) -> str:
    """The page `docs/configuration.md`."""
    kinds = connectors.kinds
    hints = get_type_hints(Settings)
    tops: list[dataclasses.Field[object]] = []
    tables: list[str] = []
    for field in fields_of(Settings):
        kind = optional(hints[field.name])
        if _is_settings(kind):
            tables += _sections(field.name, kind)
        elif field.name == "codes":
            tables.append(_codes_section(kind))
        elif field.name not in ("sources", "national"):
            tops.append(field)
    tables.append(_section("[sources.NAME]", SourceSettings, "sources.NAME"))
    for place, classes in (("sources.NAME", kinds), ("providers.directory", connectors.directories)):
        tables += [_section(f'[{place}] with kind = "{name}"', classes[name], place) for name in sorted(classes)]
    tables.append(_section("[national.NAME]", NationalSettings, "national.NAME"))
    tables.append(_section("[national.NAME]: how it is reached", connectors.national_service, "national.NAME"))
    return "\n".join([_INTRODUCTION, "## Top of the file", "", *_rows(tops, hints, ""), "", *tables])


def _sections(path: str, kind: type) -> Iterator[str]:
    """The section of a table, then those of the tables in it."""
    yield _section(f"[{path}]", kind, path)
    for name, hint in get_type_hints(kind).items():
        if (inner := _inner_table(hint)) is not None:
            yield from _sections(f"{path}.{name}{inner[0]}", inner[1])


def _inner_table(hint: object) -> tuple[str, type] | None:
    """For a setting that is a table: its settings class, and what stands behind its name when there are many."""
    kind = optional(hint)
    for suffix, inner in (("", kind), (".NAME", (get_args(kind) or (None,))[-1])):
        if _is_settings(inner):
            return suffix, inner
    return None


def _is_settings(kind: object) -> TypeGuard[type]:
    return isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind not in (SecretKey, Password)


def _section(title: str, kind: type, path: str) -> str:
    hints = get_type_hints(kind)
    fields = sorted(
        (
            field
            for field in fields_of(kind)
            if field.name != "connector" and not _is_settings(optional(hints[field.name]))
        ),
        key=lambda field: not is_missing(field),
    )
    return "\n".join([f"## `{title}`", "", _docstring(kind), "", *_rows(fields, hints, path), ""])


def _codes_section(kind: object) -> str:
    reasons = ", ".join(f"`{reason.value}`" for reason in get_args(kind)[0])
    return "\n".join(
        [
            "## `[codes]`",
            "",
            'The CD-ERROR code that callers see for a reason, instead of the built-in one: `patient-unknown = "400"`.',
            "",
            f"Reasons: {reasons}.",
            "",
        ]
    )


def _docstring(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _rows(fields: "list[dataclasses.Field[object]]", hints: Mapping[str, object], path: str) -> Iterator[str]:
    yield "| key | wants | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for field in fields:
        kind = optional(hints[field.name])
        doc = str(field.metadata["doc"]).replace("|", "\\|")
        if kind in (SecretKey, Password):
            doc = f"{doc}. Or in the environment: `{variable_of(f'{path}.{field.name}')}`"
        mark = " *(inferred)*" if field.metadata.get("inferred") else ""
        yield f"| `{key_of(field.name, kind)}` | {_wants(kind, field.metadata)} | {_default(field)}{mark} | {doc} |"


def _wants(kind: object, metadata: Mapping[str, object]) -> str:
    if _inner_table(kind) is not None:
        return "a table" if get_args(kind) == () else "tables, each with a name"
    if kind in (SecretKey, Password):
        return "the name of a file"
    if get_args(kind) and optional(get_args(kind)[-1]) is SecretKey:
        return "a table: id = file"
    if isinstance(origin := get_origin(kind), type) and issubclass(origin, Mapping):
        return "a table: name = list of texts"
    least, most = metadata.get("least"), metadata.get("most")
    bounds = f" from {least:g}" if isinstance(least, int | float) else ""
    bounds += f" to {most:g}" if isinstance(most, int | float) else ""
    return wanted(kind) + bounds


def _default(field: "dataclasses.Field[object]") -> str:
    if is_missing(field):
        return "**must be given**"
    if field.default is None or field.default is dataclasses.MISSING:
        return "–"
    return f"`{_toml(field.default)}`"
