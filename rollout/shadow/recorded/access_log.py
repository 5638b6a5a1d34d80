"""Lines of an access log: nginx's and Apache's common and combined formats, and JSON. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rollout.shadow.recorded.entry import Entry, UnreadableError, checked_target, sendable_headers

__all__ = ["read_line"]

_COMBINED = re.compile(
    r"""
    .*? \[ (?P<time> [^\]]{1,40} ) \] \s+
    " (?P<request> (?: [^"\\] | \\. )* ) " \s+ (?P<status> \d{3} ) \b \s* \S*
    (?: \s+ " (?P<referer> (?: [^"\\] | \\. )* ) " \s+ " (?P<agent> (?: [^"\\] | \\. )* ) " )?
    """,
    re.VERBOSE,
)
_TIME = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))")
_REQUEST = re.compile(r"(\S+) (\S+)(?: HTTP/\d(?:\.\d)?)?")
_NUMBER = re.compile(r"\d+(\.\d*)?", re.ASCII)
_LATEST_SECOND = 1e11
"""A larger number of seconds is one of milliseconds: the year would be 5138."""

# Keys of JSON logs, in lower case and without punctuation: nginx's own variables, then those of
# Caddy, Traefik, Envoy, and of loggers of applications.
_TIMES = ("msec", "timeiso8601", "time", "timestamp", "ts", "timelocal", "starttime", "startutc")
_METHODS = ("requestmethod", "method", "verb", "httpmethod")
_TARGETS = ("requesturi", "uri", "requestpath", "path", "url", "target")
_QUERIES = ("args", "querystring", "query")
_AGENTS = ("httpuseragent", "useragent")
_NESTED = ("request", "http", "req")


def read_line(line: str) -> Entry:
    """The request that a line tells of.

    Args:
        line: without its end; JSON when it begins with a brace.

    Returns:
        `at_s` in seconds since 1970.

    Raises:
        UnreadableError: it tells of none.
    """
    return _json(line) if line.lstrip().startswith("{") else _combined(line)


def _combined(line: str) -> Entry:
    found = _COMBINED.match(line)
    if found is None:
        raise UnreadableError('no [time] "request" status')
    method, target = _request(_unescaped(found["request"]))
    said = {"Referer": found["referer"], "User-Agent": found["agent"]}
    return Entry(
        at_s=_log_time_s(found["time"]),
        method=method,
        target=checked_target(method, target),
        headers=sendable_headers(
            (name, _unescaped(value))
            for name, value in said.items()
            if value not in {None, "", "-"}
        ),
    )


def _json(line: str) -> Entry:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise UnreadableError("no JSON") from None
    known = dict(_flattened(found))
    whole = known.get("request")
    method, target = _first(known, _METHODS), _first(known, _TARGETS)
    if isinstance(whole, str) and not (method and target):
        method, target = _request(whole)
    if not method or not target:
        raise UnreadableError("no method and path among its keys")
    query = _first(known, _QUERIES)
    if query and query != "-" and "?" not in target:
        target = f"{target}?{query.removeprefix('?')}"
    agent = _first(known, _AGENTS)
    return Entry(
        at_s=_time_s(next((known[key] for key in _TIMES if key in known), None)),
        method=method.upper(),
        target=checked_target(method.upper(), target),
        headers=sendable_headers([("User-Agent", agent)] if agent and agent != "-" else []),
    )


def _flattened(found: object) -> Iterator[tuple[str, Any]]:
    """Keys in lower case and without punctuation, those of an object for the request as well."""
    if not isinstance(found, Mapping):
        return
    for key, value in found.items():
        plain = re.sub(r"[^a-z0-9]", "", str(key).lower())
        if plain in _NESTED and isinstance(value, Mapping):
            yield from _flattened(value)
        else:
            yield plain, value


def _first(known: Mapping[str, object], keys: tuple[str, ...]) -> str:
    return next((value for key in keys if isinstance(value := known.get(key), str) and value), "")


def _request(line: str) -> tuple[str, str]:
    found = _REQUEST.fullmatch(line.strip())
    if found is None:
        raise UnreadableError("no request line, such as GET / HTTP/1.1")
    return found[1], found[2]


def _unescaped(text: str) -> str:
    r"""What was written with \" and \xHH in it; what cannot stand in a request is encoded."""

    def character(found: re.Match[str]) -> str:
        char = chr(int(found[1], 16)) if found[1] else found[2]
        return char if " " < char < "\x7f" and char not in '"\\' else f"%{ord(char):02X}"

    return _ESCAPE.sub(character, text)


def _time_s(value: object) -> float:
    if value is None:
        raise UnreadableError("no time among its keys")
    if isinstance(value, str) and "/" in value:
        return _log_time_s(value)
    try:
        seconds = _seconds(value)
    except (ValueError, OverflowError):
        seconds = math.nan
    if not math.isfinite(seconds):
        raise UnreadableError(f"time {str(value)[:40]!r} cannot be read")
    return seconds


def _seconds(value: object) -> float:
    """A number of seconds or milliseconds, or a time as ISO 8601 has it; ValueError otherwise."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return datetime.fromisoformat(value).timestamp()
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(value)
    number = float(value)
    return number / 1000 if number > _LATEST_SECOND else number


def _log_time_s(text: str) -> float:
    """The time of a log, such as 25/Nov/2026:10:30:00 +0000, whatever the locale."""
    found = _TIME.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        raise UnreadableError(f"time {text[:40]!r} cannot be read")
    day, month, year, clock = found[1], _MONTHS.index(found[2]) + 1, found[3], found[4]
    try:
        written = f"{year}-{month:02}-{day}T{clock}{found[5]}:{found[6]}"
        return datetime.fromisoformat(written).timestamp()
    except ValueError:
        raise UnreadableError(f"time {text!r} is none") from None
