"""A hostile machine: what runs out, jumps, stops or fills up beside the load generator.

Limits are lowered in processes and network namespaces of their own, so that no other test
feels them.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from loadgen.exitcode import ExitCode
from loadgen.target.launch import running_target

ROOT = Path(__file__).resolve().parents[2]

PRELUDE = """
import ctypes, json, os, resource, socket, struct, sys
from fcntl import ioctl
from loadgen.plan import Plan
from tests.loadgen.engine_run import run_plan
from tests.scripted import HELLO, read_request, scripted_server

def own_network():
    # CLONE_NEWNET; as another user also CLONE_NEWUSER, to be allowed to.
    flags = 0x40000000 | (0 if os.geteuid() == 0 else 0x10000000)
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        print(json.dumps({"refused": True}))
        sys.exit()
    with socket.socket() as any_socket:  # SIOCSIFFLAGS: lo is down in a new namespace
        ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))

def setting(name, value):
    with open("/proc/sys/net/ipv4/" + name, "w") as file:
        file.write(value)

def answer(connection, _number, peer):
    while read_request(connection, peer):
        connection.sendall(HELLO)

def run(**changes):
    base = dict(concurrency=40, duration_s=0.4, think_s=(0.002, 0.004), timeout_s=1.0)
    with scripted_server(answer) as peer:
        outcome = run_plan(Plan(**{**base, **changes}), peer.port)
        total = outcome.total
        print(json.dumps({
            "closes": outcome.closes, "requests": peer.requests, "sent": total.sent,
            "succeeded": total.succeeded, "errors": total.errors,
            "bytes_sent": total.bytes_sent,
        }))
"""


def _in_child(code: str) -> dict[str, object]:
    """Runs code after the prelude in a process of its own, and returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + code],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    if said.get("refused"):
        pytest.skip("this machine lets us make no network namespace")
    return said


def test_open_files_run_out() -> None:
    said = _in_child("""
used = len(os.listdir("/proc/self/fd"))
# Ours and the server's ends of connections, and some beside them.
resource.setrlimit(resource.RLIMIT_NOFILE, (used + 30, used + 30))
run()
""")
    errors = said["errors"]
    assert isinstance(errors, dict)
    assert said["closes"] is True
    assert errors["connect_no_files"] > 3
    assert isinstance(said["succeeded"], int)
    assert said["succeeded"] > 0


def test_ephemeral_ports_run_out() -> None:
    said = _in_child("""
own_network()
setting("ip_local_port_range", "40000 40007")
run()
""")
    errors = said["errors"]
    assert isinstance(errors, dict)
    assert said["closes"] is True
    assert set(errors) == {"connect_no_ports"}
    assert errors["connect_no_ports"] > 3
    assert said["succeeded"] == said["requests"]


def test_memory_for_sockets_is_short() -> None:
    """The kernel takes 4 KiB at a time and says EAGAIN for the rest of a large body."""
    said = _in_child("""
own_network()
setting("tcp_wmem", "4096 4096 4096")
setting("tcp_rmem", "4096 8192 8192")
run(method="POST", body=bytes(300_000), concurrency=2)
""")
    assert said["closes"] is True
    assert said["errors"] == {}
    sent, requests = said["sent"], said["requests"]
    assert isinstance(sent, int)
    assert sent == said["succeeded"] == requests
    assert sent >= 2
    assert isinstance(said["bytes_sent"], int)
    assert said["bytes_sent"] > 300_000 * sent


JUMPING_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

/* Each look at the wall clock finds it an hour later or earlier than the one before. */
static long jump(void) { static long calls; return (calls++ % 2 == 0 ? 3600 : -3600); }

