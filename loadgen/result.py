"""The result file (`--json`): a measurement as JSON, a contract with everyone downstream.

Its JSON Schema is loadgen/data/result.schema.json; the tests check every result against it.
Values carry five significant digits, which is finer than the histograms they come from.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC
from typing import TYPE_CHECKING

from loadgen.json_text import digits, interval_ends, json_text
from loadgen.summary import summarise
from slo.metric import Phase

if TYPE_CHECKING:
    from loadgen.consequence import BaselineResult
    from loadgen.json_text import Json
    from loadgen.measurement import EndpointResult, Measurement, ResourceSecond, Second, Tally
    from slo.histogram import Histogram
    from slo.validity import Evidence
    from slo.verdict import Finding

__all__ = ["SCHEMA", "comparison_block", "dumps", "to_dict"]

SCHEMA = "loadgen.result/1"

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
    return json_text(to_dict(measurement), tables=_TABLES)


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
        "offered_rps": digits(m.health.offered_rps),
        "achieved_rps": digits(m.health.achieved_rps),
        "worker_cpu_percent": [round(percent, 1) for percent in evidence.worker_cpu_percent],
        "own_lag_ms": _own_lag(evidence),
    }


def _own_lag(evidence: Evidence) -> dict[str, Json]:
    return {
        "p50": digits(evidence.own_lag_p50_ms),
        "p99": digits(evidence.own_lag_p99_ms),
        "max": digits(evidence.own_lag_max_ms),
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
        "throughput_rps": digits(tally.answered / duration_s if duration_s > 0 else 0.0),
        "error_rate_percent": digits(tally.error_rate_percent),
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
        "min": digits(summary.min_ms),
        "mean": digits(summary.mean_ms),
        **{name: digits(value_ms) for name, value_ms in summary.percentiles_ms.items()},
        "max": digits(summary.max_ms),
    }


def _endpoint(endpoint: EndpointResult, duration_s: float) -> dict[str, Json]:
    return {
        "name": endpoint.name,
        "method": endpoint.method,
        "path": endpoint.path,
        "weight": digits(endpoint.weight),
        **_tally(endpoint.tally, duration_s),
    }


def _second(second: Second) -> dict[str, Json]:
    return {
        "t_s": round(second.t_s, 3),
        "sent": second.sent,
        "succeeded": second.succeeded,
        "failed": second.failed,
        "p50": digits(second.p50_ms),
        "p95": digits(second.p95_ms),
        "p99": digits(second.p99_ms),
        "max": digits(second.max_ms),
        "vus": second.users,
        "in_flight": second.in_flight,
        "errors": dict(sorted(second.errors.items())),
        "own_lag_p99_ms": digits(second.own_lag_p99_ms),
        "worker_cpu_percent": [round(percent, 1) for percent in second.worker_cpu_percent],
    }


def _resources(second: ResourceSecond) -> dict[str, Json]:
    return {
        "t_s": round(second.t_s, 3),
        "generator_cpu_percent": digits(second.generator_cpu_percent),
        "generator_memory_bytes": second.generator_memory_bytes,
        "target_cpu_percent": digits(second.target_cpu_percent),
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
            "seconds": digits(m.rollback.seconds),
            "output": list(m.rollback.output),
        }
    return blocks


def _objective(finding: Finding) -> dict[str, Json]:
    return {
        "name": finding.objective.text,
        "observed": digits(finding.observed),
        "limit": finding.limit,
        "unit": finding.unit.value,
        "comparison": finding.comparison.value,
        "n": finding.n,
        "interval": interval_ends(finding.interval),
        "verdict": finding.verdict.value,
        "since_s": digits(finding.since_s),
        "reason": finding.reason,
    }


def comparison_block(baseline: BaselineResult) -> dict[str, Json]:
    """A comparison in the names and units of the result file."""
    found = baseline.comparison
    return {
        "run": baseline.run_id,
        "same_plan": baseline.same_plan,
        "margin_percent": digits(100 * baseline.margin_ratio),
        "verdict": found.change.value,
        "confidence": found.confidence,
        "rows": [
            {
                "endpoint": row.scope,
                "metric": row.metric.text,
                "unit": row.unit.value,
                "baseline": digits(row.baseline),
                "current": digits(row.current),
                "difference": interval_ends(row.difference),
                "ratio": interval_ends(row.ratio),
                "verdict": row.change.value,
                "reason": row.reason,
            }
            for row in found.rows
        ],
        "only_in_baseline": list(found.only_in_baseline),
        "only_in_current": list(found.only_in_current),
    }
