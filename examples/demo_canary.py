"""What `make demo-canary` runs: a canary of which four orders in ten are slow, and its baseline."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from loadgen.target.launch import running_target

ROOT = Path(__file__).resolve().parents[1]
LATENCY = "lognormal:20ms,0.4"
SLOW = "/api/orders=bimodal:20ms,450ms,40%"
OBJECTIVE = 'p99 of "place an order" < 300ms'


def main() -> int:
    """Verifies the canary as a user would; the last lines say where the report lies.

    Returns:
        0 when the verdict is the right one, which is FAIL; else the code of `loadgen canary`.
    """
    with (
        running_target(latency=LATENCY, seed=1) as baseline_url,
        running_target(latency=LATENCY, slow=SLOW, seed=2) as canary_url,
    ):
        code = subprocess.run(
            [
                *(sys.executable, "-m", "loadgen", "canary"),
                *("--canary-url", canary_url, "--baseline-url", baseline_url),
                *("--config", str(ROOT / "examples" / "loadgen.yml")),
                *("--objective", OBJECTIVE, "--precision", "cpu"),
                *("--compare-rate", "150", "--compare-duration", "40s"),
                *("--html", str(ROOT / "demo-canary.html")),
                *("--json", str(ROOT / "demo-canary.json")),
            ],
            check=False,
        ).returncode
    return 0 if code == 1 else code or 1


if __name__ == "__main__":
    sys.exit(main())
