"""The demo's own proxy: which server answers, and that the weight can be changed meanwhile."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from examples import splitting_proxy
from examples.splitting_proxy import MARK_HEADER, running_splitting_proxy
from loadgen.target.launch import running_target
from rollout.connection import open_connection


def _answers(url: str, n: int) -> Counter[str]:
    found: Counter[str] = Counter()
    with contextlib.closing(open_connection(url, 5.0)) as connection:
        for _ in range(n):
            connection.request("GET", "/api/health")
            answer = connection.getresponse()
            answer.read()
            found[answer.headers[MARK_HEADER]] += 1
    return found


@pytest.mark.parametrize(("percentage", "expected"), [("0", "stable"), ("100", "canary")])
def test_the_weight_moves_answers(tmp_path: Path, percentage: str, expected: str) -> None:
    weight = tmp_path / "weight"
    with (
        running_target() as stable,
        running_target() as canary,
        running_splitting_proxy(stable, canary, weight) as url,
    ):
        subprocess.run([sys.executable, splitting_proxy.__file__, weight, percentage], check=True)
        assert _answers(url, 20) == {expected: 20}
        subprocess.run([sys.executable, splitting_proxy.__file__, weight, "50"], check=True)
        assert len(_answers(url, 50)) == 2  # one side alone once in 10^15
