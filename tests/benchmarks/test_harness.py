"""Turns, ratios, CSVs and the table: the arithmetic around the measurements."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import bench_cpu, bench_stall
from benchmarks.harness import median, ratio, turns
from benchmarks.record import Row, Where, read, write
from benchmarks.table import BEGIN, END, ORDER, filled, line

ROWS: list[Row] = [
    {"round": 0, "peer": "a", "price": 2.0},
    {"round": 0, "peer": "b", "price": 1.0},
    {"round": 1, "peer": "b", "price": 10.0},
    {"round": 1, "peer": "a", "price": 30.0},
    {"round": 2, "peer": "a", "price": 4.0},
    {"round": 2, "peer": "b", "price": 4.0},
    {"round": 3, "peer": "a", "price": 1e9},
]


def test_subjects_take_turns_in_turned_order() -> None:
    assert list(turns("ab", 3)) == [(0, "a"), (0, "b"), (1, "b"), (1, "a"), (2, "a"), (2, "b")]


def test_the_ratio_is_taken_within_rounds() -> None:
    """2, 3 and 1; the round that has no b does not count."""
    assert ratio(ROWS, "price", "a", "b") == 2.0


def test_the_median_is_that_of_the_column() -> None:
    assert median([row for row in ROWS if row["peer"] == "b"], "price") == 4.0


def test_a_csv_carries_full_precision_and_where_it_was_measured(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.csv"
    third = 1 / 3
    rows: list[Row] = [{"round": 0, "price_s": third, "peer": "a"}]
    written = write(path, rows, Where.here())
    (row,) = read(path)
    assert written == rows
    assert (row["round"], row["price_s"], row["peer"]) == (0, third, "a")
    assert {"commit", "cpu", "kernel", "python", "flags", "client_cpu", "server_cpu"} <= row.keys()


def test_an_interrupted_benchmark_leaves_the_rows_that_it_has(tmp_path: Path) -> None:
    def interrupted() -> Iterator[Row]:
        yield {"round": 0}
        raise KeyboardInterrupt

    path = tmp_path / "x.csv"
    with pytest.raises(KeyboardInterrupt):
        write(path, interrupted(), Where.here())
    assert [row["round"] for row in read(path)] == [0]


def test_the_table_stands_between_its_markers() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter"
    assert filled(text, "| row |\n").splitlines()[0] == "before"
    assert "old" not in filled(text, "| row |\n")
    assert filled(filled(text, "| row |\n"), "| row |\n") == filled(text, "| row |\n")
    with pytest.raises(ValueError, match="markers"):
        filled("no markers", "")


def test_every_benchmark_has_its_row() -> None:
    folder = Path(bench_cpu.__file__).parent
    assert sorted(ORDER) == sorted(path.stem[6:] for path in folder.glob("bench_*.py"))


def test_a_row_says_so_when_nothing_was_measured(tmp_path: Path) -> None:
    assert "| not yet |" in line(bench_cpu, tmp_path)


def test_a_row_has_the_figures_of_the_csv(tmp_path: Path) -> None:
    prices = {"loadgen": 7e-6, "wrk": 8e-6, "floor": 6e-6}
    rows: list[Row] = [
        {
            "round": round_,
            "peer": peer,
            "connections": 64,
            "steady_cpu_s_per_request": price,
            "whole_cpu_s_per_request": price,
        }
        for round_ in range(3)
        for peer, price in prices.items()
    ]
    write(tmp_path / "cpu.csv", rows, Where.here())
    assert "64 connections: 0.88 × wrk (0.88 with start-up), 1.17 × floor" in line(
        bench_cpu, tmp_path
    )


def test_the_arithmetic_of_a_stall_is_that_of_a_simulation() -> None:
    """200,000 arrivals at random times, each answered after 50 ms or at the stall's end."""
    draw = random.Random(1)
    waits = []
    for _ in range(200_000):
        due_s = draw.uniform(0, bench_stall.EVERY_S) + bench_stall.LATENCY_S
        phase_s = due_s % bench_stall.EVERY_S
        stalled = phase_s > bench_stall.EVERY_S - bench_stall.STALL_S
        waits.append(bench_stall.LATENCY_S + (bench_stall.EVERY_S - phase_s if stalled else 0))
    cuts = statistics.quantiles(waits, n=100)
    for name, cut in {"p50": cuts[49], "p90": cuts[89], "p99": cuts[98]}.items():
        expected_s = bench_stall.expected_s(bench_stall.QUANTILES[name])
        assert expected_s == pytest.approx(cut, rel=0.01)
    assert bench_stall.expected_s(1.0) == pytest.approx(max(waits), rel=0.01)
