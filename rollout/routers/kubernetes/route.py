"""The two references of an HTTPRoute that share live traffic: finding and weighing them. Pure.

`rules` and `backendRefs` are atomic lists, so that whoever applies one item of them owns them
all. Hence a JSON patch: it names the two weights, tests what it is made for, and touches nothing
else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.router import RouterError

__all__ = ["Pair", "Reference", "canary_percent", "find_pairs", "nearest", "weights_patch"]

FINE_TOTAL = 10_000
"""Sum of two weights when whole percent do not do: steps of 0.01 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One backendRef.

    Attributes:
        pointer: where it stands, a JSON pointer (RFC 6901).
        name: of the service.
        weight: relative to the others of its rule; 1 when none is written.
    """

    pointer: str
    name: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Stable and canary in one rule.

    Attributes:
        is_alone: no other reference of this rule has traffic, so that the sum of both weights
            may be chosen; else it must stay, or the others' share would change.
    """

    stable: Reference
    canary: Reference
    is_alone: bool

    @property
    def total(self) -> int:
        """Sum of both weights."""
        return self.stable.weight + self.canary.weight

    def canary_weight(self, weight_percent: float) -> tuple[int, int]:
        """The canary's weight and the sum of both for a share in percent."""
        if not self.is_alone:
            total = self.total
        elif weight_percent == round(weight_percent):
            total = 100
        else:
            total = FINE_TOTAL
        return round(total * weight_percent / 100), total


def find_pairs(route: Manifest, *, stable: str, canary: str) -> Sequence[Pair]:
    """The rules in which both services stand.

    Args:
        route: the HTTPRoute.
        stable: the service that has the rest of the traffic.
        canary: the service whose weight is set.

    Raises:
        RouterError: no rule has both, one has the same service twice, or both have weight 0
            beside a third one, so that they have no traffic to share.
    """
    pairs = []
    seen: list[str] = []
    for number, rule in enumerate(route.each("spec", "rules")):
        references = [
            Reference(
                pointer=f"/spec/rules/{number}/backendRefs/{position}",
                name=reference.text("name"),
                weight=reference.whole("weight", default=1),
            )
            for position, reference in enumerate(rule.each("backendRefs"))
        ]
        seen += [reference.name for reference in references]
        ours = [each for each in references if each.name in (stable, canary)]
        if {each.name for each in ours} != {stable, canary}:
            continue
        if len(ours) != 2:
            raise RouterError(
                f"HTTPRoute {route.name}: rule {number + 1} refers {len(ours)} times to {stable} "
                f"and {canary}; expected each of them once",
                lasting=True,
            )
        by_name = {each.name: each for each in ours}
        pair = Pair(
            stable=by_name[stable],
            canary=by_name[canary],
            is_alone=all(each.weight == 0 for each in references if each not in ours),
        )
        if not pair.is_alone and pair.total == 0:
            raise RouterError(
                f"HTTPRoute {route.name}: in rule {number + 1} {stable} and {canary} have weight "
                "0 beside other services, so that there is no traffic to share; give them one",
                lasting=True,
            )
        pairs.append(pair)
    if not pairs:
        named = ", ".join(dict.fromkeys(seen)) or "none"
        raise RouterError(
            f"HTTPRoute {route.name}: found no rule that refers to both {stable} and {canary}; "
            f"it refers to: {named}. Name them by `stable` and `canary` of the router",
            lasting=True,
        )
    return pairs


def nearest(pairs: Sequence[Pair], weight_percent: float) -> float:
    """The canary's share in percent that these pairs can have, nearest to the wanted one."""
    fixed = [pair.total for pair in pairs if not pair.is_alone]
    coarsest = min(fixed, default=FINE_TOTAL)
    steps = min(coarsest, FINE_TOTAL)
    return round(weight_percent * steps / 100) * 100 / steps


def canary_percent(pairs: Sequence[Pair]) -> float:
    """The canary's share in percent; that of the first rule in which it is largest.

    The largest, as a rule that was left behind with traffic for the canary is the danger.
    """
    return max(100 * pair.canary.weight / pair.total if pair.total else 0.0 for pair in pairs)


def weights_patch(
    route: Manifest, pairs: Sequence[Pair], weight_percent: float
) -> list[dict[str, object]]:
    """The JSON patch that gives the canary its share; empty when all weights stand already.

    It holds only for the very route that it was made for: it tests the resourceVersion and,
    where it writes, the names.
    """
    writes: list[dict[str, object]] = []
    for pair in pairs:
        canary, total = pair.canary_weight(weight_percent)
        wanted = ((pair.stable, total - canary), (pair.canary, canary))
        if all(reference.weight == weight for reference, weight in wanted):
            continue
        writes += [
            {"op": "test", "path": f"{reference.pointer}/name", "value": reference.name}
            for reference, _ in wanted
        ]
        # "add" replaces a member of an object, and works where no weight is written yet.
        writes += [
            {"op": "add", "path": f"{reference.pointer}/weight", "value": weight}
            for reference, weight in wanted
        ]
    if not writes:
        return []
    return [{"op": "test", "path": "/metadata/resourceVersion", "value": route.version}, *writes]
