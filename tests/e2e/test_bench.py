"""`hub bench` as a process, with as little load as it takes: the figures are there and the answers were compared."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NODE_TOOLKIT = Path(__file__).resolve().parents[2] / "bench" / "node" / "node_modules" / "soap"
SOMETHING_IS_MISSING = 3
_PATIENCE = 180.0


def figures(*words: str) -> dict[str, Any]:
    """What `hub bench` writes; skips where a program is not installed."""
    finished = subprocess.run(
        [sys.executable, "-m", "hub", "bench", *words, "--json"],
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    if finished.returncode == SOMETHING_IS_MISSING:
        pytest.skip(finished.stderr.strip().splitlines()[-1])
    assert finished.returncode == 0, finished.stderr
    written: dict[str, Any] = json.loads(finished.stdout)
    return written


def without_the_missing() -> list[str]:
    """The peers that are not installed here; the extra `bench` and node's packages are nobody's duty."""
    is_here = {
        "bare": importlib.util.find_spec("httptools") is not None,
        "spyne": all(importlib.util.find_spec(name) for name in ("spyne", "gunicorn")),
        "node": NODE_TOOLKIT.is_dir() and shutil.which("node") is not None,
    }
    return [word for name, found in is_here.items() if not found for word in ("--without", name)]


def test_list_compares_the_answers_and_measures_everybody() -> None:
    left_out = without_the_missing()
    found = figures("list", "--patients", "3", "--rounds", "1", "--seconds", "1", "--long-record", "300", *left_out)
    assert found["rows"] == 90
    names = [name for name in ("floor", "bare", "spyne", "node") if name not in left_out]
    for key in ("rps", "cpu_ms", "p50_ms", "p99_ms", "list_100k_over_100"):
        assert found[key] > 0, key
    for name in names:
        assert found[f"{name}_rps"] > 0, name
        assert found[f"ratio_{name}"] == pytest.approx(found["rps"] / found[f"{name}_rps"], rel=0.05, abs=0.01)
    for name in set(left_out) - {"--without"}:
        assert found[f"{name}_rps"] is None


def test_signed_list_is_answered_message_by_message() -> None:
    left_out = [] if importlib.util.find_spec("httptools") else ["--without", "bare"]
    found = figures(
        "list", "--signed", "--patients", "3", "--callers", "3", "--rounds", "1", "--seconds", "1", *left_out
    )
    assert found["signed"] is True
    for key in ("rps", "cpu_ms", "redis_cpu_ms", "p50_ms", "p99_ms", "floor_rps", "floor_cpu_ms", "floor_p99_ms"):
        assert found[key] > 0, key
    assert found["ratio_floor"] == pytest.approx(found["rps"] / found["floor_rps"], rel=0.05, abs=0.01)
    assert found["spyne_rps"] is found["node_rps"] is None
    assert "list_100k_over_100" not in found


def test_security_times_the_same_messages_in_each_way() -> None:
    found = figures("security", "--holders", "2", "--rounds", "3")
    ways = ["pair", "pair_cached", "pair_first", "floor", "floor_cached"]
    ways += ["xmlsec"] if importlib.util.find_spec("xmlsec") else []
    for prefix in ("", "ec_"):
        for way in ways:
            assert found[f"{prefix}{way}_ms"] > 0, way
        ratio = found[f"{prefix}floor_ms"] / found[f"{prefix}pair_ms"]
        assert found[f"{prefix}ratio_floor"] == pytest.approx(ratio, abs=0.01)
    assert found["message_bytes"] > 8_000


def test_validate_times_the_same_documents_in_each_way() -> None:
    found = figures("validate", "--rounds", "1")
    for key in ("us_per_kb", "rules_us_per_kb", "lxml_us_per_kb", "xmlschema_us_per_kb"):
        assert found[key] > 0, key
        assert all(row[key] > 0 for row in found["documents"])
    assert {row["kind"] for row in found["documents"]} == {"summary", "medication scheme", "laboratory"}


def test_relay_hands_out_what_the_hospitals_have() -> None:
    found = figures("relay", "--small", "2", "--large", "3", "--rounds", "1", "--seconds", "1")
    for key in ("mib_per_s", "nginx_mib_per_s", "cpu_ratio_nginx"):
        assert found[key] > 0, key
    assert "rss_growth_mib" in found
    assert [(row["kind"], row["mib"]) for row in found["documents"]] == [
        ("soap", 2),
        ("rest", 2),
        ("soap", 3),
        ("rest", 3),
    ]


def test_cluster_tells_what_requests_cost_whom() -> None:
    tiny = ("--patients", "5", "--rounds", "1", "--seconds", "0.5")
    found = figures("cluster", *tiny, "--only", "list_2", "--only", "replica_confirms")
    for key in ("list_2_masters_rps", "list_2_masters_client_cpu_us", "replica_confirms_alone_p50_ms"):
        assert found[key] > 0, key
    assert not any(key.startswith("declare") for key in found)


@pytest.mark.parametrize("words", [("--without", "others"), ("--signed", "--without", "floor")])
def test_a_comparison_with_nobody_is_a_mistake_of_the_caller(words: tuple[str, ...]) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "hub", "bench", "list", *words],
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert finished.returncode == 2
    assert "--without" in finished.stderr


def test_index_is_loaded_grown_and_started_again() -> None:
    found = figures("index", "--refs", "3000", "--lookups", "20", "--growth", "30")
    assert found["references"] == 3000
    assert found["patients"] > 10
    for key in (
        "bytes_per_reference_rss",
        "load_refs_per_s",
        "lookup_p50_us",
        "lookup_p99_us",
        "rss_over_used_after_growth",
        "restart_s",
    ):
        assert found[key] > 0, key


def test_audit_archives_everything_and_asks_for_lists_meanwhile() -> None:
    few = ("--rate", "100", "--seconds", "1", "--outage", "500", "--rounds", "1", "--patients", "3")
    found = figures("audit", *few)
    for key in ("sustained_rate", "list_rps", "list_rps_catching_up", "ratio_list", "archived_per_second_alone"):
        assert found[key] >= 0, key
    assert found["outage"] == 500
