"""Durations, spans, counts, rates and stages as people write them: text in, numbers out. Pure.

Every parser raises UnitError, whose text is the end of an error line:
"found '5 mins', expected a duration such as ...; did you mean 5m?"
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

from loadgen.schedule import Point

__all__ = [
    "UnitError",
    "format_duration",
    "format_number",
    "format_span",
    "parse_count",
    "parse_duration",
    "parse_number",
    "parse_rate",
    "parse_span",
    "parse_stages",
]

A_DURATION = "a duration such as 300, 300s, 5m, 1h30m or 10ms"
A_RATE = "a rate per second"
A_SPAN = "a duration such as 20ms or a range such as 10ms..100ms"
STAGES = "times and levels such as 0:100,30s:1000,2m:1000"
_SECONDS = {
    "d": Fraction(86_400),
    "h": Fraction(3_600),
    "m": Fraction(60),
    "s": Fraction(1),
    "ms": Fraction(1, 1_000),
    "us": Fraction(1, 1_000_000),
}
"""Seconds per unit, the largest first: a duration names them in this order."""
_SPELLINGS = {
    "d": ("day", "days"),
    "h": ("hr", "hrs", "hour", "hours"),
    "m": ("min", "mins", "minute", "minutes"),
    "s": ("sec", "secs", "second", "seconds"),
    "ms": ("msec", "msecs", "milli", "millis", "millisecond", "milliseconds"),
    "us": ("usec", "usecs", "µs", "μs", "micros", "microsecond", "microseconds"),
}
_UNIT_BY_SPELLING = {word: unit for unit, words in _SPELLINGS.items() for word in (unit, *words)}
_NUMBER = re.compile(r"[+-]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_PLAIN = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_PART = re.compile(rf"({_PLAIN})\s*([^\W0-9_]+)")
_MULTIPLES = {"k": 1_000, "M": 1_000_000}
_LONGEST_TEXT = 100
"""Characters; more digits than that are no number that anybody means."""


class UnitError(ValueError):
    """Text that is not what its parser reads."""


def parse_duration(text: str, *, low_s: float = 0.0, high_s: float = math.inf) -> float:
    """Reads a duration: a bare number is seconds, else d, h, m, s, ms, us, large to small.

    Args:
        text: for example "300", "300s", "5m", "1h30m", "10ms", "2us".
        low_s: the shortest that is accepted.
        high_s: the longest that is accepted.

    Returns:
        Seconds.

    Raises:
        UnitError: not a duration, or out of range.
    """
    seconds = _seconds(text)
    if not low_s <= seconds <= high_s:
        wanted = _range(low_s, high_s, format_duration)
        raise UnitError(f"found {_quoted(text)}, expected a duration {wanted}")
    return seconds


def parse_span(text: str, *, high_s: float = math.inf) -> tuple[float, float]:
    """Reads the bounds of a random duration: "10ms..100ms"; one duration is both bounds.

    Returns:
        (shortest, longest) in seconds.

    Raises:
        UnitError: not a span, longer than `high_s`, or the longest comes first.
    """
    first, dots, second = text.partition("..")
    try:
        low_s = parse_duration(first, high_s=high_s)
        span_s = (low_s, parse_duration(second, high_s=high_s) if dots else low_s)
    except UnitError as error:
        if not dots:
            raise UnitError(str(error).replace(A_DURATION, A_SPAN)) from None
        raise UnitError(f"{error} on each side of ..") from None
    if span_s[0] > span_s[1]:
        unit = second.strip().lstrip("0123456789.")
        bare = first.strip().replace(".", "").isdigit()
        meant = f"; did you mean {first.strip()}{unit}..{second.strip()}?" if unit and bare else ""
        raise UnitError(
            f"found {_quoted(text)}, expected the shorter duration before the longer one{meant}"
        )
    return span_s


def parse_number(text: str, *, low: float = 0.0, high: float = math.inf) -> float:
    """Reads a finite number within bounds.

    Raises:
        UnitError: not a number, or out of range.
    """
    return _number(text, "a number", low, high)


def parse_count(text: str, *, low: int = 0, high: int | None = None) -> int:
    """Reads a whole number; k and M multiply: "10k" is 10000.

    Raises:
        UnitError: not a whole number, or out of range.
    """
    limit = math.inf if high is None else high
    digits = text.strip().replace("_", "")
    if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_TEXT:
        value = int(digits)  # a float would lose the last digits of a 64-bit seed
        if low <= value <= limit:
            return value
    number = _number(text, "a whole number", low, limit)
    if not number.is_integer():
        raise UnitError(f"found {_quoted(text)}, expected a whole number")
    return int(number)


def parse_rate(text: str, *, low_rps: float = 0.0, high_rps: float = math.inf) -> float:
    """Reads a rate or a level: "1000", "1000/s", "1.5k".

    Returns:
        Per second.

    Raises:
        UnitError: not a rate, or out of range.
    """
    return _number(text.strip().removesuffix("/s"), A_RATE, low_rps, high_rps)


def parse_stages(text: str) -> tuple[Point, ...]:
    """Reads stages: "time:level,time:level", times that go up.

    Returns:
        (seconds since the load began, level), ascending.

    Raises:
        UnitError: names the stage that is wrong.
    """
    stages = []
    for stage in text.split(","):
        time, colon, level = stage.partition(":")
        if not colon:
            raise UnitError(f"found {_quoted(stage)}, expected {STAGES}")
        try:
            stages.append((parse_duration(time), _number(level, "a level", 0.0, math.inf)))
        except UnitError as error:
            raise UnitError(f"stage {_quoted(stage)}: {error}; stages are {STAGES}") from None
    for (before_s, _), (after_s, _) in pairwise(stages):
        if after_s < before_s:
            raise UnitError(
                f"found {format_duration(after_s)} after {format_duration(before_s)}, "
                "expected times since the start of the load, each later than the one before"
            )
    return tuple(stages)


def format_duration(seconds: float) -> str:
    """A duration as `parse_duration` reads it, in the units that people would take."""
    if not 0 <= seconds < math.inf:
        return f"{seconds:g}s"
    if 0 < seconds < 1:
        unit = "ms" if seconds >= 0.001 else "us"
        return f"{format_number(seconds / float(_SECONDS[unit]))}{unit}"
    parts = []
    left = Fraction(seconds).limit_denominator(1_000_000)
    for unit in ("d", "h", "m"):
        whole, left = divmod(left, _SECONDS[unit])
        if whole:
            parts.append(f"{whole}{unit}")
    if left or not parts:
        parts.append(f"{format_number(float(left))}s")
    return "".join(parts)


def format_span(span_s: tuple[float, float]) -> str:
    """A span as `parse_span` reads it."""
    low_s, high_s = span_s
    if low_s == high_s:
        return format_duration(low_s)
    return f"{format_duration(low_s)}..{format_duration(high_s)}"


def format_number(value: float) -> str:
    """A number without an exponent and without zeros that say nothing."""
    if float(value).is_integer():
        return f"{int(value)}"
    return f"{value:.6f}".rstrip("0").rstrip(".") if value >= 0.001 else f"{value:g}"


def _seconds(text: str) -> float:
    stripped = text.strip()
    wrong = f"found {_quoted(text)}, expected {A_DURATION}"
    if len(stripped) > _LONGEST_TEXT:
        raise UnitError(wrong)
    if re.fullmatch(_PLAIN, stripped):
        return float(stripped)
    if stripped.startswith("-"):
        raise UnitError(f"found {_quoted(text)}, expected a duration of 0 or more")
    parts = _PART.findall(stripped)
    if not parts or _PART.sub("", stripped).strip():
        raise UnitError(wrong)
    units = [unit for _, unit in parts]
    if any(unit not in _SECONDS for unit in units):
        raise UnitError(f"{wrong}{_meant(parts)}")
    places = [list(_SECONDS).index(unit) for unit in units]
    if any(before >= after for before, after in pairwise(places)):
        raise UnitError(f"{wrong}: each unit once, the larger before the smaller")
    return float(sum(Fraction(number) * _SECONDS[unit] for number, unit in parts))


def _meant(parts: list[tuple[str, str]]) -> str:
    known = [(number, _UNIT_BY_SPELLING.get(unit.lower())) for number, unit in parts]
    if all(unit for _, unit in known):
        return f"; did you mean {''.join(f'{number}{unit}' for number, unit in known)}?"
    unknown = next(unit for _, unit in parts if unit.lower() not in _UNIT_BY_SPELLING)
    return f"; {unknown!r} is no unit, the units are {', '.join(_SECONDS)}"


def _number(text: str, what: str, low: float, high: float) -> float:
    stripped = text.strip()
    multiple = _MULTIPLES.get(stripped[-1:], 1)
    digits = stripped[:-1] if multiple > 1 else stripped
    wrong = UnitError(f"found {_quoted(text)}, expected {what} {_range(low, high, format_number)}")
    if not _NUMBER.fullmatch(digits) or len(digits) > _LONGEST_TEXT:
        raise wrong
    value = float(digits.replace("_", "")) * multiple
    if not (low <= value <= high and math.isfinite(value)):
        raise wrong
    return value


def _range(low: float, high: float, show: Callable[[float], str]) -> str:
    if math.isinf(high):
        return f"of {show(low)} or more"
    return f"from {show(low)} to {show(high)}"


def _quoted(text: str) -> str:
    if len(text) <= _LONGEST_TEXT:
        return repr(text)
    return f"{text[:20]!r}... ({len(text)} characters)"
