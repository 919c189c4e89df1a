"""Load by wrk, from its own process: as many requests as the server answers, one after the other from a file.

wrk runs the script below. It reads prepared request bodies, one after another with their lengths before them, sends
them in this order, begins again after the last, and prints one line of JSON at the end. Answers other than 2xx are
counted as errors, and an error fails the benchmark.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bench.processes import BenchmarkError, Running, cpu_seconds, output_of, program

_THREADS = 1
_SCRIPT = """
-- arguments: the file of bodies (each after a line with its length), the headers as NAME=VALUE
local requests, sent = {}, 0

function init(arguments)
  local headers = {}
  for index = 2, #arguments do
    local name, value = arguments[index]:match("^([^=]+)=(.*)$")
    headers[name] = value
  end
  local file = io.open(arguments[1], "rb")
  local length = file:read("*line")
  while length do
    requests[#requests + 1] = wrk.format("POST", nil, headers, file:read(tonumber(length)))
    length = file:read("*line")
  end
  file:close()
end

function request()
  sent = sent + 1
  return requests[(sent - 1) % #requests + 1]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "bytes": %d, "microseconds": %d, "errors": %d, "timeouts": %d, "p50": %d, "p99": %d}\\n',
    summary.requests, summary.bytes, summary.duration,
    errors.connect + errors.read + errors.write + errors.status, errors.timeout,
    latency:percentile(50), latency:percentile(99)
  ))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of wrk measured: whole requests, all bytes that came, seconds, and the CPU seconds of the servers."""

    requests: int
    received: int
    seconds: float
    cpu: float
    other_cpu: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds per request of the servers."""
        return 1000 * self.cpu / self.requests

    @property
    def other_cpu_ms(self) -> float:
        """The same of what stands behind them."""
        return 1000 * self.other_cpu / self.requests


@dataclass(frozen=True, slots=True)
class Wrk:
    """wrk with its script, in a folder of the benchmark."""

    binary: Path
    script: Path

    @classmethod
    def found(cls, folder: Path) -> Self:
        """Raises MissingTool."""
        binary = program("wrk", "apt-get install wrk")
        script = folder / "load.lua"
        script.write_text(_SCRIPT, "utf-8")
        return cls(binary, script)

    async def load(
        self,
        url: str,
        bodies: Path,
        headers: Mapping[str, str],
        *,
        seconds: int,
        connections: int,
        servers: Sequence[Running],
        behind: Sequence[Running] = (),
    ) -> Load:
        """Ask a server as fast as it answers, for so long. Raises BenchmarkError when an answer is missing."""
        before, before_behind = cpu_seconds(servers), cpu_seconds(behind)
        options = (f"-t{_THREADS}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s")
        script = ("-s", str(self.script), url, "--", str(bodies), *(f"{name}={headers[name]}" for name in headers))
        output = await output_of(self.binary, *options, *script)
        cpu, other = cpu_seconds(servers) - before, cpu_seconds(behind) - before_behind
        result = next((line for line in output.splitlines() if line.startswith("RESULT ")), None)
        if result is None:
            raise BenchmarkError(f"wrk said nothing of {url}:\n{output}")
        values = json.loads(result.removeprefix("RESULT "))
        if values["errors"] or values["timeouts"] or not values["requests"]:
            raise BenchmarkError(f"wrk had errors at {url}: {result}")
        return Load(values["requests"], values["bytes"], values["microseconds"] / 1e6, cpu, other)


def write_bodies(file: Path, bodies: Sequence[bytes]) -> Path:
    """The requests that wrk sends."""
    file.write_bytes(b"".join(b"%d\n%s" % (len(body), body) for body in bodies))
    return file
