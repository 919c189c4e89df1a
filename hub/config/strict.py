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
        problems += [
            *_plain_listener(settings),
            *_lax_security(settings),
            *_plain_sources(settings),
            *_samples(settings),
        ]
    if settings.sealing is not None:
        problems += sealing_problems(settings.sealing, strict=settings.strict)
    return problems


def _always(settings: Settings) -> Iterator[Problem]:
    security = settings.security
    if settings.listener.takes_signed and not (security.sts_certificates or security.authorities):
        yield Problem(
            "security.sts_certificates",
            "is missing: signed messages are believed when the token service vouches for their signers; for a sandbox "
            'without signatures, write authentication = "plain" in [listener]',
        )
    if settings.listener.takes_plain and not settings.listener.is_loopback:
        yield Problem(
            "listener.host",
            "the plain listener believes whatever callers say of themselves: 127.0.0.1 or ::1 is wanted",
        )


def _plain_listener(settings: Settings) -> Iterator[Problem]:
    if settings.listener.takes_plain:
        yield Problem(
            "listener.authentication",
            "a plain listener believes whatever callers say of themselves and is refused in strict mode; "
            "for a sandbox, write strict = false at the top of the file",
        )


def _lax_security(settings: Settings) -> Iterator[Problem]:
    if settings.security.sha1_allowed_for:
        yield Problem(
            "security.sha1_allowed_for", "SHA-1 is refused in strict mode: ask these callers to sign with SHA-256"
        )
    if settings.security.diagnostics:
        yield Problem(
            "security.diagnostics", "what is wrong with a signature is told in sandboxes only, not in strict mode"
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
