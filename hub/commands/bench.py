"""`hub bench NAME`: the benchmarks (docs/performance.md). They are in the package `bench` of a checkout only."""

from importlib import import_module
from pathlib import Path

import typer

_CHECKOUT = Path(__file__).resolve().parents[2]
_NAMES = ("index", "list", "security", "validate", "relay", "cluster", "audit")
_ANY_OPTIONS = {"allow_extra_args": True, "ignore_unknown_options": True}


def bench() -> typer.Typer:
    """The group of commands: each benchmark is the function `measure` of a module of its name."""
    group = typer.Typer(no_args_is_help=True, help="Measure the hub beside its peers and its floor (from a checkout).")
    is_checkout = (_CHECKOUT / "bench" / "__init__.py").is_file()
    for name in _NAMES:
        if is_checkout:
            group.command(name)(import_module(f"bench.{name}").measure)
        else:
            group.command(name, context_settings=_ANY_OPTIONS)(_refuse)
    return group


def _refuse() -> None:
    """Only from a checkout."""
    typer.echo("hub bench: the benchmarks are not installed with the hub; run them from a checkout of it.", err=True)
    raise typer.Exit(1)
