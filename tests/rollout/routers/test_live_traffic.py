"""Live traffic from the engine while weights change: not one request may be lost.

Both targets count for themselves what came; each split is proven before the next change.
"""

from __future__ import annotations

import time

import pytest

from benchmarks.live_traffic import live_traffic
from benchmarks.proxies import (
    MARK_HEADER,
    Proxy,
    running_envoy,
    running_haproxy,
    running_split_nginx,
)
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
RATE_RPS = 1_000


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
        with live_traffic(proxy.url, RATE_RPS) as traffic:
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
        total = traffic.stop().total
        assert (total.failed, total.succeeded) == (0, total.sent)
        came = _received(stable), _received(canary)
        assert min(came) > 0
        assert sum(came) >= total.sent
