"""A comparison while it goes on, as logs and terminals show it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from rollout.canary.comparison import ComparisonProgress
from rollout.canary.panel import draw, line, nearest, words
from rollout.canary.second import ComparisonPhase
from slo.detector import Detector, Look
from tests.rollout.canary.samples import comparison


def progress(phase: ComparisonPhase) -> ComparisonProgress:
    """The last second of a phase of a comparison in which half of /c failed."""
    result = comparison("broken")
    last = [row for row in result.rows if row.phase is phase][-1]
    judged = phase is ComparisonPhase.COMPARING
    return ComparisonProgress(
        second=last,
        elapsed_s=25 + last.t_s if judged else last.t_s,
        total_s=105.0,
        judgement=result.judgement if judged else None,
    )


def picture(shown: ComparisonProgress | None) -> str:
    console = Console(file=io.StringIO(), width=90)
    console.print(draw(shown, 90))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_line_has_both_sides_and_how_near_a_proof_is() -> None:
    text = line(progress(ComparisonPhase.COMPARING))
    assert "of 1m 45s  comparing    p50 20." in text
    assert "errors 0.00 % | 2" in text  # half of one endpoint of two
    assert text.endswith("% of a proof (error_rate of /c <= 0.5%, absolute fast)")


def test_while_calibrating_nothing_is_judged() -> None:
    shown = progress(ComparisonPhase.CALIBRATING)
    assert "evidence" not in line(shown)
    assert "baseline again" in picture(shown)
    assert "none yet: the baseline against itself" in picture(shown)


def test_the_picture_says_the_verdict_so_far() -> None:
    text = picture(progress(ComparisonPhase.COMPARING))
    assert "Verdict so far" in text
    assert "FAIL" in text
    assert max(map(len, text.splitlines())) <= 90
    assert picture(None) == "starting workers\n"


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        (Look(scope=None, detector=Detector.RELATIVE, subject="p95"), "p95, relative"),
        (Look(scope="/a", detector=Detector.RELATIVE, subject="p95"), "p95 of /a, relative"),
        (
            Look(scope="/a", detector=Detector.FAST, subject="p99 of /a < 2ms"),
            "p99 of /a < 2ms, absolute fast",
        ),
    ],
    ids=["all together", "one endpoint", "named already"],
)
def test_what_a_detector_looks_at(look: Look, expected: str) -> None:
    assert words(look) == expected


def test_the_nearest_has_been_proven_when_the_canary_failed() -> None:
    found = nearest(comparison("broken").judgement)
    assert found is not None
    assert found[0] >= 1
