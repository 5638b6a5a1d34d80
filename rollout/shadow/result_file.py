"""The result of a shadow test as JSON, a contract with everyone downstream, and back.

Its JSON Schema is rollout/data/shadow.schema.json; the tests check every result against it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from loadgen.errors import ConfigError
from loadgen.json_text import digits, interval_ends, json_text
from rollout.shadow.result import (
    EndpointResult,
    Example,
    FieldResult,
    Finding,
    LatencyResult,
    Part,
    ShadowResult,
    Sides,
)
from slo.canary import CanaryVerdict
from slo.interval import Interval

if TYPE_CHECKING:
    from loadgen.json_text import Json

__all__ = ["SCHEMA", "dumps", "from_dict", "read_result", "to_dict"]

SCHEMA = "loadgen.shadow/1"
_PERCENTILES = ("p50", "p95", "p99")
_TABLES = frozenset({"reasons", "notes", "unreadable", "examples"})
_Object: TypeAlias = Mapping[str, Any]


def to_dict(result: ShadowResult) -> dict[str, Json]:
    """A result in the names and units of the file."""
    interval = result.interval
    return {
        "schema": SCHEMA,
        "source": result.source,
        "sides": {
            "production": result.sides.production,
            "canary": result.sides.canary,
            "baseline": result.sides.baseline,
        },
        "started_at": result.started_at.astimezone(UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z"),
        "duration_s": round(result.duration_s, 3),
        "verdict": result.verdict.value,
        "reasons": list(result.reasons),
        "notes": list(result.notes),
        "requests": {
            "seen": result.seen,
            "compared": result.pairs,
            "not_compared": dict(result.not_compared),
        },
        "mismatch": {
            "pairs": result.mismatched,
            "unproven_pairs": result.unproven,
            "percent": _percent(result.mismatch_ratio),
            "interval_percent": interval_ends(interval.scaled(100) if interval else None),
            "max_percent": _percent(result.max_mismatch_ratio),
        },
        "unreadable": list(result.unreadable),
        "endpoints": [_endpoint(endpoint) for endpoint in result.endpoints],
    }


def dumps(result: ShadowResult) -> str:
    """The file's text."""
    return json_text(to_dict(result), tables=_TABLES)


def read_result(path: Path) -> ShadowResult:
    """Reads a file that `dumps` wrote.

    Raises:
        ConfigError: it cannot be read, or is something else.
    """
    try:
        return from_dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}), expected the result of `loadgen shadow`"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path}: found no result of a shadow test ({type(error).__name__}: {error}), expected "
            "what `loadgen shadow --json` wrote"
        ) from None


def from_dict(found: _Object) -> ShadowResult:
    """A result from what `to_dict` made of it, as exactly as the file has it.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is something else.
    """
    if found["schema"] != SCHEMA:
        raise ValueError(f"schema {found['schema']!r}, expected {SCHEMA!r}")
    requests, mismatch = found["requests"], found["mismatch"]
    return ShadowResult(
        source=found["source"],
        sides=Sides(**found["sides"]),
        started_at=datetime.fromisoformat(found["started_at"]),
        duration_s=found["duration_s"],
        seen=requests["seen"],
        pairs=requests["compared"],
        mismatched=mismatch["pairs"],
        unproven=mismatch["unproven_pairs"],
        max_mismatch_ratio=mismatch["max_percent"] / 100,
        verdict=CanaryVerdict(found["verdict"]),
        reasons=tuple(found["reasons"]),
        notes=tuple(found["notes"]),
        not_compared=dict(requests["not_compared"]),
        unreadable=tuple(found["unreadable"]),
        endpoints=tuple(map(_read_endpoint, found["endpoints"])),
    )


def _endpoint(endpoint: EndpointResult) -> dict[str, Json]:
    latency = endpoint.latency
    return {
        "name": endpoint.name,
        "pairs": endpoint.pairs,
        "mismatched": endpoint.mismatched,
        "service_ms": {
            "n": latency.n,
            "production": _percentiles(latency.production_ms),
            "canary": _percentiles(latency.canary_ms),
            "ratio": digits(latency.ratio),
            "ratio_interval": interval_ends(latency.interval),
        },
        "fields": [_field(field) for field in endpoint.fields],
    }


def _field(field: FieldResult) -> dict[str, Json]:
    return {
        "part": field.part.value,
        "field": field.field,
        "kind": str(field.kind),
        "finding": field.finding.value,
        "canary_differs": field.canary_differs,
        "canary_alone": field.canary_alone,
        "baseline_alone": field.baseline_alone,
        "p_value": digits(field.p_value),
        "examples": [
            {"request": each.request, "production": each.production, "canary": each.canary}
            for each in field.examples
        ],
    }


def _read_endpoint(found: _Object) -> EndpointResult:
    service = found["service_ms"]
    ends = service["ratio_interval"]
    return EndpointResult(
        name=found["name"],
        pairs=found["pairs"],
        mismatched=found["mismatched"],
        fields=tuple(map(_read_field, found["fields"])),
        latency=LatencyResult(
            n=service["n"],
            production_ms=_read_percentiles(service["production"]),
            canary_ms=_read_percentiles(service["canary"]),
            ratio=service["ratio"],
            interval=None if ends is None else _read_ends(ends),
        ),
    )


def _read_field(found: _Object) -> FieldResult:
    return FieldResult(
        part=Part(found["part"]),
        field=found["field"],
        kind=found["kind"],
        finding=Finding(found["finding"]),
        canary_differs=found["canary_differs"],
        canary_alone=found["canary_alone"],
        baseline_alone=found["baseline_alone"],
        p_value=found["p_value"],
        examples=tuple(Example(**each) for each in found["examples"]),
    )


def _percentiles(values: Sequence[float | None]) -> dict[str, Json]:
    return {name: digits(value) for name, value in zip(_PERCENTILES, values, strict=True)}


def _read_percentiles(found: _Object) -> tuple[float | None, float | None, float | None]:
    p50, p95, p99 = (found[name] for name in _PERCENTILES)
    return p50, p95, p99


def _read_ends(found: Sequence[float | None]) -> Interval:
    low, high = found
    return Interval(low=-math.inf if low is None else low, high=math.inf if high is None else high)


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else digits(100 * ratio)
