"""Secrets reach the target and nothing else: every way out of the program is searched for them."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from loadgen.cli import main
from tests.scripted import HELLO, Peer, read_request, scripted_server

ROOT = Path(__file__).resolve().parents[3]
SECRETS = {
    "AUTH_TOKEN": "s3cr3t-of-the-token",
    "API_KEY": "s3cr3t-of-the-key",
    "SESSION": "s3cr3t-of-the-session",
}
CONFIG = """\
load_test:
  target: {url}
  auth:
    type: bearer
    token: ${{AUTH_TOKEN}}
  headers:
    X-API-Key: ${{API_KEY}}
"""
FILES = {
    "--output": "report.md",
    "--json": "result.json",
    "--html": "report.html",
    "--csv": "timeline.csv",
    "--hlog": "response.hlog",
    "--samples": "samples.csv",
}


class Watcher:
    """Reads what /proc tells of a process's descendants, again and again while it runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.seen: dict[int, bytes] = {}
        self._process = process
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self._process.pid)
            while self._process.poll() is None:
                for child in parent.children(recursive=True):
                    with contextlib.suppress(OSError):
                        folder = Path(f"/proc/{child.pid}")
                        arguments = (folder / "cmdline").read_bytes()
                        if b"loadgen.worker" in arguments:  # before exec it is its parent
                            environ = (folder / "environ").read_bytes()
                            self.seen[child.pid] = arguments + environ

    def end(self) -> None:
        self._thread.join(10)


def test_no_secret_leaves_by_any_way_but_the_wire(tmp_path: Path) -> None:
    requests: list[bytes] = []

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while request := read_request(connection, peer):
            requests.append(request)
            connection.sendall(HELLO)

    command = [sys.executable, "-m", "loadgen", "run", "--verbose"]
    command += ["--header", "Cookie: id=${SESSION}", "--duration", "1", "--concurrency", "4"]
    command += [part for option in FILES.items() for part in option]
    with scripted_server(script) as peer:
        config = CONFIG.format(url=f"http://127.0.0.1:{peer.port}")
        (tmp_path / "loadgen.yml").write_text(config, encoding="utf-8")
        with subprocess.Popen(
            command,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "DEBUG", **SECRETS},
        ) as process:
            watcher = Watcher(process)
            arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()
            stdout, stderr = process.communicate(timeout=60)
            watcher.end()
    assert process.returncode in {0, 3}, stderr.decode()
    for secret in SECRETS.values():
        assert secret.encode() in requests[0]
    assert watcher.seen, "no worker was seen"
    searched = {
        "arguments": arguments,
        "stdout": stdout,
        "stderr": stderr,
        **{f"process {pid}": told for pid, told in watcher.seen.items()},
        **{name: (tmp_path / name).read_bytes() for name in FILES.values()},
    }
    assert [where for where, content in searched.items() if b"s3cr3t" in content] == []
    assert [where for where in FILES.values() if not searched[where]] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--auth", "bearer:s3cr3t"],
        ["--auth", "s3cr3t"],
        ["--auth", "bearer:${TOKEN}"],
        ["--auth", "header:X Y: ${TOKEN}"],
        ["--auth", "bearer:@token", "-H", "Authorization: s3cr3t"],
        ["-H", "s3cr3t"],
        ["-H", "Cookie: s3cr3t\n"],
        ["http://me:s3cr3t@localhost/"],
    ],
)
def test_no_mistake_shows_a_secret(
    arguments: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOKEN", "s3cr3t with a space")
    (tmp_path / "token").write_text("s3cr3t\n", encoding="utf-8")
    assert main(["run", *arguments]) == 2
    printed = capsys.readouterr()
    assert "s3cr3t" not in printed.out + printed.err
