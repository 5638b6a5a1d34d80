"""slo.preflight: the line before it starts, and that it says what the formulas say."""

from __future__ import annotations

import dataclasses
import re

import pytest

from slo.detector import Detector, Look, allot, looks, watched_objectives
from slo.grammar import parse
from slo.policy import Policy
from slo.power import POWERED, Design, found, more_errors, needed_s, typical_slower
from slo.preflight import PERCENTILE, preflight


@pytest.mark.parametrize(
    ("duration_s", "rate_rps", "text"),
    [
        pytest.param(
            300,
            100.0,
            r"300 s at 100 requests/s per arm: finds p99 1\.2× worse and 0\.\d points more errors; "
            r"1\.1× would need \d+ min",
            id="the guide's five minutes",
        ),
        pytest.param(
            3_600, 5_000.0, r".*: finds p99 1\.1× worse and 0\.2 points more errors", id="plenty"
        ),
        pytest.param(
            600,
            1.0,
            r".*: finds p99 (3|5)× worse and \d+ points? more errors; .* would need \d+ min; "
            r"too little for PASS, which takes 1\.5×",
            id="little",
        ),
        pytest.param(
            30,
            100.0,
            r".*: does not even find p99 10× worse; 10× would need \d+ s; too little for PASS.*",
            id="too short for any",
        ),
        pytest.param(
            200,
            2.0,
            r".*: does not even find p99 10× worse, but \d+ points? more errors; .* need 4 min; .*",
            id="fewer requests than a p99 takes",
        ),
        pytest.param(60, 0.05, r".* would need \d\.\d h; .*", id="hours"),
        pytest.param(60, 0.001, r".* would need more than a day; .*", id="days"),
    ],
)
def test_the_line_before_it_starts(duration_s: float, rate_rps: float, text: str) -> None:
    assert re.fullmatch(text, preflight(duration_s=duration_s, rate_rps=rate_rps).text)


def test_what_it_says_is_what_the_formulas_say() -> None:
    objectives, endpoints = [parse("p95 < 1s")], ["/a", "/b"]
    policy = Policy(alpha=0.05, ratio=1.2)
    flight = preflight(
        duration_s=300, rate_rps=50, objectives=objectives, endpoints=endpoints, policy=policy
    )
    what = looks(watched_objectives(objectives, endpoints), endpoints)
    look = Look(scope=None, detector=Detector.RELATIVE, subject="p99")
    design = Design(duration_s=300, rate_rps=50, alpha=allot(0.05, what)[look])
    assert flight.finds_ratio is not None
    assert flight.finer_ratio is not None
    assert flight.error_points is not None
    finds, finer, errors = (
        typical_slower(PERCENTILE, flight.finds_ratio, policy.margin),
        typical_slower(PERCENTILE, flight.finer_ratio, policy.margin),
        more_errors(0.0, flight.error_points, policy.margin),
    )
    assert found(design, finds) >= POWERED > found(design, finer)
    assert found(design, errors) >= POWERED
    assert flight.finer_s == needed_s(design, finer)
    assert flight.can_pass is (flight.finds_ratio <= 1.2)


def test_more_to_look_at_takes_longer() -> None:
    few = preflight(duration_s=120, rate_rps=20)
    many = preflight(duration_s=120, rate_rps=20, endpoints=[f"/{each}" for each in range(30)])
    assert few.finer_ratio == many.finer_ratio
    assert few.finer_s is not None
    assert many.finer_s is not None
    assert many.finer_s > few.finer_s
    assert dataclasses.replace(few, text="") != dataclasses.replace(many, text="")
