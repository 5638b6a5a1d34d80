"""Answers that failed their check, a few of each worker, kept so that a person can see why.

`read` reads the arena; what it returns is text without control characters and secrets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.arena import CHECK_KINDS
from loadgen.measurement import FailedAnswer
from loadgen.secret import HIDDEN, strike_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    from loadgen.arena import Arena
    from loadgen.plan import Plan
    from loadgen.secret import Secret

__all__ = ["read", "show"]

SHOWN = 3
"""Of all workers together: the first of each, then the second of each, and so on."""


def read(arena: Arena, plan: Plan) -> tuple[FailedAnswer, ...]:
    """The first failed answers of a run, at most SHOWN.

    Args:
        arena: its workers are done, or dead.
        plan: what they did.
    """
    kept = [
        slot["failed_answer"][index]
        for index in range(SHOWN)
        for slot in arena.slots
        if index < slot["failed_answers"]
    ]
    return tuple(_answer(one, plan) for one in kept[:SHOWN])


def _answer(kept: np.void, plan: Plan) -> FailedAnswer:
    request = plan.requests[int(kept["endpoint"])]
    check = CHECK_KINDS[int(kept["kind"])]
    body = bytes(kept["body"][: int(kept["len"])])
    status, body_bytes = int(kept["status"]), int(kept["body_bytes"])
    reason = request.checks.reason(check, int(kept["index"]), status=status, body_bytes=body_bytes)
    return FailedAnswer(
        endpoint=request.label,
        status=status,
        check=check,
        reason=strike_out(reason, plan.secrets),
        body=show(body, plan.secrets, cut=len(body) < body_bytes),
        body_bytes=body_bytes,
    )


def show(body: bytes, secrets: Iterable[Secret] = (), *, cut: bool = False) -> str:
    """Bytes as one line of text: what is not printable is escaped, secrets are struck out.

    Args:
        body: UTF-8, or whatever the server sent.
        secrets: that the server may have echoed.
        cut: there is more of the body, so that a secret may stand at its end in part.
    """
    text = strike_out(body.decode("utf-8", "backslashreplace"), secrets)
    if cut:
        text = _without_begun(text, secrets)
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _without_begun(text: str, secrets: Iterable[Secret]) -> str:
    """A text without the beginning of a secret at its end."""
    begun = (
        length
        for secret in secrets
        for length in range(len(secret.reveal()) - 1, 0, -1)
        if text.endswith(secret.reveal()[:length])
    )
    longest = max(begun, default=0)
    return text[: len(text) - longest] + HIDDEN if longest else text
