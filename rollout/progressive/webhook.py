"""Calls a webhook: tries again when it is worth it, and lets its receiver know a second call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import httpx2

from loadgen.control_client import open_client, shown_url, what_failed
from rollout.progressive.stage import Hook

__all__ = ["call_hook"]

FIRST_PAUSE_S = 0.5
"""Doubled after each try."""
_AGAIN = frozenset({408, 425, 429})
"""Statuses below 500 that another try may change (RFC 9110, RFC 8470, RFC 6585)."""


def call_hook(
    hook: Hook,
    body: Mapping[str, object],
    key: str,
    given_up: Callable[[], bool] = lambda: False,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Posts a body as JSON.

    Args:
        hook: where to, how patiently.
        body: what is posted.
        key: sent as Idempotency-Key; the same for each call that means the same.
        given_up: asked before each try.
        sleep: waits between tries.

    Returns:
        "" when it was taken (2xx), else why not, without the URL's secrets.
    """
    where, problem = shown_url(hook.url), "it was not called"
    with open_client(timeout_s=hook.timeout_s) as client:
        for attempt in range(1 + hook.retries):
            if given_up():
                break
            if attempt:
                sleep(FIRST_PAUSE_S * 2 ** (attempt - 1))
            problem, is_final = _post(client, hook.url, body, key)
            if is_final:
                break
    return f"{where}: {problem}" if problem else ""


def _post(
    client: httpx2.Client, url: str, body: Mapping[str, object], key: str
) -> tuple[str, bool]:
    """What was wrong with one try, and whether another would change nothing."""
    try:
        answer = client.post(url, json=body, headers={"Idempotency-Key": key})
    except httpx2.HTTPError as error:
        return what_failed(error), False
    if answer.is_success:
        return "", True
    said = " ".join(answer.text.split())[:100]
    again = answer.is_server_error or answer.status_code in _AGAIN
    return f"it answered {answer.status_code}{f' ({said})' if said else ''}", not again
