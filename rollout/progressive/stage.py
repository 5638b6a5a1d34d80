"""One stage of a rollout, and what a row of stages must be. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["DEFAULT_STAGES", "Hook", "Stage", "stage_problems"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A webhook that is called before or after a stage.

    Attributes:
        url: called by POST; never shown whole, it may be a secret.
        timeout_s: for each try.
        retries: tries after the first one.
    """

    url: str
    timeout_s: float = 10.0
    retries: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A weight that is held for a while and judged meanwhile.

    Attributes:
        name: what reports call it.
        percentage: the canary's part of live traffic, above 0, at most 100.
        duration_s: how long it is held, once its weight is proven.
        gate: a person promotes, also when the stage has passed.
        before: called before its weight is set. A hook that fails, fails the stage.
        after: called when it has passed.
    """

    name: str
    percentage: float
    duration_s: float
    gate: bool = False
    before: tuple[Hook, ...] = ()
    after: tuple[Hook, ...] = ()


DEFAULT_STAGES = (
    Stage(name="5% Traffic", percentage=5, duration_s=300),
    Stage(name="25% Traffic", percentage=25, duration_s=600),
    Stage(name="50% Traffic", percentage=50, duration_s=900),
    Stage(name="100% Traffic", percentage=100, duration_s=300),
)
"""The guide's."""


def stage_problems(stages: Sequence[Stage]) -> list[str]:
    """What is wrong with a row of stages, one sentence each, without the place."""
    if not stages:
        return ["found no stage, expected at least one"]
    problems = [
        f"found {later.percentage:g} % after {earlier.percentage:g} %, expected weights that do "
        "not fall from stage to stage"
        for earlier, later in itertools.pairwise(stages)
        if later.percentage < earlier.percentage
    ]
    if stages[-1].percentage != 100:
        problems.append(
            f"found {stages[-1].percentage:g} % in the last stage, expected 100: a rollout ends "
            "with all traffic on the new version, or with none"
        )
    names = [stage.name for stage in stages]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        problems.append(f"found the name {twice!r} twice, expected names that differ")
    return problems
