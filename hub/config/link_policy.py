"""Reads the table of therapeutic links (`hub/config/access/links.toml`, or an operator's own)."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import TypeVar

from hub.domain.link_policy import LinkPolicy, LinkRule
from hub.domain.therapeutic_links import Proof

Value = TypeVar("Value")

_LONGEST = 120
"""Months: ten years, more than any published link lasts."""


def load_link_policy(file: Path | None = None) -> LinkPolicy:
    """The policy of a file, or the hub's own.

    Raises OSError, and ValueError with the place in the file, what is there and what is wanted instead.
    """
    source = resources.files(__package__).joinpath("access", "links.toml") if file is None else file
    try:
        table = _Table(tomllib.loads(source.read_text("utf-8")), "")
        rules = tuple(
            _rule(_Table(rule, f"rule {number}: ")) for number, rule in enumerate(table.take("rule", _tables), 1)
        )
        policy = LinkPolicy(
            rules=rules,
            answering=table.take("answering", _words),
            tolerance=timedelta(days=table.take("tolerance_days", _whole(0, 7))),
        )
        table.finish()
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from error
    return policy


def _rule(table: "_Table") -> LinkRule:
    rule = LinkRule(
        kinds=table.take("kinds", _words, frozenset()),
        professions=table.take("professions", _words, frozenset()),
        months=table.take("months", _whole(1, _LONGEST)),
        proofs=table.take("proofs", _proofs),
        sourced=table.take("basis", _is_sourced),
    )
    table.finish()
    return rule


class _Table:
    """A table of which every key has to be taken."""

    def __init__(self, values: Mapping[str, object], place: str) -> None:
        self._values, self._place = dict(values), place

    def take(self, key: str, read: Callable[[object], Value], default: Value | None = None) -> Value:
        """The value of a key; raises ValueError for one that is missing or not what is wanted."""
        if key not in self._values:
            if default is not None:
                return default
            raise ValueError(f"{self._place}{key} is missing")
        value = self._values.pop(key)
        try:
            return read(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{self._place}{key} is {value!r}; {error} is wanted") from error

    def finish(self) -> None:
        """Raises ValueError for keys that nobody has taken."""
        if self._values:
            raise ValueError(f"{self._place}unknown: {', '.join(self._values)}")


def _tables(value: object) -> list[Mapping[str, object]]:
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        raise TypeError("a list of tables [[rule]]")
    return value


def _words(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) and each for each in value):
        raise TypeError("a list of codes")
    return frozenset(value)


def _proofs(value: object) -> frozenset[Proof]:
    try:
        return frozenset(map(Proof, _words(value)))
    except ValueError as error:
        raise ValueError(f"a list of {', '.join(Proof)}") from error


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise TypeError(f"a whole number from {least} to {most}")
        return value

    return read


def _is_sourced(value: object) -> bool:
    if value not in ("sourced", "inferred"):
        raise ValueError('"sourced" or "inferred"')
    return value == "sourced"
