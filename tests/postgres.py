"""A PostgreSQL server of our own for tests, from the programs of the system."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 30.0
_SETTINGS = ("listen_addresses=", "fsync=off", "shared_buffers=16MB", "max_connections=40")


def find_programs() -> Path | None:
    """The folder of the newest server there is; None without one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


class PostgresServer:
    """A server on a unix socket. It refuses to run as root, so root runs it as somebody else."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://hub@/postgres?host={folder}"

    @classmethod
    @contextmanager
    def running(cls, programs: Path) -> Iterator["PostgresServer"]:
        """A new server, gone at the end."""
        with tempfile.TemporaryDirectory(prefix="hub-pg-", dir="/tmp") as name:
            server = cls(programs, Path(name))
            if user := server._user():
                shutil.chown(name, user)
            server._run("initdb", "--auth=trust", "--username=hub", "--no-sync", "--encoding=UTF8", "-D", "data")
            server.start()
            try:
                yield server
            finally:
                server.stop()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        command = [str(self._programs / "postgres"), "-D", "data", "-k", str(self._folder), *settings]
        self._process = subprocess.Popen(command, cwd=self._folder, stderr=subprocess.DEVNULL, user=self._user())
        until = time.monotonic() + _PATIENCE
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError("PostgreSQL does not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it at once, as a crash does."""
        if self._process is not None:
            self._process.send_signal(3)  # SIGQUIT: an immediate shutdown
            self._process.wait()
            self._process = None

    def clear(self) -> None:
        """Drop every table."""
        sql = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
        self._run("psql", "-q", "-h", str(self._folder), "-U", "hub", "-d", "postgres", "-c", sql)

    def _answers(self) -> bool:
        asked = subprocess.run(
            [self._programs / "pg_isready", "-q", "-h", str(self._folder)], cwd=self._folder, check=False
        )
        return asked.returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            cwd=self._folder,
            check=True,
            capture_output=True,
            user=self._user(),
        )

    def _user(self) -> str | None:
        if os.getuid() != 0:
            return None
        known = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in known else "nobody"
