"""No secret is in anything the hub says or leaves behind, whatever happens to it.

Besides, everything that a hub, a sandbox or a command of the other tests here writes is looked through at its end.
"""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from connectors import registry
from hub.config import load
from hub.orders import WorkerOrder
from hub.secrecy import environment_without_secrets
from hub.storage.embedded import EmbeddedServer
from tests.e2e.hub_process import running, started, until, written
from tests.e2e.secrecy import Secrets
from tests.fakes.certificates import Authority
from tests.unit.wire.invented_documents import LIST, in_envelope

PASSWORD = "een-heel-geheim-woord"
CHANGES = {
    'tls_terminator = ["127.0.0.1"]': '[listener.tls]\ncertificate_file = "hub.pem"\nkey_file = "hub.key"',
    'custodian = "71000436"': 'custodian = "71000436"\ncertificate_file = "client.pem"\nkey_file = "client.key"',
    'custodian = "71000535"': 'custodian = "71000535"\ntoken_file = "secrets/token"',
}


def issue_everything(folder: Path) -> Authority:
    authority = Authority(folder)
    authority.issue("hub")
    authority.issue("client")
    (folder / "secrets").mkdir()
    (folder / "secrets" / "token").write_text("een-geheim-teken-van-het-ziekenhuis")
    return authority


def hub_command(*arguments: object, given: bytes = b"", **environment: str) -> bytes:
    """What a command says on either channel."""
    completed = subprocess.run(
        [sys.executable, "-m", "hub", *map(str, arguments)],
        input=given,
        capture_output=True,
        env=os.environ | environment,
        check=False,
        timeout=60,
    )
    return completed.stdout + completed.stderr


@pytest.mark.parametrize("form", [lambda key: key.hex(), repr, lambda key: bytes(key).hex().upper(), lambda key: key])
def test_the_search_finds_a_key_in_each_of_its_forms(tmp_path: Path, form: object) -> None:
    key = os.urandom(32)
    (tmp_path / "index.key").write_text(key.hex() + "\n")
    with pytest.raises(AssertionError, match=r"index\.key stands in"):
        shown = form(key)  # type: ignore[operator]  # a function per case
        Secrets(tmp_path).require_kept(b"before " + (shown if isinstance(shown, bytes) else shown.encode()) + b" after")


def test_the_search_knows_keys_of_one_name_in_several_folders(tmp_path: Path) -> None:
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.key").write_text(os.urandom(32).hex())
    assert len(Secrets(tmp_path)) == 2
    for folder in ("old", "new"):
        with pytest.raises(AssertionError, match=rf"{folder}/index\.key stands in"):
            Secrets(tmp_path).require_kept((tmp_path / folder / "index.key").read_text())


def test_the_search_finds_a_line_of_a_private_key(tmp_path: Path) -> None:
    key = Authority(tmp_path).issue("hub").key
    Secrets(tmp_path).require_kept_in_files()
    (tmp_path / "log").write_text(f"loading {key.read_text().splitlines()[2]}")
    with pytest.raises(AssertionError, match=r"hub\.key stands in"):
        Secrets(tmp_path).require_kept_in_files()


async def test_a_hub_that_serves_fails_and_dies_says_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = issue_everything(tmp_path)
    async with EmbeddedServer.running(tmp_path / "redis") as server:
        monkeypatch.setenv("HUB_REDIS_PASSWORD", PASSWORD)
        url = {'url = ""': f'url = "{server.url.replace("unix://", "unix://default@")}"'}
        async with running(tmp_path, **CHANGES, **url) as hub:
            secrets = Secrets(tmp_path, PASSWORD)
            assert len(secrets) == 6
            connector = aiohttp.TCPConnector(ssl=authority.client_context())
            async with aiohttp.ClientSession(connector=connector) as session:
                for body in (in_envelope(LIST), "no XML"):
                    async with session.post(
                        hub.intrahub, data=body, headers={"Content-Type": "text/xml; charset=utf-8"}
                    ) as answer:
                        secrets.require_kept(await answer.read() + repr(answer.headers).encode(), "an answer")
                async with session.get(f"{hub.intrahub}?wsdl") as answer:
                    secrets.require_kept(await answer.read(), "the WSDL")
            await hub.metrics()
            await hub.readiness()
            (tmp_path / "hub.pem").write_text("broken")
            await hub.logged("certificate.unusable")
            os.kill(hub.worker_pids[0], 6)  # SIGABRT: as if it had crashed
            await until(lambda: bool(hub.events("worker.ended")))
    secrets.require_kept_in_files()


async def test_a_start_that_fails_says_none(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "vault").write_text("not a folder")
    async with started(written(tmp_path)) as hub:
        assert await hub.stopped() == 1


def test_the_commands_that_look_at_a_configuration_say_none(tmp_path: Path) -> None:
    issue_everything(tmp_path)
    file = written(tmp_path, **CHANGES)
    secrets = Secrets(tmp_path, PASSWORD)
    broken = tmp_path / "broken.toml"
    broken.write_text(file.read_text().replace('"client.key"', '"hub.key"').replace("vault-1.key", "token"))
    for command in ("print-config", "check-config"):
        for configuration in (file, broken):
            said = hub_command(command, "--config", configuration, HUB_REDIS_PASSWORD=PASSWORD)
            assert said
            secrets.require_kept(said, command)


def test_a_worker_whose_order_breaks_off_says_none_in_its_trace(tmp_path: Path) -> None:
    """The order holds every secret; what Python says of the crash does not."""
    issue_everything(tmp_path)
    settings = load(written(tmp_path, **CHANGES), connectors=registry, environment={"HUB_REDIS_PASSWORD": PASSWORD})
    order = WorkerOrder(
        number=1, settings=settings, redis_url=f"redis://:{PASSWORD}@h", port=0, state_socket=tmp_path / "socket"
    )
    secrets, pickled = Secrets(tmp_path, PASSWORD), pickle.dumps(order)
    secrets.require_kept(repr(order))
    for given in (pickled[:-20], pickled.replace(b"Order", b"Ordre"), pickle.dumps([order])):
        said = hub_command("worker", given=given)
        assert b"Traceback" in said
        secrets.require_kept(said, "a trace")


async def test_no_process_leaves_its_memory_behind(tmp_path: Path) -> None:
    async with running(tmp_path) as hub:
        children = [int(pid) for worker in hub.worker_pids for pid in _children(worker)]
        assert children
        for pid in (hub.process.pid, hub.redis_pid, *hub.worker_pids, *children):
            (limit,) = [line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "core file" in line]
            assert limit.split()[4:6] == ["0", "0"]


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_a_process_that_holds_keys_cannot_be_looked_into() -> None:
    code = (
        "import ctypes; from hub.secrecy import keep_memory_private; keep_memory_private();"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "0\n"


def test_a_program_that_needs_no_secret_is_given_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_REDIS_PASSWORD", PASSWORD)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PASSWORD)
    given = environment_without_secrets()
    assert given["PATH"] == os.environ["PATH"]
    assert PASSWORD not in given.values()
