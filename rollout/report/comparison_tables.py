"""The tables of a comparison, as text in cells; HTML and Markdown draw them in their ways. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from loadgen.report.numbers import NOTHING, clock, count, duration, percent
from loadgen.report.tables import Table, Verbatim
from rollout.report.found import everything

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollout.report.found import Found

__all__ = ["calibration", "detectors", "effects", "interval_text", "nearness", "sides", "value"]

MOST_NOISE = 30
"""Rows about the baseline's own noise; the result file has them all."""


def sides(run: Found) -> Table:
    """What both sides of one run did."""
    second = "Baseline again" if run["phase"] == "calibrating" else "Canary"
    return Table(
        head=("Side", "Requests", "Failed", "P50", "P95", "P99", "P99.9"),
        rows=(_side("Baseline", run["baseline"]), _side(second, run["canary"])),
        numbers_from=1,
    )


def effects(found: Found) -> Table:
    """How much worse the canary is, in each respect that was compared; what is worse first."""
    rows = sorted(found["effects"], key=lambda each: not each["worse"])
    return Table(
        head=("Endpoint", "What", "Verdict", "Baseline", "Canary", "Change", "95 % interval"),
        rows=tuple(
            (
                _endpoint(each["endpoint"]),
                Verbatim(each["subject"]),
                "worse" if each["worse"] else NOTHING,
                value(each["baseline"], each["unit"]),
                value(each["canary"], each["unit"]),
                _change(each),
                interval_text(each),
            )
            for each in rows
        ),
        numbers_from=3,
    )


def detectors(found: Found) -> Table:
    """What each detector has gathered, the nearest to a proof first."""
    rows = sorted(found["detectors"], key=lambda each: (not each["proven"], -nearness(each)))
    return Table(
        head=("Endpoint", "Looks at", "Detector", "Verdict", "Evidence", "Alpha"),
        rows=tuple(
            (
                _endpoint(each["endpoint"]),
                Verbatim(each["subject"]),
                each["detector"],
                "proven" if each["proven"] else "not proven",
                f"{100 * nearness(each):.0f} %",
                f"{100 * each['alpha']:.2g} %",
            )
            for each in rows
        ),
        numbers_from=4,
    )


def calibration(found: Found) -> Table:
    """How much the baseline differs from itself; what varies most first."""
    noise = sorted(found["noise"], key=lambda each: (not each["differs"], -each["dispersion"]))
    return Table(
        head=("Endpoint", "What", "Beyond", "Varies", "Bursts last", "Block", "With itself"),
        rows=tuple(
            (
                _endpoint(each["endpoint"]),
                Verbatim(each["subject"]),
                f"{count(each['bad'])} of {count(each['n'])}",
                f"{each['dispersion']:.1f}× chance",
                clock(each["burst_s"]) if each["burst_s"] > 1 else "none",
                clock(each["block_s"]),
                "differs" if each["differs"] else "agrees",
            )
            for each in noise[:MOST_NOISE]
        ),
    )


def nearness(detector: Found) -> float:
    """The most that a detector had gathered, as a part of what proves it; 1 is a proof."""
    curve = detector["evidence"] or [detector["log_evidence"]]
    most: float = max(curve) / detector["needed"]
    return max(0.0, most)


def value(number: float | None, unit: str) -> str:
    """A value of an effect with its unit."""
    if unit == "ms":
        return duration(number)
    return NOTHING if number is None else f"{percent(number)} %"


def interval_text(effect: Found) -> str:
    """The interval of a change: of times as ratios, of shares in percentage points."""
    if effect["interval"] is None:
        return NOTHING
    low, high = _ends(effect["interval"])
    if effect["unit"] == "ms":
        return f"{low:.2f}× to {high:.2f}×"
    return f"{low:+.2f} to {high:+.2f} points"


def _side(name: str, counts: Found) -> tuple[str, ...]:
    times = counts["latency_ms"]
    share = 100 * counts["failed"] / counts["finished"] if counts["finished"] else None
    failed = count(counts["failed"])
    return (
        name,
        count(counts["finished"]),
        failed if share is None else f"{failed} ({percent(share)} %)",
        *(duration(times[each]) for each in ("p50", "p95", "p99", "p99_9")),
    )


def _endpoint(name: str | None) -> str:
    return everything(name) if name is None else Verbatim(name)


def _change(effect: Found) -> str:
    before, after = effect["baseline"], effect["canary"]
    if effect["unit"] == "ms":
        return NOTHING if effect["ratio"] is None else f"{effect['ratio']:.2f}×"
    return NOTHING if before is None or after is None else f"{after - before:+.2f} points"


def _ends(interval: Sequence[float | None]) -> tuple[float, float]:
    low, high = interval
    return -math.inf if low is None else low, math.inf if high is None else high
