"""A rollout's metrics, as Prometheus reads them."""

from __future__ import annotations

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from rollout.progressive.machine import Phase, State
from rollout.progressive.metrics import RolloutSeries
from slo.canary import CanaryVerdict

PREFIX = "loadgen_rollout_"


def test_every_metric_and_its_labels() -> None:
    series = RolloutSeries(
        deployment="shop",
        namespace="production",
        state=State(phase=Phase.ROLLED_BACK, stage=1, visit=2, weight_percent=0, failed=True),
        verdict=CanaryVerdict.FAIL,
        reason="split: wrong",
        elapsed_s=12.5,
        held_s=3,
        seconds_to_safe=0.4,
        opinions={"split": CanaryVerdict.FAIL, "probe": CanaryVerdict.INCONCLUSIVE},
    )
    families = text_string_to_metric_families(generate_latest(series).decode())
    found = {
        (
            sample.name.removeprefix("loadgen_rollout_"),
            *sorted(sample.labels.values()),
        ): sample.value
        for family in families
        for sample in family.samples
        if sample.value
    }
    assert found == {
        ("info", "production", "shop"): 1,
        ("stage",): 2,
        ("weight_percent", "stable"): 100,
        ("phase", "rolled back"): 1,
        ("verdict", "FAIL"): 1,
        ("judge_failed", "split"): 1,
        ("reason_info", "split: wrong"): 1,
        ("seconds",): 12.5,
        ("held_seconds",): 3,
        ("seconds_to_safe",): 0.4,
    }
