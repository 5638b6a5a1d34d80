"""What Slack is told of a canary verification: the verdict, why, and what follows. Pure.

Source: Slack's reference of incoming webhooks; `text` alone is a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollout.canary.summary import what_follows
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from rollout.canary.verification import Verification

__all__ = ["slack_message"]

MOST = 3000
"""Characters; Slack cuts what is longer than 4,000."""
_MARKS = {
    CanaryVerdict.PASS: ":white_check_mark:",
    CanaryVerdict.FAIL: ":x:",
    CanaryVerdict.INCONCLUSIVE: ":warning:",
    CanaryVerdict.INVALID: ":warning:",
}


def slack_message(verification: Verification, *, link: str = "") -> dict[str, object]:
    """The message on a verification.

    Args:
        verification: that is over.
        link: URL of its own page; "" without one.

    Returns:
        The body of a webhook.
    """
    v = verification
    lines = [
        f"{_MARKS[v.verdict]} *Canary {v.verdict}*: {v.canary_url} ({v.environment})",
        *(f"• {reason.text}" for reason in v.reasons),
        what_follows(v),
        *([link] if link else []),
    ]
    text = _escape("\n".join(lines))
    return {"text": text if len(text) <= MOST else f"{text[: MOST - 1]}…"}


def _escape(text: str) -> str:
    """Slack's three control characters; in them lie mentions of everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
