"""What `make demo-rollout` runs: a good version is promoted, then a bad one is rolled back.

Live traffic of 200 requests/s flows through HAProxy all the while (without HAProxy: through a
small proxy of our own), and what became of it is said at the end.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.live_traffic import LiveTraffic
from benchmarks.proxies import running_haproxy
from examples.splitting_proxy import MARK_HEADER, running_splitting_proxy
from loadgen.target.launch import running_target
from rollout.routers.haproxy import HaproxyRouter

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "demo-rollout"
RATE_RPS = 200
STAGES = [
    {"name": "5% Traffic", "percentage": 5, "duration": 5},
    {"name": "50% Traffic", "percentage": 50, "duration": 5},
    {"name": "100% Traffic", "percentage": 100, "duration": 5},
]
PROMOTED, ROLLED_BACK = 0, 1


def main() -> int:
    """Rolls out twice.

    Returns:
        0 when both ended as they must.
    """
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr] # for pipes: in order
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with running_target(latency="5ms") as v1, running_target(latency="5ms") as v2:
        print("== Version 2 is as good as version 1: it is promoted, stage by stage.\n")
        first = _rollout("shop-v2", stable_url=v1, canary_url=v2)
        with running_target(latency="5ms", error_rate="10%") as v3:
            print("\n== Version 3 fails one request in ten: it is taken back.\n")
            second = _rollout("shop-v3", stable_url=v2, canary_url=v3)
    print(f"\nReports, results and journals: {FOLDER.relative_to(ROOT)}")
    return 0 if (first, second) == (PROMOTED, ROLLED_BACK) else 1


def _rollout(deployment: str, *, stable_url: str, canary_url: str) -> int:
    """One rollout as a user would start it, under live traffic.

    Returns:
        The exit code of `loadgen rollout`.
    """
    with _proxy(stable_url, canary_url) as (url, router):
        config = {
            "rollout": {
                "url": f"{url}/api/products",
                "stable_url": f"{stable_url}/api/products",
                "canary_url": f"{canary_url}/api/products",
                "router": router,
                "mark": {"header": MARK_HEADER, "canary": "canary"},
                "stages": STAGES,
                # On a machine that is too busy to be sure, a stage is held once more.
                "on_inconclusive": "extend",
            },
            "thresholds": {"latency": {"p95": 250}, "error_rate": 1},
            "rollback": {"command": ["echo", "here", "{deployment}", "would be undone"]},
        }
        name = f"{deployment}.yml"
        (FOLDER / name).write_text(json.dumps(config, indent=2))  # JSON is YAML
        arguments = ["rollout", "--config", name, "--deployment", deployment, "--load-test"]
        arguments += ["--auto-rollback-on-loadfail", "--yes"]
        for option, ending in (("--output", "md"), ("--html", "html"), ("--json", "json")):
            arguments += [option, f"{deployment}.{ending}"]
        print(f"$ loadgen {shlex.join(arguments)}")
        traffic = LiveTraffic(f"{url}/api/products", RATE_RPS)
        traffic.start()
        try:
            command = [sys.executable, "-m", "loadgen", *arguments]
            code = subprocess.run(command, cwd=FOLDER, check=False).returncode
        finally:
            total = traffic.stop().total
        lost = sum(total.errors.values())
        print(
            f"Exit code {code}. Live traffic meanwhile: {total.sent:,} requests, {lost} lost, "
            f"{total.failed - lost} answered in error by the new version"
        )
        return code


@contextmanager
def _proxy(stable_url: str, canary_url: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The door of live traffic, and the `router:` that moves it."""
    if shutil.which("haproxy"):
        with running_haproxy(stable_url, canary_url) as proxy:
            assert isinstance(proxy.router, HaproxyRouter)
            router = {"kind": "haproxy", "socket": proxy.router.socket, "backend": "app"}
            yield proxy.url, router
    else:
        weight = FOLDER / "weight"
        program = str(ROOT / "examples" / "splitting_proxy.py")
        with running_splitting_proxy(stable_url, canary_url, weight) as url:
            yield (
                url,
                {
                    "kind": "command",
                    "command": [sys.executable, program, str(weight), "{percentage}"],
                    "get_command": ["cat", str(weight)],
                },
            )


if __name__ == "__main__":
    sys.exit(main())
