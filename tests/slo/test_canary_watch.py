"""slo.canary_watch: what one scope and one budget remember, from second to second."""

from __future__ import annotations

import pytest

from benchmarks.canary_arms import Server, calibrated
from slo.calibration import Calibration
from slo.canary_watch import PACES, BudgetWatch, ScopeWatch
from slo.compare import Margin
from slo.detector import Detector, Look
from slo.fault import Failed

ONE = Server()
CALIBRATION = calibrated(ONE, 40, 1)
ERRORS = Look(scope=None, detector=Detector.RELATIVE, subject="errors")


def _scope(calibration: Calibration = CALIBRATION) -> ScopeWatch:
    noise = [each for each in calibration.noise if isinstance(each.fault, Failed)]
    return ScopeWatch(None, noise, {ERRORS: 0.001}, margin=Margin(), earlier={})


def _budget() -> BudgetWatch:
    (usual,) = CALIBRATION.usual
    subject = usual.objective.condition
    alphas = {Look(scope=None, detector=each, subject=subject): 0.001 for each in PACES}
    return BudgetWatch(usual, alphas, {})


def _fed(comparison: ScopeWatch | BudgetWatch, usual: Server, canary: Server, seconds: int) -> None:
    for pair in zip(usual.samples(seconds, 2), canary.samples(seconds, 3), strict=True):
        comparison.look(*pair)


def test_a_finding_stays_and_says_since_when() -> None:
    scope = _scope()
    usual, bad = ONE.samples(200, 2), Server(errors={"/a": 0.05}).samples(100, 3)
    after = ONE.samples(100, 4)
    for second in range(100):
        scope.look(usual[second], bad[second])
    (found,) = scope.worse
    assert found.since_s == 0.0
    for second in range(100):
        last = bad[-1].total + after[second].total
        later = type(after[0])(t_s=101.0 + second, total=last, endpoints={"/a": last})
        scope.look(usual[100 + second], later)
    assert scope.worse == (found,)
    (evidence,) = scope.evidence
    assert evidence.proven
    assert scope.small == ()


def test_proven_but_within_the_margin_is_told_apart() -> None:
    """Two tenths of a percentage point of errors with a margin of five."""
    noise = [each for each in CALIBRATION.noise if isinstance(each.fault, Failed)]
    wide = Margin(error_points=5.0)
    scope = ScopeWatch(None, noise, {ERRORS: 0.001}, margin=wide, earlier={})
    _fed(scope, ONE, Server(errors={"/a": 0.02}), 150)
    assert scope.worse == ()
    (small,) = scope.small
    assert "is not surely beyond the margin" in small.text


def test_requests_are_those_of_the_arm_with_fewer() -> None:
    scope = _scope()
    _fed(scope, ONE, Server(rate_rps=30), 5)
    assert (scope.n, scope.seconds) == (150, 5)
    assert scope.missing == ()


def test_a_canary_without_requests_is_missing() -> None:
    scope = _scope()
    _fed(scope, ONE, Server(silent_from_s=0), 5)
    (missing,) = scope.missing
    assert "finished no requests, the baseline 500" in missing.text


@pytest.mark.parametrize(
    ("usual", "canary", "exceeded", "shared"),
    [
        pytest.param(0.001, 0.001, False, False, id="neither breaks it"),
        pytest.param(0.001, 0.5, True, False, id="the canary breaks it"),
        pytest.param(0.5, 0.001, False, False, id="the baseline breaks it"),
        pytest.param(0.5, 0.5, False, True, id="both break it"),
    ],
)
def test_who_breaks_the_budget(usual: float, canary: float, exceeded: bool, shared: bool) -> None:
    budget = _budget()
    _fed(budget, Server(errors={"/a": usual}), Server(errors={"/a": canary}), 40)
    assert bool(budget.exceeded) is exceeded
    assert bool(budget.shared) is shared
    assert any(each.proven for each in budget.evidence) is exceeded


def test_a_finding_about_a_budget_says_who_breaks_it_and_how_much() -> None:
    budget = _budget()
    _fed(budget, ONE, Server(errors={"/a": 0.5}), 10)
    (found,) = budget.exceeded
    assert found.detector is Detector.FAST
    assert found.since_s == 0.0
    assert found.text.startswith("All endpoints: 4") or found.text.startswith("All endpoints: 5")
