"""Asks one side, by its own URL, whether it is well enough to take all traffic."""

from __future__ import annotations

import contextlib
import http.client

from rollout.connection import open_connection, request_target, what_failed

__all__ = ["check_side"]

REQUESTS = 5
MOST_FAILED = 2
"""One answer in error is no reason to leave all users at a bad canary; most of them are."""
TIMEOUT_S = 2.0


def check_side(url: str) -> str:
    """Sends a few requests, each on a connection of its own.

    Returns:
        "" when most were answered, by no status of 500 or more; else why not, a clause.

    Args:
        url: of the side itself, with the path to ask for.
    """
    problems = []
    for _ in range(REQUESTS):
        problem = _problem(url)
        problems += [problem] if problem else []
        if len(problems) > MOST_FAILED:
            return f"{len(problems)} requests to {url} failed, the last: {problems[-1]}"
    return ""


def _problem(url: str) -> str:
    """Why one request failed; "" when it did not."""
    try:
        with contextlib.closing(open_connection(url, TIMEOUT_S)) as connection:
            connection.request("GET", request_target(url), headers={"Connection": "close"})
            status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return what_failed(error)
    return f"status {status}" if status >= http.client.INTERNAL_SERVER_ERROR else ""
