"""Pushes a run's metrics to a Prometheus Pushgateway, beside the run and never in its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2
from prometheus_client import delete_from_gateway, push_to_gateway

from loadgen.background import Background
from loadgen.control_client import open_client, shown_url, what_failed
from loadgen.publish.prometheus import Series, instance

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

    from loadgen.measurement import Measurement
    from loadgen.publish.options import PushOptions

__all__ = ["Pusher"]

TIMEOUT_S = 5.0
"""Half of the time between two pushes."""
FINISH_S = 3 * TIMEOUT_S
"""For a push under way, the last one, and a deletion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Push:
    """What is pushed: metrics, into which group, and whether they are the last."""

    series: Collector
    group: str
    finished: bool


class Pusher:
    """Replaces a group of the gateway with the newest metrics; what fails is warned of once.

    Args:
        options: which gateway, which group.
        warn: called at most once, from a thread of its own, with a sentence.

    Raises:
        ConfigError: the file of authorities cannot be read.
    """

    def __init__(self, options: PushOptions, *, warn: Callable[[str], None]) -> None:
        self._client = open_client(
            timeout_s=TIMEOUT_S, ca_file=options.ca_file, login=options.login
        )
        self._options = options
        self._warn = warn
        self._warned = False
        self._background = Background(self._push, name="pushgateway")

    def push(self, measurement: Measurement) -> None:
        """Pushes the state of a run that goes on. Returns at once."""
        self._offer(measurement, finished=False)

    def finish(self, measurement: Measurement) -> None:
        """Pushes the end of a run, and takes the group back when that was asked for.

        Waits for the gateway, at most FINISH_S.
        """
        self._offer(measurement, finished=True)
        self.close()

    def offer(self, series: Collector, group: str, *, finished: bool = False) -> None:
        """Pushes metrics of something else than a run. Returns at once.

        Args:
            series: the metrics.
            group: the label `instance`.
            finished: nothing follows; the group is taken back when that was asked for.
        """
        self._background.offer(_Push(series=series, group=group, finished=finished))

    def close(self) -> None:
        """Waits for the last push, at most FINISH_S."""
        if self._background.finish(within_s=FINISH_S):
            self._client.close()
        else:
            self._complain(f"it did not answer within {FINISH_S:g} s")

    def _offer(self, measurement: Measurement, *, finished: bool) -> None:
        series = Series(measurement=measurement, finished=finished)
        self.offer(series, instance(measurement, self._options.grouping), finished=finished)

    def _push(self, push: _Push) -> None:
        options = self._options
        group = {"instance": push.group}
        try:
            # PUT: metrics of the group that are not pushed any more are gone.
            push_to_gateway(
                options.url, options.job, push.series, grouping_key=group, handler=self._handler
            )
            if push.finished and options.delete_on_exit:
                delete_from_gateway(
                    options.url, options.job, grouping_key=group, handler=self._handler
                )
        except httpx2.HTTPStatusError as error:
            answer = error.response
            said = " ".join(answer.text.split())[:200]
            self._complain(f"it answered {answer.status_code}{f' ({said})' if said else ''}")
        except httpx2.HTTPError as error:
            self._complain(what_failed(error))

    def _handler(
        self,
        url: str,
        method: str,
        timeout: float | None,
        headers: list[tuple[str, str]],
        data: bytes,
    ) -> Callable[[], None]:
        """The way in which prometheus_client lets somebody else do the request."""

        def send() -> None:
            self._client.request(method, url, headers=headers, content=data).raise_for_status()

        return send

    def _complain(self, why: str) -> None:
        if not self._warned:
            self._warned = True
            self._warn(
                f"Pushgateway {shown_url(self._options.url)}: a push failed: {why}; "
                "the run goes on without it, further failures are not told"
            )
