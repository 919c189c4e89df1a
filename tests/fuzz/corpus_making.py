"""How the corpus was made, and how it grows.

    python -m tests.fuzz.corpus_making seeds          write genuine messages, attacks and mistakes again
    python -m tests.fuzz.corpus_making keep FOLDER    take from a run what ends as nothing in the corpus does

What ends alike, by cause and place, is kept once, the smallest of it.

Seeds that are written again are signed anew. What was kept goes, and `.fuzz` has to: pieces of old seeds, put together
well, are a message that its holder did sign, and nobody can know that any more.
"""

import shutil
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from tests.fuzz.fixed_world import fixed_world
from tests.fuzz.seeds import attacks, genuine, mistakes
from tests.fuzz.target import CORPUS, GENUINE, Target, read_corpus

_KEPT = CORPUS / "kept"


def write_seeds() -> None:
    """Everything that is not found by chance, and nothing else."""
    shutil.rmtree(_KEPT, ignore_errors=True)
    world = fixed_world()
    for folder, messages in ((GENUINE, genuine(world)), ("attacks", attacks(world)), ("mistakes", mistakes(world))):
        for name, message in messages.items():
            _write(CORPUS / folder / f"{name}.xml", message)


def keep(folder: Path) -> int:
    """Add what ends as nothing in the corpus does; how many that were."""
    corpus = read_corpus([CORPUS])
    target = Target(corpus)
    known = {target.judge(data).kind for data in corpus.values()}
    added = 0
    for data in sorted(read_corpus([folder]).values(), key=len):
        kind = target.judge(data).kind
        if kind not in known:
            known.add(kind)
            _write(_KEPT / _name(data), data)
            added += 1
    return added


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _name(data: bytes) -> str:
    return f"{sha256(data).hexdigest()[:16]}.xml"


def main(arguments: Iterable[str]) -> None:
    """See above."""
    match list(arguments):
        case ["seeds"]:
            write_seeds()
        case ["keep", folder]:
            print(keep(Path(folder)), "added")  # noqa: T201 - a command
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
