"""What is unsafe: refused in strict mode, and what will not do in any mode."""

import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from hub.config.parsing import Problem
from hub.config.sealing_checks import sealing_problems
from hub.config.settings import Settings
from hub.wire.certificates import certificates_in, is_of_sandbox
from hub.wire.security.identification import load_qualities

_FOR_NOBODY_ELSE = stat.S_IWGRP | stat.S_IRWXO


def unsafe(settings: Settings, *, secret_files: Mapping[str, Path]) -> list[Problem]:
    """What this configuration may not do; `secret_files` are those that hold its secrets, by their keys.

    A time limit cannot be left out in any mode. That Redis keeps what it is told can only be seen at start:
    `hub.supervisor` asks.
    """
    problems = list(_always(settings))
    if settings.strict:
        problems += [
            *_plain_listener(settings),
            *_lax_security(settings),
            *_no_tls(settings),
            *_plain_connectors(settings),
            *_samples(settings),
            *_sandbox_certificates(settings),
            *_exposed(secret_files),
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
    yield from _unusable_files(settings)


def _unusable_files(settings: Settings) -> Iterator[Problem]:
    uses: dict[str, Callable[[], object]] = {
        path: connector.tls_context  # type: ignore[attr-defined]  # of those that have files for it
        for path, connector in settings.connectors.items()
        if getattr(connector, "certificate_files", ())
    }
    if settings.listener.tls is not None:
        uses["listener.tls"] = settings.listener.tls.context
    uses["security"] = partial(settings.security.trust, _now)
    uses["security.qualities"] = partial(load_qualities, settings.security.qualities)
    uses["access"] = settings.access.policy
    for key, read in uses.items():
        try:
            read()
        except OSError as error:
            yield Problem(key, f"{error.filename}: cannot be read: {error.strerror}")
        except ValueError as error:
            yield Problem(key, str(error))


def _now() -> datetime:
    return datetime.now(UTC)


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


def _no_tls(settings: Settings) -> Iterator[Problem]:
    if settings.listener.tls is None and not settings.listener.tls_terminator:
        yield Problem(
            "listener.tls",
            "nothing says who ends TLS: in strict mode give [listener.tls] with the hub's certificate, or in "
            "listener.tls_terminator the addresses from which the proxy that does connects",
        )


def _plain_connectors(settings: Settings) -> Iterator[Problem]:
    for path, connector in settings.connectors.items():
        if getattr(connector, "allow_http", False):
            yield Problem(f"{path}.allow_http", "a connection without TLS is refused in strict mode")


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


def _sandbox_certificates(settings: Settings) -> Iterator[Problem]:
    for key, file in _certificate_files(settings):
        # One that cannot be read has been told of.
        with suppress(OSError, ValueError):
            if any(map(is_of_sandbox, certificates_in(file))):
                yield Problem(key, f"{file}: a sandbox made this certificate, so it is refused in strict mode")


def _certificate_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    for file in settings.security.sts_certificates:
        yield "security.sts_certificates", file
    for file in settings.security.authorities:
        yield "security.authorities", file
    if settings.listener.tls is not None:
        yield "listener.tls.certificate_file", settings.listener.tls.certificate_file
        for file in settings.listener.tls.client_authorities:
            yield "listener.tls.client_authorities", file
    for path, connector in settings.connectors.items():
        for key in ("certificate_file", "ca_file"):
            if (found := getattr(connector, key, None)) is not None:
                yield f"{path}.{key}", found


def _exposed(secret_files: Mapping[str, Path]) -> Iterator[Problem]:
    """A secret may be read by its group: so the hub's user gets it from root or from a container. Nobody else may."""
    for key, file in secret_files.items():
        with suppress(OSError):
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & _FOR_NOBODY_ELSE and not _is_public(file):
                yield Problem(
                    key,
                    f"{file}: not only its owner and group may read this secret, or not only its owner may change it "
                    f"(mode {mode:04o}), which is refused in strict mode: chmod 600, or 640 for a group of the hub's",
                )


def _is_public(file: Path) -> bool:
    """Whether these are certificates alone; the key of a certificate may stand in the same file."""
    content = file.read_bytes()
    return b"-----BEGIN CERTIFICATE" in content and b"PRIVATE KEY" not in content
