"""What peers print, as their versions of today print it, and how it is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.nginx import running_nginx
from benchmarks.peers import PEERS, Count, Load
from benchmarks.peers.loadgen import variant
from benchmarks.pinned import Pinned
from benchmarks.record import Where

PRINTED = {
    "wrk": (
        "  1 threads and 64 connections\n  109683 requests in 1.00s, 21.34MB read\n"
        "  Socket errors: connect 0, read 3, write 0, timeout 1\n  Non-2xx or 3xx responses: 7\n",
        Count(completed=109_683, failed=11),
    ),
    "h2load": (
        "requests: 63472 total, 63472 started, 63472 done, 63470 succeeded, 2 failed, 0 errored, "
        "0 timeout\nstatus codes: 63472 2xx, 0 3xx, 0 4xx, 0 5xx\n",
        Count(completed=63_470, failed=2),
    ),
    "ab": (
        "Concurrency Level:      16\nComplete requests:      132872\nFailed requests:        0\n",
        Count(completed=132_872, failed=0),
    ),
    "hey": (
        "Status code distribution:\n  [200]\t45009 responses\n  [503]\t12 responses\n",
        Count(completed=45_009, failed=12),
    ),
    "aiohttp": ('{"completed": 16793, "failed": 2}\n', Count(completed=16_793, failed=2)),
    "locust": (
        json.dumps([{"num_requests": 8044, "num_failures": 1, "name": "/"}], indent=4),
        Count(completed=8_044, failed=1),
    ),
    "floor": (
        '{"requests": 5, "seconds": 1, "user_s": 0, "sys_s": 1}',
        Count(completed=5, failed=0),
    ),
}


def _load(scratch: Path, *, url: str = "http://127.0.0.1:1/", rate_rps: float = 0.0) -> Load:
    return Load(url=url, connections=8, seconds=0.3, scratch=scratch, rate_rps=rate_rps)


@pytest.mark.parametrize("name", PRINTED)
def test_output_is_read(name: str, tmp_path: Path) -> None:
    output, expected = PRINTED[name]
    assert PEERS[name].count(_load(tmp_path), output) == expected


@pytest.mark.parametrize("name", ["wrk", "h2load", "ab", "hey"])
def test_output_without_a_count_is_an_error_not_a_zero(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has nothing like"):
        PEERS[name].count(_load(tmp_path), "something else entirely")


def test_k6_writes_its_summary(tmp_path: Path) -> None:
    metrics = {"http_reqs": {"count": 17004}, "http_req_failed": {"passes": 4, "fails": 17000}}
    (tmp_path / "k6-summary.json").write_text(json.dumps({"metrics": metrics}))
    assert PEERS["k6"].count(_load(tmp_path), "") == Count(completed=17_004, failed=4)


def test_loadgen_writes_its_result(tmp_path: Path) -> None:
    result = {"requests": {"sent": 103, "succeeded": 99, "failed": 1, "in_flight_at_end": 3}}
    (tmp_path / "result.json").write_text(json.dumps(result))
    assert PEERS["loadgen"].count(_load(tmp_path), "") == Count(completed=100, failed=1)


def test_a_rate_makes_an_open_loop(tmp_path: Path) -> None:
    peer = variant("exact", "--precision", "exact")
    command = peer.command(_load(tmp_path, rate_rps=1000.0))
    assert peer.name == "exact"
    assert command[command.index("--rate") + 1] == "1000"
    assert "--think" not in command
    assert command[-2:] == ["--precision", "exact"]


def test_the_floor_counts_what_nginx_counts(tmp_path: Path) -> None:
    """From outside, too: answers that came after the end are the only difference."""
    cores = Where.here()
    with running_nginx(cpu=cores.server_cpu) as server:
        load = _load(tmp_path, url=server.url)
        before = server.requests()
        with Pinned(PEERS["floor"].command(load), cpu=cores.client_cpu, cwd=tmp_path) as client:
            cost = client.wait(10)
        served = server.requests() - before - 1
    counted = PEERS["floor"].count(load, cost.output).completed
    learning = 1
    assert counted > 0
    assert counted <= served <= counted + learning + load.connections
    assert 0 < cost.cpu_s <= cost.wall_s


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo the reason; exit 3"]
    with (
        Pinned(command, cpu=Where.here().client_cpu, cwd=tmp_path) as client,
        pytest.raises(RuntimeError, match="ended with 3: the reason"),
    ):
        client.wait(10)
