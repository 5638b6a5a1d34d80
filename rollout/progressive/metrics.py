"""A rollout as Prometheus metrics: stage, weight, phase, verdict, reason, durations. Pure.

Names, labels and units are a contract with dashboards; docs/rollout.md lists them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily

from rollout.progressive.machine import Phase
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from rollout.progressive.machine import State

__all__ = ["RolloutSeries"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutSeries:
    """The metrics of one instant; a collector of prometheus_client.

    Attributes:
        deployment, namespace: what is rolled out.
        state: where it stands.
        verdict: on the newest stage that was judged; None before the first.
        reason: of the state, a sentence.
        elapsed_s: since the rollout was begun, or gone on with.
        held_s: of the hold that goes on.
        seconds_to_safe: of its rollback; None without one that was proven.
        opinions: verdicts of the judges by their name.
    """

    deployment: str
    namespace: str
    state: State
    verdict: CanaryVerdict | None
    reason: str
    elapsed_s: float
    held_s: float = 0.0
    seconds_to_safe: float | None = None
    opinions: Mapping[str, CanaryVerdict] = field(default_factory=dict)

    def collect(self) -> Iterator[Metric]:
        """Every family that has a value."""
        state = self.state
        about = {"deployment": self.deployment, "namespace": self.namespace}
        yield _gauge("loadgen_rollout_info", "Which rollout this is.", (about, 1.0))
        yield _gauge("loadgen_rollout_stage", "Its stage, from 1.", ({}, state.stage + 1.0))
        yield _gauge(
            "loadgen_rollout_weight_percent",
            "What each version is to have of live traffic.",
            ({"side": "canary"}, state.weight_percent),
            ({"side": "stable"}, state.stable_percent),
        )
        yield _gauge(
            "loadgen_rollout_phase",
            "1 beside the phase that it is in.",
            *(({"phase": each.value}, float(each is state.phase)) for each in Phase),
        )
        if self.verdict is not None:
            yield _gauge(
                "loadgen_rollout_verdict",
                "1 beside the verdict on the newest stage that was judged.",
                *(({"verdict": each.value}, float(each is self.verdict)) for each in CanaryVerdict),
            )
        if self.opinions:
            yield _gauge(
                "loadgen_rollout_judge_failed",
                "1: this judge says FAIL.",
                *(
                    ({"judge": name}, float(verdict is CanaryVerdict.FAIL))
                    for name, verdict in self.opinions.items()
                ),
            )
        yield _gauge(
            "loadgen_rollout_reason_info", "Why it is so.", ({"reason": self.reason[:200]}, 1.0)
        )
        yield _gauge("loadgen_rollout_seconds", "Since it was begun.", ({}, self.elapsed_s))
        yield _gauge("loadgen_rollout_held_seconds", "Of the hold so far.", ({}, self.held_s))
        if self.seconds_to_safe is not None:
            yield _gauge(
                "loadgen_rollout_seconds_to_safe",
                "From the verdict or the order to the measured 0 %.",
                ({}, self.seconds_to_safe),
            )


def _gauge(name: str, meaning: str, *samples: tuple[Mapping[str, str], float]) -> Metric:
    labels = list(samples[0][0])
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for values, value in samples:
        family.add_metric([values[label] for label in labels], value)
    return family
