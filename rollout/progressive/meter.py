"""Keeps a rollout's newest metrics and hands them to the Pushgateway as it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from rollout.progressive.metrics import RolloutSeries
from rollout.progressive.news import Changed, Looked, News
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

__all__ = ["Meter"]

EVERY_S = 10.0
"""Between two pushes of a hold; a new state is pushed at once."""


class Meter:
    """Makes the metrics of the news.

    Args:
        push: hands them over; returns at once. Its second argument: nothing follows.
        deployment, namespace: what is rolled out.
        now_s: the monotonic clock.
    """

    def __init__(
        self,
        push: Callable[[Collector, bool], None],
        *,
        deployment: str,
        namespace: str,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._push = push
        self._deployment = deployment
        self._namespace = namespace
        self._now_s = now_s
        self._began_s = now_s()
        self._pushed_s = float("-inf")
        self._verdict: CanaryVerdict | None = None
        self._reason = ""
        self._seconds_to_safe: float | None = None

    def tell(self, news: News) -> None:
        """Takes one piece of news in."""
        match news:
            case Changed():
                self._reason = news.text
                self._verdict = CanaryVerdict(news.verdict) if news.verdict else self._verdict
                self._seconds_to_safe = news.seconds_to_safe
                self._offer(self._series(news), finished=news.state.ended)
            case Looked() if self._now_s() - self._pushed_s >= EVERY_S:
                self._offer(self._series(news), finished=False)
            case _:
                pass

    def _series(self, news: Changed | Looked) -> RolloutSeries:
        looked = news if isinstance(news, Looked) else None
        return RolloutSeries(
            deployment=self._deployment,
            namespace=self._namespace,
            state=news.state,
            verdict=self._verdict,
            reason=self._reason,
            elapsed_s=self._now_s() - self._began_s,
            held_s=looked.held_s if looked else 0.0,
            seconds_to_safe=self._seconds_to_safe,
            opinions={each.judge: each.verdict for each in looked.opinions} if looked else {},
        )

    def _offer(self, series: RolloutSeries, *, finished: bool) -> None:
        self._pushed_s = self._now_s()
        self._push(series, finished)
