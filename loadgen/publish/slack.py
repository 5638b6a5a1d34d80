"""Delivers a message to a Slack webhook: tries again when it is worth it, gives up in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx2

from loadgen.control_client import open_client, shown_url, what_failed
from loadgen.secret import Secret

__all__ = ["Clock", "deliver"]

TIMEOUT_S = 5.0
TOTAL_S = 30.0
"""The whole delivery: a run's exit code must not wait longer for a message."""
FIRST_PAUSE_S = 0.5
"""Doubled after each try: 0.5, 1, 2, 4, 8 s."""
_TOO_MANY = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time as a delivery sees it."""

    now_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def deliver(webhook: Secret, message: Mapping[str, object], *, clock: Clock | None = None) -> str:
    """Posts a message.

    429 and 5xx are tried again, as long as Retry-After asks for or a doubling pause later,
    as is what got no answer at all; any other answer is final.

    Args:
        webhook: its URL.
        message: the JSON to post.
        clock: None is the real one.

    Returns:
        "" when it was taken, else a sentence for a warning, without the webhook's secret.
    """
    clock = clock or Clock()
    deadline_s = clock.now_s() + TOTAL_S
    pause_s = FIRST_PAUSE_S
    with open_client(timeout_s=TIMEOUT_S) as client:
        while True:
            outcome = _post(client, webhook, message)
            if outcome.final:
                break
            wait_s = max(pause_s, outcome.retry_after_s)
            if clock.now_s() + wait_s + TIMEOUT_S > deadline_s:
                break
            clock.sleep(wait_s)
            pause_s *= 2
    if not outcome.problem:
        return ""
    return (
        f"Slack {shown_url(webhook.reveal())}: the message was not delivered: "
        f"{outcome.problem}; the run's result stands"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What came of one try.

    Attributes:
        problem: "" when the message was taken.
        final: trying again would change nothing.
    """

    problem: str
    final: bool
    retry_after_s: float = 0.0


def _post(client: httpx2.Client, webhook: Secret, message: Mapping[str, object]) -> _Outcome:
    try:
        answer = client.post(webhook.reveal(), json=message)
    except httpx2.HTTPError as error:
        return _Outcome(problem=what_failed(error), final=False)
    if answer.is_success:
        return _Outcome(problem="", final=True)
    said = " ".join(answer.text.split())[:100]
    again = answer.status_code == _TOO_MANY or answer.is_server_error
    return _Outcome(
        problem=f"it answered {answer.status_code}{f' ({said})' if said else ''}",
        final=not again,
        retry_after_s=_seconds(answer.headers.get("Retry-After", "")),
    )


def _seconds(retry_after: str) -> float:
    """Slack gives whole seconds; a date is left to the pauses."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
