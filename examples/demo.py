"""What `make demo` runs: the built-in target, and ten seconds of mixed load against it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from loadgen.target.launch import running_target

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Runs the load test as a user would; its last lines say where the report lies.

    Returns:
        The exit code of `loadgen run`.
    """
    with running_target(latency="lognormal:5ms,0.5", error_rate="0.1%") as url:
        return subprocess.run(
            [
                *(sys.executable, "-m", "loadgen", "run", url),
                *("--config", str(ROOT / "examples" / "loadgen.yml")),
                *("--concurrency", "50", "--duration", "10s", "--warmup", "0"),
                *("--output", str(ROOT / "demo-report.md")),
                *("--json", str(ROOT / "demo-result.json")),
            ],
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
