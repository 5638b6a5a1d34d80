"""slo.policy: what cannot be asked for."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from slo.compare import Margin
from slo.policy import Policy


def test_defaults() -> None:
    policy = Policy()
    assert (policy.alpha, policy.ratio, policy.error_points) == (0.01, 1.5, 1.0)
    assert policy.margin == Margin(ratio=0.05, error_points=0.1)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (
            lambda: Policy(alpha=0.0),
            "alpha 0 is out of range; expected more than 0, below 1",
        ),
        (lambda: Policy(alpha=1.0), "alpha 1 is out of range"),
        (
            lambda: Policy(ratio=1.05),
            "ratio 1.05 is out of range; expected more than the margin, 1.05",
        ),
        (lambda: Policy(ratio=float("inf")), "ratio inf is out of range"),
        (lambda: Policy(error_points=0.1), "expected more than the margin, 0.1, to 100"),
        (lambda: Policy(error_points=101.0), "error_points 101 is out of range"),
    ],
)
def test_out_of_range(wrong: Callable[[], Policy], text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        wrong()
