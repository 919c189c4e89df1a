"""`hub bench NAME`: the benchmarks (docs/performance.md). They are in the package `bench` of a checkout only."""

from importlib import import_module
from pathlib import Path

import typer

_CHECKOUT = Path(__file__).resolve().parents[2]
_NAMES = ("list", "validate", "relay")
_OUTSIDE = (
    "hub bench: the benchmarks are not part of what is installed. Run them from a checkout, as in docs/performance.md."
)


def bench() -> typer.Typer:
    """The group of commands: each benchmark is the function `measure` of a module of its name."""
    group = typer.Typer(no_args_is_help=True, help="Measure the hub beside its peers and its floor.")
    if not (_CHECKOUT / "bench" / "__init__.py").is_file():
        group.callback(invoke_without_command=True, no_args_is_help=False)(_refuse)
        return group
    for name in _NAMES:
        group.command(name)(import_module(f"bench.{name}").measure)
    return group


def _refuse() -> None:
    typer.echo(_OUTSIDE, err=True)
    raise typer.Exit(1)
