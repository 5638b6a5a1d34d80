"""The rules of a comparison: what the section says, and what always holds."""

from __future__ import annotations

import math

from rollout.shadow.rules import ALWAYS_IGNORED, Rules
from tests.rollout.shadow.ruled import rules


def test_some_headers_never_count() -> None:
    assert Rules.from_section(None).headers == ALWAYS_IGNORED
    assert rules("ignore: {headers: [X-Request-Id]}").headers == {*ALWAYS_IGNORED, "x-request-id"}


def test_what_matches_is_taken_out() -> None:
    found = rules("ignore: {regex: ['\\d+', 'ms$']}")
    assert found.kept("took 17ms") == "took "


def test_the_wider_tolerance_holds() -> None:
    at = rules("tolerance: {$.a: 1, $..a: 10%}").json.below("a")
    assert at.is_close(5, 6)
    assert at.is_close(90, 100)
    assert not at.is_close(5, 6.5)
    assert not at.is_close(math.inf, 1)
    assert at.is_close(math.nan, math.nan)


def test_rules_hold_at_their_place_only() -> None:
    root = rules("ignore: {json: $.a}, unordered: $.b").json
    assert root.below("a").is_ignored
    assert not root.below("b").is_ignored
    assert root.below("b").is_unordered
    assert not root.below("b").below(0).is_unordered
