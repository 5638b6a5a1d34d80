"""Published failures of Kayenta's judge (Mann-Whitney on one value a minute), judged by ours.

The values are those of the issues. A value is half a minute at 20 requests/s: in milliseconds it is
the median response time, in percent the share of bad answers. Kayenta passed those that fail here,
or saw no data: spinnaker/spinnaker #6278 and #5622, spinnaker/kayenta #426, #780 and #799.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.canary_arms import counted
from slo.calibration import Calibration, Calibrator
from slo.canary import CanaryJudge, CanaryJudgement, CanaryVerdict
from slo.detector import watched_objectives
from slo.sample import Counts, Sample

PASS, INCONCLUSIVE, FAIL, INVALID = CanaryVerdict
SECONDS_PER_VALUE = 30
RATE_RPS = 20

ONES = (1.0,) * 10
NONE = (0.0,) * 10
SEVEN_OF_TEN = (100.0,) * 7 + (1.0,) * 3
NARROW = (10.0, 10.1, 10.2, 10.3, 10.4, 10.5, 10.6, 17.0, 17.1, 17.2, 17.3, 17.4, 17.5, 17.6, 17.7)
WIDE = (1.0, 100.0, 4.0, 101.0, 5.0, 102.0, 6.0, 103.0, 7.0, 104.0, 8.0, 105.0, 9.0, 106.0, 17.0)
REDIRECTS = (0.0, 4.8, 0.0, 18.0, 8.9, 0.0, 9.8, 3.5, 0.0, 0.0)
SPARSE = (0.0, 1.0, 2.0, 1.0, 0.0, 0.0)
ERRORS = (1.0, 4.0, 2.0, 3.0, 1.0)


def _second(value: float, unit: str, lots: np.random.Generator) -> Counts:
    median_ms = value if unit == "ms" else 20.0
    times_ns = 1e6 * median_ms * np.exp(lots.normal(0, 0.1, RATE_RPS))
    bad = 0 if unit == "ms" else int(lots.binomial(RATE_RPS, value / 100))
    status_codes = {200: RATE_RPS - bad, 307 if unit == "% redirected" else 500: bad}
    failed = bad if unit == "% failed" else 0
    return counted(times_ns, failed=failed, status_codes=status_codes)


def _samples(values: Sequence[float], unit: str, seed: int) -> list[Sample]:
    lots = np.random.default_rng(seed)
    so_far, samples = Counts.none(), []
    for second in range(SECONDS_PER_VALUE * len(values)):
        so_far += _second(values[second // SECONDS_PER_VALUE], unit, lots)
        samples.append(Sample(t_s=second + 1.0, total=so_far, endpoints={"/": so_far}))
    return samples


def _judged(control: Sequence[float], experiment: Sequence[float], unit: str) -> CanaryJudgement:
    calibrator = Calibrator(watched_objectives([], ["/"]))
    for pair in zip(_samples(control, unit, 1), _samples(control, unit, 2), strict=True):
        calibrator.look(*pair)
    judge = CanaryJudge(calibrator.conclude())
    for pair in zip(_samples(control, unit, 3), _samples(experiment, unit, 4), strict=True):
        judge.look(*pair)
    return judge.conclude()


@pytest.mark.parametrize(
    ("control", "experiment", "unit", "expected", "text"),
    [
        pytest.param(
            ONES, SEVEN_OF_TEN, "ms", FAIL, "p50 ", id="6278: seven of ten are 100 times slower"
        ),
        pytest.param(ONES, ONES, "ms", PASS, "Nothing is worse", id="6278: the control beside it"),
        pytest.param(NARROW, WIDE, "ms", FAIL, "p95 ", id="780: more variable"),
        pytest.param(
            NONE, REDIRECTS, "% redirected", FAIL, "a status that is new", id="5622: new 307"
        ),
        pytest.param(NONE[:6], SPARSE, "% failed", FAIL, "requests fail", id="426: sparse errors"),
        pytest.param(NONE[:5], ERRORS, "% failed", FAIL, "requests fail", id="799: new errors"),
        pytest.param(
            ERRORS, NONE[:5], "% failed", INCONCLUSIVE, "point more errors", id="799: fewer"
        ),
    ],
)
def test_published_failures(
    control: Sequence[float],
    experiment: Sequence[float],
    unit: str,
    expected: CanaryVerdict,
    text: str,
) -> None:
    judgement = _judged(control, experiment, unit)
    assert judgement.verdict is expected
    assert any(text in reason.text for reason in judgement.reasons)


def test_780_as_published_is_less_variable_and_never_fails() -> None:
    """The published experiment has the smaller p95: 18 ms against 106 ms."""
    assert _judged(WIDE, NARROW, "ms").verdict is not FAIL


def test_four_errors_in_a_minute_are_neither_proof_nor_a_pass() -> None:
    """#426 as counts of single requests: of 4 to 0 one in eight pairs of equal arms is made."""
    judge = CanaryJudge(_calibration_without_errors())
    usual, canary = Counts.none(), Counts.none()
    lots = np.random.default_rng(9)
    for second in range(60):
        bad = int(SPARSE[second // 10]) if second % 10 == 0 else 0
        usual += _second(0.0, "% failed", lots)
        answers = _second(0.0, "% failed", lots)
        canary += Counts(
            finished=RATE_RPS,
            failed=bad,
            status_codes={200: RATE_RPS - bad, 500: bad},
            times=answers.times,
        )
        judge.look(
            Sample(t_s=second + 1.0, total=usual, endpoints={"/": usual}),
            Sample(t_s=second + 1.0, total=canary, endpoints={"/": canary}),
        )
    assert judge.conclude().verdict is INCONCLUSIVE


def _calibration_without_errors() -> Calibration:
    calibrator = Calibrator(watched_objectives([], ["/"]))
    for pair in zip(
        _samples(NONE[:2], "% failed", 5), _samples(NONE[:2], "% failed", 6), strict=True
    ):
        calibrator.look(*pair)
    return calibrator.conclude()
