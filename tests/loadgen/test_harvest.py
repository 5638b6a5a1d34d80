"""From an arena to a Measurement: everything is taken over, nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime

from loadgen import snapshot
from loadgen.arena import Arena
from loadgen.endpoint import Endpoint
from loadgen.harvest import harvest, new_run_id
from loadgen.machine import Waits
from loadgen.plan import Plan
from loadgen.timeline import Timeline, Timing

NOTHING = Waits(run_delay_ns=(0, 0), throttled_s=0.0, stolen_s=0.0, machine_s=1.0)


def test_the_measurement_tells_of_the_plan_and_adds_up_workers_and_endpoints() -> None:
    plan = Plan(
        target="http://127.0.0.1:8000/api",
        endpoints=(Endpoint(path="/a", weight=3), Endpoint(path="/b", method="POST")),
        duration_s=2.0,
        seed=9,
    )
    started_at = datetime(2026, 11, 24, 20, 13, 51, tzinfo=UTC)
    with Arena.create(workers=2, endpoints=2) as arena:
        first = snapshot.take(arena, 0)
        arena.slots["endpoints"]["sent"] = [[5, 7], [11, 13]]
        arena.slots["endpoints"]["succeeded"] = [[5, 6], [10, 13]]
        timeline = Timeline(plan=plan, timing=Timing.planned(plan, 0), first=first)
        final = snapshot.take(arena, 2_000_000_000)
        found = harvest(
            plan,
            arena,
            timeline,
            closing=final,
            final=final,
            waits=NOTHING,
            run_id="20261124T201351Z-3f2a91",
            started_at=started_at,
            interrupted=True,
            failure="worker 1 died",
        )
    assert found.run.id == "20261124T201351Z-3f2a91"
    assert found.run.target == "http://127.0.0.1:8000/api"
    assert (found.run.seed, found.run.plan_hash) == (9, plan.digest)
    assert (found.run.workers, found.run.users, found.run.open_loop) == (2, 100, False)
    assert (found.run.duration_s, found.run.planned_s) == (2.0, 2.0)
    assert found.run.interrupted
    assert found.run.failure == "worker 1 died"
    assert [(one.name, one.path, one.weight) for one in found.endpoints] == [
        ("/a", "/api/a", 0.75),
        ("POST /b", "/api/b", 0.25),
    ]
    assert [one.tally.sent for one in found.endpoints] == [16, 20]
    assert (found.total.sent, found.total.succeeded, found.total.in_flight_at_end) == (36, 34, 2)
    assert [row.sent for row in found.timeline] == [36]


def test_runs_of_one_second_have_names_of_their_own() -> None:
    started_at = datetime(2026, 1, 1, tzinfo=UTC)
    ids = {new_run_id(started_at) for _ in range(5)}
    assert len(ids) == 5
    assert {one.partition("-")[0] for one in ids} == {"20260101T000000Z"}
