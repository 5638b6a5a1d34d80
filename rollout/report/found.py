"""What reports read: the content of a result file, whose JSON Schema says what stands where. Pure.

So a result that was kept gives the same report as the verification that it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

from loadgen.report.html.headline import Look
from slo.canary import CanaryVerdict

__all__ = ["LOOKS", "NOT_DONE", "Found", "day", "everything", "in_short", "what_follows"]

Found: TypeAlias = Mapping[str, Any]
"""An object of a result file."""

NOT_DONE = "not done"
LOOKS: Mapping[str, Look] = {
    CanaryVerdict.PASS: Look.GOOD,
    CanaryVerdict.FAIL: Look.BAD,
    CanaryVerdict.INCONCLUSIVE: Look.DOUBT,
    CanaryVerdict.INVALID: Look.DOUBT,
}


def everything(endpoint: str | None) -> str:
    """An endpoint, or all of them together."""
    return "All" if endpoint is None else endpoint


def day(text: str) -> str:
    """An instant of a result file as people read it: "2026-11-24 20:13 UTC"."""
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC"


def in_short(step: Found) -> str:
    """Why a step has its verdict: the first reason, and how many more there are."""
    reasons = step["reasons"]
    if step["skipped"] or not reasons:
        return str(step["skipped"])
    more = f" And {len(reasons) - 1} more." if len(reasons) > 1 else ""
    return f"{reasons[0]['text']}{more}"


def what_follows(found: Found) -> str:
    """What a verification's verdict means for the canary, a sentence."""
    rollback, about = found["rollback"], found["verification"]
    if rollback and (rollback["ordered"] or found["verdict"] == CanaryVerdict.FAIL):
        return f"{rollback['text']}."
    if found["accepted"]:
        return "The canary may go on."
    if found["verdict"] == CanaryVerdict.FAIL:
        return "The canary is rejected; there was no command to roll it back."
    if found["verdict"] == CanaryVerdict.INVALID:
        return "Nothing is known of the canary, and nothing was rolled back."
    if about["interrupted"]:
        return "It was ended by hand before anything was proven."
    return f"Nothing is proven; what follows is set to: {about['on_inconclusive']}."
