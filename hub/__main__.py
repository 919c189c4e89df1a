"""The command line, and the only place that knows the connectors.

Each command is a function in a module of `hub.commands`, or for a group of commands one that gives the group; only what
is asked for is imported. Module and function have the name of the command, `import` and `export` excepted.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from hub.ports.connectors import Connectors
from hub.secrecy import keep_memory_private

_COMMANDS = (
    "serve",
    "check-config",
    "print-config",
    "validate",
    "import",
    "export",
    "backup",
    "restore",
    "sandbox",
    "demo",
    "token",
    "call",
    "explain",
    "rotate-keys",
    "upgrade-index",
    "verify-audit",
)
_HIDDEN = ("worker", "archiver")
_GROUPS = ("bench", "providers", "mandates", "broken-glass")
_WORDS = {"import": "import_references", "export": "export_references"}


def main() -> None:
    """Run the command that the arguments name."""
    keep_memory_private()
    application = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    application.callback()(_hub)
    asked = [name for name in sys.argv[1:2] if name in (*_COMMANDS, *_GROUPS, *_HIDDEN)]
    for name in asked or (*_COMMANDS, *_GROUPS):
        word = _WORDS.get(name, name.replace("-", "_"))
        with _nothing_thrown_away():
            command = getattr(import_module(f"hub.commands.{word}"), word)
        if name in _GROUPS:
            application.add_typer(command(), name=name)
        else:
            application.command(name, hidden=name in _HIDDEN)(command)
    application(obj=_registered, prog_name="hub")


@contextmanager
def _nothing_thrown_away() -> Iterator[None]:
    """What is imported stays: looking for garbage among it costs a start a fifth of its time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _say_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it
    if asked:
        typer.echo(version("openhub"))
        raise typer.Exit


def _hub(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """An open Belgian health hub: references to documents per patient, and the way to the documents."""


def _registered() -> Connectors:
    """The connectors of this distribution; imported here, because `hub validate` needs none of them."""
    from connectors import registry  # noqa: PLC0415

    return registry


if __name__ == "__main__":
    main()
