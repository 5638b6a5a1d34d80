"""A shadow test of live traffic, from the command to its result. test_shadow.py replays."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.rollout.shadow.answering import answering


def test_live_traffic(tmp_path: Path) -> None:
    with (
        answering(lambda _, target: {"path": target, "name": "Ada"}) as production,
        answering(lambda _, target: {"path": target, "name": "Eve"}) as canary,
    ):
        command = [
            *(sys.executable, "-m", "loadgen", "shadow", "--listen", "127.0.0.1:0"),
            *("--production-url", production.url, "--canary-url", canary.url),
            *("--json", "shadow.json"),
        ]
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            line = next(line for line in process.stdout if line.startswith("Listening on "))
            url = line.removeprefix("Listening on ").strip()
            with httpx2.Client(base_url=url, trust_env=False) as client:
                answers = [client.get(f"/users/{number}").json() for number in range(20)]
                client.post("/users", json={})
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
            code = process.wait(30)
    assert answers == [{"path": f"/users/{number}", "name": "Ada"} for number in range(20)]
    found = json.loads((tmp_path / "shadow.json").read_text("utf-8"))
    assert (found["verdict"], code) == ("FAIL", 1)
    assert found["requests"] == {
        "seen": 21,
        "compared": 20,
        "not_compared": {"method not mirrored": 1},
    }
    [endpoint] = found["endpoints"]
    assert (endpoint["name"], endpoint["mismatched"]) == ("GET /users/{id}", 20)
    assert sorted(canary.requests) == sorted(f"GET /users/{number}" for number in range(20))
