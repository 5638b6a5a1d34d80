"""The gate of a run: what it reads of the arena, when it ends a run, what it concludes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest

from loadgen import _merge
from loadgen.arena import CHECK_KINDS, ERROR_CLASSES, Arena
from loadgen.coordinator import LoadTestEngine
from loadgen.endpoint import Endpoint
from loadgen.judging import GateOptions, RunGate, sample_of
from loadgen.plan import Plan, Precision
from loadgen.progress import Progress, RunPhase
from loadgen.snapshot import take
from loadgen.target.launch import running_target
from slo.grammar import parse
from slo.histogram import FINE_BITS
from slo.metric import Phase
from slo.verdict import Judgement, Verdict
from tests.loadgen import judged, samples

MS = 1_000_000


@pytest.fixture
def arena() -> Iterator[Arena]:
    """Two workers, two endpoints, untouched."""
    with Arena.create(workers=2, endpoints=2) as arena:
        arena.slots["endpoints"]["fails_from"] = [[400, 400], [400, 400]]
        yield arena


def _answer(arena: Arena, worker: int, endpoint: int, status: int, times_ms: list[int]) -> None:
    stats = arena.slots["endpoints"][worker, endpoint]
    n = len(times_ms)
    stats["sent"] += n
    stats["succeeded" if status < 400 else "failed"] += n
    stats["status"][status] += n
    offset = int(arena.histogram_offsets("response")[worker, endpoint])
    _merge.init(arena.memory, offset, FINE_BITS)
    values_ns = np.array([ms * MS for ms in times_ms], dtype=np.uint64)
    _merge.record(arena.memory, offset, values_ns)


def _look(arena: Arena, *objectives: str) -> Judgement:
    options = GateOptions(objectives=tuple(map(parse, objectives)))
    return RunGate(options, ["/a", "/b"]).look(arena, take(arena, 0), 2.0)


@pytest.mark.parametrize(
    ("objective", "observed"),
    [
        ("p50 < 1s", 10),
        ("p50 of /a < 1s", 10),
        ("p50 of /b < 1s", 300),
        ("max < 1s", 300),
        ("error_rate < 50%", 20),
        ("error_rate of /b < 50%", 100),
        ("status 5xx < 50%", 20),
        ("status 5xx of /a < 50%", 0),
        ("throughput > 1", 50),
        ("throughput of /b > 1", 10),
    ],
)
def test_it_reads_what_workers_wrote(arena: Arena, objective: str, observed: float) -> None:
    _answer(arena, 0, 0, 200, [10] * 60)
    _answer(arena, 1, 0, 200, [10] * 20)
    _answer(arena, 1, 1, 500, [300] * 20)
    (finding,) = _look(arena, objective).findings
    assert finding.observed == pytest.approx(observed, rel=0.001)


def test_an_answer_that_failed_its_check_is_an_answer(arena: Arena) -> None:
    stats = arena.slots["endpoints"][0, 0]
    stats["sent"] = stats["failed"] = 8
    stats["errors"][ERROR_CLASSES.index("check")] = 8
    stats["checks"][CHECK_KINDS.index("status")] = 8
    judgement = _look(arena, "throughput > 1", "throughput of /a > 1", "status 5xx < 1%")
    assert [finding.observed for finding in judgement.findings] == [4, 4, 0]


def test_times_of_other_phases_are_read_when_they_are_asked_for(arena: Arena) -> None:
    for worker, time_ms in ((0, 7), (1, 9)):
        offset = int(arena.histogram_offsets("ttfb")[worker, 1])
        _merge.init(arena.memory, offset, 6)
        values_ns = np.array([time_ms * MS] * 50, dtype=np.uint64)
        _merge.record(arena.memory, offset, values_ns)
    judgement = _look(arena, "ttfb max < 1s", "ttfb mean of /b < 1s")
    assert judgement.findings[0].observed == pytest.approx(9, rel=0.01)
    assert judgement.findings[1].observed == pytest.approx(8, rel=0.01)


def _gate(*objectives: str, pass_after_s: float | None = None) -> RunGate:
    options = GateOptions(
        objectives=tuple(map(parse, objectives)),
        stop_when_decided=pass_after_s is not None,
        pass_after_s=pass_after_s or 0,
    )
    return RunGate(options, ["/a", "/b"])


def test_a_violation_ends_the_run_only_when_the_objective_says_so(arena: Arena) -> None:
    _answer(arena, 0, 0, 500, [10] * 60)
    plain, ending = _gate("error_rate < 1%"), _gate("p50 < 1s", "error_rate < 1%, abort")
    for gate in (plain, ending):
        assert gate.look(arena, take(arena, 0), 1.0).verdict is Verdict.FAIL
    assert plain.stopped == ""
    assert ending.stopped == (
        "an objective that ends the run was violated: Error rate 100.0% exceeds threshold 1%"
    )


def test_a_verdict_that_is_certain_ends_the_run_when_that_is_asked_for(arena: Arena) -> None:
    patient, hasty = _gate("p50 < 1s"), _gate("p50 < 1s", pass_after_s=20)
    stopped_at = 0
    for second in range(1, 31):
        _answer_more(arena, 200)
        patient.look(arena, take(arena, 0), float(second))
        hasty.look(arena, take(arena, 0), float(second))
        if hasty.stopped and not stopped_at:
            stopped_at = second
    assert stopped_at == 20
    assert hasty.stopped == "the verdict was certain: PASS"
    assert patient.stopped == ""


def _answer_more(arena: Arena, n: int) -> None:
    """So many more answers of worker 0; the histogram stands already, or is made."""
    stats, offset = arena.slots["endpoints"][0, 0], int(arena.histogram_offsets("response")[0, 0])
    if not stats["sent"]:
        _merge.init(arena.memory, offset, FINE_BITS)
    stats["sent"] += n
    stats["succeeded"] += n
    stats["status"][200] += n
    _merge.record(arena.memory, offset, np.array([10 * MS] * n, dtype=np.uint64))


def test_the_end_is_judged_by_the_measurement() -> None:
    measurement = judged.violated()
    assert measurement.slo is not None
    verdicts = [finding.verdict for finding in measurement.slo.findings]
    assert verdicts[-1] is Verdict.INCONCLUSIVE
    assert verdicts[-2] is Verdict.FAIL
    assert measurement.slo.violations[-1] == (
        f"Throughput {measurement.throughput_rps:.1f} req/sec below threshold 1000 req/sec"
    )


def test_what_is_lost_is_not_judged() -> None:
    options = GateOptions(objectives=(parse("p50 < 10s"), parse("error_rate < 0.001%")))
    whole = samples.measurement(requests=1_000)
    names = [endpoint.name for endpoint in whole.endpoints]
    for complete, verdict in ((True, Verdict.FAIL), (False, Verdict.INCONCLUSIVE)):
        concluded = RunGate(options, names).conclude(whole, complete=complete)
        assert concluded.slo is not None
        assert concluded.slo.verdict is verdict


def test_a_sample_of_a_run_that_is_over() -> None:
    measurement = samples.measurement_with_checks()
    sample = sample_of(measurement)
    assert sample.t_s == 15.0
    assert sample.total.answered == measurement.total.answered
    assert sample.total.finished == measurement.total.finished
    assert sample.endpoints.keys() == {name for name, *_ in samples.SHOP}
    assert sample.total.time(Phase.LATENCY) is measurement.total.latency


def _plan(url: str, **changes: object) -> Plan:
    plan = Plan(
        target=url,
        concurrency=4,
        duration_s=20.0,
        think_s=(0.002, 0.004),
        precision=Precision.CPU,
        pin=False,
        workers=1,
        endpoints=(Endpoint(path="/api/health"), Endpoint(path="/none")),
    )
    return dataclasses.replace(plan, **changes)  # type: ignore[arg-type]  # fields of any type


def test_a_run_ends_early_and_its_whole_time_is_judged() -> None:
    gate = GateOptions(
        objectives=(parse("status 4xx of /none < 50%, abort"), parse("p50 of /api/health < 10s"))
    )
    seen: list[Progress] = []
    with running_target() as url:
        measurement = LoadTestEngine(_plan(url), gate=gate, on_progress=seen.append).run()
    assert measurement.run.duration_s < 5
    assert not measurement.run.interrupted
    assert measurement.run.failure == ""
    assert measurement.run.stopped.endswith("Status 4xx rate of /none 100.0% exceeds threshold 50%")
    measuring = [one for one in seen if one.phase is RunPhase.MEASURING]
    assert all(one.judgement is not None for one in measuring)
    assert measurement.slo is not None
    of_none, of_health = measurement.slo.findings
    by_name = {one.name: one.tally for one in measurement.endpoints}
    assert of_none.n == by_name["/none"].finished
    assert (of_health.verdict, of_health.n) == (Verdict.PASS, by_name["/api/health"].finished)


def test_a_run_without_objectives_is_not_judged() -> None:
    with running_target() as url:
        plan = _plan(url, duration_s=0.3)
        measurement = LoadTestEngine(plan, gate=GateOptions()).run()
    assert measurement.slo is None
