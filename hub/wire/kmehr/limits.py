"""How much the validator takes on: sizes in bytes, times in seconds."""

from dataclasses import dataclass

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationLimits:
    """Bounds of one validation.

    `findings` caps a report. A message has no more than `message_bytes`; `attachment_bytes` is the largest decoded
    content of a `lnk`. A document of more than `explained_bytes` is not explained at length (about 1 ms for each KiB).
    A message of more than `inline_elements` elements is not judged on the event loop: libxml2 takes quadratic time
    where very many siblings are wrong. A worker that needs more than `worker_seconds` for one document is ended, and
    no more than `waiting` documents may queue for the workers.
    """

    findings: int = 100
    message_bytes: int = 64 * _MEBIBYTE
    attachment_bytes: int = 40 * _MEBIBYTE
    explained_bytes: int = 512 * 1024
    inline_elements: int = 5_000
    worker_seconds: float = 10.0
    waiting: int = 16
