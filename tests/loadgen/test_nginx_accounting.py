"""A run against a real nginx whose access log counts exactly what the result counts."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.nginx import running_nginx

pytestmark = pytest.mark.skipif(
    shutil.which("nginx") is None, reason="nginx is not installed: apt-get install nginx-light"
)

CONFIG = """
load_test:
  think: 1ms..5ms
  precision: cpu
  endpoints:
    /api/orders: 0.5
    /api/users: 0.3
    /api/search: 0.2
"""


def test_the_access_log_counts_what_the_result_counts(tmp_path: Path) -> None:
    log, config, result = (tmp_path / name for name in ("access.log", "c.yml", "result.json"))
    tmp_path.chmod(0o755)
    config.write_text(CONFIG)
    with running_nginx(access_log=log) as server:
        subprocess.run(
            [
                *(sys.executable, "-m", "loadgen", "run", server.url),
                *("-c", "20", "-d", "2", "--config", str(config), "--json", str(result), "-q"),
            ],
            check=False,
            timeout=60,
        )
    found = json.loads(result.read_text())
    requests = found["requests"]
    logged = Counter(line.split()[6] for line in log.read_text().splitlines())
    assert requests["succeeded"] > 500
    assert requests["failed"] == 0
    assert sum(logged.values()) == requests["sent"] + requests["reconnects"]
    assert logged == {one["path"]: one["requests"]["sent"] for one in found["endpoints"]}
