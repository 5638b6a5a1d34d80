"""slo.watch: windows, rows of seconds and early decisions, on runs that are written down."""

from __future__ import annotations

import pytest

from slo.grammar import parse
from slo.metric import Unit
from slo.verdict import Finding, Verdict
from slo.watch import ConsecutiveWatch, RunWatch, SlidingWatch, watch
from tests.slo.traffic import Traffic

PASS, INCONCLUSIVE, FAIL = Verdict
GOOD = {10.0: 100}
BAD = {10.0: 50, 500.0: 50}
QUIET: dict[float, int] = {}


def follow(text: str, rows: list[dict[float, int]], *, failed: int = 0) -> list[Finding]:
    """The finding after each second."""
    follower = watch(parse(text))
    traffic = Traffic()
    return [follower.look(sample) for sample in traffic.seconds(rows, failed=failed)]


def test_each_objective_has_its_watch() -> None:
    assert isinstance(watch(parse("p95 < 1ms")), RunWatch)
    assert isinstance(watch(parse("p95 < 1ms within 5s")), SlidingWatch)
    assert isinstance(watch(parse("p95 < 1ms for 5s")), ConsecutiveWatch)


class TestWholeRun:
    def test_all_seconds_are_one(self) -> None:
        findings = follow("p95 < 300ms", [GOOD, BAD, *[GOOD] * 18])
        assert [f.verdict for f in findings] == [PASS, *[FAIL] * 8, *[PASS] * 11]
        assert findings[8].since_s == 2.0  # the violation began there and went on
        assert findings[9].since_s is None
        assert findings[-1].n == 2_000
        assert findings[-1].observed == pytest.approx(10.0, rel=1e-3)

    def test_the_start_is_left_out(self) -> None:
        findings = follow("max < 300ms, after 2s", [BAD, BAD, GOOD, BAD])
        assert [f.verdict for f in findings] == [INCONCLUSIVE, INCONCLUSIVE, PASS, FAIL]
        assert findings[0].reason == "The first 2s do not count, and there was no more."
        assert [f.n for f in findings] == [0, 0, 100, 200]

    def test_rates_leave_it_out_too(self) -> None:
        findings = follow("throughput > 90, after 1s", [QUIET, GOOD, GOOD])
        assert findings[-1].observed == 100.0
        findings = follow("error_rate < 1%, after 1s", [GOOD, GOOD], failed=5)
        assert (findings[-1].observed, findings[-1].n) == (5.0, 100)

    def test_no_requests_are_no_pass(self) -> None:
        assert [f.verdict for f in follow("p95 < 300ms", [QUIET] * 3)] == [INCONCLUSIVE] * 3

    def test_answers_that_came_after_the_end_count(self) -> None:
        follower, traffic = watch(parse("max < 300ms")), Traffic()
        assert follower.look(traffic.second(GOOD)).verdict is PASS
        assert follower.look(traffic.second({500.0: 1}, length_s=0.0)).verdict is FAIL

    def test_a_violated_maximum_is_certain(self) -> None:
        findings = follow("max < 300ms", [GOOD, BAD])
        assert [f.certain for f in findings] == [False, True]

    def test_an_interval_across_the_limit(self) -> None:
        [finding] = follow("error_rate < 1%, decide confident", [{10.0: 1_000}], failed=8)
        assert finding.verdict is INCONCLUSIVE
        assert finding.reason == "The confidence interval holds values on both sides of the limit."


