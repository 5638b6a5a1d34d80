from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType

from loadgen.doctor import Calibration, Finding, Level, Limit
from loadgen.doctor.table import calibration_text, findings_table

FINDINGS = (
    Finding(level=Level.OK, what="Cores", observed="2 of 2 allowed", expected="2 or more"),
    Finding(
        level=Level.FAIL, what="Open files", observed="64", expected="164", remedy="ulimit -Hn 164"
    ),
)


def _text(shown: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=80, no_color=True)
    with console.capture() as capture:
        console.print(shown)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def test_findings_are_aligned_and_advice_follows() -> None:
    assert _text(findings_table(FINDINGS)) == (
        "      Check       Observed        Expected\n"
        "OK    Cores       2 of 2 allowed  2 or more\n"
        "FAIL  Open files  64              164\n"
        "\n"
        "What to do\n"
        "Open files: ulimit -Hn 164."
    )


def test_a_healthy_box_needs_no_advice() -> None:
    assert "What to do" not in _text(findings_table(FINDINGS[:1]))


@pytest.mark.parametrize(
    ("trusted_rps", "limit", "text"),
    [
        (
            34_567,
            Limit.GENERATOR,
            "Trustworthy up to 34,000 requests/s on this box. Above: Worker 0 was slow.",
        ),
        (
            999,
            Limit.TARGET,
            "Trustworthy up to 990 requests/s on this box. Above, the built-in target was the "
            "limit: with a server on another box it may be more.",
        ),
        (
            2_048_000,
            Limit.CEILING,
            "Trustworthy up to 2,000,000 requests/s on this box. No limit was found.",
        ),
        (0, Limit.GENERATOR, "This box cannot be trusted at any rate. Worker 0 was slow."),
    ],
)
def test_the_answer_is_rounded_down_and_says_why_not_more(
    trusted_rps: float, limit: Limit, text: str
) -> None:
    found = Calibration(
        trusted_rps=trusted_rps, limit=limit, reason="Worker 0 was slow.", trials=()
    )
    assert calibration_text(found).plain == text
