"""An engine takes no more memory and files after many requests and connections than before."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.nginx import running_nginx
from tests.pace import SANITIZED

ROOT = Path(__file__).resolve().parents[2]
RECONNECTS = 10_000
REQUESTS = 1_000_000
PATIENCE_S = 10.0

# A process of its own, since nobody else's memory is to be measured. The first runs fill what
# is allocated once: interpreter, allocator, caches of the kernel's socket code.
CODE = """
import gc, json, os, sys, time
from loadgen.plan import Plan, Precision
from tests.loadgen.engine_run import run_plan

port, reconnects, requests, patience_s = (float(text) for text in sys.argv[1:])
begun_s = time.monotonic()

def run(keepalive):
    plan = Plan(
        target=f"http://127.0.0.1:{port:.0f}/", concurrency=8, duration_s=0.5, think_s=(0, 0),
        keepalive=keepalive, precision=Precision.CPU,
    )
    outcome = run_plan(plan, int(port))
    assert outcome.closes and not outcome.total.errors, outcome.total.errors
    return outcome.total

def held():
    gc.collect()
    lines = open("/proc/self/status").read().splitlines()
    # Without pages of files, which come and go as the kernel likes.
    (anonymous,) = [line.split()[1] for line in lines if line.startswith("RssAnon:")]
    return int(anonymous) * 1024, len(os.listdir("/proc/self/fd"))

for _ in range(3):
    run(True), run(False)
before = held()
connected = sent = 0
while time.monotonic() - begun_s < patience_s and (connected < reconnects or sent < requests):
    total = run(keepalive=connected >= reconnects)
    connected += total.connects
    sent += total.sent
after = held()
print(json.dumps({"connected": connected, "sent": sent, "before": before, "after": after}))
"""


@pytest.mark.skipif(
    shutil.which("nginx") is None, reason="nginx is not installed: apt-get install nginx-light"
)
@pytest.mark.skipif(SANITIZED, reason="AddressSanitizer keeps freed memory")
def test_nothing_grows_with_requests_and_reconnects() -> None:
    """10,000 reconnects, and as many of 1,000,000 requests as this machine sends meanwhile."""
    with running_nginx() as server:
        port = server.url.rpartition(":")[2].partition("/")[0]
        numbers = (port, RECONNECTS, REQUESTS, PATIENCE_S)
        done = subprocess.run(
            [sys.executable, "-c", CODE, *map(str, numbers)],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    (before_bytes, before_files), (after_bytes, after_files) = said["before"], said["after"]
    assert said["connected"] >= RECONNECTS / 2, said
    assert said["sent"] > 20_000, said
    assert after_files == before_files, said
    # Bytes per request would be: 1 MiB / 100,000 = 10; an SSL session or a body is thousands.
    assert after_bytes - before_bytes < 1 << 20, said
