"""What Slack is told of a run: one message of Block Kit. Pure.

Source: Slack's Block Kit reference; the lengths below are its limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, TypeAlias

from loadgen.report.numbers import NOTHING, clock, count, decimal, percent
from loadgen.report.words import TRUST, Status, cause, load, status
from slo.validity import Validity

if TYPE_CHECKING:
    from loadgen.measurement import Measurement

__all__ = ["Block", "slack_message"]

Block: TypeAlias = Mapping[str, object]

TEXT_MAX = 3000
FIELD_MAX = 2000
HEADER_MAX = 150
URL_MAX = 3000
_MARKS = {
    Status.PASSED: ":white_check_mark:",
    Status.FAILED: ":x:",
    Status.INCONCLUSIVE: ":warning:",
}


def slack_message(measurement: Measurement, *, link: str = "") -> dict[str, object]:
    """The message on a run.

    Args:
        measurement: of the run.
        link: URL of the run's own page; "" without one.

    Returns:
        The body of a webhook: `blocks`, and `text` for notifications.
    """
    m, ended = measurement, status(measurement)
    title = f"Load test {ended}"
    blocks = [
        {"type": "header", "text": _plain(f"{title}: {m.run.environment}", HEADER_MAX)},
        *_why(m),
        {"type": "section", "fields": [_field(name, value) for name, value in _numbers(m)]},
        *_trust(m),
        *_button(link),
        {
            "type": "context",
            "elements": [_markdown(f"{m.run.id}, {m.run.started_at.astimezone(UTC):%F %T} UTC")],
        },
    ]
    text = f"{_MARKS[ended]} {_escape(f'{title}: {m.run.target} ({m.run.environment})')}"
    return {"text": _cut(text, TEXT_MAX), "blocks": blocks}


def _numbers(m: Measurement) -> Iterable[tuple[str, str]]:
    total = m.total
    return (
        ("Target", m.run.target),
        ("Environment", m.run.environment),
        ("Load", f"{load(m)}, {clock(m.run.duration_s)}"),
        ("Requests", count(total.sent)),
        ("Throughput", f"{decimal(m.throughput_rps)} req/sec"),
        ("Error rate", f"{percent(total.error_rate_percent)} %" if total.finished else NOTHING),
        *((f"P{p}", _ms(total.latency.percentile_ms(p / 100))) for p in (50, 95, 99)),
    )


def _ms(value_ms: float | None) -> str:
    return NOTHING if value_ms is None else f"{decimal(value_ms)} ms"


def _why(m: Measurement) -> list[Block]:
    """Violations one a line, as many as the block holds; or why there is no result."""
    why, violations = cause(m), m.slo.violations if m.slo else ()
    lines = [*([f"{_escape(why)}."] if why else []), *(f"• {_escape(v)}" for v in violations)]
    if not lines:
        return []
    shown = _fitting(lines)
    return [{"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(shown)}}]


def _fitting(lines: Sequence[str]) -> list[str]:
    shown: list[str] = []
    room = TEXT_MAX - 20  # for the last line
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            left = len(lines) - len(shown)
            return [*shown, f"and {left:,} more"] if shown else [_cut(line, TEXT_MAX)]
        shown.append(line)
    return shown


def _trust(m: Measurement) -> list[Block]:
    """A word on the generator, when the numbers may be about it."""
    if m.health.verdict is Validity.VALID:
        return []
    reasons = " ".join(m.health.reasons)
    text = f"*{m.health.verdict}*: {TRUST[m.health.verdict]}. {_escape(reasons)}"
    return [{"type": "section", "text": {"type": "mrkdwn", "text": _cut(text, TEXT_MAX)}}]


def _button(link: str) -> list[Block]:
    if not link or len(link) > URL_MAX:
        return []
    button = {"type": "button", "text": _plain("Open the run", 75), "url": link}
    return [{"type": "actions", "elements": [button]}]


def _field(name: str, value: str) -> Block:
    text = f"*{name}*\n{_escape(value)}"
    return {"type": "mrkdwn", "text": _cut(text, FIELD_MAX), "verbatim": True}


def _markdown(text: str) -> Block:
    return {"type": "mrkdwn", "text": _cut(_escape(text), TEXT_MAX)}


def _plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": _cut(text, most), "emoji": True}


def _escape(text: str) -> str:
    """Slack's three control characters; in them lie mentions of everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
