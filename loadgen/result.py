"""The result file (`--json`): a measurement as JSON, a contract with everyone downstream.

Its JSON Schema is loadgen/data/result.schema.json; the tests check every result against it.
Values carry five significant digits, which is finer than the histograms they come from.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, TypeAlias

from loadgen.measurement import Phase
from loadgen.summary import summarise

if TYPE_CHECKING:
    from loadgen.consequence import BaselineResult
    from loadgen.measurement import EndpointResult, Measurement, ResourceSecond, Second, Tally
    from slo.histogram import Histogram
    from slo.interval import Interval
    from slo.validity import Evidence
    from slo.verdict import Finding

__all__ = ["SCHEMA", "Json", "comparison_block", "dumps", "to_dict"]

SCHEMA = "loadgen.result/1"

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
"""What JSON can say."""

_TABLES = frozenset({"timeline", "resources", "objectives", "rows"})
"""Blocks of rows: one line each, whatever they hold."""


def to_dict(measurement: Measurement) -> dict[str, Json]:
    """The measurement in the names and units of the result file."""
    m = measurement
    return {
        "schema": SCHEMA,
        "run": _run(m),
        "validity": _validity(m),
        **_tally(m.total, m.run.duration_s),
        "warmup": {
            "sent": m.warmup.sent,
            "succeeded": m.warmup.succeeded,
            "failed": m.warmup.failed,
        },
        "endpoints": [_endpoint(endpoint, m.run.duration_s) for endpoint in m.endpoints],
        "failed_answers": [dataclasses.asdict(answer) for answer in m.failed_answers],
        "timeline": [_second(second) for second in m.timeline],
        "resources": [_resources(second) for second in m.resources],
        **_verdict(m),
    }


def dumps(measurement: Measurement) -> str:
    """The result file's text: one block a line, so that people and `diff` can read it."""
    return f"{_text(to_dict(measurement), indent='')}\n"


def _run(m: Measurement) -> dict[str, Json]:
    started_at = m.run.started_at.astimezone(UTC).isoformat(timespec="milliseconds")
    return {
        "id": m.run.id,
        "target": m.run.target,
        "pattern": m.run.pattern,
        "environment": m.run.environment,
        "seed": m.run.seed,
        "plan_hash": m.run.plan_hash,
        "started_at": started_at.replace("+00:00", "Z"),
        "duration_s": round(m.run.duration_s, 6),
        "planned_s": m.run.planned_s,
        "warmup_s": m.run.warmup_s,
        "workers": m.run.workers,
        "users": m.run.users,
        "interrupted": m.run.interrupted,
        "failure": m.run.failure,
        "stopped": m.run.stopped,
    }


def _validity(m: Measurement) -> dict[str, Json]:
    evidence = m.health.evidence
    return {
        "verdict": m.health.verdict.value,
        "reasons": list(m.health.reasons),
        "notes": list(m.health.notes),
        "offered_rps": _digits(m.health.offered_rps),
        "achieved_rps": _digits(m.health.achieved_rps),
        "worker_cpu_percent": [round(percent, 1) for percent in evidence.worker_cpu_percent],
        "own_lag_ms": _own_lag(evidence),
    }


def _own_lag(evidence: Evidence) -> dict[str, Json]:
    return {
        "p50": _digits(evidence.own_lag_p50_ms),
        "p99": _digits(evidence.own_lag_p99_ms),
        "max": _digits(evidence.own_lag_max_ms),
    }


def _tally(tally: Tally, duration_s: float) -> dict[str, Json]:
    """The blocks that a run and each of its endpoints share."""
    return {
        "requests": {
            "sent": tally.sent,
            "succeeded": tally.succeeded,
            "failed": tally.failed,
            "in_flight_at_end": tally.in_flight_at_end,
            "dropped": tally.dropped,
            "late": tally.late,
            "reconnects": tally.reconnects,
            "surplus": tally.surplus,
            "followed": tally.followed,
        },
        "throughput_rps": _digits(tally.answered / duration_s if duration_s > 0 else 0.0),
        "error_rate_percent": _digits(tally.error_rate_percent),
        **{f"{phase.value}_ms": _times(tally.times[phase]) for phase in Phase},
        "status_codes": {str(code): n for code, n in sorted(tally.status_codes.items()) if n},
        "failed_status_codes": {str(code): n for code, n in sorted(tally.failed_codes.items())},
        "errors": {name: n for name, n in sorted(tally.errors.items()) if n},
        "checks": dict(sorted(tally.checks.items())),
        "bytes": {"sent": tally.bytes_sent, "received": tally.bytes_received},
    }


def _times(histogram: Histogram) -> dict[str, Json]:
    summary = summarise(histogram)
    return {
        "n": summary.n,
        "min": _digits(summary.min_ms),
        "mean": _digits(summary.mean_ms),
        **{name: _digits(value_ms) for name, value_ms in summary.percentiles_ms.items()},
        "max": _digits(summary.max_ms),
    }