class TestEarlyDecision:
    def decided(self, text: str, row: dict[float, int], failed: int, seconds: int) -> Finding:
        follower, traffic = watch(parse(text), alpha=0.05, pass_after_s=0), Traffic()
        return [follower.look(s) for s in traffic.seconds([row] * seconds, failed=failed)][-1]

    @pytest.mark.parametrize(
        ("text", "failed", "verdict"),
        [
            pytest.param("error_rate < 20%", 1, PASS, id="errors far below"),
            pytest.param("error_rate < 20%", 90, FAIL, id="errors far above"),
            pytest.param("status 200 > 50%", 0, PASS, id="a least share"),
            pytest.param("p75 < 300ms", 0, PASS, id="a percentile"),
            pytest.param("p75 < 5ms", 0, FAIL, id="a percentile above"),
            pytest.param("throughput > 50", 0, PASS, id="throughput far above"),
            pytest.param("throughput > 200", 0, FAIL, id="throughput far below"),
            pytest.param("throughput < 200", 0, PASS, id="a most throughput"),
        ],
    )
    def test_what_is_clear(self, text: str, failed: int, verdict: Verdict) -> None:
        soon = self.decided(text, GOOD, failed, seconds=9)
        assert (soon.verdict, soon.certain) == (verdict, False)
        late = self.decided(text, GOOD, failed, seconds=12)
        assert (late.verdict, late.certain) == (verdict, True)

    @pytest.mark.parametrize("text", ["mean < 300ms", "p95 < 300ms within 5s", "max < 300ms"])
    def test_what_only_the_end_can_tell(self, text: str) -> None:
        finding = self.decided(text, GOOD, 0, seconds=30)
        assert (finding.verdict, finding.certain) == (PASS, False)

    def test_the_rest_of_the_answers_is_no_second_of_the_trial(self) -> None:
        follower, traffic = watch(parse("error_rate < 20%"), alpha=0.05, pass_after_s=0), Traffic()
        findings = [follower.look(s) for s in traffic.seconds([GOOD] * 9)]
        findings.append(follower.look(traffic.second(GOOD, length_s=0.0)))
        assert (findings[-1].n, findings[-1].certain) == (1_000, False)

    def test_a_close_one_is_open(self) -> None:
        finding = self.decided("error_rate < 5.5%", GOOD, 5, seconds=20)
        assert (finding.verdict, finding.certain) == (PASS, False)

    def test_without_enough_samples_nothing_is_certain(self) -> None:
        finding = self.decided("error_rate < 20%, min_samples 5000", GOOD, 1, seconds=20)
        assert (finding.verdict, finding.certain) == (INCONCLUSIVE, False)

    def test_it_fills_in_what_the_interval_leaves_open(self) -> None:
        """A decision stands although later seconds bring the interval back to the limit."""
        follower = watch(parse("error_rate < 20%, decide confident"), alpha=0.05, pass_after_s=0)
        traffic = Traffic()
        findings = [follower.look(s) for s in traffic.seconds([GOOD] * 10, failed=50)]
        assert findings[-1].verdict is FAIL
        while findings[-1].observed is not None and findings[-1].observed > 20.5:
            findings.append(follower.look(traffic.second(GOOD)))
        last = findings[-1]
        assert last.interval is not None
        assert last.interval.low < 20 < last.interval.high
        assert (last.verdict, last.certain, last.reason) == (FAIL, True, "")

    def test_a_decision_that_the_numbers_contradict_is_not_certain(self) -> None:
        follower, traffic = watch(parse("error_rate < 20%"), alpha=0.05, pass_after_s=0), Traffic()
        findings = [follower.look(s) for s in traffic.seconds([GOOD] * 10, failed=25)]
        findings += [follower.look(s) for s in traffic.seconds([GOOD] * 5)]
        assert findings[-1].observed is not None
        assert findings[-1].observed < 20
        assert (findings[-1].verdict, findings[-1].certain) == (PASS, False)


