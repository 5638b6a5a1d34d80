"""tcpdump on the loopback interface, for as long as a `with` lasts."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["captured"]

SNAP_BYTES = 96  # Ethernet, IPv4 and TCP headers with options
BUFFER_KIB = 131_072
FLUSH_S = 1.5
"""The kernel hands packets over in blocks, a block that is not full after a second."""


@contextmanager
def captured(path: Path, *, port: int, cpu: int) -> Iterator[None]:
    """Writes the headers of all packets from and to a port, with nanosecond times.

    Args:
        path: the pcap file.
        port: TCP port of the server.
        cpu: the core that tcpdump may use (not the client's).

    Raises:
        RuntimeError: capturing is not allowed here (it needs root), or packets were lost.
    """
    size = [f"--snapshot-length={SNAP_BYTES}", f"--buffer-size={BUFFER_KIB}"]
    what = ["-w", str(path), "-Z", "root", f"tcp port {port}"]
    process = subprocess.Popen(
        ["taskset", "-c", str(cpu), "tcpdump", "-i", "lo", "-n", "--nano", *size, *what],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        said = process.stderr.readline()
        if "listening on" not in said:
            said += process.stderr.read()
        if "listening on" not in said:
            raise RuntimeError(f"tcpdump cannot capture on lo (run as root?): {said.strip()}")
        yield
        time.sleep(FLUSH_S)
    finally:
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        process.wait()
    lost = re.search(r"^(\d+) packets dropped by kernel", said, re.MULTILINE)
    if lost is None or int(lost[1]):
        raise RuntimeError(f"tcpdump lost packets, the capture is no evidence: {said.strip()}")
