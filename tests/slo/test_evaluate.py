"""slo.evaluate: a whole gate, fed as the coordinator feeds it."""

from __future__ import annotations

from slo.evaluate import UNTRUSTED, Gate
from slo.grammar import parse
from slo.thresholds import Thresholds
from slo.verdict import Judgement, Verdict
from tests.slo.traffic import Traffic

PASS, INCONCLUSIVE, FAIL = Verdict


def gate(*texts: str, stop_alpha: float | None = None, pass_after_s: float = 0) -> Gate:
    objectives = [parse(text) for text in texts]
    return Gate(objectives, stop_alpha=stop_alpha, pass_after_s=pass_after_s)


def test_the_guides_violations() -> None:
    thresholds = Thresholds(
        p50_ms=100, p95_ms=250, p99_ms=400, error_rate_percent=0.5, throughput_rps=1000
    )
    traffic = Traffic()
    judged = Gate(thresholds.objectives()).look(
        traffic.second({50.0: 7_505, 350.2: 1_000}, failed=102, length_s=10.0)
    )
    assert judged.verdict is FAIL
    assert judged.violations == (  # 350.1 is the middle of the bucket of 350.2
        "P95 latency 350.1ms exceeds threshold 250ms",
        "Error rate 1.2% exceeds threshold 0.5%",
        "Throughput 850.5 req/sec below threshold 1000 req/sec",
    )
    assert [f.verdict for f in judged.findings] == [PASS, FAIL, PASS, FAIL, FAIL]


def test_the_worst_objective_is_the_verdict() -> None:
    traffic = Traffic()
    judged = gate("p50 < 20ms", "p99 < 20ms").look(traffic.second({10.0: 100}))
    assert judged.verdict is INCONCLUSIVE  # p99 takes 500 requests
    assert [f.verdict for f in judged.findings] == [PASS, INCONCLUSIVE]
    assert judged.violations == ()


def test_without_objectives_there_is_no_verdict() -> None:
    assert gate(stop_alpha=0.05).look(Traffic().second({1.0: 1})) == Judgement(
        verdict=INCONCLUSIVE, findings=(), violations=()
    )


def test_an_invalid_measurement_neither_passes_nor_fails() -> None:
    traffic = Traffic()
    judged = gate("p50 < 20ms", "error_rate < 1%, abort").look(
        traffic.second({10.0: 100}, failed=50), trusted=False
    )
    assert [f.verdict for f in judged.findings] == [INCONCLUSIVE] * 2
    assert {f.reason for f in judged.findings} == {UNTRUSTED}
    assert judged.findings[1].observed == 50.0  # what was measured is still shown
    assert (judged.verdict, judged.abort, judged.certain) == (INCONCLUSIVE, False, False)


def test_an_endpoint_by_its_name() -> None:
    traffic = Traffic()
    judged = gate("p50 of /a < 20ms", "p50 of /b < 20ms").look(traffic.second({10.0: 100}))
    assert [f.verdict for f in judged.findings] == [PASS, INCONCLUSIVE]


def test_a_run_that_is_decided_may_end() -> None:
    def seconds_until_certain(*texts: str, pass_after_s: float = 0) -> int:
        judge, traffic = gate(*texts, stop_alpha=0.05, pass_after_s=pass_after_s), Traffic()
        for second in range(1, 100):
            if judge.look(traffic.second({10.0: 950, 400.0: 50})).certain:
                return second
        return 100

    assert seconds_until_certain("p50 < 20ms") == 10
    assert seconds_until_certain("p50 < 20ms", pass_after_s=60) == 60
    assert seconds_until_certain("p96 < 20ms", pass_after_s=60) < 60  # a failure need not wait
    assert seconds_until_certain("p50 < 20ms, after 7s", pass_after_s=60) == 67
    assert seconds_until_certain("p90 < 20ms") < seconds_until_certain("p94.5 < 20ms")
    # Objectives share the error, so that each takes a little longer to be certain.
    alone = seconds_until_certain("p94.5 < 20ms")
    assert alone < seconds_until_certain("p94.5 < 20ms", *["p50 < 20ms"] * 9) < 100
