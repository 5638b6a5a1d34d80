"""slo.canary: whole verifications of simulated servers, and thousands on arrays."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from benchmarks.canary_alarms import World, alarms_s
from benchmarks.canary_arms import Server, calibrated, verified
from slo.calibration import Calibration
from slo.canary import CanaryJudge, CanaryJudgement, CanaryVerdict
from slo.detector import Detector, allot, looks, watched_objectives
from slo.evidence import BudgetEvidence, PairEvidence
from slo.grammar import parse
from slo.sample import Counts, Sample

PASS, INCONCLUSIVE, FAIL, INVALID = CanaryVerdict
SIX = ("/a", "/b", "/c", "/d", "/e", "/f")
ONE, MANY = Server(), Server(endpoints=SIX, rate_rps=50)
RUNS = 200


@cache
def _of_one() -> Calibration:
    return calibrated(ONE, 60, 1, objectives=("p99 < 250ms",))


@cache
def _of_many() -> Calibration:
    return calibrated(MANY, 40, 1)


def _texts(judgement: CanaryJudgement) -> str:
    return "\n".join(reason.text for reason in judgement.reasons)


def test_the_same_passes_when_a_regression_would_have_been_found() -> None:
    judgement = verified(_of_one(), ONE, ONE, 120, 10)
    assert judgement.verdict is PASS
    assert judgement.seconds == 120
    assert _texts(judgement) == (
        "Nothing is worse beyond the margin; 1 point more errors, p50 1.5× worse,"
        " p95 1.5× worse, p99 1.5× worse would have been found with 100% chance."
    )


def test_too_short_to_see_anything_is_inconclusive() -> None:
    judgement = verified(_of_one(), ONE, ONE, 30, 10)
    assert judgement.verdict is INCONCLUSIVE
    assert {reason.detector for reason in judgement.reasons} == {Detector.POWER}
    assert "p99 1.5× worse with 0%" in _texts(judgement)


def test_what_looks_much_worse_in_too_short_a_time_is_said_and_fails_nothing() -> None:
    judgement = verified(_of_one(), ONE, Server(slower={"/a": 2.0}), 15, 10)
    assert judgement.verdict is INCONCLUSIVE
    first = judgement.notes[0]
    assert first.ratio == pytest.approx(2.0, abs=0.3)
    assert "not proven: the canary did worse in 3 of the" in first.text
    assert verified(_of_one(), ONE, ONE, 15, 10).notes == ()


@pytest.mark.parametrize(
    ("canary", "detector", "text"),
    [
        pytest.param(Server(slower={"/a": 1.3}), Detector.RELATIVE, "p95", id="30 % slower"),
        pytest.param(
            Server(errors={"/a": 0.011}),
            Detector.RELATIVE,
            "of the requests fail against",
            id="1 % more errors",
        ),
        pytest.param(Server(tail={"/a": 0.02}), Detector.RELATIVE, "p99", id="a bimodal tail"),
        pytest.param(
            Server(redirects=0.02),
            Detector.RELATIVE,
            "of the answers have a status that is new",
            id="redirects that are no failures",
        ),
        pytest.param(
            Server(tail={"/a": 0.2}), Detector.SLOW, "break 'p99 < 250ms' since", id="a budget"
        ),
        pytest.param(
            Server(errors={"/a": 0.5}),
            Detector.FAST,
            "break 'error_rate <= 0.5%' since 0 s, of the baseline's",
            id="half fails",
        ),
        pytest.param(Server(silent_from_s=3), Detector.FAST, "since 3 s", id="it hangs"),
    ],
)
def test_what_is_worse_fails_and_says_why(canary: Server, detector: Detector, text: str) -> None:
    judgement = verified(_of_one(), ONE, canary, 120, 20)
    assert judgement.verdict is FAIL
    assert any(each.detector is detector and text in each.text for each in judgement.reasons)


def test_half_failing_is_found_in_five_seconds_also_after_an_hour_without_a_fault() -> None:
    assert verified(_of_one(), ONE, Server(errors={"/a": 0.5}), 120, 20).seconds <= 5


def test_the_slow_one_of_six_endpoints_is_named_first() -> None:
    canary = Server(endpoints=SIX, rate_rps=50, slower={"/c": 1.3})
    judgement = verified(_of_many(), MANY, canary, 120, 30)
    assert judgement.verdict is FAIL
    assert {reason.endpoint for reason in judgement.reasons} <= {"/c", None}
    first = judgement.reasons[0]
    assert (first.endpoint, first.detector) == ("/c", Detector.RELATIVE)
    assert first.ratio == pytest.approx(1.3, abs=0.1)


def test_what_is_proven_of_all_together_names_where_it_comes_from() -> None:
    usual = Server(endpoints=("/a", "/c"))
    canary = Server(endpoints=("/a", "/c"), slower={"/c": 1.5})
    judgement = verified(calibrated(usual, 25, 1), usual, canary, 80, 3)
    assert judgement.verdict is FAIL
    assert judgement.reasons[0].endpoint is None
    assert judgement.reasons[-1].endpoint == "/c"
    assert judgement.reasons[-1].text.startswith("Most of it comes from /c: p")


def test_where_all_endpoints_are_worse_none_is_blamed() -> None:
    usual = Server(endpoints=("/a", "/c"))
    canary = Server(endpoints=("/a", "/c"), slower={"/a": 1.5, "/c": 1.5})
    judgement = verified(calibrated(usual, 25, 1), usual, canary, 80, 3)
    assert judgement.verdict is FAIL
    assert {reason.endpoint for reason in judgement.reasons} == {None}


def test_a_proven_but_tiny_difference_does_not_fail() -> None:
    judgement = verified(_of_one(), ONE, Server(slower={"/a": 1.04}), 300, 40)
    assert judgement.verdict is PASS
    assert any("is not surely beyond the margin" in note.text for note in judgement.notes)


def test_what_both_arms_break_is_not_the_canarys_doing() -> None:
    down = Server(errors={"/a": 0.5})
    judgement = verified(_of_one(), down, down, 60, 50)
    assert judgement.verdict is INCONCLUSIVE
    assert "canary and baseline both break 'error_rate <= 0.5%'" in _texts(judgement)


@pytest.mark.parametrize(
    "baseline",
    [Server(silent_from_s=30), Server(errors={"/a": 0.9})],
    ids=["it falls silent", "it fails"],
)
def test_to_be_no_worse_than_a_baseline_that_has_broken_is_no_pass(baseline: Server) -> None:
    judgement = verified(_of_one(), baseline, Server(slower={"/a": 1.04}), 200, 3)
    assert judgement.verdict is INCONCLUSIVE
    assert "All endpoints: the baseline itself breaks 'error_rate <= 0.5%'" in _texts(judgement)


def test_a_baseline_unlike_itself_is_invalid() -> None:
    calibration = calibrated(ONE, 90, 2, twin=Server(slower={"/a": 1.5}))
    judgement = CanaryJudge(calibration).conclude()
    assert judgement.verdict is INVALID
    assert "the baseline differs from itself" in _texts(judgement)
    assert judgement.reasons[0].detector is Detector.CALIBRATION


def test_a_baseline_that_never_answers_is_invalid() -> None:
    calibration = calibrated(Server(silent_from_s=0), 5, 2)
    judgement = CanaryJudge(calibration).conclude()
    assert (judgement.verdict, judgement.reasons[0].detector) == (INVALID, Detector.DATA)


def test_a_generator_that_cannot_be_trusted_makes_no_verdict() -> None:
    judge = CanaryJudge(_of_one())
    samples = zip(ONE.samples(20, 60), Server(errors={"/a": 1.0}).samples(20, 61), strict=True)
    judgements = [judge.look(*pair, trusted=False) for pair in samples]
    assert {judgement.verdict for judgement in judgements} == {INVALID}
    assert judge.conclude(trusted=False).reasons[0].detector is Detector.GENERATOR
    assert judge.conclude().verdict is FAIL


def test_an_endpoint_that_is_never_answered_is_no_pass() -> None:
    """Too few requests a second to take silence for a fault, and yet no data is no pass."""
    server = Server(endpoints=("/a", "/b"), rate_rps=15)
    calibration = calibrated(server, 60, 3)
    judge = CanaryJudge(calibration)
    for one, other in zip(server.samples(150, 70), server.samples(150, 71), strict=True):
        lost = {**other.endpoints, "/b": Counts.none()}
        judge.look(one, Sample(t_s=other.t_s, total=other.endpoints["/a"], endpoints=lost))
    judgement = judge.conclude()
    assert judgement.verdict is INCONCLUSIVE
    assert "/b: the canary finished no requests, the baseline 2,250" in _texts(judgement)


def test_an_endpoint_with_few_requests_is_noted() -> None:
    server = Server(endpoints=("/a", "/b"), rates_rps={"/b": 1})
    judgement = verified(calibrated(server, 60, 4), server, server, 150, 80)
    assert judgement.verdict is PASS
    assert {note.endpoint for note in judgement.notes} == {"/b"}
    assert any("p99 1.5× worse with 0%" in note.text for note in judgement.notes)


def test_a_calibration_with_too_few_requests_cannot_see_a_percentile() -> None:
    few = Server(rate_rps=4)
    judgement = verified(calibrated(few, 60, 5), few, few, 120, 90)
    assert judgement.verdict is INCONCLUSIVE
    assert "p99 1.5× worse with 0%" in _texts(judgement)


def test_evidence_goes_on_in_the_next_stage() -> None:
    slow = Server(slower={"/a": 1.3})
    judge = CanaryJudge(_of_one())
    for pair in zip(ONE.samples(45, 100), slow.samples(45, 101), strict=True):
        judgement = judge.look(*pair)
    assert judgement.verdict is INCONCLUSIVE
    fresh, informed = CanaryJudge(_of_one()), CanaryJudge(_of_one(), evidence=judgement.evidence)
    found: dict[str, int] = {}
    for pair in zip(ONE.samples(120, 102), slow.samples(120, 103), strict=True):
        for name, one in (("fresh", fresh), ("informed", informed)):
            judgement = one.look(*pair)
            if judgement.verdict is FAIL:
                found.setdefault(name, judgement.seconds)
    assert found["informed"] < found["fresh"]


def test_what_was_proven_stays_proven_for_one_who_goes_on() -> None:
    judge = CanaryJudge(_of_one())
    for pair in zip(ONE.samples(8, 110), Server(errors={"/a": 0.5}).samples(8, 111), strict=True):
        judgement = judge.look(*pair)
    assert judgement.verdict is FAIL
    again = CanaryJudge(_of_one(), evidence=judgement.evidence)
    assert again.look(ONE.samples(1, 112)[0], ONE.samples(1, 113)[0]).verdict is FAIL


def test_alpha_is_allotted_as_it_was_foreseen() -> None:
    judge = CanaryJudge(_of_one())
    judgement = judge.look(ONE.samples(1, 1)[0], ONE.samples(1, 2)[0])
    objectives = watched_objectives([parse("p99 < 250ms")], ["/a"])
    foreseen = allot(0.01, looks(objectives, ["/a"]))
    assert {each.look: each.alpha for each in judgement.evidence} == foreseen


def test_every_detector_shows_its_evidence_and_what_it_needs() -> None:
    judge = CanaryJudge(_of_one())
    judgement = judge.look(ONE.samples(1, 1)[0], ONE.samples(1, 2)[0])
    alphas = [each.alpha for each in judgement.evidence]
    assert sum(alphas) == pytest.approx(0.01)
    kinds = {type(each) for each in judgement.evidence}
    assert kinds == {PairEvidence, BudgetEvidence}
    assert all(each.needed == pytest.approx(-math.log(each.alpha)) for each in judgement.evidence)
    assert all(each.log_evidence < each.needed for each in judgement.evidence)


def test_the_effects_are_known_in_every_respect_that_is_compared() -> None:
    calibration = _of_one()
    judge = CanaryJudge(calibration)
    slow = Server(slower={"/a": 1.3})
    for baseline, canary in zip(ONE.samples(60, 1), slow.samples(60, 2), strict=True):
        judgement = judge.look(baseline, canary)
    compared = {each.look for each in judgement.evidence if isinstance(each, PairEvidence)}
    assert set(judge.effects) == compared
    p50 = next(effect for look, effect in judge.effects.items() if look.subject == "p50")
    assert p50.ratio == pytest.approx(1.3, abs=0.05)


@pytest.mark.parametrize("stalls", [False, True])
def test_watched_every_second_equal_arms_seldom_alarm(stalls: bool) -> None:
    """At most 1 %; of 200 runs, six alarms would be one in 250 such tests."""
    same = World(stalls=stalls)
    alarms = alarms_s(same, same, RUNS, seed=11).values()
    assert np.isfinite(np.min(list(alarms), axis=0)).sum() <= 5


def test_twice_as_many_bad_requests_are_found_between_stalls() -> None:
    usual, worse = World(stalls=True), World(stalls=True, slow=2.0)
    first = np.min(list(alarms_s(usual, worse, RUNS, seed=12).values()), axis=0)
    assert np.isfinite(first).mean() >= 0.95


def test_half_failing_is_found_within_five_seconds_by_everybody() -> None:
    first = np.min(list(alarms_s(World(), World(errors=0.5), 50, 13, seconds=20).values()), axis=0)
    assert np.quantile(first, 0.95) <= 5
