"""What is to follow when a verdict is not PASS: closed sets that config files name. Pure."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["OnFailure", "OnInconclusive"]


class OnFailure(StrEnum):
    """What follows when something is proven to be wrong.

    ROLLBACK: it is taken back. PAUSE: it stays where it is until a person decides. CONTINUE: it
    is told, and counts for nothing.
    """

    ROLLBACK = "rollback"
    PAUSE = "pause"
    CONTINUE = "continue"


class OnInconclusive(StrEnum):
    """What follows when nothing is proven either way.

    PAUSE: it stays where it is until a person decides. EXTEND: it is looked at longer, within
    limits. PROMOTE: taken for a pass. FAIL: taken for a failure.
    """

    PAUSE = "pause"
    EXTEND = "extend"
    PROMOTE = "promote"
    FAIL = "fail"
