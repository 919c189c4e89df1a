"""`hub sandbox` as a process, as a developer runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.secrecy import Secrets

_PATIENCE = 60.0


@dataclass
class SandboxProcess:
    """A running sandbox: its folder, what it printed when it was ready, and how long that took."""

    process: subprocess.Popen[str]
    folder: Path
    description: dict[str, Any]
    seconds_to_ready: float

    @property
    def file(self) -> Path:
        return self.folder / "sandbox.json"

    def documents(self, hospital: str) -> Path:
        """The folder of a hospital's documents."""
        return next(Path(source["documents"]) for source in self.description["sources"] if source["name"] == hospital)

    def children(self) -> list[int]:
        """The processes that belong to this sandbox: those it started, and what they started."""
        parents = {int(entry.name): _parent(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
        found = [self.process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found[1:]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; the exit status."""
        self.process.send_signal(number)
        return self.process.wait(_PATIENCE)


@contextmanager
def running_sandbox(folder: Path, *options: str) -> Iterator[SandboxProcess]:
    """A sandbox that is ready; ended at the end if it has not been before. No secret is in what it wrote."""
    command = [sys.executable, "-m", "hub", "sandbox", "--dir", str(folder), *options]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line == "}\n":
                    break
            else:
                raise AssertionError(process.stderr.read())
            seconds = time.monotonic() - started
            yield SandboxProcess(process, folder, json.loads("".join(lines)), seconds)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(_PATIENCE)
    secrets = Secrets(folder)
    secrets.require_kept("".join(lines), "what it printed")
    secrets.require_kept_in_files()


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def run_hub(*words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a command of `hub` to its end. No secret of the sandboxes that it is given is in what it wrote."""
    command = [sys.executable, "-m", "hub", *words]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env=dict(os.environ))
    for folder in {Path(word).parent for word in words if word.endswith("/sandbox.json")}:
        Secrets(folder).require_kept(ended.stdout + ended.stderr, words[0])
    return ended


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
