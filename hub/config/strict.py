"""What is unsafe: refused in strict mode, and the one thing that is refused in any mode."""

from collections.abc import Iterator

from hub.config.parsing import Problem
from hub.config.sealing_checks import sealing_problems
from hub.config.settings import Settings


def unsafe(settings: Settings) -> list[Problem]:
    """What this configuration may not do. A time limit cannot be left out in any mode.

    That Redis keeps what it is told can only be seen at start: `hub.supervisor` asks.
    """
    problems = list(_always(settings))
    if settings.strict:
        problems += [*_plain_listener(settings), *_plain_sources(settings), *_samples(settings)]
    if settings.sealing is not None:
        problems += sealing_problems(settings.sealing, strict=settings.strict)
    return problems


def _always(settings: Settings) -> Iterator[Problem]:
    if not settings.listener.is_loopback:
        yield Problem(
            "listener.host",
            "the plain listener believes whatever callers say of themselves: 127.0.0.1 or ::1 is wanted",
        )


def _plain_listener(settings: Settings) -> Iterator[Problem]:
    if settings.listener.authentication == "plain":
        yield Problem(
            "listener.authentication",
            "`plain` believes whatever callers say of themselves and is refused in strict mode; "
            "for a sandbox, write strict = false at the top of the file",
        )


def _plain_sources(settings: Settings) -> Iterator[Problem]:
    for name, source in settings.sources.items():
        if getattr(source.connector, "allow_http", False):
            yield Problem(f"sources.{name}.allow_http", "a source without TLS is refused in strict mode")


def _samples(settings: Settings) -> Iterator[Problem]:
    text = "a sample or guessable key is refused in strict mode; make one with: openssl rand -hex 32"
    if settings.index.secret.is_sample:
        yield Problem("index.secret_file", text)
    for key_id, key in settings.index.pseudonym_keys.items():
        if key.is_sample:
            yield Problem(f"index.pseudonym_keys.{key_id}", text)
    for key_id, key in settings.vault.keys.items():
        if key.is_sample:
            yield Problem(f"vault.keys.{key_id}", text)
