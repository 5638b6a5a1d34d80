"""slo.hindsight: chances at the end of comparisons that were really made."""

from __future__ import annotations

import pytest

from benchmarks.canary_arms import Server, calibrated
from slo.calibration import Calibration
from slo.canary_watch import ScopeWatch
from slo.detector import Detector, Look
from slo.hindsight import Chance, chances, unseen
from slo.policy import Policy

POLICY = Policy()
ALPHA = 0.001


def _chances(calibration: Calibration, server: Server, seconds: int) -> dict[str, Chance]:
    noise = [each for each in calibration.noise if each.scope is None]
    alphas = {
        Look(scope=None, detector=Detector.RELATIVE, subject=each.fault.text): ALPHA
        for each in noise
    }
    scope = ScopeWatch(None, noise, alphas, margin=POLICY.margin, earlier={})
    pairs = zip(server.samples(seconds, 8), server.samples(seconds, 9), strict=True)
    for pair in pairs:
        scope.look(*pair)
    return {each.size: each for each in chances(scope, calibration, alphas, POLICY)}


def test_enough_time_and_not_enough() -> None:
    server = Server()
    calibration = calibrated(server, 60, 1, objectives=("p99 < 250ms",))
    enough = _chances(calibration, server, 120)
    assert list(enough) == [
        "1 point more errors",
        "p50 1.5× worse",
        "p95 1.5× worse",
        "p99 1.5× worse",
    ]
    assert all(each.enough and each.found > 0.95 for each in enough.values())
    short = _chances(calibration, server, 50)
    assert not any(each.enough for each in short.values())


def test_bursts_hide_what_a_calm_server_shows() -> None:
    calm, bursty = (
        _chances(calibrated(server, 100, 2), server, 120)["p50 1.5× worse"].found
        for server in (Server(), Server(stalls=True))
    )
    assert calm > 0.99
    assert bursty < 0.8


def test_the_chance_is_that_of_comparisons_with_a_regression() -> None:
    """p99 as rare as it gets: 30 comparisons with one that is 1.5 times slower."""
    server = Server(rate_rps=10)
    calibration = calibrated(server, 100, 3)
    said = _chances(calibration, server, 100)["p95 1.5× worse"].found
    noise = [each for each in calibration.noise if each.fault.text == "p95"]
    look = Look(scope=None, detector=Detector.RELATIVE, subject="p95")
    found = 0
    for seed in range(30):
        scope = ScopeWatch(None, noise, {look: ALPHA}, margin=POLICY.margin, earlier={})
        slow = Server(rate_rps=10, slower={"/a": 1.5})
        pairs = zip(server.samples(100, 100 + seed), slow.samples(100, 200 + seed), strict=True)
        for pair in pairs:
            scope.look(*pair)
        found += bool(scope.worse)
    assert found / 30 == pytest.approx(said, abs=0.3)


def test_no_requests_and_too_few_have_no_chance() -> None:
    few = Server(rate_rps=2)
    calibration = calibrated(few, 60, 4)
    silent = _chances(calibration, Server(rate_rps=2, silent_from_s=0), 10)
    assert {each.found for each in silent.values()} == {0.0}
    assert _chances(calibration, few, 60)["p99 1.5× worse"].found == 0.0


def test_what_would_have_been_missed_is_one_sentence_for_each_scope() -> None:
    def chance(scope: str | None, size: str, found: float) -> Chance:
        return Chance(scope=scope, size=size, found=found)

    found = unseen(
        [
            chance(None, "p50 1.5× worse", 0.99),
            chance(None, "p95 1.5× worse", 0.5),
            chance(None, "p99 1.5× worse", 0.1),
            chance("/a", "p99 1.5× worse", 0.0),
        ]
    )
    assert [each.text for each in found] == [
        "All endpoints: p99 1.5× worse would have been found with only 10% chance,"
        " p95 1.5× worse with 50%; that takes more time or more requests.",
        "/a: p99 1.5× worse would have been found with only 0% chance;"
        " that takes more time or more requests.",
    ]
