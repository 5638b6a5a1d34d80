"""Debian's own Pushgateway and Prometheus, running for a test."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = ["NEEDS_MONITORING", "Prometheus", "running_prometheus", "running_pushgateway"]

GATEWAY, PROMETHEUS = "prometheus-pushgateway", "prometheus"
NEEDS_MONITORING = pytest.mark.skipif(
    not (shutil.which(GATEWAY) and shutil.which(PROMETHEUS)),
    reason=f"not installed: apt-get install {GATEWAY} {PROMETHEUS}",
)
PATIENCE_S = 30.0

SCRAPE = """
global: {{scrape_interval: 250ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: pushgateway
    honor_labels: true
    static_configs: [{{targets: ["{address}"]}}]
"""


@contextmanager
def running_pushgateway(*, web_config: Path | None = None) -> Iterator[str]:
    """A Pushgateway on a free port.

    Args:
        web_config: its file for TLS and users.

    Yields:
        Its address, "127.0.0.1:43210".
    """
    address = _free_address()
    command = [GATEWAY, f"--web.listen-address={address}", "--persistence.file="]
    if web_config is not None:
        command.append(f"--web.config.file={web_config}")
    with _running(command, address):
        yield address


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A Prometheus that scrapes a Pushgateway four times a second."""

    url: str

    def value(self, query: str) -> float:
        """The one value of a query, as soon as there is one."""
        values = self.values(query)
        assert len(values) == 1, f"{query}: {values}"
        return next(iter(values.values()))

    def values(self, query: str, *, wanted: bool = True) -> dict[tuple[str, ...], float]:
        """The samples of a query by the values of their labels, sorted by label.

        Args:
            query: PromQL.
            wanted: wait until there is one; else until there is none.
        """
        deadline_s = time.monotonic() + PATIENCE_S
        asked = urllib.parse.urlencode({"query": query})
        while True:
            with urllib.request.urlopen(f"{self.url}/api/v1/query?{asked}", timeout=5) as answer:
                found = json.load(answer)["data"]["result"]
            if bool(found) is wanted:
                return {
                    tuple(value for _, value in sorted(one["metric"].items())): float(
                        one["value"][1]
                    )
                    for one in found
                }
            assert time.monotonic() < deadline_s, f"{query}: {found}"
            time.sleep(0.1)


@contextmanager
def running_prometheus(gateway: str, folder: Path) -> Iterator[Prometheus]:
    """A Prometheus that scrapes the Pushgateway at an address; its files go into the folder."""
    address = _free_address()
    config = folder / "prometheus.yml"
    config.write_text(SCRAPE.format(address=gateway))
    command = [
        PROMETHEUS,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    ]
    with _running(command, address):
        yield Prometheus(f"http://{address}")


def _free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def _running(command: list[str], address: str) -> Iterator[None]:
    host, _, port = address.partition(":")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline_s = time.monotonic() + PATIENCE_S
            while True:
                assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
                assert time.monotonic() < deadline_s, f"{command[0]} does not listen"
                try:
                    socket.create_connection((host, int(port)), 1).close()
                    break
                except OSError:
                    time.sleep(0.02)
            yield
        finally:
            process.terminate()
