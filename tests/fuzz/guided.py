"""The coverage-guided fuzzer: atheris, with mutations that know what a signed message is.

    python -m tests.fuzz.guided INPUTS FOLDER [options of libFuzzer]

FOLDER takes what leads to new places, and is gone on with in the next run.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["hub.domain", "hub.wire"]):
    from tests.fuzz.target import CORPUS, Target, read_corpus
from tests.fuzz.figures import Figures
from tests.fuzz.mutations import altered
from tests.fuzz.seeds import INSIDERS

LARGEST = 100_000
_BLIND, _AGAIN = 0.02, 0.3
"""How many inputs libFuzzer changes in its own way, byte by byte, and that begin with an insider's message."""


class Run:
    """Judges the inputs of one run, and counts them."""

    def __init__(self, target: Target, corpus: Mapping[str, bytes], *, inputs: int, folder: Path) -> None:
        self._target, self._inputs, self._folder = target, inputs, folder
        self._donors, self._insiders = list(corpus.values()), [corpus[name] for name in INSIDERS]
        self._figures = Figures("atheris")

    def judge(self, data: bytes) -> None:
        """One input; after the last one the figures are written."""
        self._figures.add(data, self._target.judge(data))
        if self._figures.inputs == self._inputs:
            self._figures.keep(self._folder.with_name("kept"))
            self._folder.with_name("figures.json").write_text(self._figures.written())

    def mutated(self, data: bytes, most: int, seed: int) -> bytes:
        """The next input after this one."""
        random = Random(seed)
        if random.random() < _BLIND:
            return bytes(atheris.Mutate(data, len(data)))
        begin = random.choice(self._insiders) if random.random() < _AGAIN else data
        return altered(begin, random.choice(self._donors), random)[:most]

    def crossed(self, data: bytes, other: bytes, most: int, seed: int) -> bytes:
        """An input made of two."""
        return altered(data, other, Random(seed))[:most]


def main() -> None:
    """Run until the inputs are used up or something was found; libFuzzer ends the process."""
    inputs, folder, options = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    corpus = read_corpus([CORPUS])
    run = Run(Target(corpus), corpus, inputs=inputs, folder=folder)
    atheris.Setup(
        [
            *(sys.argv[0], f"-runs={inputs}", f"-max_len={LARGEST}", "-timeout=20", "-rss_limit_mb=2048"),
            *(f"-artifact_prefix={folder.with_name('found')}-", "-print_final_stats=1", *options),
            *(str(folder), str(CORPUS)),
        ],
        run.judge,
        custom_mutator=run.mutated,
        custom_crossover=run.crossed,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
