"""loadgen.tallies: what workers wrote comes out per endpoint, summed and closed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from loadgen.arena import CHECK_KINDS, Arena
from loadgen.snapshot import failures, take
from loadgen.tallies import STATUS_UNKNOWN, counts, tallies, times, total
from slo.histogram import COARSE_BITS, FINE_BITS, Histogram
from slo.metric import Phase
from tests.loadgen.written_arena import MS, count, record, same, untouched_arena

FIELDS = {
    Phase.LATENCY: "response",
    Phase.SERVICE: "service",
    Phase.TTFB: "ttfb",
    Phase.CONNECT: "connect",
    Phase.TLS: "tls",
    Phase.LAG: "lag",
}


@pytest.fixture
def arena() -> Iterator[Arena]:
    """Two workers, two endpoints, untouched."""
    with untouched_arena() as arena:
        yield arena


def test_tallies_are_per_endpoint_over_workers(arena: Arena) -> None:
    first = {"sent": 10, "succeeded": 6, "failed": 3, "late": 1, "dropped": 2, "reconnects": 4}
    count(arena, 0, 0, **first, surplus=5, connects=6, bytes_sent=7, bytes_received=8)
    count(arena, 1, 0, sent=10, succeeded=10, http_200=16, protocol=2, http_500=1)
    count(arena, 1, 1, sent=1)
    tally, other = tallies(arena)
    assert (tally.sent, tally.succeeded, tally.failed, tally.in_flight_at_end) == (20, 16, 3, 1)
    assert (tally.late, tally.dropped, tally.reconnects, tally.surplus) == (1, 2, 4, 5)
    assert (tally.connects, tally.bytes_sent, tally.bytes_received) == (6, 7, 8)
    assert (tally.errors, tally.status_codes) == ({"protocol": 2}, {200: 16, 500: 1})
    assert tally.failed == sum(tally.errors.values()) + tally.status_codes[500]
    assert (other.sent, other.in_flight_at_end, other.errors) == (1, 1, {})


def test_a_status_that_a_check_judges_is_no_failure_by_itself(arena: Arena) -> None:
    arena.slots["endpoints"]["fails_from"][:, 1] = 600
    count(arena, 0, 0, http_404=2, http_399=3)
    count(arena, 0, 1, http_404=5, failed=1, check=1)
    arena.slots["endpoints"]["checks"][0, 1, CHECK_KINDS.index("body_lacks")] = 1
    plain, checked = tallies(arena)
    assert (plain.failed_codes, checked.failed_codes) == ({404: 2}, {})
    assert (checked.checks, checked.answered) == ({"body_lacks": 1}, 6)
    assert failures(take(arena, 0)) == {"http_404": 2, "check": 1}


def test_tallies_hold_the_times_of_each_phase(arena: Arena) -> None:
    for number, field in enumerate(FIELDS.values(), start=1):
        record(arena, 0, 1, field, [number * MS])
        record(arena, 1, 1, field, [number * MS, 500 * MS])
    empty, full = tallies(arena)
    for number, phase in enumerate(FIELDS, start=1):
        bits = FINE_BITS if phase is Phase.LATENCY else COARSE_BITS
        values = [number * MS, number * MS, 500 * MS]
        assert same(full.times[phase], Histogram.from_values(values, bits))
        assert empty.times[phase].n == 0


def test_the_gate_gets_the_counts_of_one_endpoint_over_workers(arena: Arena) -> None:
    count(arena, 0, 1, sent=9, succeeded=5, failed=2, http_200=5, http_503=1)
    count(arena, 1, 1, sent=4, succeeded=3, failed=1, http_200=3)
    count(arena, 1, 0, sent=100, succeeded=90, failed=10, http_200=90, http_500=10)
    arena.slots["endpoints"]["checks"][:, 1, 2] = [1, 1]
    record(arena, 0, 1, "ttfb", [10, 11])
    record(arena, 1, 1, "ttfb", [12])
    record(arena, 1, 0, "ttfb", [13])
    seen = counts(arena, 1, [Phase.TTFB])
    assert (seen.finished, seen.failed) == (11, 3)
    assert seen.status_codes == {200: 8, 503: 1, STATUS_UNKNOWN: 2}
    assert seen.answered == 11
    assert seen.times.keys() == {Phase.TTFB}
    assert same(seen.times[Phase.TTFB], Histogram.from_values([10, 11, 12], COARSE_BITS))


def test_times_are_of_one_endpoint_or_of_all(arena: Arena) -> None:
    record(arena, 0, 0, "response", [MS])
    record(arena, 1, 1, "response", [2 * MS])
    assert same(times(arena, Phase.LATENCY), Histogram.from_values([MS, 2 * MS]))
    assert same(times(arena, Phase.LATENCY, 1), Histogram.from_values([2 * MS]))


def test_the_total_is_all_endpoints_together(arena: Arena) -> None:
    count(arena, 0, 0, sent=10, succeeded=6, failed=3, late=1, dropped=2, reconnects=4, timeout=2)
    count(arena, 0, 0, surplus=5, connects=6, bytes_sent=7, bytes_received=8, http_500=1)
    count(arena, 0, 1, sent=100, succeeded=60, failed=30, late=10, dropped=20, reconnects=40)
    count(arena, 0, 1, surplus=50, connects=60, bytes_sent=70, bytes_received=80, http_500=10)
    count(arena, 0, 1, timeout=15, reset=5, http_204=60, followed=9)
    record(arena, 0, 0, "response", [MS])
    record(arena, 1, 1, "response", [2 * MS])
    whole = total(tallies(arena))
    counters = {
        field.name: getattr(whole, field.name)
        for field in dataclasses.fields(whole)
        if field.name != "times"
    }
    assert counters == {
        "sent": 110,
        "succeeded": 66,
        "failed": 33,
        "in_flight_at_end": 11,
        "dropped": 22,
        "late": 11,
        "reconnects": 44,
        "surplus": 55,
        "connects": 66,
        "bytes_sent": 77,
        "bytes_received": 88,
        "status_codes": {204: 60, 500: 11},
        "errors": {"timeout": 17, "reset": 5},
        "followed": 9,
        "failed_codes": {500: 11},
        "checks": {},
    }
    assert same(whole.latency, Histogram.from_values([MS, 2 * MS]))
    assert set(whole.times) == set(Phase)
