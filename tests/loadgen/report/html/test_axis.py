"""Moments of a run as the charts' tables write them."""

from __future__ import annotations

import pytest

from loadgen.report.html.axis import clock


@pytest.mark.parametrize(
    ("t_s", "text"),
    [
        (1.0, "0:01"),
        (59.0, "0:59"),
        (60.0, "1:00"),
        (7.5, "0:07.5"),
        (59.96, "1:00"),
        (3599.0, "59:59"),
        (3723.0, "1:02:03"),
        (90_000.0, "25:00:00"),
        (-25.0, "\N{MINUS SIGN}0:25"),
    ],
)
def test_clock(t_s: float, text: str) -> None:
    assert clock(t_s) == text
