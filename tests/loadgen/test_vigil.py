"""When a run against a dead target ends by itself."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from loadgen.measurement import Second
from loadgen.progress import Progress, RunPhase
from loadgen.vigil import Vigil

Counts = tuple[int, int, int]
"""Succeeded, failed, in flight at the end."""
DEAD: Counts = (0, 5, 0)
ALIVE: Counts = (1, 5, 0)
SILENT: Counts = (0, 0, 3)
IDLE: Counts = (0, 0, 0)


def _progress(at_s: float, counts: Counts, error: str) -> Progress:
    succeeded, failed, in_flight = counts
    second = Second(
        t_s=at_s,
        sent=0,
        succeeded=succeeded,
        failed=failed,
        p50_ms=None,
        p95_ms=None,
        p99_ms=None,
        max_ms=None,
        users=0,
        in_flight=in_flight,
        errors={error: failed} if failed else {},
        own_lag_p99_ms=None,
        worker_cpu_percent=(),
    )
    return Progress(
        phase=RunPhase.MEASURING,
        elapsed_s=at_s,
        total_s=60,
        second=second,
        p50_ms=None,
        p90_ms=None,
        p95_ms=None,
        p99_ms=None,
        max_ms=None,
        sent=0,
        succeeded=0,
        failed=0,
        errors={},
        own_lag_p99_ms=None,
        worker_cpu_percent=(),
        offered_rps=None,
        users=0,
        in_flight=in_flight,
    )


def _ends(
    seconds: Iterable[Counts], *, patience_s: float = 3.0, error: str = "timeout", step_s: float = 1
) -> tuple[int, str]:
    """After how many seconds the vigil ends the run (0: never), and what it says."""
    vigil = Vigil(patience_s=patience_s)
    for number, counts in enumerate(seconds, start=1):
        if said := vigil.look(_progress(number * step_s, counts, error)):
            return number, said
    return 0, ""


@pytest.mark.parametrize(
    ("why", "seconds", "end"),
    [
        ("all fail", [DEAD] * 9, 3),
        ("one success is a sign of life", [DEAD, DEAD, ALIVE, DEAD, DEAD, ALIVE], 0),
        ("it dies later", [ALIVE] * 5 + [DEAD] * 9, 8),
        ("nothing is answered at all", [SILENT] * 9, 3),
        ("silence after a success is left to the timeout", [ALIVE] + [SILENT] * 9, 0),
        ("silence after a failure, too", [DEAD] + [SILENT] * 9, 0),
        ("seconds without a request say nothing", [DEAD, IDLE, DEAD, IDLE, IDLE, DEAD], 6),
        ("nothing is sent", [IDLE] * 9, 0),
    ],
)
def test_when_a_run_ends(why: str, seconds: list[Counts], end: int) -> None:
    assert _ends(seconds)[0] == end, why


def test_no_patience_is_patience_for_ever() -> None:
    assert _ends([DEAD] * 99, patience_s=0) == (0, "")


def test_a_boundary_that_comes_early_still_ends_its_second() -> None:
    assert _ends([DEAD] * 9, step_s=0.995)[0] == 3


def test_what_is_said_of_failures() -> None:
    assert _ends([DEAD] * 9, error="connect_refused")[1] == (
        "all 15 requests that ended in the last 3 s of load failed, most by connect_refused (15): "
        "check that the server runs, and its port (--stop-when-dead 0 goes on regardless)"
    )


def test_what_is_said_of_silence() -> None:
    assert _ends([SILENT] * 9)[1] == (
        "the target answered nothing in 3 s, although requests were sent: check whether the "
        "target is overloaded or hangs, and --timeout, or give --stop-when-dead more time "
        "(0 turns it off)"
    )


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("connect_timeout", "check the address, and any firewall"),
        ("connect_no_files", "this machine ran out"),
        ("tls_certificate", "the target's certificate"),
        ("http_401", "check --auth"),
        ("http_404", "check the path"),
        ("http_503", "check the target's own log"),
        ("protocol", "whether it speaks HTTP on this port"),
    ],
)
def test_each_error_has_its_advice(error: str, advice: str) -> None:
    assert advice in _ends([DEAD] * 9, error=error)[1]
