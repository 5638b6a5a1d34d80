"""Live traffic from the engine while weights change: not one request may be lost.

Both targets count for themselves what came; each split is proven before the next change.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from benchmarks.proxies import (
    MARK_HEADER,
    Proxy,
    running_envoy,
    running_haproxy,
    running_split_nginx,
)
from loadgen import LoadTestEngine, Measurement, Pattern, Plan, Precision
from loadgen.target.launch import running_target
from rollout.mark import Mark
from rollout.proof import ProofOptions, prove
from rollout.rollback import RollbackPlan, restore_stable
from rollout.side_check import check_side
from rollout.split import SplitState
from tests.loadgen.target.client import stats
from tests.rollout.routers.behind import Start

MARK = Mark(header=MARK_HEADER, canary="canary", stable="stable")
WEIGHTS = (0, 5, 50, 100)


@dataclass
class _Load:
    """What the engine measured; None until it has ended."""

    measurement: Measurement | None = None


@contextmanager
def _load(url: str, stable: str) -> Iterator[_Load]:
    """Live traffic, from its first request at the stable side to the end of the context."""
    load = _Load()
    engine = LoadTestEngine(
        Plan(
            target=url,
            pattern=Pattern.RATE,
            rate_rps=1000,
            connections=20,
            duration_s=60,
            workers=1,
            precision=Precision.CPU,
        )
    )

    def run() -> None:
        load.measurement = engine.run()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        while not _received(stable):
            assert thread.is_alive()
        yield load
    finally:
        engine.stop()
        thread.join()


def _received(target: str) -> int:
    """Requests that a target has counted by itself."""
    return int(stats(target)["requests"]["received"])


def _proof(proxy: Proxy) -> ProofOptions:
    """By counters of live traffic alone, or where there are none, by marked requests."""
    if proxy.router.verify() is not None:
        return ProofOptions(limit_s=20)
    return ProofOptions(url=proxy.url, mark=MARK, limit_s=20)


@pytest.mark.parametrize("start", [running_haproxy, running_envoy, running_split_nginx])
def test_no_request_is_lost_by_a_change_of_weights(start: Start) -> None:
    with running_target() as stable, running_target() as canary, start(stable, canary) as proxy:
        with _load(proxy.url, stable) as load:
            for weight_percent in WEIGHTS:
                proxy.router.set(weight_percent)
                split = prove(proxy.router, weight_percent, _proof(proxy))
                assert split.state is SplitState.PROVEN, split.text
            began_s = time.monotonic()
            outcome = restore_stable(
                RollbackPlan(
                    router=proxy.router,
                    proof=_proof(proxy),
                    check_stable=lambda: check_side(stable),
                )
            )
            seconds = time.monotonic() - began_s
        assert outcome.succeeded, outcome.text
        assert outcome.seconds_to_safe is not None
        assert outcome.seconds_to_safe <= seconds
        total = load.measurement.total if load.measurement else None
        assert total is not None
        assert (total.failed, total.succeeded) == (0, total.sent)
        came = _received(stable), _received(canary)
        assert min(came) > 0
        assert sum(came) >= total.sent
