"""What the slow engine writes into its slot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loadgen import snapshot, tallies
from loadgen.arena import Arena
from loadgen.measurement import Tally
from loadgen.slow_engine.recorder import Recorder, Turn
from slo.metric import Phase

MS = 1_000_000


@pytest.fixture
def arena() -> Iterator[Arena]:
    with Arena.create(workers=2, endpoints=2) as made:
        yield made


def _turn(*, warmup: bool = False) -> Turn:
    return Turn(endpoint=1, intended_ns=10 * MS, warmup=warmup, sent_ns=13 * MS)


def _tally(arena: Arena) -> Tally:
    parts = tallies.tallies(arena)
    assert parts[0].sent == parts[0].connects == 0
    return parts[1]


def test_a_request_leaves_counters_and_times_of_its_endpoint(arena: Arena) -> None:
    recorder, turn = Recorder(arena, 1), _turn()
    recorder.begun(turn)
    recorder.connected(1, 2 * MS)
    recorder.secured(1, 5 * MS)
    recorder.sent(turn, 12 * MS)
    recorder.noted("bytes_sent", turn, 70)
    assert recorder.in_flight == 1
    recorder.answered(turn, 200, 17 * MS, 20 * MS)
    recorder.flush()
    tally = _tally(arena)
    assert (tally.sent, tally.succeeded, tally.failed, tally.connects) == (1, 1, 0, 1)
    assert (tally.late, tally.bytes_sent, tally.status_codes) == (1, 70, {200: 1})
    assert {phase: tally.times[phase].sum_ns // MS for phase in Phase} == {
        Phase.LATENCY: 10,
        Phase.SERVICE: 7,
        Phase.TTFB: 4,
        Phase.CONNECT: 2,
        Phase.TLS: 5,
        Phase.LAG: 3,
    }
    last = snapshot.take(arena, 0)
    assert last.own_lag.sum_ns == 1 * MS  # it was free at 12 ms, and sent at 13 ms
    assert (last.waited, recorder.in_flight) == (1, 0)


def test_times_are_recorded_once(arena: Arena) -> None:
    recorder, turn = Recorder(arena, 0), _turn()
    recorder.begun(turn)
    recorder.answered(turn, 503, 17 * MS, 20 * MS)
    recorder.flush()
    recorder.flush()
    tally = _tally(arena)
    assert (tally.failed, tally.failed_codes, tally.errors) == (1, {503: 1}, {})
    assert tally.times[Phase.LATENCY].n == 1


@pytest.mark.parametrize(("error", "timed"), [("timeout", 1), ("reset", 0), ("connect_refused", 0)])
def test_failures_have_a_class_and_only_a_timeout_has_times(
    arena: Arena, error: str, timed: int
) -> None:
    recorder, turn = Recorder(arena, 0), _turn()
    recorder.begun(turn)
    recorder.failed(turn, error, 40 * MS)
    recorder.flush()
    tally = _tally(arena)
    assert (tally.sent, tally.failed, tally.errors) == (1, 1, {error: 1})
    assert [tally.times[phase].n for phase in (Phase.LATENCY, Phase.SERVICE)] == [timed, timed]


def test_the_warm_up_leaves_its_outcomes_and_nothing_else(arena: Arena) -> None:
    recorder = Recorder(arena, 0)
    for status in (200, 404):
        turn = _turn(warmup=True)
        recorder.begun(turn)
        recorder.sent(turn, 0)
        recorder.noted("bytes_sent", turn, 70)
        recorder.answered(turn, status, 17 * MS, 20 * MS)
    turn = _turn(warmup=True)
    recorder.begun(turn)
    recorder.failed(turn, "timeout", 40 * MS)
    recorder.flush()
    last, tally = snapshot.take(arena, 0), _tally(arena)
    assert (last.warmup.sent, last.warmup.succeeded, last.warmup.failed) == (3, 1, 2)
    assert (tally.sent, tally.bytes_sent, tally.late, tally.errors) == (0, 0, 0, {})
    assert all(tally.times[phase].n == 0 for phase in Phase)
    assert last.own_lag.n == 0


def test_the_first_refused_certificate_is_kept(arena: Arena) -> None:
    recorder = Recorder(arena, 0)
    recorder.refused(10)
    recorder.refused(20)
    assert arena.slots["refused_certificate"].tolist() == [10, 0]
