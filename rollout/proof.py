"""Proves a split by measuring it: by the router's own counters, or by answers that are marked.

A window of requests is judged when it is large enough. One that is wrong is thrown away and the
next begins, until the time is up: a router needs a moment, and what was under way before the
change must not be held against it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from rollout.mark import Mark
from rollout.prober import Prober
from rollout.routers.router import Router, RouterError, Served
from rollout.split import Split, SplitState, enough, judge_split, since

__all__ = ["LIMIT_S", "ProofOptions", "prove"]

LIMIT_S = 30.0
LOOK_S = 0.02
LATER_LOOK_S = 0.2
"""Between two looks, in the first second and afterwards."""
EXPECTED_S = 0.5
"""When live traffic will not do by then, requests of our own are added."""
FIRST_LOOKS_S = 0.1
"""By then the rate of live traffic is known well enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofOptions:
    """How a split is measured.

    Attributes:
        url: where live traffic enters; "" when no requests of our own may be sent there.
        mark: tells the sides apart in answers; None: the router's counters must do it.
        limit_s: a split that is not proven by then is not.
    """

    url: str = ""
    mark: Mark | None = None
    limit_s: float = LIMIT_S


def prove(
    router: Router,
    wanted_percent: float,
    options: ProofOptions,
    *,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Split:
    """Measures the split until it is proven or the time is up.

    Args:
        router: set to the wanted weight already.
        wanted_percent: the canary's part; the nearest that the router can set is proven.
        options: how it is measured.
        is_stopped: asked at each look, at least five times a second; ends the proof early.

    Raises:
        RouterError: it can be measured in no way: the router counts nothing, and answers are
            not marked; or the router cannot be asked, in the whole time or lastingly.
    """
    with contextlib.ExitStack() as stack:
        return _Proof(router, wanted_percent, options, stack).run(is_stopped)


class _Proof:
    """One proof: where it reads, and the window that it looks at."""

    def __init__(
        self,
        router: Router,
        wanted_percent: float,
        options: ProofOptions,
        stack: contextlib.ExitStack,
    ) -> None:
        self._router = router
        self._options = options
        self._stack = stack
        self._began_s = time.monotonic()
        self._prober: Prober | None = None
        self._problem = ""
        self._wanted_percent, counters = self._first_answers(wanted_percent)
        self._by_marks = counters is None
        if self._by_marks:
            if not options.url or options.mark is None:
                raise RouterError(
                    f"{router.text} counts no requests, so that a split cannot be measured; "
                    "set rollout.url and rollout.mark, by which its answers are told apart",
                    lasting=True,
                )
            self._add_requests()
        self._source = (
            f"the header {options.mark.header}"
            if self._by_marks and options.mark
            else f"the counters of {router.text}"
        )
        self._start = self._last = counters or Served(stable=0, canary=0)

    def run(self, is_stopped: Callable[[], bool]) -> Split:
        """Looks until it knows."""
        while True:
            split = self._look()
            elapsed_s = split.seconds
            if split.state is SplitState.PROVEN or elapsed_s >= self._options.limit_s:
                return split
            if is_stopped():
                return replace(split, problem="it was stopped")
            if split.state is SplitState.REFUTED:
                self._start = self._last
            if self._needs_more(split.n, elapsed_s):
                self._add_requests()
            time.sleep(LOOK_S if elapsed_s < 1 else LATER_LOOK_S)

    def _first_answers(self, wanted_percent: float) -> tuple[float, Served | None]:
        """The nearest weight and the first reading, from a router that may be away for a moment."""
        while True:
            try:
                return self._router.nearest(wanted_percent), self._router.verify()
            except RouterError as error:
                if error.lasting or time.monotonic() - self._began_s >= self._options.limit_s:
                    raise
            time.sleep(LATER_LOOK_S)

    def _look(self) -> Split:
        self._last = self._counted() or self._last
        split = judge_split(self._wanted_percent, since(self._start, self._last))
        return replace(
            split,
            source=self._source,
            seconds=time.monotonic() - self._began_s,
            problem=self._problem or (self._prober.trouble if self._prober else ""),
        )

    def _counted(self) -> Served | None:
        """What each side was given so far; None while the router cannot be asked."""
        if self._by_marks and self._prober:
            return self._prober.served()
        try:
            self._problem = ""
            return self._router.verify()
        except RouterError as error:
            if error.lasting:
                raise
            self._problem = str(error)
            return None

    def _needs_more(self, n: int, elapsed_s: float) -> bool:
        if self._prober or not self._options.url or elapsed_s < FIRST_LOOKS_S:
            return False
        return n / elapsed_s * EXPECTED_S < enough(self._wanted_percent)

    def _add_requests(self) -> None:
        mark = self._options.mark if self._by_marks else None
        self._prober = self._stack.enter_context(Prober(self._options.url, mark))
