"""slo.detector: the shares of alpha, by hand."""

from __future__ import annotations

import pytest

from slo.detector import Detector, Look, allot, looks, watched_objectives
from slo.grammar import parse


def test_each_scope_gets_an_error_budget_and_only_budgets_are_watched() -> None:
    own = [parse(text) for text in ("p99 < 250ms", "error_rate < 2%", "mean < 20ms")]
    assert [each.condition for each in watched_objectives(own, ["/a", "/b"])] == [
        "p99 < 250ms",
        "error_rate < 2%",
        "error_rate of /a <= 0.5%",
        "error_rate of /b <= 0.5%",
    ]
    assert [each.condition for each in watched_objectives([], ["/a"])] == ["error_rate <= 0.5%"]


def test_the_shares_add_up_to_alpha() -> None:
    """A quarter for an outage, three eighths for all together, three for both endpoints."""
    what = looks(watched_objectives([], ["/a", "/b"]), ["/a", "/b"])
    shares = allot(0.01, what)
    assert len(shares) == 6 + 15
    assert sum(shares.values()) == pytest.approx(0.01)
    outage = Look(scope=None, detector=Detector.FAST, subject="error_rate <= 0.5%")
    assert shares[outage] == pytest.approx(0.0025)
    p99 = Look(scope=None, detector=Detector.RELATIVE, subject="p99")
    assert shares[p99] == pytest.approx(0.00375 / 6)
    one_of = Look(scope="/b", detector=Detector.RELATIVE, subject="p99")
    assert shares[one_of] == pytest.approx(0.00375 / 14)


def test_a_single_endpoint_is_not_looked_at_twice() -> None:
    what = looks(watched_objectives([], ["/a"]), ["/a"])
    assert {each.scope for each in what} == {None}
    assert sum(allot(0.01, what).values()) == pytest.approx(0.01)


def test_without_an_outage_to_look_for_the_rest_gets_all() -> None:
    relative = looks([], [])
    assert [look.subject for look in relative] == ["errors", "new status", "p50", "p95", "p99"]
    assert list(allot(0.02, relative).values()) == pytest.approx([0.004] * 5)


def test_objectives_of_response_times_are_compared_in_their_scope() -> None:
    objectives = [parse(text) for text in ("p99 of /a < 1s", "ttfb p99 < 1s", "error_rate < 1%")]
    added = [look for look in looks(objectives, ["/a", "/b"]) if "<" in look.subject]
    assert [look.scope for look in added if look.detector is Detector.RELATIVE] == ["/a"]