int clock_gettime(clockid_t id, struct timespec *ts)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == 0) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int rc = real(id, ts);
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) ts->tv_sec += jump();
    return rc;
}
int gettimeofday(struct timeval *tv, void *zone)
{
    struct timespec ts;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &ts);
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *out)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    if (out) *out = ts.tv_sec;
    return ts.tv_sec;
}
"""


def _run_command(url: str, result: Path, *arguments: str) -> list[str]:
    small = ["-c", "4", "--precision", "cpu", "--no-pin", "-w", "1"]
    command = [sys.executable, "-m", "loadgen", "run", url, *small]
    return [*command, "--json", str(result), *arguments]


def test_a_wall_clock_that_jumps_moves_no_time_of_the_run(tmp_path: Path) -> None:
    source, library, result = (tmp_path / name for name in ("jump.c", "jump.so", "result.json"))
    source.write_text(JUMPING_CLOCK)
    compiler = os.environ.get("CC", "cc").split()
    built = [*compiler, "-shared", "-fPIC", str(source), "-o", str(library), "-ldl"]
    subprocess.run(built, check=True)
    with running_target() as url:
        preload = " ".join(filter(None, [os.environ.get("LD_PRELOAD"), str(library)]))
        begun_s = time.monotonic()
        done = subprocess.run(
            [*_run_command(url, result), "-d", "1s", "--think", "5ms"],
            env={**os.environ, "LD_PRELOAD": preload}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode in {ExitCode.PASS, ExitCode.INCONCLUSIVE}, done.stdout + done.stderr
    assert time.monotonic() - begun_s < 15
    found = json.loads(result.read_text())
    assert found["run"]["duration_s"] == 1.0
    assert found["requests"]["succeeded"] == found["requests"]["sent"] > 100
    assert found["latency_ms"]["max"] < 1_000
    assert len(found["timeline"]) == 1


def _await(condition: Callable[[], bool], patience_s: float = 20.0) -> None:
    deadline_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.02)


def _workers_of(pid: int) -> list[psutil.Process]:
    children = psutil.Process(pid).children()
    return [child for child in children if "loadgen.worker" in child.cmdline()]


def _is_loaded(pid: int) -> bool:
    """The worker of a run has been under way for a while."""
    workers = _workers_of(pid)
    return len(workers) == 1 and len(workers[0].net_connections()) >= 4


def test_a_worker_that_was_stopped_for_three_seconds_is_named_with_the_seconds(
    tmp_path: Path,
) -> None:
    result = tmp_path / "result.json"
    with running_target() as url:
        command = [*_run_command(url, result), "-d", "6s", "--think", "5ms"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        _await(lambda: _is_loaded(process.pid))
        (worker,) = _workers_of(process.pid)
        worker.suspend()
        time.sleep(3)  # the row itself: stopped for 3 s
        worker.resume()
        said, _ = process.communicate(timeout=30)
    validity = json.loads(result.read_text())["validity"]
    assert validity["verdict"] in {"SUSPECT", "INVALID"}
    (reason,) = [text for text in validity["reasons"] if "stopped or starved" in text]
    seconds = float(reason.partition(" for ")[2].partition(" s ")[0])
    assert 2.5 < seconds < 4.5, reason
    assert reason in " ".join(said.split())


def test_a_terminal_that_is_closed_ends_the_run_with_its_result(tmp_path: Path) -> None:
    """The kernel sends SIGHUP, and every write to the terminal fails with EIO."""
    result = tmp_path / "result.json"
    master, slave = pty.openpty()
    # The first terminal that the leader of a session opens becomes its own.
    shell = 'tty=$1; shift; exec "$@" <"$tty" >"$tty" 2>"$tty"'
    with running_target() as url:
        process = subprocess.Popen(
            ["sh", "-c", shell, "sh", os.ttyname(slave), *_run_command(url, result), "-d", "60s"],
            start_new_session=True,
        )
        os.close(slave)
        _await(lambda: _is_loaded(process.pid))
        os.close(master)
        process.wait(20)
    found = json.loads(result.read_text())
    assert found["run"]["interrupted"] is True
    assert found["requests"]["succeeded"] > 0
    assert process.returncode != -signal.SIGHUP


@pytest.mark.parametrize("option", ["--output", "--html"])
def test_a_disk_that_is_full_costs_the_report_and_not_the_result(
    option: str, tmp_path: Path
) -> None:
    with running_target() as url:
        command = _run_command(url, tmp_path / "result.json", option, "/dev/full", "-d", "0.5s")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    complaint, _, rest = done.stderr.partition("\n")
    assert complaint.endswith(
        "/dev/full: cannot be written (No space left on device); the result follows"
    )
    assert json.loads(rest)["requests"]["succeeded"] > 0
    assert json.loads((tmp_path / "result.json").read_text()) == json.loads(rest)
    assert "Traceback" not in done.stderr


def test_nothing_is_left_of_a_coordinator_that_was_killed(tmp_path: Path) -> None:
    """The shared memory has no name, so that it is gone with the last process that has it."""
    before = set(os.listdir("/dev/shm"))
    with running_target() as url:
        process = subprocess.Popen([*_run_command(url, tmp_path / "result.json"), "-d", "60s"])
        _await(lambda: _is_loaded(process.pid))
        workers = _workers_of(process.pid)
        process.kill()
        process.wait()
        _await(lambda: not any(worker.is_running() for worker in workers), patience_s=2.0)
    assert {name for name in set(os.listdir("/dev/shm")) - before if "loadgen" in name} == set()
    assert _holders_of_arenas(workers) == []


def _holders_of_arenas(processes: list[psutil.Process]) -> list[int]:
    """Of these processes, those that still have an arena open."""
    return [
        process.pid
        for process in processes
        if Path(f"/proc/{process.pid}/fd").exists()
        and any(
            "memfd:loadgen" in os.readlink(fd) for fd in Path(f"/proc/{process.pid}/fd").iterdir()
        )
    ]
