"""The value of a shadow test: what is derived in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rollout.shadow.result import FieldResult, Finding, Part, ShadowResult, Sides
from slo.canary import CanaryVerdict


def result(pairs: int, mismatched: int) -> ShadowResult:
    return ShadowResult(
        source="access.log",
        sides=Sides(production="http://a", canary="http://b"),
        started_at=datetime(2026, 11, 25, tzinfo=UTC),
        duration_s=1.0,
        seen=pairs,
        pairs=pairs,
        mismatched=mismatched,
        unproven=0,
        max_mismatch_ratio=0.01,
        verdict=CanaryVerdict.INCONCLUSIVE,
        reasons=(),
    )


def test_the_ratio_has_an_interval() -> None:
    """Wilson's interval of 5 in 100 at 95 %, from R's binom::binom.wilson(5, 100)."""
    found = result(100, 5)
    assert found.mismatch_ratio == 0.05
    assert found.interval is not None
    assert found.interval.low == pytest.approx(0.02154368, abs=1e-7)
    assert found.interval.high == pytest.approx(0.11175047, abs=1e-7)


def test_without_pairs_there_is_none() -> None:
    assert result(0, 0).mismatch_ratio is None
    assert result(0, 0).interval is None


@pytest.mark.parametrize(
    ("part", "field", "name"),
    [(Part.STATUS, "", "status"), (Part.JSON, "$.items[*].price", "json $.items[*].price")],
)
def test_a_field_has_a_name(part: Part, field: str, name: str) -> None:
    found = FieldResult(
        part=part,
        field=field,
        kind="value",
        finding=Finding.DIFFERS,
        canary_differs=1,
        canary_alone=1,
    )
    assert found.name == name
