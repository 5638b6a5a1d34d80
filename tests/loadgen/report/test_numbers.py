"""Numbers as people read them."""

from __future__ import annotations

import pytest

from loadgen.report.numbers import NOTHING, clock, count, decimal, duration, percent, share, size


@pytest.mark.parametrize(
    ("value_ms", "expected"),
    [
        (None, NOTHING),
        (0.0, "0 ns"),
        (0.000_85, "850 ns"),
        (0.000_999_6, "1.00 µs"),
        (0.012_34, "12.3 µs"),
        (0.999_4, "999 µs"),
        (0.999_6, "1.00 ms"),
        (1.234, "1.23 ms"),
        (9.996, "10.0 ms"),
        (95.551, "95.6 ms"),
        (245.2, "245 ms"),
        (999.6, "1.00 s"),
        (30_000.0, "30.0 s"),
        (3_600_000.0, "3,600 s"),
    ],
)
def test_duration(value_ms: float | None, expected: str) -> None:
    assert duration(value_ms) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, NOTHING),
        (0.0, "0.0"),
        (0.0521, "0.0521"),
        (1.234, "1.23"),
        (95.5, "95.5"),
        (245.24, "245.2"),
        (1050.3, "1,050.3"),
        (250_000.0, "250,000.0"),
        (1e-12, "0.000000000"),
    ],
)
def test_decimal(value: float | None, expected: str) -> None:
    assert decimal(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, NOTHING),
        (0.0, "0.00"),
        (0.15, "0.15"),
        (0.004_2, "0.0042"),
        (0.000_01, "0.000010"),
        (1.5, "1.50"),
        (12.54, "12.5"),
        (99.9864, "99.986"),
        (100.0, "100.0"),
    ],
)
def test_percent(value: float | None, expected: str) -> None:
    assert percent(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1.0, "0s"),
        (0.0, "0s"),
        (11.2, "12s"),
        (12.000_000_1, "12s"),
        (59.5, "1m 00s"),
        (300.0, "5m 00s"),
        (3_900.0, "1h 05m"),
    ],
)
def test_clock(seconds: float, expected: str) -> None:
    assert clock(seconds) == expected


@pytest.mark.parametrize(
    ("size_bytes", "expected"),
    [
        (0, "0 B"),
        (1_000, "1,000 B"),
        (1_023, "1,023 B"),
        (1_024, "1.0 KiB"),
        (1_500_000, "1.4 MiB"),
        (1_048_575, "1.0 MiB"),
        (5 * 1024**5, "5,120.0 TiB"),
    ],
)
def test_size(size_bytes: int, expected: str) -> None:
    assert size(size_bytes) == expected


def test_count() -> None:
    assert count(15_750) == "15,750"


@pytest.mark.parametrize(
    ("part", "expected"),
    [(0.25, "25 %"), (1 / 3, "33.3 %"), (0.0001, "0.01 %"), (1.0, "100 %"), (0.0, "0 %")],
)
def test_share(part: float, expected: str) -> None:
    assert share(part) == expected
