"""Files of references: the one in the documentation, invented ones, and what stands in any of them."""

import gzip
from pathlib import Path
from typing import Any, NamedTuple

from bench.population import Population
from bench.records import RecordPart, RecordWriting, Words
from hub.storage.bulk.lines import Closing, Opening, digest_of, digest_text

HUB = "1990000728"
_DOCUMENTATION = Path(__file__).parents[2] / "docs" / "bulk.md"


def the_example() -> bytes:
    """The file in the documentation, as somebody would write it without our help."""
    return _documented("json").encode()


def the_digest() -> str:
    """The program in the documentation that computes the digest of its standard input."""
    return _documented("python")


def _documented(language: str) -> str:
    return _DOCUMENTATION.read_text().partition(f"```{language}\n")[2].partition("```")[0]


def closed(*lines: bytes, hub: str = HUB, **stated: Any) -> bytes:
    """A whole file with these lines; the last line states their digest, or what else is `stated`."""
    closing = Closing(**{"digest": digest_text(sum(map(digest_of, lines)))} | stated)
    return b"".join(line + b"\n" for line in (Opening(hub=hub).to_line(), *lines, closing.to_line()))


async def a_population(references: int, *, largest: int = 0, seed: int = 3) -> bytes:
    """The file that a hub with so many references would write, but for the order of its lines.

    One of the patients has the `largest` record.
    """
    sizes, words = [largest, *Population(references - largest, seed).sizes()], Words.make(references)
    async with RecordWriting(words.authors, words.kinds)() as write:
        written, _ = await write(RecordPart(seed, 0, sizes))
    labels = zip((*words.authors, *words.kinds), words.lines, strict=True)
    used = [line for label, line in labels if f'"{label}"'.encode() in written]
    return closed(*used, *written.splitlines(), patients=len(sizes), references=references)


class Content(NamedTuple):
    """What is in a file: its first line, the others in no order, and what the last one states."""

    opening: Opening
    lines: frozenset[bytes]
    closing: Closing

    @classmethod
    def of(cls, file: Path) -> "Content":
        """Whatever is wrong with it fails the test."""
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        first, *lines, last = data.splitlines()
        content = cls(Opening.read(first), frozenset(lines), Closing.read(last))
        assert len(content.lines) == len(lines), "no line stands twice"
        assert content.closing.digest == digest_text(sum(map(digest_of, lines)))
        return content
