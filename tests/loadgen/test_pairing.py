"""Two targets in pairs: the plan, what each side came to, and a side that dies."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from loadgen.arena import ERROR_CLASSES, Arena
from loadgen.coordinator import LoadTestEngine
from loadgen.endpoint import Endpoint
from loadgen.errors import ConfigError
from loadgen.judging import GateOptions
from loadgen.measurement import Measurement
from loadgen.pairing import PairVigil, paired_plan, sides, sides_of
from loadgen.plan import Pattern, Plan, Precision
from loadgen.progress import Progress
from loadgen.snapshot import Snapshot
from loadgen.target.launch import running_target
from slo.grammar import parse
from slo.metric import Phase
from slo.sample import Sample
from slo.verdict import Judgement
from tests.scripted import HELLO, Peer, read_request, reset, scripted_server

MIX = (
    Endpoint(path="/api/users", weight=2),
    Endpoint(path="/api/orders", method="POST", body=b"{}", name="order", headers=(("A", "1"),)),
)
ORDINARY = Plan(endpoints=MIX, pin=False, precision=Precision.CPU, concurrency=4, workers=2)
OLD, NEW = "http://old:1/v1", "http://new:2"


def _paired(first: str, second: str, **changes: object) -> Plan:
    plan = paired_plan(ORDINARY, first, second, rate_rps=200.0, duration_s=1.2)
    return dataclasses.replace(plan, **changes)  # type: ignore[arg-type]  # a table's values


def test_a_paired_plan_asks_both_for_the_same_under_the_users_names() -> None:
    plan = paired_plan(ORDINARY, OLD, NEW, rate_rps=50.0, duration_s=9.0)
    assert (plan.pattern, plan.paired, plan.rate_rps, plan.duration_s) == (
        *(Pattern.RATE, True, 50.0),
        9.0,
    )
    assert [(one.name, one.target, one.path) for one in plan.requests] == [
        ("/api/users", 0, "/v1/api/users"),
        ("order", 0, "/v1/api/orders"),
        ("/api/users", 1, "/api/users"),
        ("order", 1, "/api/orders"),
    ]
    orders = [one for one in plan.requests if one.name == "order"]
    assert [(one.method, one.body, one.headers) for one in orders] == [
        ("POST", b"{}", (("A", "1"),))
    ] * 2
    assert (plan.concurrency, plan.workers, plan.precision) == (4, 2, Precision.CPU)


def test_a_plan_without_endpoints_asks_each_side_for_its_own_path() -> None:
    plan = paired_plan(Plan(target="http://x/?a"), OLD, NEW, rate_rps=1.0, duration_s=1.0)
    assert [(one.name, one.path) for one in plan.requests] == [("/v1", "/v1"), ("/v1", "/")]


def test_a_plan_of_two_targets_cannot_be_paired() -> None:
    plan = Plan(further_targets=("http://more",))
    with pytest.raises(ConfigError, match="pairs: found a plan of 2 targets, expected one"):
        paired_plan(plan, OLD, NEW, rate_rps=1.0, duration_s=1.0)


def test_objectives_of_one_run_are_refused() -> None:
    with pytest.raises(ConfigError, match="objectives: found 1 for a plan in pairs"):
        LoadTestEngine(_paired(OLD, NEW), gate=GateOptions(objectives=(parse("p99 < 1s"),)))


@dataclass(slots=True)
class _Watcher:
    """A gate that only looks, until it has seen enough."""

    plan: Plan
    seconds: int = 1_000
    seen: list[tuple[Sample, Sample]] = field(default_factory=list)
    stopped: str = ""

    def look(self, arena: Arena, now: Snapshot, t_s: float) -> Judgement | None:
        self.seen.append(sides(self.plan, arena, t_s))
        first, second = self.seen[-1]
        assert first.total.finished + second.total.finished >= now.succeeded + now.failed
        self.stopped = "enough" if len(self.seen) >= self.seconds else ""
        return None

    def conclude(self, measurement: Measurement, *, complete: bool = True) -> Measurement:
        assert complete
        self.seen.append(sides_of(measurement))
        run = dataclasses.replace(measurement.run, stopped=self.stopped)
        return dataclasses.replace(measurement, run=run)


def _received(url: str) -> dict[str, int]:
    with urllib.request.urlopen(f"{url}/_target/stats", timeout=5) as answer:
        by_path: dict[str, int] = json.load(answer)["by_path"]
    return by_path


def test_each_side_is_counted_apart_and_in_pairs() -> None:
    with running_target(latency="20ms") as old, running_target(error_rate="20%") as new:
        plan = _paired(old, new, warmup_s=0.4)
        watcher = _Watcher(plan=plan)
        measurement = LoadTestEngine(plan, gate=watcher).run()
        received = _received(old), _received(new)
    assert [first.t_s for first, _ in watcher.seen] == pytest.approx([1.0, 1.2])
    first, second = watcher.seen[-1]
    for name, path in (("/api/users", "/api/users"), ("order", "/api/orders")):
        one, other = first.of(name), second.of(name)
        assert one.answered == one.finished == one.time(Phase.LATENCY).n
        for side, count in ((0, one.answered), (1, other.answered)):
            warmup = received[side][path] - count
            assert 0 < warmup < 60
    planned = [one.tally.sent + one.tally.dropped for one in measurement.endpoints]
    assert sum(planned) == 240
    assert planned[:2] == planned[2:]
    assert first.total.finished + second.total.finished == measurement.total.finished
    assert first.total.status_codes == {200: first.total.finished, 0: 0}
    assert 0 < second.total.failed < second.total.finished / 2
    slow_ms, fast_ms = (
        first.total.time(Phase.LATENCY).p50_ms,
        second.total.time(Phase.LATENCY).p50_ms,
    )
    assert slow_ms is not None
    assert fast_ms is not None
    assert 20 <= slow_ms > fast_ms
    assert [(one.name, one.target) for one in measurement.endpoints] == [
        *(("/api/users", 0), ("order", 0)),
        *(("/api/users", 1), ("order", 1)),
    ]


def test_what_judges_a_run_may_end_it() -> None:
    with running_target() as url:
        plan = _paired(url, url, duration_s=60.0)
        measurement = LoadTestEngine(plan, gate=_Watcher(plan=plan, seconds=1)).run()
    assert measurement.run.stopped == "enough"
    assert measurement.run.duration_s < 30
    assert not any("the other side" in note for note in measurement.health.notes)


@pytest.fixture
def dying() -> Iterator[tuple[str, str]]:
    """A server that answers, and one that resets every connection with a request on it."""

    def answers(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            connection.sendall(HELLO)

    def resets(connection: socket.socket, _number: int, peer: Peer) -> None:
        with contextlib.suppress(OSError):
            if read_request(connection, peer):
                reset(connection)

    with scripted_server(answers) as living, scripted_server(resets) as dead:
        yield f"http://127.0.0.1:{living.port}", f"http://127.0.0.1:{dead.port}"


def test_a_run_goes_on_with_one_side_and_tells_of_the_other(dying: tuple[str, str]) -> None:
    told: list[Progress] = []
    living, dead = dying
    plan = _paired(living, dead, rate_rps=50.0, stop_when_dead_s=1.0, workers=1)
    measurement = LoadTestEngine(plan, on_progress=told.append).run()
    assert measurement.run.failure == ""
    assert measurement.run.duration_s == pytest.approx(1.2)
    (note,) = told[-1].notes
    assert note.startswith(f"{dead}: all ")
    assert note.endswith("; the run goes on with the other side")
    assert note in measurement.health.notes


@pytest.fixture
def arena() -> Iterator[Arena]:
    """Two workers and the four endpoints of the plan, untouched."""
    with Arena.create(workers=2, endpoints=4) as arena:
        arena.slots["endpoints"]["fails_from"] = 400
        yield arena


def test_a_side_is_dead_after_so_many_seconds_of_failures_and_lives_again(arena: Arena) -> None:
    stats = arena.slots["endpoints"]
    vigil = PairVigil(plan=_paired(OLD, NEW, stop_when_dead_s=2.0))
    said = []
    for second in range(1, 5):
        stats["succeeded"][0, :2] += 5
        stats["sent"][:] += 10
        if second < 4:
            stats["failed"][1, 2:] += 3
            stats["errors"][1, 2:, ERROR_CLASSES.index("timeout")] += 3
        else:
            stats["succeeded"][1, 3] += 1
        said.append(vigil.look(arena, float(second)))
    assert said[0] == said[3] == ()
    assert said[1] == (
        f"{NEW}: all 12 requests that ended in the last 2 s of load failed, most by timeout (12): "
        "check whether the target is overloaded or hangs, and --timeout; the run goes on with the "
        "other side",
    )


def test_without_patience_no_side_is_ever_dead(arena: Arena) -> None:
    vigil = PairVigil(plan=_paired(OLD, NEW, stop_when_dead_s=0.0))
    for second in range(1, 20):
        arena.slots["endpoints"]["failed"][:] += 1
        assert vigil.look(arena, float(second)) == ()
