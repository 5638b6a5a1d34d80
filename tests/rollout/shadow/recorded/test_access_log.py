"""Lines of logs as servers write them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadgen.target_url import Target
from rollout.shadow.recorded.access_log import read_line
from rollout.shadow.recorded.entry import UnreadableError
from rollout.shadow.recorded.replay import request_bytes

AT_S = datetime(2026, 11, 25, 10, 30, 0, tzinfo=UTC).timestamp()
NGINX = (
    '203.0.113.7 - ada [25/Nov/2026:10:30:00 +0000] "GET /users/17?x=1 HTTP/1.1" 200 512 '
    '"https://example.com/" "Mozilla/5.0 [en] (X11)"'
)


@pytest.mark.parametrize(
    ("line", "at_s", "method", "target", "headers"),
    [
        (
            NGINX,
            AT_S,
            "GET",
            "/users/17?x=1",
            (("Referer", "https://example.com/"), ("User-Agent", "Mozilla/5.0 [en] (X11)")),
        ),
        (
            '::1 - - [25/Nov/2026:12:30:00 +0200] "HEAD / HTTP/2.0" 304 0 "-" "curl/8"',
            AT_S,
            "HEAD",
            "/",
            (("User-Agent", "curl/8"),),
        ),
        ('1.2.3.4 - - [25/Nov/2026:10:30:00 +0000] "GET /a" 200 -', AT_S, "GET", "/a", ()),
        (
            "shop.example.com:443 1.2.3.4 - - [25/Nov/2026:05:00:00 -0530] "
            '"POST /a HTTP/1.1" 201 5 "-" "-" 0.003 "x"',
            AT_S,
            "POST",
            "/a",
            (),
        ),
        (
            r'1.2.3.4 - - [25/Nov/2026:10:30:00 +0000] "GET /a?q=\x22b\"\xC3 HTTP/1.1" 200 1',
            AT_S,
            "GET",
            "/a?q=%22b%22%C3",
            (),
        ),
        (
            '{"time_iso8601": "2026-11-25T10:30:00+00:00", "request": "GET /a HTTP/1.1"}',
            AT_S,
            "GET",
            "/a",
            (),
        ),
        (
            '{"msec": "1795602600.125", "request_method": "GET", "uri": "/a", "args": "b=c", '
            '"http_user_agent": "curl/8"}',
            1795602600.125,
            "GET",
            "/a?b=c",
            (("User-Agent", "curl/8"),),
        ),
        (  # Caddy
            '{"level": "info", "ts": 1795602600.5, "request": {"method": "GET", "host": "x", '
            '"uri": "/a?b=c"}, "status": 200}',
            1795602600.5,
            "GET",
            "/a?b=c",
            (),
        ),
        (  # Traefik
            '{"RequestMethod": "GET", "RequestPath": "/a", "StartUTC": "2026-11-25T10:30:00Z"}',
            AT_S,
            "GET",
            "/a",
            (),
        ),
        (
            '{"timestamp": 1795602600125, "method": "get", "path": "/a"}',
            1795602600.125,
            "GET",
            "/a",
            (),
        ),
        (
            '{"time_local": "25/Nov/2026:10:30:00 +0000", "method": "GET", "url": "http://x/a"}',
            AT_S,
            "GET",
            "/a",
            (),
        ),
    ],
)
def test_lines(
    line: str, at_s: float, method: str, target: str, headers: tuple[tuple[str, str], ...]
) -> None:
    entry = read_line(line)
    assert (entry.at_s, entry.method, entry.target, entry.headers) == (
        at_s,
        method,
        target,
        headers,
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("what is this", 'no [time] "request" status'),
        ('1.2.3.4 - - [25/Nov/2026:10:30:00 +0000] "-" 400 0', "no request line"),
        (r'1.2.3.4 - - [25/Nov/2026:10:30:00 +0000] "\x16\x03\x01" 400 0', "no request line"),
        ('1.2.3.4 - - [25/Nov/2026:10:30:00 +0000] "GET ü HTTP/1.1" 400 0', "cannot be sent"),
        ('1.2.3.4 - - [31/Nov/2026:10:30:00 +0000] "GET / HTTP/1.1" 200 0', "is none"),
        ('1.2.3.4 - - [yesterday] "GET / HTTP/1.1" 200 0', "time 'yesterday' cannot be read"),
        ('{"method": "GET"', "no JSON"),
        ('{"method": "GET", "time": 1}', "no method and path among its keys"),
        ('{"method": "GET", "path": "/"}', "no time among its keys"),
        ('{"method": "GET", "path": "/", "time": "noon"}', "time 'noon' cannot be read"),
        ('{"method": "GET", "path": "/", "time": true}', "time 'True' cannot be read"),
        ('{"method": "GET", "path": "/", "time": NaN}', "time 'nan' cannot be read"),
        ('{"method": "GET", "path": "/", "time": 1' + "0" * 400 + "}", "cannot be read"),
        ('{"method": "GET", "path": "/", "time": "\u00b2"}', "cannot be read"),
        ('{"method": "GET", "path": "http://[x/", "time": 1}', "is none"),
        ("{" * 20_000, "no JSON"),
        ("[" * 60_000, "no [time]"),
    ],
)
def test_what_tells_of_no_request(line: str, said: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_line(line)
    assert said in str(caught.value)


KEYS = st.sampled_from(["method", "path", "time", "request", "args", "user_agent", "ts", "url"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=6,
)
LINES = (
    st.text(max_size=80)
    | st.dictionaries(KEYS, VALUES, max_size=6).map(json.dumps)
    | st.tuples(st.text(max_size=12), st.text(max_size=12)).map(
        lambda parts: (
            f'1.2.3.4 - - [25/Nov/2026:10:30:00 +0000] "GET {parts[0]}" 200 1 "{parts[1]}"'
        )
    )
)


@settings(deadline=None)
@given(LINES)
def test_no_line_is_more_than_unreadable(line: str) -> None:
    try:
        entry = read_line(line)
    except UnreadableError:
        return
    assert math.isfinite(entry.at_s)
    sent = request_bytes(entry, Target.parse("http://example.com"))
    head = sent.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert head[0].count(b" ") == 2
    assert all(b":" in field for field in head[1:])
