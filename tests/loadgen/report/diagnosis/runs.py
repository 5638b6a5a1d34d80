"""Runs whose parts are set one by one, so that a test sees what a clue rests on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from loadgen.measurement import EndpointResult, Measurement, Second, Tally
from slo.evaluate import Gate
from slo.grammar import parse
from slo.histogram import COARSE_BITS, FINE_BITS, Histogram
from slo.metric import Phase
from slo.sample import Counts, Sample
from slo.validity import judge
from tests.loadgen import samples

__all__ = ["endpoint", "judged", "run", "seconds", "tally", "times"]


def times(*groups: tuple[int, float], bits: int = FINE_BITS) -> Histogram:
    """So many times of so many milliseconds each, such as (990, 10.0), (10, 95.0)."""
    values_ns = [round(ms * 1e6) for n, ms in groups for _ in range(n)]
    return Histogram.from_values(values_ns, bits)


def tally(n: int = 1_000, response_ms: float = 10.0, **changes: object) -> Tally:
    """So many answers in this time each, all of it before the first byte."""
    alike = times((n, response_ms))
    parts = {
        Phase.LATENCY: alike,
        Phase.SERVICE: alike,
        Phase.TTFB: alike,
        Phase.LAG: times((n, 0.001)),
        Phase.CONNECT: Histogram.empty(COARSE_BITS),
        Phase.TLS: Histogram.empty(COARSE_BITS),
    }
    calm = Tally(
        sent=n,
        succeeded=n,
        failed=0,
        in_flight_at_end=0,
        dropped=0,
        late=0,
        reconnects=0,
        surplus=0,
        connects=0,
        bytes_sent=100 * n,
        bytes_received=1_024 * n,
        status_codes={200: n},
        errors={},
        times=parts,
    )
    given = changes.pop("times", {})
    assert isinstance(given, Mapping)
    return dataclasses.replace(calm, times={**parts, **given}, **changes)  # type: ignore[arg-type]  # fields of any type


def endpoint(name: str, part: Tally) -> EndpointResult:
    """An endpoint by its tally."""
    return EndpointResult(name=name, method="GET", path=name, weight=1.0, tally=part)


def seconds(n: int, **each: Sequence[object]) -> tuple[Second, ...]:
    """So many calm seconds; `each` gives the values of a field, one a second."""
    return tuple(
        dataclasses.replace(
            samples.second(index + 1, failed=0),
            sent=1_000,
            **{name: values[index] for name, values in each.items()},  # type: ignore[arg-type]  # fields of any type
        )
        for index in range(n)
    )


def run(
    total: Tally,
    *endpoints: EndpointResult,
    timeline: tuple[Second, ...] = (),
    users: int = 10,
    duration_s: float = 10.0,
    evidence: Mapping[str, object] | None = None,
) -> Measurement:
    """A measurement of exactly this; open loop when the evidence says so."""
    base = samples.measurement(requests=100)
    found = samples.evidence(total.sent, measured_s=duration_s, **(evidence or {}))
    return dataclasses.replace(
        base,
        run=dataclasses.replace(
            base.run, users=users, duration_s=duration_s, open_loop=found.open_loop
        ),
        health=judge(found),
        total=total,
        endpoints=endpoints or (endpoint("/", total),),
        timeline=timeline,
    )


def judged(m: Measurement, *objectives: str) -> Measurement:
    """The same run with the verdict of the real gate on these objectives."""
    phases = {phase.value: histogram for phase, histogram in m.total.times.items()}
    counts = Counts(
        finished=m.total.finished,
        failed=m.total.failed,
        status_codes=m.total.status_codes,
        times=phases,  # type: ignore[arg-type]  # both Phases are the same text
    )
    sample = Sample(t_s=m.run.duration_s, total=counts, endpoints={})
    judgement = Gate([parse(text) for text in objectives]).look(sample)
    return dataclasses.replace(m, slo=judgement)
