"""`make fuzz`: the corpus, then what hypothesis makes of it, then what atheris does, with figures at the end.

    python -m tests.fuzz [--inputs 50000] [--examples 3000] [--folder .fuzz]

The folder holds what atheris goes on with in the next run, what it found, and one input for every kind of outcome.
"""

import argparse
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

from tests.fuzz.figures import Figures
from tests.fuzz.generated import judge_generated
from tests.fuzz.target import CORPUS, Finding, Target, read_corpus

_NO_ATHERIS = """
The coverage-guided half is left out: atheris is not installed. It is a wheel for Linux on x86-64 and Python 3.11 to
3.14 only; there: pip install --editable '.[fuzz]'
"""


def main() -> int:
    """Run all three; 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=50_000, help="of atheris")
    parser.add_argument("--examples", type=int, default=3_000, help="of hypothesis")
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"))
    arguments = parser.parse_args()
    try:
        _say(_judged_corpus().written())
        _say(judge_generated(arguments.examples).written())
    except Finding as finding:
        _say(f"FOUND {finding}", *getattr(finding, "__notes__", ()))
        return 1
    if importlib.util.find_spec("atheris") is None:
        _say(_NO_ATHERIS)
        return 0
    return _run_guided(arguments.inputs, arguments.folder.resolve())


def _judged_corpus() -> Figures:
    target, figures = Target.of_folder(), Figures("corpus")
    for data in read_corpus([CORPUS]).values():
        figures.add(data, target.judge(data))
    return figures


def _run_guided(inputs: int, folder: Path) -> int:
    """In a process of its own, which libFuzzer ends in its own way."""
    corpus, log, figures = folder / "corpus", folder / "atheris.log", folder / "figures.json"
    corpus.mkdir(parents=True, exist_ok=True)
    figures.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.guided", str(inputs), str(corpus)]
    with log.open("wb") as output:
        status = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    written = log.read_text("utf-8", "replace")
    if status or not figures.exists():
        _say(*written.splitlines()[-40:], f"FOUND something, or failed: see {log}; inputs are in {folder}/found-*")
        return 1
    branches, features = map(int, re.findall(r"DONE\s+cov: (\d+) ft: (\d+)", written)[-1])
    _say(json.dumps(json.loads(figures.read_text()) | {"branches": branches, "features": features}, indent=2))
    return 0


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
