"""Judges the measured split of live traffic, each second of a stage, and names who moved it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rollout.mark import Mark
from rollout.prober import Prober
from rollout.progressive.aside import Aside
from rollout.progressive.judge import Opinion, Row
from rollout.progressive.stage import Stage
from rollout.proof import ProofOptions
from rollout.routers.router import Router, RouterError, Served
from rollout.split import Split, SplitState, judge_split, since
from slo.canary import CanaryVerdict
from slo.policy import OnFailure

__all__ = ["SplitJudge"]

MOVED_PERCENT = 0.5
"""A router that says another weight than was set by more than this was changed by somebody."""
REFUTED_LOOKS = 3
"""A split is called wrong in one of a hundred windows by chance; so often in a row it is."""
BURST_S = 0.05
"""Of each second: where a router counts nothing, requests of our own must not become a load."""
LOST_LOOKS = 30
"""Seconds for which a router may not answer."""


class SplitJudge:
    """Holds the router's word and its counters against the stage's weight.

    Args:
        router: that moves the traffic.
        proof: how a split is measured when the router counts nothing.
        on_failure: what a wrong split leads to.
    """

    name = "split"
    starts_over = False

    def __init__(
        self, router: Router, proof: ProofOptions, *, on_failure: OnFailure = OnFailure.ROLLBACK
    ) -> None:
        self._router = router
        self._proof = proof
        self._on_failure = on_failure
        self._burst: Aside[Served] | None = None
        self._marked = Served(stable=0, canary=0)
        self._wanted_percent = 0.0
        self._last: Served | None = None
        self._total = Served(stable=0, canary=0)
        self._refuted = self._lost = 0
        self._trouble = ""

    def begin(self, stage: Stage, duration_s: float, rows: Sequence[Row]) -> None:
        """Counts from here on, and from what was counted of this hold before."""
        del duration_s
        self._wanted_percent = self._router.nearest(stage.percentage)
        self._refuted = self._lost = 0
        self._trouble = ""
        self._total = Served(
            stable=sum(_count(row, "stable") for row in rows),
            canary=sum(_count(row, "canary") for row in rows),
        )
        self._last = self._counted()

    def look(self) -> Opinion:
        """The split since the hold began, and whether somebody else set another weight."""
        before, now = self._last, self._counted()
        if now is None:
            return self._missed()
        self._lost, self._last = 0, now
        seen = since(before or now, now)
        self._total = _sum(self._total, seen)
        split = judge_split(self._wanted_percent, self._total)
        self._refuted = self._refuted + 1 if split.state is SplitState.REFUTED else 0
        row = {"stable": seen.stable, "canary": seen.canary}
        if moved := self._moved():
            return self._opinion(CanaryVerdict.FAIL, moved, split, row)
        if self._refuted >= REFUTED_LOOKS:
            return self._opinion(CanaryVerdict.FAIL, split.text, split, row)
        return self._opinion(CanaryVerdict.INCONCLUSIVE, split.text, split, row)

    def is_done(self) -> bool:
        """Always: nothing runs on."""
        return True

    def conclude(self) -> Opinion:
        """PASS: the weight is what was set, and no window of requests has contradicted it.

        The split was proven when the hold began. A stage with few requests does not become
        INCONCLUSIVE by that.
        """
        split = judge_split(self._wanted_percent, self._total)
        if moved := self._moved():
            return self._opinion(CanaryVerdict.FAIL, moved, split)
        if self._lost:
            return self._opinion(CanaryVerdict.INCONCLUSIVE, self._trouble, split)
        if self._refuted >= REFUTED_LOOKS:
            return self._opinion(CanaryVerdict.FAIL, split.text, split)
        text = split.text
        if split.n == 0:
            text = (
                "no live traffic since the split was proven (0 of 0 requests); this PASS rests on "
                f"that proof of {self._wanted_percent:g} % when the hold began, on nothing since"
            )
        elif split.state is SplitState.UNDECIDED:
            text = (
                f"{split.canary} of {split.n} requests went to the canary, which does not "
                f"contradict {self._wanted_percent:g} %"
            )
        return self._opinion(CanaryVerdict.PASS, text, split)

    def stop(self) -> None:
        """Nothing runs on for longer than a burst."""

    def _counted(self) -> Served | None:
        """What each side was given so far; None while nobody can tell."""
        try:
            counters = self._router.verify()
        except RouterError as error:
            self._trouble = str(error)
            return None
        if counters is not None:
            return counters
        return self._by_marks(self._proof.url, self._proof.mark)

    def _by_marks(self, url: str, mark: Mark | None) -> Served | None:
        """What answered so far to short bursts of our own requests, one a second."""
        if not url or mark is None:
            self._trouble = f"{self._router.text} counts nothing, and answers are not marked"
            return None
        if self._burst is not None:
            if not self._burst.is_done():
                return self._marked
            self._marked = _sum(self._marked, self._burst.result())
        self._burst = Aside(lambda _hand_over: _burst(url, mark), name="split")
        return self._marked

    def _moved(self) -> str:
        """That somebody else set the weight, and who; "" when nobody did, or it cannot be told."""
        try:
            now_percent = self._router.get()
        except RouterError:
            return ""
        if abs(now_percent - self._wanted_percent) <= MOVED_PERCENT:
            return ""
        who = self._router.changed_by()
        return (
            f"the canary's weight at {self._router.text} is {now_percent:g} %, although "
            f"{self._wanted_percent:g} % was set; it was changed by {who or 'somebody else'}"
        )

    def _missed(self) -> Opinion:
        self._lost += 1
        return Opinion(
            judge=self.name,
            verdict=CanaryVerdict.INCONCLUSIVE,
            text=f"{self._trouble} ({self._lost} s)",
            on_failure=self._on_failure,
            lost=self._lost >= LOST_LOOKS,
        )

    def _opinion(
        self, verdict: CanaryVerdict, text: str, split: Split, row: Row | None = None
    ) -> Opinion:
        return Opinion(
            judge=self.name,
            verdict=verdict,
            text=text,
            on_failure=self._on_failure,
            row=row,
            evidence={"canary": split.canary, "n": split.n, "state": split.state},
        )


def _burst(url: str, mark: Mark) -> Served:
    with Prober(url, mark) as prober:
        time.sleep(BURST_S)
    return prober.served()


def _sum(one: Served, other: Served) -> Served:
    return Served(stable=one.stable + other.stable, canary=one.canary + other.canary)


def _count(row: Row, side: str) -> int:
    value = row.get(side, 0)
    return value if isinstance(value, int) else 0
