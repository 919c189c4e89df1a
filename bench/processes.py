"""Processes under measurement: started, waited for, asked for the time and memory they took, ended by their number."""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
_SECONDS_TO_START = 60.0
_SECONDS_TO_STOP = 15.0
_POLL = 0.05
_LAST_LINES = 15
_TICKS = os.sysconf("SC_CLK_TCK")
_RESET_PEAK = "5"
"""What /proc/PID/clear_refs takes to make the peak of the resident memory what it is now (Linux, proc(5))."""


class BenchmarkError(Exception):
    """A benchmark cannot be run or its result cannot be trusted; the text says why."""


class MissingTool(BenchmarkError):
    """A program that a benchmark needs is not there; the text says how to get it."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process with all that it started; figures are of them together."""

    name: str
    pid: int
    log: Path

    def cpu_seconds(self) -> float:
        """User and system time so far, threads included."""
        return sum(_cpu_seconds(pid) for pid in self.pids())

    def resident_bytes(self) -> int:
        """Memory that is in use now (VmRSS)."""
        return sum(_memory(pid, "VmRSS") for pid in self.pids())

    def peak_bytes(self) -> int:
        """The most that each of them ever used (VmHWM), or used since `reset_peak`."""
        return sum(_memory(pid, "VmHWM") for pid in self.pids())

    def reset_peak(self) -> None:
        """Let the peak start again from what is in use now."""
        for pid in self.pids():
            Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK)

    def pids(self) -> list[int]:
        """The process and its descendants."""
        parents = {int(entry.name): _parent(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
        found = [self.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found


def cpu_seconds(processes: Iterable[Running]) -> float:
    """User and system time of several processes."""
    return sum(process.cpu_seconds() for process in processes)


@asynccontextmanager
async def running(
    name: str,
    command: Sequence[str | Path],
    *,
    folder: Path,
    ready: str,
    times: int = 1,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Running]:
    """A process that has written the text `ready` into its log `times` times; ended with this context.

    Raises BenchmarkError, with the end of the log, when it ends before or takes too long.
    """
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            cwd=CHECKOUT,  # so that `python -m` finds the hub and the benchmarks
            env=os.environ | dict(environment or {}),
            # An interrupt from the terminal is for us: we end everybody in order.
            start_new_session=True,
        )
    try:
        await _wait_ready(process, name, log, ready, times)
        yield Running(name, process.pid, log)
    finally:
        await _stop(process)


async def _wait_ready(process: asyncio.subprocess.Process, name: str, log: Path, ready: str, times: int) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS_TO_START):
            while process.returncode is None:
                if log.read_text("utf-8", "replace").count(ready) >= times:
                    return
                await asyncio.sleep(_POLL)
    lines = "\n".join(log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:])
    raise BenchmarkError(f"{name} did not start:\n{lines}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_SECONDS_TO_STOP):
            await process.wait()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def output_of(*command: str | Path) -> str:
    """What a program writes to its standard output. Raises BenchmarkError when it fails."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        written, problem = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise BenchmarkError(f"{Path(command[0]).name} failed: {problem.decode(errors='replace').strip()}")
    return written.decode()


def program(name: str, how_to_get: str) -> Path:
    """The path of a program. Raises MissingTool."""
    found = shutil.which(name)
    if found is None:
        raise MissingTool(f"{name} is not installed: {how_to_get}")
    return Path(found)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as place:
        place.bind((HOST, 0))
        return int(place.getsockname()[1])


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _cpu_seconds(pid: int) -> float:
    """Of one process, in ticks of a hundredth of a second; what has ended counts no more."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pid: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), 0)
