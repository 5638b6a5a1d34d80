"""`loadgen target` as a program: what it prints, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.loadgen.target.client import Client, await_refusal, get

GET = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n"
COMMAND = (sys.executable, "-m", "loadgen", "target", "--listen", "127.0.0.1:0")


@contextmanager
def _running(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, and the URL that it prints."""
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("loadgen target: listening on http://127.0.0.1:")
            yield process, line.split()[-1]
        finally:
            process.kill()


def _run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("order", [signal.SIGINT, signal.SIGTERM])
def test_ends_cleanly_when_told(order: signal.Signals) -> None:
    with _running("--processes", "2") as (process, url), Client(url) as client:
        client.send(GET)
        assert client.answer().status == 200
        children = psutil.Process(process.pid).children()
        assert len(children) == 2
        process.send_signal(order)
        assert process.wait(20) == 0
        assert client.closed
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert not [child for child in children if child.is_running()]


def test_ctrl_c_reaches_all_processes_and_ends_cleanly() -> None:
    """A terminal sends SIGINT to the whole group, not only to the parent."""
    with subprocess.Popen(
        [*COMMAND, "--processes", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_the_death_of_a_process_ends_the_target() -> None:
    with _running("--processes", "2") as (process, url):
        victim = psutil.Process(process.pid).children()[0]
        victim.kill()
        assert process.wait(20) == 4
        assert process.stderr is not None
        assert process.stderr.read() == (
            f"loadgen: target: process {victim.pid} was killed by signal 9; the target is stopped\n"
        )
    await_refusal(url)


def test_the_options_reach_the_server() -> None:
    with _running("--error-rate", "100%", "--chunked") as (_, url):
        answer = get(url, "/api/users")
    assert answer.status == 500
    assert answer.headers["transfer-encoding"] == "chunked"


def test_the_port_file_names_the_port(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    with _running("--port-file", str(port_file)) as (_, url):
        assert port_file.read_text() == f"{url.rpartition(':')[2]}\n"
    assert list(tmp_path.iterdir()) == [port_file]


def test_a_port_in_use_is_one_line_and_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        where = f"127.0.0.1:{other.getsockname()[1]}"
        ended = _run("--listen", where)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == (
        f"loadgen: target: {where} is in use by another program; stop it or choose another port\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--latency", "soon"], "loadgen: --latency: found 'soon', expected"),
        (["--processes", "two"], "loadgen: --processes: found 'two', expected"),
        (["--port-file", "/nowhere/port"], "loadgen: --port-file /nowhere/port: No such file"),
        (["--procs", "2"], "--procs"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_code_2(options: list[str], message: str) -> None:
    ended = _run(*options)
    assert ended.returncode == 2
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1
