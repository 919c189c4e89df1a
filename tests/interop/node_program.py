"""Programs of ours for node, with the packages of the tests."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

_SECONDS = 60


def run_node(node_modules: Path, program: Path, *arguments: str, given: object) -> Any:
    """What a program writes to standard output, as JSON, when `given` is what it reads there."""
    finished = subprocess.run(
        ["node", str(program), *arguments],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        env={**os.environ, "NODE_PATH": str(node_modules)},
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)
