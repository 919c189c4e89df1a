"""The lines of a file of references: what each is, how it is recognised, how a file begins and ends.

One JSON array a line; docs/bulk.md is the description for others. Errors never show what stands in a line, only its
shape: a national number in the wrong place must not come back in a log.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson

FORMAT = "hub-references"
VERSION = 1
LONGEST = 256 * 1024 * 1024
"""The most bytes of a line: a patient with millions of references."""

_LABEL_LENGTH = 10
_LONGEST_SHAPE = 40
_DIGEST_BYTES = 16
_LINE = re.compile(rb'\s*\[\s*"([a-z-]+)"(?:\s*,\s*"([0-9]{11})")?')
_DIGEST = re.compile(r"[0-9a-f]{32}")


class BadLine(Exception):
    """A line will not do. The text says where in it, what was seen and what is wanted, and names no person."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}" if where else problem)


def load(line: bytes) -> list[Any]:
    """The array of a line. Raises BadLine."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadLine("", f"is no JSON: {error.msg} at byte {error.pos + 1}") from error
    if not isinstance(value, list) or not value:
        raise BadLine("", f"a JSON array is wanted, seen: {seen(value)}")
    return value


def look_at(line: bytes) -> tuple[str, int]:
    """What a line says it is, empty when nothing, and a number that is the same for all lines of a patient."""
    match = _LINE.match(line)
    return (match[1].decode(), int(match[2] or 0)) if match else ("", 0)


def seen(value: object) -> str:
    """What something looks like, without what it says."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            shape = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", value[: _LONGEST_SHAPE + 1]))
            return f"a text like {shape[:_LONGEST_SHAPE]}{'…' if len(value) > _LONGEST_SHAPE else ''}"
        case list():
            return f"an array of {len(value)}"
        case dict():
            return "an object"
        case _:
            return "a number"


def dump(value: object) -> bytes:
    """A line, without its end, as the hub writes it: no spaces, texts unescaped wherever JSON allows."""
    return orjson.dumps(value)


def label_of(content: object) -> str:
    """The label of an author or a kind: 60 bits of the digest of its content, so that it is the same in every file."""
    digest = hashlib.blake2b(orjson.dumps(content), digest_size=8).digest()
    return urlsafe_b64encode(digest)[:_LABEL_LENGTH].decode()


def digest_of(line: bytes) -> int:
    """The digest of a line without its end; the digest of a file is the sum of those between its first and its last."""
    return int.from_bytes(hashlib.blake2b(line, digest_size=_DIGEST_BYTES).digest(), "big")


def digest_text(total: int) -> str:
    """A sum of digests as a file states it: modulo 2^128, 32 hexadecimal digits."""
    return f"{total % (1 << 8 * _DIGEST_BYTES):032x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The first line: whose references these are, and when they were written."""

    hub: str = ""
    written: str = ""

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Raises BadLine for a file of another kind or another version."""
        value = load(line)
        if value[0] != FORMAT:
            raise BadLine("", f'the first line is wanted to begin with ["{FORMAT}", {VERSION}')
        if value[1:2] != [VERSION] or isinstance(value[1], bool):
            raise BadLine("version", f"{VERSION} is wanted, seen: {seen(value[1]) if len(value) > 1 else 'nothing'}")
        facts = _facts(value, {"hub", "written"})
        for name, fact in facts.items():
            if not isinstance(fact, str):
                raise BadLine(name, f"a text is wanted, seen: {seen(fact)}")
        return cls(**facts)

    def to_line(self) -> bytes:
        """The line, without its end."""
        return dump([FORMAT, VERSION, {"hub": self.hub, "written": self.written}])


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The last line: what should have been read by now. Absent counts are not compared."""

    patients: int | None = None
    references: int | None = None
    digest: str | None = None

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Raises BadLine."""
        facts = _facts(load(line), {"patients", "references", "digest"})
        for name in ("patients", "references"):
            count = facts.get(name)
            if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
                raise BadLine(name, f"a count is wanted, seen: {seen(count)}")
        digest = facts.get("digest")
        if digest is not None and not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
            raise BadLine("digest", f"32 hexadecimal digits in lower case are wanted, seen: {seen(digest)}")
        return cls(**facts)

    def to_line(self) -> bytes:
        """The line, without its end."""
        return dump(["end", {"patients": self.patients, "references": self.references, "digest": self.digest}])


def _facts(value: list[Any], known: set[str]) -> Mapping[str, Any]:
    """The object that a first or last line ends with. Raises BadLine."""
    facts = value[-1]
    if not isinstance(facts, dict) or len(value) != (3 if value[0] == FORMAT else 2):
        raise BadLine("", f"an object is wanted at the end, seen: {seen(facts)}")
    if strange := facts.keys() - known:
        raise BadLine("", f"{', '.join(sorted(known))} are known here, seen: {len(strange)} other")
    return facts