def _endpoint(endpoint: EndpointResult, duration_s: float) -> dict[str, Json]:
    return {
        "name": endpoint.name,
        "method": endpoint.method,
        "path": endpoint.path,
        "weight": _digits(endpoint.weight),
        **_tally(endpoint.tally, duration_s),
    }


def _second(second: Second) -> dict[str, Json]:
    return {
        "t_s": round(second.t_s, 3),
        "sent": second.sent,
        "succeeded": second.succeeded,
        "failed": second.failed,
        "p50": _digits(second.p50_ms),
        "p95": _digits(second.p95_ms),
        "p99": _digits(second.p99_ms),
        "max": _digits(second.max_ms),
        "vus": second.users,
        "in_flight": second.in_flight,
        "errors": dict(sorted(second.errors.items())),
        "own_lag_p99_ms": _digits(second.own_lag_p99_ms),
        "worker_cpu_percent": [round(percent, 1) for percent in second.worker_cpu_percent],
    }


def _resources(second: ResourceSecond) -> dict[str, Json]:
    return {
        "t_s": round(second.t_s, 3),
        "generator_cpu_percent": _digits(second.generator_cpu_percent),
        "generator_memory_bytes": second.generator_memory_bytes,
        "target_cpu_percent": _digits(second.target_cpu_percent),
        "target_memory_bytes": second.target_memory_bytes,
    }


def _verdict(m: Measurement) -> dict[str, Json]:
    """The blocks that only a judged run, or a compared one, has."""
    blocks: dict[str, Json] = {}
    if m.slo is not None:
        blocks["slo"] = {
            "verdict": m.slo.verdict.value,
            "objectives": [_objective(finding) for finding in m.slo.findings],
            "violations": list(m.slo.violations),
        }
    if m.baseline is not None:
        blocks["baseline"] = comparison_block(m.baseline)
    if m.rollback is not None:
        blocks["rollback"] = {
            **dataclasses.asdict(m.rollback),
            "seconds": _digits(m.rollback.seconds),
            "output": list(m.rollback.output),
        }
    return blocks


def _objective(finding: Finding) -> dict[str, Json]:
    return {
        "name": finding.objective.text,
        "observed": _digits(finding.observed),
        "limit": finding.limit,
        "unit": finding.unit.value,
        "comparison": finding.comparison.value,
        "n": finding.n,
        "interval": _interval(finding.interval),
        "verdict": finding.verdict.value,
        "since_s": _digits(finding.since_s),
        "reason": finding.reason,
    }


def comparison_block(baseline: BaselineResult) -> dict[str, Json]:
    """A comparison in the names and units of the result file."""
    found = baseline.comparison
    return {
        "run": baseline.run_id,
        "same_plan": baseline.same_plan,
        "margin_percent": _digits(100 * baseline.margin_ratio),
        "verdict": found.change.value,
        "confidence": found.confidence,
        "rows": [
            {
                "endpoint": row.scope,
                "metric": row.metric.text,
                "unit": row.unit.value,
                "baseline": _digits(row.baseline),
                "current": _digits(row.current),
                "difference": _interval(row.difference),
                "ratio": _interval(row.ratio),
                "verdict": row.change.value,
                "reason": row.reason,
            }
            for row in found.rows
        ],
        "only_in_baseline": list(found.only_in_baseline),
        "only_in_current": list(found.only_in_current),
    }


def _interval(interval: Interval | None) -> Json:
    """Its ends; null for one that the sample does not bound."""
    if interval is None:
        return None
    ends = (interval.low, interval.high)
    return [_digits(end) if math.isfinite(end) else None for end in ends]


def _digits(value: float | None) -> float | None:
    """Five significant digits; whole numbers stay whole beyond them."""
    if value is None:
        return None
    return float(round(value)) if abs(value) >= 10_000 else float(f"{value:.5g}")


def _text(value: Json, indent: str) -> str:
    """JSON with each row of a table, and each object or list of plain values, on one line."""
    inner = f"{indent}  "
    match value:
        case dict() if any(isinstance(item, dict | list) for item in value.values()):
            rows = [
                f"{inner}{_plain(key)}: {_block(key, item, inner)}" for key, item in value.items()
            ]
            return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
        case list() if any(isinstance(item, dict | list) for item in value):
            return _lines([_text(item, inner) for item in value], indent)
        case _:
            return _plain(value)


def _block(key: str, value: Json, indent: str) -> str:
    if key in _TABLES and isinstance(value, list) and value:
        return _lines([_plain(row) for row in value], indent)
    return _text(value, indent)


def _lines(items: Sequence[str], indent: str) -> str:
    """A list with an item a line."""
    return "[\n" + ",\n".join(f"{indent}  {item}" for item in items) + f"\n{indent}]"


def _plain(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
