"""The endpoints of a plan beside each other: what keeps them from being sent together. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loadgen.endpoint import Endpoint

__all__ = ["laid_over", "mix_problems", "pair_problems"]


def mix_problems(endpoints: Sequence[Endpoint], *, targets: int, paired: bool) -> list[str]:
    """What keeps endpoints from sharing the traffic, or one of them from being sent.

    Args:
        endpoints: of a plan, in their order; none is no problem.
        targets: how many the plan has.
        paired: each stands there for both sides, under one name.

    Returns:
        One sentence each.
    """
    problems = []
    if endpoints and not any(endpoint.weight for endpoint in endpoints):
        problems.append(
            "endpoints: all weights are zero, so nothing would be sent; give one a weight above 0"
        )
    # A pair has one name: what belongs together is found by it.
    labels = [(endpoint.label, paired and endpoint.target) for endpoint in endpoints]
    problems += [
        f"endpoints: {label!r} stands there twice; give each a name of its own"
        for label in sorted({each[0] for each in labels if labels.count(each) > 1})
    ]
    for endpoint in endpoints:
        where = f"endpoint {endpoint.label!r}"
        problems += [f"{where}: {text}" for text in endpoint.problems(targets)]
    return problems


def pair_problems(endpoints: Sequence[Endpoint]) -> list[str]:
    """What keeps endpoints from being two sides of the same requests.

    Args:
        endpoints: those of target 0, then the same of target 1.

    Returns:
        One sentence each.
    """
    first = [dataclasses.replace(one, target=1) for one in endpoints if one.target == 0]
    order = [endpoint.target for endpoint in endpoints]
    if order != [0] * len(first) + [1] * len(first):
        return [
            f"paired: found endpoints of targets {', '.join(map(str, order))}, expected all of "
            "target 0 and then as many of target 1"
        ]
    return [
        f"paired: found endpoint {other.label!r} of target 1 beside {one.label!r} of target 0, "
        "expected the same requests in the same order"
        for one, other in zip(first, endpoints[len(first) :], strict=True)
        if one != other
    ]


def laid_over(
    below: tuple[tuple[str, str], ...], above: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """The headers of both; one that stands in both is the upper one's."""
    named = {name.lower() for name, _ in above}
    return (*(pair for pair in below if pair[0].lower() not in named), *above)
