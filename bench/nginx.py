"""nginx, as the place where documents are and as the proxy that the relay of the hub is measured beside.

Both run in the foreground of a folder of the benchmark. The proxy has no setting but where to: buffers, temporary
files and the rest are nginx's defaults.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.processes import HOST, Running, free_port, program, running

_READY = "start worker process "
_MAIN = """daemon off;
{user}worker_processes {processes};
pid {folder}/nginx.pid;
error_log stderr notice;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen {host}:{port};
{server}
    }}
}}
"""
_FILES = """        root {root};
        sendfile on;
        default_type text/xml;
        types {{}}
        location / {{
            error_page 405 =200 $uri;  # a POST is given the file, too
        }}"""
_PROXY = """        location / {{
            proxy_pass {upstream};
        }}"""


@asynccontextmanager
async def serving_files(root: Path, folder: Path, *, processes: int) -> AsyncIterator[tuple[str, Running]]:
    """A server of the files in a folder, by GET and by POST, and its address."""
    async with _nginx("files", _FILES.format(root=root), folder, processes) as server:
        yield server


@asynccontextmanager
async def proxying(upstream: str, folder: Path, *, processes: int) -> AsyncIterator[tuple[str, Running]]:
    """A reverse proxy with default buffers, and its address."""
    async with _nginx("proxy", _PROXY.format(upstream=upstream), folder, processes) as server:
        yield server


@asynccontextmanager
async def _nginx(name: str, server: str, folder: Path, processes: int) -> AsyncIterator[tuple[str, Running]]:
    binary, port, own = program("nginx", "apt-get install nginx-light"), free_port(), folder / f"nginx-{name}"
    own.mkdir()
    configuration = own / "nginx.conf"
    user = "user root;\n" if Path("/proc/self").owner() == "root" else ""  # else it may not read what is ours
    configuration.write_text(
        _MAIN.format(folder=own, host=HOST, port=port, processes=processes, server=server, user=user), "utf-8"
    )
    command = (binary, "-e", "stderr", "-c", configuration, "-p", own)
    async with running(f"nginx-{name}", command, folder=folder, ready=_READY, times=processes) as process:
        yield f"http://{HOST}:{port}", process