class TestSlidingWindow:
    def test_the_value_over_each_full_window(self) -> None:
        rows = [GOOD, GOOD, GOOD, BAD, GOOD, GOOD, GOOD]
        findings = follow("p90 < 300ms within 3s", rows)
        assert [f.verdict for f in findings] == [INCONCLUSIVE] * 2 + [PASS] + [FAIL] * 4
        assert findings[0].reason == "No window of 3s is full yet."
        last = findings[-1]
        # 50 of 300 requests are slower, 10 % may be; that began with the window 1 s to 4 s.
        assert last.observed == pytest.approx(100 * 50 / 300)
        assert (last.limit, last.unit, last.n) == (10.0, Unit.PERCENT, 300)
        assert (last.since_s, last.until_s) == (1.0, 4.0)
        assert last.certain

    def test_the_worst_window_is_kept(self) -> None:
        findings = follow("throughput > 90 within 2s", [GOOD, GOOD, {10.0: 60}, {10.0: 50}, GOOD])
        assert [f.observed for f in findings[1:]] == [100.0, 80.0, 55.0, 55.0]
        assert findings[-1].since_s == 1.0
        assert findings[-1].until_s == 4.0

    def test_percentiles_are_merged_and_not_averaged(self) -> None:
        """One slow second of ten requests among thousands: the mean of the p99s would be 142."""
        rows = [{10.0: 1_000}, {10.0: 1_000}, {406.0: 10}]
        assert follow("p99 < 100ms within 3s", rows)[-1].verdict is PASS

    def test_a_window_without_requests_is_no_pass(self) -> None:
        findings = follow("error_rate < 1% within 2s", [GOOD, GOOD, QUIET, QUIET, GOOD])
        assert [f.verdict for f in findings] == [INCONCLUSIVE, PASS, PASS] + [INCONCLUSIVE] * 2
        assert "no data is never a pass" in findings[-1].reason

    def test_a_violation_outranks_a_gap(self) -> None:
        findings = follow("p90 < 300ms within 1s", [QUIET, BAD, GOOD])
        assert [f.verdict for f in findings] == [INCONCLUSIVE, FAIL, FAIL]

    def test_late_samples_and_the_rest_of_the_answers(self) -> None:
        follower, traffic = watch(parse("error_rate < 1% within 2s")), Traffic()
        findings = [
            follower.look(traffic.second(GOOD, length_s=0.9)),
            follower.look(traffic.second(GOOD, length_s=1.0)),  # 1.9 s: as good as two
            follower.look(traffic.second(GOOD, length_s=3.0)),  # no sample for three seconds
            follower.look(traffic.second(GOOD, failed=100, length_s=0.0)),
        ]
        assert [f.verdict for f in findings] == [INCONCLUSIVE, PASS, PASS, PASS]

    def test_the_start_is_left_out(self) -> None:
        findings = follow("p90 < 300ms within 2s, after 2s", [BAD, BAD, GOOD, GOOD])
        assert [f.verdict for f in findings] == [INCONCLUSIVE] * 3 + [PASS]

    def test_an_inferred_violation_is_not_certain(self) -> None:
        findings = follow("p90 < 300ms within 1s, decide confident", [BAD])
        assert (findings[-1].verdict, findings[-1].certain) == (FAIL, False)

    def test_memory_does_not_grow_with_the_run(self) -> None:
        follower, traffic = SlidingWatch(parse("p90 < 300ms within 3s"), 3), Traffic()
        for sample in traffic.seconds([GOOD] * 40):
            follower.look(sample)
        assert len(follower._readings) == 4


class TestSecondsInARow:
    def test_violated_by_a_row_and_not_by_a_window(self) -> None:
        broken = [GOOD, BAD, BAD, GOOD, BAD, BAD, GOOD]
        findings = follow("p90 < 300ms for 3s", broken)
        assert [f.verdict for f in findings] == [INCONCLUSIVE] * 2 + [PASS] * 5
        last = findings[-1]
        assert (last.observed, last.limit, last.unit) == (2.0, 3.0, Unit.S)

    def test_a_row_that_is_long_enough(self) -> None:
        findings = follow("p90 < 300ms for 3s", [GOOD, BAD, BAD, BAD, BAD, GOOD])
        assert [f.verdict for f in findings] == [INCONCLUSIVE] * 2 + [PASS] + [FAIL] * 3
        last = findings[-1]
        assert (last.observed, last.since_s, last.until_s) == (4.0, 1.0, 5.0)
        assert (last.n, last.certain) == (600, True)

    def test_a_run_that_is_too_short(self) -> None:
        [*_, last] = follow("p90 < 300ms for 5s", [GOOD] * 3)
        assert last.verdict is INCONCLUSIVE
        assert last.reason == "There were not 5s in a row to judge."

    def test_seconds_that_cannot_be_judged_hide_what_they_may(self) -> None:
        """p90 takes 50 requests; a row of doubt is no pass, and no violation either."""
        few = {10.0: 20}
        findings = follow("p90 < 300ms for 3s", [GOOD, BAD, few, BAD, GOOD])
        assert [f.verdict for f in findings] == [INCONCLUSIVE] * 2 + [PASS] + [INCONCLUSIVE] * 2
        assert findings[-1].reason == "20 requests are too few for p90: it takes 50."
        [*_, short] = follow("p90 < 300ms for 3s", [GOOD, few, few, GOOD])
        assert short.verdict is PASS

    def test_intervals_that_meet_the_limit(self) -> None:
        near = {10.0: 92, 500.0: 8}
        [*_, last] = follow("p90 < 300ms for 2s, decide confident", [near] * 3)
        assert last.verdict is INCONCLUSIVE
        assert last.reason == "For 2s in a row the intervals meet the limit."

    def test_the_rest_of_the_answers_belongs_to_no_second(self) -> None:
        follower, traffic = watch(parse("error_rate < 1% for 1s")), Traffic()
        assert follower.look(traffic.second(GOOD)).verdict is PASS
        assert follower.look(traffic.second(GOOD, failed=100, length_s=0.0)).verdict is PASS
