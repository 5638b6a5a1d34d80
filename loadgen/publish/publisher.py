"""Everything that one run sends out: metrics while it goes on, metrics and a message at its end.

Nothing here fails a run: what cannot be sent is a warning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from loadgen.publish.options import SlackWhen

if TYPE_CHECKING:
    from loadgen.measurement import Measurement
    from loadgen.publish.options import PushOptions, SlackOptions
    from loadgen.publish.pushgateway import Pusher

__all__ = ["Publisher"]


class Publisher:
    """The outlets of one run; their libraries are loaded only when they are used.

    Args:
        push, slack: None: nothing goes there.
        link: the run's own page, for the message.
        warn: called with a sentence for what could not be sent, from any thread.

    Raises:
        ConfigError: a file that an outlet needs cannot be read.
    """

    def __init__(
        self,
        *,
        push: PushOptions | None,
        slack: SlackOptions | None,
        link: str = "",
        warn: Callable[[str], None],
    ) -> None:
        self._slack = slack
        self._link = link
        self._warn = warn
        self._pusher: Pusher | None = None
        if push is not None:
            from loadgen.publish.pushgateway import Pusher  # noqa: PLC0415 - see above

            self._pusher = Pusher(push, warn=warn)

    @property
    def interim(self) -> Callable[[Measurement], None] | None:
        """Takes the measurement so far and returns at once; None when nobody wants it."""
        return self._pusher.push if self._pusher else None

    def finish(self, measurement: Measurement) -> None:
        """Sends the end of a run and its verdict; takes a minute at most, when nobody answers."""
        if self._pusher is not None:
            self._pusher.finish(measurement)
        if self._slack is not None:
            self._tell_slack(self._slack, measurement)

    def _tell_slack(self, slack: SlackOptions, measurement: Measurement) -> None:
        from loadgen.publish.slack import deliver  # noqa: PLC0415
        from loadgen.publish.slack_message import slack_message  # noqa: PLC0415
        from loadgen.report.words import Status, status  # noqa: PLC0415

        passed = status(measurement) is Status.PASSED
        if passed and slack.when is SlackWhen.FAILURE:
            return
        problem = deliver(slack.webhook, slack_message(measurement, link=self._link))
        if problem:
            self._warn(problem)
