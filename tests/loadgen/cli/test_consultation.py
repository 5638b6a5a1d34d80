from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from rich.console import Console

from loadgen.cli.consultation import consult
from loadgen.doctor import Box
from slo.validity import Evidence, Health, Validity
from tests.loadgen.doctor.boxes import GOOD


def _health(rate_rps: float, *, limit_rps: float) -> Health:
    evidence = Evidence(
        open_loop=True,
        paced=True,
        planned_requests=rate_rps,
        sent=round(rate_rps),
        dropped=0,
        measured_s=1.0,
        own_lag_p50_ms=None,
        own_lag_p99_ms=None,
        own_lag_max_ms=None,
        worker_cpu_percent=(),
        run_delay_percent=(),
    )
    good = rate_rps <= limit_rps
    return Health(
        verdict=Validity.VALID if good else Validity.INVALID,
        reasons=() if good else ("Worker 0 was slow.",),
        notes=(),
        offered_rps=rate_rps,
        achieved_rps=rate_rps,
        evidence=evidence,
    )


def _consult(box: Box, *, limit_rps: float | None) -> tuple[bool, str]:
    """Consults about a box that is trusted up to a rate; None: without calibration."""

    @contextmanager
    def probing(connections: int) -> Iterator[Callable[[float], Health]]:
        assert connections == 50
        assert limit_rps is not None
        yield lambda rate_rps: _health(rate_rps, limit_rps=limit_rps)

    out = io.StringIO()
    console = Console(file=out, width=100, no_color=True)
    trusted = consult(box, 50, probing=None if limit_rps is None else probing, console=console)
    return trusted, out.getvalue()


CRAMPED = replace(GOOD, files_hard=64)


@pytest.mark.parametrize(
    ("box", "limit_rps", "trusted"),
    [
        (GOOD, None, True),
        (GOOD, 5_000.0, True),
        (GOOD, 0.0, False),
        (CRAMPED, None, False),
        (CRAMPED, 5_000.0, False),
        (replace(GOOD, clocksource="hpet"), None, True),
    ],
)
def test_a_box_is_trusted_when_nothing_fails_and_some_rate_is(
    box: Box, limit_rps: float | None, trusted: bool
) -> None:
    assert _consult(box, limit_rps=limit_rps)[0] is trusted


def test_shows_findings_trials_and_the_answer_in_this_order() -> None:
    _, said = _consult(GOOD, limit_rps=5_000.0)
    parts = [
        "Open files",
        "Calibrating with 50 connections",
        "1,000 requests/s  trusted",
        "8,000 requests/s  not trusted (generator)",
        "Trustworthy up to 4,",
        "Worker 0 was slow.",
    ]
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


def test_without_calibration_only_the_findings() -> None:
    assert "Calibrating" not in _consult(GOOD, limit_rps=None)[1]
