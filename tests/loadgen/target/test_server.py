"""The processes: how they start, share the port, count together and end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from loadgen.target import running_target
from tests.loadgen.target.client import Client, get, reset, stats

GET = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n"


@contextmanager
def _command(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`loadgen target`, and the URL that it prints."""
    with subprocess.Popen(
        [sys.executable, "-m", "loadgen", "target", "--listen", "127.0.0.1:0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("loadgen target: listening on http://127.0.0.1:")
            yield process, line.split()[-1]
        finally:
            process.kill()


def test_all_processes_take_part_and_count_together() -> None:
    with running_target(processes=3) as url:
        for _ in range(60):
            with Client(url) as client:
                client.send(GET * 2)
                assert [client.answer().status, client.answer().status] == [200, 200]
        said = stats(url)
        assert said["requests"]["answered"] == 120
        assert said["connections"]["accepted"] == 60
        assert len(said["answered_by_process"]) == 3
        assert all(said["answered_by_process"]), "the kernel spreads connections by their ports"
        assert sum(said["answered_by_process"]) == 120
        reset(url)
        assert stats(url)["answered_by_process"] == [0, 0, 0]


def test_the_seed_repeats_the_errors() -> None:
    def statuses() -> list[int]:
        with running_target(error_rate="50%", seed=5) as url, Client(url) as client:
            client.send(GET * 60)
            return [client.answer().status for _ in range(60)]

    first = statuses()
    assert set(first) == {200, 500}
    assert statuses() == first


@pytest.mark.parametrize("order", [signal.SIGINT, signal.SIGTERM])
def test_ends_cleanly_when_told(order: signal.Signals) -> None:
    with _command("--processes", "2") as (process, url), Client(url) as client:
        client.send(GET)
        client.answer()
        children = psutil.Process(process.pid).children()
        assert len(children) == 2
        process.send_signal(order)
        assert process.wait(20) == 0
        assert client.closed
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert not [child for child in children if child.is_running()]


def test_children_die_with_a_parent_that_is_killed() -> None:
    with _command("--processes", "2") as (process, _):
        children = psutil.Process(process.pid).children()
        process.kill()
        process.wait(20)
        gone, alive = psutil.wait_procs(children, timeout=20)
        # Where nobody reaps orphans they stay behind as zombies.
        assert all(child.status() == psutil.STATUS_ZOMBIE for child in alive)
        assert len(gone) + len(alive) == 2


def test_the_death_of_a_process_ends_the_target() -> None:
    with _command("--processes", "2") as (process, url):
        victim = psutil.Process(process.pid).children()[0]
        victim.kill()
        assert process.wait(20) == 4
        assert process.stderr is not None
        assert process.stderr.read() == (
            f"loadgen: target: process {victim.pid} was killed by signal 9; the target is stopped\n"
        )
    with pytest.raises(ConnectionRefusedError):
        get(url, "/")


def test_the_port_file_names_the_port(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    with _command("--port-file", str(port_file)) as (_, url):
        assert port_file.read_text() == f"{url.rpartition(':')[2]}\n"
    assert list(tmp_path.iterdir()) == [port_file]


def test_a_port_in_use_is_one_line_and_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = _run("--listen", f"127.0.0.1:{port}")
    assert ended.returncode == 2
    assert ended.stderr == (
        f"loadgen: target: 127.0.0.1:{port} is in use by another program; "
        "stop it or choose another port\n"
    )


def test_a_second_target_does_not_share_the_port_of_the_first() -> None:
    with running_target() as url:
        assert _run("--listen", url.removeprefix("http://")).returncode == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--latency", "soon"], "--latency: found 'soon', expected"),
        (["--listen", "192.0.2.1:0"], "192.0.2.1:0 is not an address of this machine"),
        (["--listen", "no.such.name.invalid:0"], "cannot listen on no.such.name.invalid:0"),
        (["--listen", "127.0.0.1:0", "--port-file", "/nowhere/port"], "--port-file /nowhere/port"),
        (["--procs", "2"], "--procs"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_code_2(options: list[str], message: str) -> None:
    ended = _run(*options)
    assert ended.returncode == 2
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_listens_on_ipv6() -> None:
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        with running_target(listen="[::1]:0") as url:
            assert url.startswith("http://[::1]:")
            assert get(url, "/").status == 200
        return
    pytest.skip("this machine has no IPv6")


def test_the_module_reads_its_options_as_json() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "loadgen.target", json.dumps({"processes": 0}), str(os.getpid())],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr == "--processes: found 0, expected 1 to 256\n"


def _run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "loadgen", "target", *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
