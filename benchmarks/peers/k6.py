"""k6: Go, with users scripted in JavaScript."""

import json
from typing import Any

from benchmarks.peers.peer import PEER_VENV, SCRIPTS, Count, Load, Peer

__all__ = ["PEER", "median_ms"]

PROGRAM = str(PEER_VENV / "bin" / "k6")
SUMMARY = "k6-summary.json"


def _command(load: Load) -> list[str]:
    given = {
        "TARGET": load.url,
        "CONNECTIONS": str(load.connections),
        "SECONDS": f"{load.seconds:.0f}",
        "RATE": f"{load.rate_rps:.0f}",
    }
    environment = [word for name, value in given.items() for word in ("-e", f"{name}={value}")]
    summary = ["--summary-export", str(load.scratch / SUMMARY)]
    return [PROGRAM, "run", "--quiet", *summary, *environment, str(SCRIPTS / "k6.js")]


def _metrics(load: Load) -> dict[str, dict[str, Any]]:
    metrics: dict[str, dict[str, Any]] = json.loads((load.scratch / SUMMARY).read_text())["metrics"]
    return metrics


def _count(load: Load, _: str) -> Count:
    metrics = _metrics(load)
    failed = metrics["http_req_failed"]  # a rate of "is it true that it failed"
    return Count(completed=int(metrics["http_reqs"]["count"]), failed=int(failed["passes"]))


def median_ms(load: Load) -> float:
    """The median service time that k6 reports (http_req_duration)."""
    return float(_metrics(load)["http_req_duration"]["med"])


PEER = Peer(name="k6", command=_command, count=_count, version_command=(PROGRAM, "version"))
