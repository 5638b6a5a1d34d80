"""slo.fault: what is bad about some answers, counted by hand."""

from __future__ import annotations

import pytest

from slo.fault import NOTHING, Beyond, Failed, Fault, NewStatus, Slow, Tally, heard, tally
from slo.metric import Percentile
from slo.sample import Counts
from tests.slo.traffic import counts

SEEN = counts({10: 6, 20: 3, 40: 1}, failed=2, status_codes={200: 6, 307: 2, 500: 2, 0: 0})
TIMED_OUT = Counts(finished=12, failed=4, status_codes=SEEN.status_codes, times=SEEN.times)


@pytest.mark.parametrize(
    ("fault", "name", "bad"),
    [
        pytest.param(Failed(), "errors", 4, id="failed"),
        pytest.param(NewStatus(known=frozenset({200, 500})), "new status", 2, id="a redirect"),
        pytest.param(
            Slow(percentile=Percentile(percent=50), limit_ns=15_000_000),
            "p50",
            4 + 2,
            id="slow, and two that were never answered",
        ),
        pytest.param(
            Beyond(condition="p99 < 30ms", limit_ns=30_000_000),
            "p99 < 30ms",
            1 + 2,
            id="beyond an objective, and two that were never answered",
        ),
    ],
)
def test_bad_requests_are_counted(fault: Fault, name: str, bad: int) -> None:
    assert fault.text == name
    assert tally(fault, TIMED_OUT) == Tally(bad=bad, n=12)


def test_there_are_never_more_bad_requests_than_requests() -> None:
    """Counts of a run that goes on are read one after the other: ten are slow, nine have ended."""
    torn = Counts(finished=9, failed=10, status_codes={500: 10}, times=SEEN.times)
    slow = Beyond(condition="p99 < 1ms", limit_ns=1_000_000)
    for fault in (Failed(), NewStatus(known=frozenset()), slow):
        assert tally(fault, torn) == Tally(bad=9, n=9)
    assert Tally(bad=100, n=100) - Tally(bad=49, n=50) == Tally(bad=50, n=50)
    assert Tally(bad=49, n=100) - Tally(bad=50, n=50) == Tally(bad=0, n=50)


def test_tallies_add_up_and_come_apart() -> None:
    both = Tally(bad=1, n=10) + Tally(bad=2, n=5)
    assert both == Tally(bad=3, n=15)
    assert both - Tally(bad=1, n=10) == Tally(bad=2, n=5)
    assert both.share == 0.2
    assert NOTHING.share == 0.0


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param((1, 50), (2, 50), ((1, 50), (2, 50)), id="both answer"),
        pytest.param((1, 50), (0, 0), ((1, 50), (50, 50)), id="the second is silent"),
        pytest.param((0, 0), (1, 50), ((50, 50), (1, 50)), id="the first is silent"),
        pytest.param((1, 19), (0, 0), ((1, 19), (0, 0)), id="few requests: that is chance"),
        pytest.param((0, 0), (0, 0), ((0, 0), (0, 0)), id="nobody asked"),
    ],
)
def test_silence_is_bad(
    one: tuple[int, int], other: tuple[int, int], expected: tuple[tuple[int, int], ...]
) -> None:
    arms = heard(Tally(bad=one[0], n=one[1]), Tally(bad=other[0], n=other[1]))
    assert tuple((arm.bad, arm.n) for arm in arms) == expected
