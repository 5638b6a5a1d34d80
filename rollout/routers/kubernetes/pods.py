"""Shares of traffic as numbers of pods: which are possible, and how to get from one to another.

Traffic is spread evenly over the ready pods of both versions, so k of n pods have k/n of it. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Pods", "nearest", "possible_text", "target", "total_pods"]

SHOWN = 8
"""Percentages that a sentence lists; of more, it names the step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pods:
    """Wanted pods of each version."""

    stable: int
    canary: int

    @property
    def total(self) -> int:
        """Of both versions."""
        return self.stable + self.canary

    @property
    def canary_percent(self) -> float:
        """The canary's share of the traffic; 0 when there are no pods at all."""
        return 100 * self.canary / self.total if self.total else 0.0


def total_pods(now: Pods, *, recorded: int, configured: int) -> int:
    """The number of pods that both versions share.

    Args:
        now: as both Deployments have it; in the middle of a change it is too many.
        recorded: by an earlier change that may have been cut off; 0: none. It counts only while
            both have pods, as before and after a rollout one of them has none.
        configured: by the user; 0: not.
    """
    if configured:
        return configured
    if recorded and now.stable and now.canary:
        return recorded
    return now.total


def target(weight_percent: float, total: int) -> Pods:
    """The numbers of pods that come nearest to a share.

    A share between 0 and 100 % keeps a pod of each version if there are two: a stage without
    canary would judge nothing, and one without stable is the last stage.
    """
    canary = round(total * weight_percent / 100)
    if 0 < weight_percent < 100 and total >= 2:
        canary = min(max(canary, 1), total - 1)
    return Pods(stable=total - canary, canary=canary)


def nearest(weight_percent: float, total: int) -> float:
    """The share in percent that is really had."""
    return target(weight_percent, total).canary_percent


def possible_text(weight_percent: float, total: int) -> str:
    """What becomes of a share that this many pods cannot have; "" when they can."""
    given = nearest(weight_percent, total)
    if abs(given - weight_percent) < 1e-9:
        return ""
    if total < SHOWN:
        shares = [f"{100 * each / total:.4g}" for each in range(total + 1)]
        which = f"{', '.join(shares[:-1])} and {shares[-1]} % are"
    else:
        which = f"multiples of {100 / total:.4g} % are"
    return (
        f"{weight_percent:g} % of {total} pods is not possible ({which}): it becomes {given:.4g} %"
    )
