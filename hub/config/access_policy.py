"""From the files of the matrix and of the rules to a policy, or to the list of everything that is wrong with them."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from hub.config.access_matrix import read_matrix
from hub.config.parsing import Parser
from hub.domain.access_matrix import PATIENT_ROLE, Role
from hub.domain.access_policy import AccessPolicy


class PolicyError(ValueError):
    """Files of a policy will not do; the text says everything that is wrong with them."""


def load_policy(*, rules: Path | None = None, matrix: Path | None = None) -> AccessPolicy:
    """The policy in these files, or in the hub's own. Raises OSError, and PolicyError with all that is wrong."""
    rules_file, matrix_file = _File(rules, "rules.toml"), _File(matrix, "matrix.toml")
    roles = _roles(rules_file)
    read = read_matrix(matrix_file.parser, matrix_file.table, frozenset(role.name for role in roles))
    policy = rules_file.parser.read(AccessPolicy, rules_file.table, given={"roles": roles, "matrix": read})
    if policy is not None:
        for path, name in _named_roles(policy):
            if name not in {"*", *(role.name for role in roles)}:
                rules_file.parser.report(path, f"no such role: {name!r}; [roles] has: {_names(roles)}")
    problems = [*matrix_file.problems(), *rules_file.problems()]
    if policy is None or problems:
        raise PolicyError("\n".join(problems))
    return policy


class _File:
    """A file of the policy: its table, and a parser that collects what is wrong with it."""

    def __init__(self, file: Path | None, shipped: str) -> None:
        source: Traversable = file or resources.files("hub.config").joinpath("access", shipped)
        self._name = str(file or f"the hub's own {shipped}")
        self.parser = Parser(folder=Path(), environment={})
        try:
            self.table = tomllib.loads(source.read_text("utf-8"))
        except UnicodeDecodeError as error:
            raise PolicyError(f"{self._name}: is not UTF-8") from error
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"{self._name}: is not TOML: {error}") from error

    def problems(self) -> Iterator[str]:
        """What is wrong with it, each with the name of the file."""
        return (f"{self._name}: {problem}" for problem in self.parser.problems)


def _roles(file: _File) -> tuple[Role, ...]:
    tables, parser = file.table.pop("roles", {}), file.parser
    if not isinstance(tables, Mapping) or PATIENT_ROLE not in tables:
        parser.report("roles", f"tables like [roles.NAME] are wanted, and one of them is [roles.{PATIENT_ROLE}]")
        return ()
    read = [parser.read(Role, table, f"roles.{name}", given={"name": name}) for name, table in tables.items()]
    roles = tuple(role for role in read if role is not None)
    for role in roles:
        if role.like and role.like not in tables:
            parser.report(f"roles.{role.name}.like", f"no such role: {role.like!r}; [roles] has: {_names(roles)}")
    return roles


def _named_roles(policy: AccessPolicy) -> Iterator[tuple[str, str]]:
    """Every role that a rule names, and where."""
    named = {
        "break_the_glass.roles": policy.break_the_glass.roles,
        **{f"links.teams.{name}.roles": team.roles for name, team in policy.links.teams.items()},
    }
    for action, rules in policy.actions.items():
        for key in ("roles", "linked", "concerned"):
            named[f"actions.{action}.{key}"] = getattr(rules, key)
    return ((path, name) for path, names in named.items() for name in sorted(names))


def _names(roles: tuple[Role, ...]) -> str:
    return ", ".join(sorted(role.name for role in roles))
