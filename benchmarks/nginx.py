"""nginx as the server under test, with one worker on one core, that counts by itself."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Nginx", "free_ports", "running_nginx"]

CONFIG = Path(__file__).with_name("nginx.conf")
START_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Nginx:
    """A server that runs.

    Attributes:
        url: answers every path with the same 58 bytes.
        port: of the url, on 127.0.0.1.
        secure_url: the same by TLS 1.3, with a self-signed certificate (ECDSA, P-256).
        status_url: nginx's own counters.
        access_log: one line per request, whole once the server has stopped; None: not kept.
    """

    url: str
    port: int
    secure_url: str
    status_url: str
    access_log: Path | None = None

    def requests(self) -> int:
        """How many requests the server has read since it started, these questions included."""
        return self._status(r"^ *\d+ +\d+ +(\d+) *$")

    def connections(self) -> int:
        """How many connections are open, without the one that asks."""
        return self._status(r"^Active connections: (\d+)") - 1

    def _status(self, pattern: str) -> int:
        with urllib.request.urlopen(self.status_url, timeout=5) as answer:
            text = answer.read().decode()
        found = re.search(pattern, text, re.MULTILINE)
        if not found:
            raise RuntimeError(f"nginx: unexpected stub_status page: {text!r}")
        return int(found[1])


@contextmanager
def running_nginx(*, cpu: int | None = None, access_log: Path | None = None) -> Iterator[Nginx]:
    """Starts nginx with one worker, and stops it afterwards.

    Args:
        cpu: the core to pin it to; None: any.
        access_log: file to log requests to; None: nothing is logged.

    Raises:
        RuntimeError: nginx is not installed or does not start; says what to do.
    """
    for program, package in (("nginx", "nginx-light"), ("openssl", "openssl")):
        if not shutil.which(program):
            raise RuntimeError(f"{program} is missing; install it: sudo apt-get install {package}")
    port, tls_port, status_port = free_ports(3)
    server = Nginx(
        url=f"http://127.0.0.1:{port}/",
        port=port,
        secure_url=f"https://127.0.0.1:{tls_port}/",
        status_url=f"http://127.0.0.1:{status_port}/",
        access_log=access_log,
    )
    pinned = [] if cpu is None else ["taskset", "-c", str(cpu)]
    with tempfile.TemporaryDirectory(prefix="loadgen-nginx-") as folder:
        _make_certificate(Path(folder))
        config = CONFIG.read_text().replace("STATUS_PORT", str(status_port))
        config = config.replace("TLS_PORT", str(tls_port))
        config = config.replace("ACCESS_LOG", str(access_log) if access_log else "off")
        Path(folder, "nginx.conf").write_text(config.replace("PORT", str(port)))
        Path(folder).chmod(0o755)  # the worker is another user when we are root
        process = subprocess.Popen(
            [*pinned, "nginx", "-p", folder, "-c", "nginx.conf", "-e", "error.log"]
        )
        try:
            _await_start(process, server, Path(folder, "error.log"))
            yield server
        finally:
            process.terminate()
            process.wait()


def _make_certificate(folder: Path) -> None:
    """Writes cert.pem and key.pem."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def free_ports(count: int) -> list[int]:
    """Ports that are free now; all held at once, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _await_start(process: subprocess.Popen[bytes], server: Nginx, log: Path) -> None:
    deadline_s = time.monotonic() + START_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            server.requests()
        except OSError:
            time.sleep(0.02)
        else:
            return
    said = log.read_text() if log.exists() else ""
    raise RuntimeError(f"nginx did not start within {START_S:g} s: {said.strip()}")
