"""`make mutation`: changes the decision about access in every way that mutmut knows, and counts what the tests notice.

What is changed, and the tests that have to notice, stand in `[tool.mutmut]`. Properties and defaults are not changed.
Survivors are looked at with `mutmut show NAME`; everything is in the folder `mutants`, which is made anew each time.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

LEAST = 95.0
"""Per cent of the changes that have to be noticed."""
_FOLDER = Path("mutants")


def main() -> int:
    """Run it all; 1 when too little was noticed."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
    if _mutmut("run", "--max-children", str(os.cpu_count() or 1)):
        return 1
    _mutmut("results")
    _mutmut("export-cicd-stats")
    counted = json.loads((_FOLDER / "mutmut-cicd-stats.json").read_text())
    noticed = counted["killed"] + counted["timeout"]
    share = 100 * noticed / counted["total"]
    sys.stdout.write(f"noticed {noticed} of {counted['total']} changes: {share:.1f} % ({LEAST:g} % are wanted)\n")
    return 0 if share >= LEAST else 1


def _mutmut(*arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "mutmut", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
