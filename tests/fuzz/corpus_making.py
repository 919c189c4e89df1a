"""How the corpus was made, and how it grows.

    python -m tests.fuzz.corpus_making seeds          write genuine messages and attacks, when the world was made again
    python -m tests.fuzz.corpus_making keep FOLDER    take from a run what ends as nothing in the corpus does

One attack or finding is kept for every kind of outcome: a cause and a place. What once was a mistake of ours stays in
`mistakes`, by name.
"""

import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from tests.fuzz.fixed_world import fixed_world
from tests.fuzz.seeds import attacks, genuine, mistakes
from tests.fuzz.target import CORPUS, GENUINE, Target, read_corpus


def write_seeds() -> None:
    """Genuine messages by name, and one attack for every kind of outcome."""
    world = fixed_world()
    messages = {f"{GENUINE}/{name}.xml": message for name, message in genuine(world).items()}
    for name, message in messages.items():
        _write(CORPUS / name, message)
    for name, message in mistakes(world).items():
        _write(CORPUS / "mistakes" / f"{name}.xml", message)
    known: dict[str, bytes] = {}
    altered = list(attacks(world))
    # What an attacker of the table signed himself was signed.
    target = Target(messages | {str(number): message for number, message in enumerate(altered)})
    for message in altered:
        label, place, _ = target.judge(message)
        known.setdefault(f"{label}{place}", message)
    for message in known.values():
        _write(CORPUS / "attacks" / _name(message), message)


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
            _write(CORPUS / "kept" / _name(data), data)
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
