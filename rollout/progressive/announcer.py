"""Tells Slack of a rollout's turns: each once, beside the rollout, and never in its way."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadgen.publish.options import SlackOptions, SlackWhen
from loadgen.publish.slack import deliver
from rollout.progressive.machine import Phase

if TYPE_CHECKING:
    from rollout.progressive.news import Changed

__all__ = ["Announcer", "Delivery", "is_announced", "message"]

FINISH_S = 35.0
"""A delivery gives up after 30 s by itself."""
_TURNS = {
    Phase.SHIFTING: ":rocket:",
    Phase.PAUSED: ":double_vertical_bar:",
    Phase.WAITING: ":raised_hand:",
    Phase.ROLLING_BACK: ":rewind:",
    Phase.PROMOTED: ":white_check_mark:",
    Phase.ROLLED_BACK: ":x:",
    Phase.STUCK: ":rotating_light:",
}
"""A hold is told by the shift before it."""
_FINE = frozenset({Phase.SHIFTING, Phase.PROMOTED})
TEXT_MAX = 3000
"""Of a section of Slack's Block Kit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of a message: its key, and what was wrong, a sentence; "" when taken."""

    key: str
    problem: str


class Announcer:
    """Delivers messages one after the other in a thread of its own, a daemon.

    Args:
        options: the webhook, and which turns are told.
        deployment: whose rollout it is.
        link: its page; "" without one.
        send: delivers one message; see `loadgen.publish.slack.deliver`.
    """

    def __init__(
        self,
        options: SlackOptions,
        *,
        deployment: str,
        link: str = "",
        send: Callable[..., str] = deliver,
    ) -> None:
        self._options = options
        self._deployment = deployment
        self._link = link
        self._send = send
        self._waiting: queue.SimpleQueue[tuple[str, dict[str, object]] | None]
        self._waiting = queue.SimpleQueue()
        self._delivered: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="slack", daemon=True)
        self._thread.start()

    def wants(self, changed: Changed) -> bool:
        """True when this change is told."""
        return is_announced(changed, self._options.when)

    def announce(self, key: str, changed: Changed) -> None:
        """Hands a change over; returns at once."""
        self._waiting.put((key, message(changed, self._deployment, self._link)))

    def deliveries(self) -> list[Delivery]:
        """What became of messages since the last call."""
        found = []
        while not self._delivered.empty():
            found.append(self._delivered.get())
        return found

    def finish(self) -> list[Delivery]:
        """Waits for the last messages, no longer than a delivery takes."""
        self._waiting.put(None)
        self._thread.join(FINISH_S)
        return self.deliveries()

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            key, body = item
            problem = self._send(self._options.webhook, body)
            self._delivered.put(Delivery(key=key, problem=problem))


def is_announced(changed: Changed, when: SlackWhen) -> bool:
    """True for a turn that people want to know of. Pure.

    Args:
        changed: what happened.
        when: which turns are told: all, or those that are not fine.
    """
    phase = changed.state.phase
    return phase in _TURNS and (when is SlackWhen.ALWAYS or phase not in _FINE)


def message(changed: Changed, deployment: str, link: str = "") -> dict[str, object]:
    """The body of a webhook. Pure.

    Args:
        changed: what happened.
        deployment: whose rollout it is.
        link: its page; "" without one.
    """
    state = changed.state
    title = f"{deployment}: {state.phase}, canary at {state.weight_percent:g} %"
    text = f"{_TURNS.get(state.phase, '')} *{_escaped(title)}*\n{_escaped(changed.text)}"
    context = f"by {_escaped(changed.who)}" + (f", <{link}|the run>" if link else "")
    return {
        "text": title,
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": text[:TEXT_MAX]}},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": context[:TEXT_MAX]}]},
        ],
    }


def _escaped(text: str) -> str:
    """Slack's three control characters; in them lie mentions of everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
