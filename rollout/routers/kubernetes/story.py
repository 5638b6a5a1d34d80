"""What a rollout's news say at its Deployment: started, weight, verdict, orders, how it ended.

`event_of` is pure. The events are written by a thread, for whoever hands out news must not wait.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from loadgen.config.kubernetes_section import KubernetesOptions
from rollout.progressive.machine import Event, Phase
from rollout.progressive.news import Changed, News
from rollout.routers.kubernetes.events import DeploymentEvents, Reason
from rollout.routers.kubernetes.opening import open_cluster
from rollout.routers.router import RouterError

__all__ = ["DeploymentStory", "Told", "event_of", "telling"]

FINISH_S = 5.0
"""For what has not been written yet when the rollout is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event to be written.

    Attributes:
        reason: what happened.
        text: in a sentence.
        is_warning: someone should look.
    """

    reason: Reason
    text: str
    is_warning: bool = False


_REASONS: Mapping[str, Reason] = {
    Event.SHIFTED: Reason.WEIGHT,
    Event.PASSED: Reason.VERDICT,
    Event.FAILED: Reason.VERDICT,
    Event.HALTED: Reason.VERDICT,
    Event.EXTENDED: Reason.VERDICT,
    Event.GATED: Reason.VERDICT,
    Event.SAFE: Reason.ROLLED_BACK,
    Event.UNSAFE: Reason.ROLLBACK_FAILED,
}
"""All others are orders, of a person or by a policy."""
_WARNINGS = frozenset({Event.FAILED, Event.HALTED, Event.SAFE, Event.UNSAFE})


def event_of(news: Changed) -> Told:
    """The event that a change of state is."""
    reason = _REASONS.get(news.event, Reason.ORDER)
    text = news.text
    if news.state.phase is Phase.PROMOTED:
        reason = Reason.PROMOTED
    elif reason is Reason.ORDER:
        text = f"{news.event}: {text}"
    elif reason is Reason.VERDICT and news.verdict:
        text = f"{news.verdict}: {text}"
    return Told(
        reason=reason,
        text=f"{text} (canary {news.state.weight_percent:g} %)",
        is_warning=news.event in _WARNINGS,
    )


@contextmanager
def telling(
    options: KubernetesOptions,
    *,
    deployment: str,
    namespace: str,
    opening: str,
    warn: Callable[[str], None],
) -> Iterator[Callable[[News], None]]:
    """Tells a rollout's story while the block lasts, over a connection of its own.

    A cluster that cannot be reached, or an event that cannot be written, is a warning.

    Args:
        options: of the router.
        deployment: at which it is told.
        namespace: of --namespace; "": as the options or the context say.
        opening: what the rollout is about to do; "" when it goes on.
        warn: is given a sentence.

    Yields:
        What the rollout's news are handed to.
    """
    story = DeploymentStory(
        lambda: _open_events(options, deployment=deployment, namespace=namespace), opening
    )
    try:
        yield story.tell
    finally:
        if problem := story.finish(within_s=FINISH_S):
            warn(f"events: {problem}")


class DeploymentStory:
    """Writes a rollout's news as events, one after the other, in their order.

    Args:
        open_events: finds the way to the Deployment, once there is something to tell.
        opening: what the rollout is about to do, told before its first news; "": nothing.
    """

    def __init__(self, open_events: Callable[[], DeploymentEvents], opening: str) -> None:
        self._open_events = open_events
        self._opening = opening
        self._problem = ""
        self._waiting: queue.SimpleQueue[Told | None] = queue.SimpleQueue()
        # A daemon: a cluster that does not answer must not keep the rollout from ending.
        self._thread = threading.Thread(target=self._work, name="events", daemon=True)
        self._thread.start()

    def tell(self, news: News) -> None:
        """Hands one piece of news over; returns at once."""
        if self._opening:
            self._waiting.put(Told(reason=Reason.STARTED, text=self._opening))
            self._opening = ""
        if isinstance(news, Changed):
            self._waiting.put(event_of(news))

    def finish(self, *, within_s: float) -> str:
        """Waits until all is written, or the time is over.

        Returns:
            Why an event could not be written, the last reason; "" when all were.
        """
        self._waiting.put(None)
        self._thread.join(within_s)
        if self._thread.is_alive():
            return f"not all were written within {within_s:g} s"
        return self._problem

    def _work(self) -> None:
        events: DeploymentEvents | None = None
        while (told := self._waiting.get()) is not None:
            try:
                events = events or self._open_events()
            except RouterError as error:
                self._problem = str(error)
                continue
            problem = events.tell(told.reason, told.text, is_warning=told.is_warning)
            self._problem = problem or self._problem
        if events is not None:
            events.close()


def _open_events(
    options: KubernetesOptions, *, deployment: str, namespace: str
) -> DeploymentEvents:
    cluster = open_cluster(options, namespace=namespace)
    return DeploymentEvents(cluster, namespace=cluster.namespace, deployment=deployment)
