"""Who is told of a rollout while it goes on: the terminal, a cluster, Prometheus, Slack."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from loadgen.cli.console import lasting, warn
from loadgen.cli.kubernetes import telling_story
from rollout.progressive.announcer import Announcer
from rollout.progressive.meter import Meter
from rollout.report.rollout_timeline import Timeline

if TYPE_CHECKING:
    from rich.console import Console

    from loadgen.config.outlets import Outlets
    from loadgen.publish.options import PushOptions
    from rollout.progressive.news import News
    from rollout.progressive.settings import RolloutSettings

__all__ = ["announcer", "listeners"]


def listeners(
    settings: RolloutSettings,
    outlets: Outlets,
    console: Console,
    stack: contextlib.ExitStack,
    *,
    begins: bool,
) -> list[Callable[[News], None]]:
    """Opens all that news are handed to.

    Args:
        settings: of the rollout.
        outlets: where else it is told of.
        console: shows it.
        stack: closes them.
        begins: it is a new rollout; else it is gone on with.
    """
    timeline = Timeline(console, settings.plan.stages)
    stack.callback(timeline.close)
    told = [
        lasting(timeline.tell, console),
        stack.enter_context(telling_story(settings, begins=begins)),
    ]
    if outlets.push is not None:
        told.append(_meter(settings, outlets.push, stack).tell)
    return told


def announcer(settings: RolloutSettings, outlets: Outlets) -> Announcer | None:
    """Who tells Slack; None without a webhook."""
    if outlets.slack is None:
        return None
    return Announcer(outlets.slack, deployment=settings.deployment, link=outlets.link)


def _meter(settings: RolloutSettings, push: PushOptions, stack: contextlib.ExitStack) -> Meter:
    from loadgen.publish.pushgateway import Pusher  # noqa: PLC0415 - httpx2 is slow to load

    pusher = Pusher(push, warn=warn)
    stack.callback(pusher.close)
    group = f"rollout-{settings.deployment}"
    return Meter(
        lambda series, finished: pusher.offer(series, group, finished=finished),
        deployment=settings.deployment,
        namespace=settings.namespace,
    )
