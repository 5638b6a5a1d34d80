"""From CPU seconds to a percentage."""

from __future__ import annotations

import pytest

from loadgen.watch.usage import CpuMeter


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        pytest.param([(0.0, 5.0)], [None], id="the first one has nothing to compare with"),
        pytest.param([(0.0, 5.0), (2.0, 6.0)], [None, 50.0], id="half of a core"),
        pytest.param([(0.0, 0.0), (1.0, 3.0), (2.0, 3.0)], [None, 300.0, 0.0], id="several cores"),
        pytest.param([(1.0, 0.0), (1.0, 1.0)], [None, None], id="no time has passed"),
        pytest.param([(0.0, 9.0), (1.0, 2.0)], [None, 0.0], id="a counter that began anew"),
    ],
)
def test_percent(readings: list[tuple[float, float]], expected: list[float | None]) -> None:
    meter = CpuMeter()
    assert [meter.percent(now_s, cpu_s) for now_s, cpu_s in readings] == expected
