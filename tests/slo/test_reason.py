"""slo.reason: the sentences, word for word."""

from __future__ import annotations

import dataclasses

import pytest

from slo import reason
from slo.budget import Pace, trial
from slo.calibration import Noise
from slo.detector import Detector
from slo.effect import Effect
from slo.fault import Beyond, Failed, Fault, NewStatus, Slow, Tally
from slo.grammar import parse
from slo.interval import Interval
from slo.metric import Percentile, Unit
from slo.pairs import PairTrial

P99 = Slow(percentile=Percentile(percent=99), limit_ns=1)
OBJECTIVE = parse("error_rate of /a <= 0.5%")
TIMES = Effect(
    baseline=49.6,
    canary=104.2,
    unit=Unit.MS,
    ratio=2.1,
    interval=Interval(low=1.83, high=2.5),
    bootstrapped=False,
    worse=True,
)
SHARES = Effect(
    baseline=0.1,
    canary=1.25,
    unit=Unit.PERCENT,
    ratio=12.5,
    interval=Interval(low=0.8, high=1.5),
    bootstrapped=True,
    worse=True,
)
NOTHING = Effect(
    baseline=None,
    canary=None,
    unit=Unit.PERCENT,
    ratio=None,
    interval=None,
    bootstrapped=False,
    worse=False,
)


@pytest.mark.parametrize(
    ("fault", "effect", "text"),
    [
        (
            P99,
            TIMES,
            "/a: p99 104.2 ms against 49.6 ms, 2.10× (1.83 to 2.50 with 95% confidence),"
            " since 35 s.",
        ),
        (
            Failed(),
            SHARES,
            "/a: 1.25 % of the requests fail against 0.10 %"
            " (+0.80 to +1.50 points with 95% confidence), since 35 s.",
        ),
        (
            NewStatus(known=frozenset({200})),
            SHARES,
            "/a: 1.25 % of the answers have a status that is new, against 0.10 %"
            " (+0.80 to +1.50 points with 95% confidence), since 35 s.",
        ),
        (
            Beyond(condition="p99 < 250ms", limit_ns=1),
            SHARES,
            "/a: 1.25 % of the requests break 'p99 < 250ms' against 0.10 %"
            " (+0.80 to +1.50 points with 95% confidence), since 35 s.",
        ),
        (Failed(), NOTHING, "/a: nothing of the requests fail against nothing, since 35 s."),
    ],
)
def test_worse(fault: Fault, effect: Effect, text: str) -> None:
    found = reason.worse("/a", fault, effect, 35.2)
    assert found.text == text
    assert (found.endpoint, found.detector, found.ratio, found.since_s) == (
        "/a",
        Detector.RELATIVE,
        effect.ratio,
        35.2,
    )


def test_small() -> None:
    assert reason.small(None, P99, TIMES).text == (
        "All endpoints: p99 104.2 ms against 49.6 ms, 2.10× (1.83 to 2.50 with 95% confidence);"
        " that is not surely beyond the margin."
    )


def test_unproven() -> None:
    tiny = dataclasses.replace(TIMES, baseline=0.2318, canary=3.4, ratio=14.67, interval=None)
    trial = PairTrial(wins=4, filled_s=2)
    assert reason.unproven(None, P99, tiny, trial, 10).text == (
        "All endpoints: p99 3.40 ms against 232 µs, 14.67×; not proven: the canary did worse in"
        " 4 of the 14 blocks of 5 s that it takes, so compare for at least 48 s more."
    )


@pytest.mark.parametrize(("usual", "ratio"), [(0, None), (1, 48.0)])
def test_exceeded(usual: int, ratio: float | None) -> None:
    begun = trial(0.005, Pace.FAST)
    canary = begun.second(Tally(bad=0, n=100)).second(Tally(bad=48, n=100))
    found = reason.exceeded(OBJECTIVE, Detector.FAST, canary, begun.second(Tally(bad=usual, n=100)))
    assert found.text == (
        "/a: 48.00 % of the requests break 'error_rate of /a <= 0.5%' since 1 s,"
        f" of the baseline's {usual}.00 % do."
    )
    assert (found.endpoint, found.since_s) == ("/a", 1.0)
    assert found.ratio == (None if ratio is None else pytest.approx(ratio))


def test_shared() -> None:
    assert reason.shared(OBJECTIVE, Detector.SLOW).text == (
        "/a: canary and baseline both break 'error_rate of /a <= 0.5%';"
        " that is not the canary's doing."
    )


def test_unlike_itself() -> None:
    noise = Noise(
        scope=None,
        fault=P99,
        usual=Tally(bad=1, n=100),
        dispersion=1.0,
        burst_s=1.0,
        block_s=5,
        disturbed_ratio=0.0,
        effect=TIMES,
        differs=True,
    )
    assert reason.unlike_itself(noise).text == (
        "All endpoints: the baseline differs from itself, p99 104.2 ms against 49.6 ms,"
        " 2.10× (1.83 to 2.50 with 95% confidence); nothing can be compared with it."
    )


def test_what_could_not_be_seen() -> None:
    assert reason.unanswered().text == (
        "The baseline gave no answers while it was calibrated; is it reachable from here?"
    )
    assert reason.missing("/a", 1_234).text == (
        "/a: the canary finished no requests, the baseline 1,234; no data is no pass."
    )
    assert reason.lost(parse("error_rate <= 0.5%")).text == (
        "All endpoints: the baseline itself breaks 'error_rate <= 0.5%' since it was calibrated;"
        " to be no worse than that is no pass."
    )
    assert reason.untrusted().text == (
        "The measurement is INVALID: its numbers are about the generator, not the canary."
    )
    assert reason.blind("/a", {"p99 1.5× worse": 0.34}).text == (
        "/a: p99 1.5× worse would have been found with only 34% chance;"
        " that takes more time or more requests."
    )
    assert reason.passed(["p50 1.5× worse", "p99 1.5× worse"], 0.93).text == (
        "Nothing is worse beyond the margin; p50 1.5× worse, p99 1.5× worse"
        " would have been found with 93% chance."
    )
