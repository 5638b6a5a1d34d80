"""Queries: a limit that is kept, broken, or answered by nothing."""

from __future__ import annotations

import json

import pytest

from rollout.progressive.judge import Opinion
from rollout.progressive.query_judge import LOST_AFTER_S, Query, QueryJudge
from rollout.progressive.stage import Stage
from slo.canary import CanaryVerdict
from slo.policy import OnFailure
from tests.rollout.progressive.answering import answering

STAGE = Stage(name="5%", percentage=5, duration_s=10)


def _answer(*values: str) -> tuple[int, str]:
    samples = [{"metric": {}, "value": [0, value]} for value in values]
    return 200, json.dumps({"data": {"resultType": "vector", "result": samples}})


class Watched(QueryJudge):
    """A judge with a clock of its own that waits for each look under way."""

    def __init__(self, url: str, comparison: str = "<") -> None:
        self.clock_s = 0.0
        query = Query(
            url=url,
            name="errors",
            query="sum(x)",
            comparison=comparison,
            limit=0.5,
            interval_s=10,
            on_failure=OnFailure.PAUSE,
        )
        super().__init__(query, now_s=lambda: self.clock_s)

    def after(self, seconds: float) -> Opinion:
        self._wait()
        self.look()
        self.clock_s += seconds
        self.look()
        self._wait()
        return self.look()

    def end(self) -> Opinion:
        self._wait()
        return self.conclude()

    def _wait(self) -> None:
        while not self.is_done():
            pass


@pytest.mark.parametrize(
    ("values", "verdict", "text"),
    [
        (("0.4",), CanaryVerdict.PASS, "0.4, expected < 0.5"),
        (("0.5",), CanaryVerdict.FAIL, "0.5, expected < 0.5"),
        ((), CanaryVerdict.INCONCLUSIVE, "no value, expected < 0.5"),
        (("NaN",), CanaryVerdict.INCONCLUSIVE, "no value, expected < 0.5"),
        (("+Inf",), CanaryVerdict.INCONCLUSIVE, "no value, expected < 0.5"),
    ],
)
def test_one_look(values: tuple[str, ...], verdict: CanaryVerdict, text: str) -> None:
    with answering(_answer(*values)) as server:
        judge = Watched(server.url)
        judge.begin(STAGE, 10, [])
        opinion = judge.end()
    assert (opinion.verdict, opinion.text) == (verdict, text)
    assert opinion.on_failure is OnFailure.PAUSE


def test_a_broken_limit_is_not_mended_by_a_later_look() -> None:
    with answering(_answer("0.9"), _answer("0.1")) as server:
        judge = Watched(server.url)
        judge.begin(STAGE, 30, [])
        assert judge.after(10).verdict is CanaryVerdict.FAIL
        assert judge.end().text == "0.9, expected < 0.5"


def test_values_that_stop_coming_are_no_pass() -> None:
    with answering(_answer("0.1"), _answer()) as server:
        judge = Watched(server.url)
        judge.begin(STAGE, 30, [])
        judge.after(10)
        assert judge.end().verdict is CanaryVerdict.INCONCLUSIVE
        assert len(server.asked) == 2


def test_a_prometheus_that_is_lost_is_named_and_given_up_in_time() -> None:
    with answering((503, "starting")) as server:
        judge = Watched(server.url)
        judge.begin(STAGE, 300, [])
        first = judge.after(1)
        assert "it answered 503 (starting)" in first.text
        assert not first.lost
        assert judge.after(LOST_AFTER_S).lost


def test_a_lower_limit() -> None:
    with answering(_answer("0.4")) as server:
        judge = Watched(server.url, ">=")
        judge.begin(STAGE, 10, [])
        assert judge.end().verdict is CanaryVerdict.FAIL
