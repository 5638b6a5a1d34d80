"""slo.calibration: what twins show, where it is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.canary_arms import Server, calibrated
from slo.calibration import (
    Calibrator,
    Noise,
    block_s_beside,
    burst_s,
    usual_share,
)
from slo.fault import Beyond, Failed, Fault, NewStatus, Slow, Tally
from slo.grammar import parse
from slo.sample import Counts, Sample

ONE = Server()


def _of(noise: tuple[Noise, ...], fault: type[Fault]) -> list[Noise]:
    return [each for each in noise if isinstance(each.fault, fault)]


def _seconds(bad: str) -> list[Tally]:
    """A second per letter: all of a hundred requests bad at "x", two at any other."""
    return [Tally(bad=100 if letter == "x" else 2, n=100) for letter in bad]


@pytest.mark.parametrize(
    ("first", "second", "seconds"),
    [
        pytest.param("............", "............", 1, id="none"),
        pytest.param("...x......x..", ".......x.....", 1, id="single seconds"),
        pytest.param("..xx.........", "......xx.....", 2, id="two seconds each"),
        pytest.param("..xx.........", "....xx.......", 2, id="one after the other"),
        pytest.param("..xxx........", ".......x.....", 10 / 4, id="long ones count by length"),
        pytest.param("..xx.........", "..xx.........", 1, id="both at once is no difference"),
        pytest.param("xxxxxxxxxxxxx", ".............", 1, id="always is no burst"),
    ],
)
def test_how_long_bursts_last(first: str, second: str, seconds: float) -> None:
    assert burst_s(_seconds(first), _seconds(second)) == pytest.approx(seconds)


def test_chance_is_no_burst() -> None:
    """Two independent arms of which 5 % are bad, for a thousand seconds."""
    bad = np.random.default_rng(1).binomial(100, 0.05, (2, 1_000)).tolist()
    arms = [[Tally(bad=each, n=100) for each in arm] for arm in bad]
    assert burst_s(arms[0], arms[1]) == 1


@pytest.mark.parametrize(("lasting_s", "block_s"), [(1, 5), (2, 5), (2.4, 6), (4, 10), (99, 60)])
def test_blocks_are_long_beside_bursts(lasting_s: float, block_s: int) -> None:
    assert block_s_beside(lasting_s) == block_s


def test_of_a_calm_server() -> None:
    calibration = calibrated(ONE, 60, 1, objectives=("p99 < 250ms",))
    assert calibration.valid
    assert calibration.seconds == 60
    assert calibration.block_s(None) == 5
    assert list(calibration.baseline) == [None]  # one endpoint is all there is
    assert calibration.baseline[None].finished == 2 * 60 * 100
    assert {(each.burst_s, each.block_s, each.disturbed_ratio) for each in calibration.noise} == {
        (1.0, 5, 0.0)
    }
    (errors,) = _of(calibration.noise, Failed)
    assert errors.usual.share == pytest.approx(0.001, abs=0.001)
    (status,) = _of(calibration.noise, NewStatus)
    assert isinstance(status.fault, NewStatus)
    assert status.fault.known == {200, 500}
    (beyond,) = _of(calibration.noise, Beyond)
    assert beyond.fault.text == "p99 < 250ms"


def test_limits_are_the_baselines_percentiles() -> None:
    """Lognormal with median 20 ms and sigma 0.5; a limit is at most a bucket, 1.6 %, above."""
    noise = _of(calibrated(ONE, 100, 2).noise, Slow)
    limits_ms = [each.fault.limit_ns / 1e6 for each in noise if isinstance(each.fault, Slow)]
    assert limits_ms == pytest.approx([20.0, 45.5, 64.0], rel=0.05)
    assert [each.usual.share for each in noise] == pytest.approx([0.5, 0.05, 0.01], rel=0.15)
    assert all(
        each.usual.share <= share for each, share in zip(noise, (0.5, 0.05, 0.01), strict=True)
    )


def test_of_a_server_that_stalls() -> None:
    calibration = calibrated(Server(stalls=True), 300, 3, objectives=("p99 < 250ms",))
    assert calibration.valid
    slow = _of(calibration.noise, Slow)
    assert all(1.9 <= each.burst_s <= 4 for each in slow)
    assert all(each.dispersion > 5 for each in slow)
    assert all(0.2 < each.disturbed_ratio < 0.7 for each in slow)
    assert calibration.block_s(None) == max(each.block_s for each in slow)
    usual = {each.objective.condition: each for each in calibration.usual}
    # Stalls take 6.6 % of the time where 1 % may be slow: the baseline's own share is the budget.
    lifted = usual["p99 < 250ms"]
    assert lifted.seen.share < lifted.budget < 4 * lifted.seen.share
    assert lifted.burst_block_s >= 5
    assert usual["error_rate <= 0.5%"].budget == 0.005
    assert usual["error_rate <= 0.5%"].burst_block_s == 0


def test_a_budget_that_the_baseline_keeps_stays() -> None:
    objective = parse("error_rate <= 1%")
    kept = usual_share(objective, 0.01, [Tally(bad=1, n=100)] * 20)
    assert (kept.budget, kept.seen) == (0.01, Tally(bad=20, n=2_000))
    broken = usual_share(objective, 0.01, [Tally(bad=2, n=100)] * 20)
    assert 0.02 < broken.budget < 0.04
    assert usual_share(objective, 0.01, [Tally(bad=9, n=9), Tally()]).budget == 0.99


@pytest.mark.parametrize(
    ("twin", "differs"),
    [
        pytest.param(Server(slower={"/a": 1.5}), True, id="slower"),
        pytest.param(Server(slower={"/a": 0.5}), True, id="faster"),
        pytest.param(Server(slower={"/a": 1.02}), False, id="within the margin"),
    ],
)
def test_twins_that_are_none(twin: Server, differs: bool) -> None:
    calibration = calibrated(ONE, 100, 4, twin=twin)
    assert calibration.valid is not differs
    if differs:
        assert any(each.differs and each.fault.text == "p50" for each in calibration.noise)


def test_endpoints_are_scopes_of_their_own() -> None:
    server = Server(endpoints=("/a", "/b"), rates_rps={"/b": 5})
    calibration = calibrated(server, 20, 5)
    assert list(calibration.baseline) == [None, "/a", "/b"]
    names: dict[str | None, list[str]] = {scope: [] for scope in calibration.baseline}
    for each in calibration.noise:
        names[each.scope].append(each.fault.text)
    assert names["/a"] == ["errors", "new status", "p50", "p95", "p99"]
    assert names["/b"] == ["errors", "new status", "p50", "p95"]  # 200 requests are no p99


def test_nothing_was_seen() -> None:
    empty = Calibrator([parse("error_rate <= 1%")]).conclude()
    assert (empty.valid, empty.seconds, empty.block_s("/gone")) == (False, 0, 5)
    silent = Calibrator([])
    nothing = Sample(t_s=1.0, total=Counts.none(), endpoints={})
    silent.look(nothing, nothing)
    assert not silent.conclude().valid
