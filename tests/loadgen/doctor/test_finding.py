from __future__ import annotations

import pytest

from loadgen.doctor import Finding, Level


@pytest.mark.parametrize(
    ("level", "remedy"), [(Level.OK, "do this"), (Level.WARN, ""), (Level.FAIL, "")]
)
def test_a_complaint_has_advice_and_nothing_else_has(level: Level, remedy: str) -> None:
    with pytest.raises(ValueError, match=level):
        Finding(level=level, what="x", observed="1", expected="2", remedy=remedy)
