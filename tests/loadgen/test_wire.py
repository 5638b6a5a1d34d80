"""The plan as the engine takes it: bytes and nanoseconds."""

from __future__ import annotations

import dataclasses

import pytest

from loadgen.address import Address
from loadgen.auth import Auth
from loadgen.endpoint import Endpoint
from loadgen.limits import Limits
from loadgen.plan import Arrivals, Pattern, Plan, Precision
from loadgen.secret import Secret
from loadgen.target_url import Target
from loadgen.wire import encode_request, engine_plan

HERE = ((Address(host="127.0.0.1", port=8000),),)
TARGET = Target.parse("http://example.com:8000/api")


def _lines(endpoint: Endpoint) -> list[bytes]:
    return encode_request(endpoint, TARGET).wire.split(b"\r\n")


def test_a_get_has_the_headers_that_every_server_wants_and_no_length() -> None:
    lines = _lines(Endpoint(path="/api/x"))
    assert lines[0] == b"GET /api/x HTTP/1.1"
    assert lines[1] == b"Host: example.com:8000"
    assert lines[2].startswith(b"User-Agent: loadgen/")
    assert lines[3:] == [b"Accept: */*", b"", b""]


def test_given_headers_take_the_place_of_ours() -> None:
    endpoint = Endpoint(
        path="/", headers=(("host", "other"), ("ACCEPT", "text/html"), ("X-A", "ä"))
    )
    lines = _lines(endpoint)
    assert b"host: other" in lines
    assert b"ACCEPT: text/html" in lines
    assert "X-A: ä".encode("latin-1") in lines
    assert not [line for line in lines if line.startswith((b"Host:", b"Accept:"))]


def test_credentials_and_what_the_body_is_unless_the_endpoint_says_its_own() -> None:
    auth = Auth.bearer(Secret("s3cr3t"))
    ours = Endpoint(path="/", method="POST", body=b"{}", content_type="application/json")
    wire = encode_request(ours, TARGET, auth=auth, user_agent="me/1").wire
    assert b"\r\nAuthorization: Bearer s3cr3t\r\n" in wire
    assert b"\r\nContent-Type: application/json\r\n" in wire
    assert b"\r\nUser-Agent: me/1\r\n" in wire
    own = Endpoint(
        path="/",
        content_type="application/json",
        headers=(("authorization", "Basic x"), ("content-type", "a/b"), ("user-agent", "I")),
    )
    lines = encode_request(own, TARGET, auth=auth, user_agent="me/1").wire.split(b"\r\n")
    assert lines[-5:-2] == [b"authorization: Basic x", b"content-type: a/b", b"user-agent: I"]
    assert len(lines) == 8  # with the request line, Host, Accept and the empty end


def test_a_request_does_not_show_its_bytes() -> None:
    plan = Plan(auth=Auth.bearer(Secret("s3cr3t")))
    assert "s3cr3t" not in repr(engine_plan(plan, HERE, worker=0, workers=1))


@pytest.mark.parametrize("max_rps", [3, 10, 1000, 1001])
def test_the_workers_shares_of_the_cap_add_up_to_it(max_rps: int) -> None:
    users = Plan(limits=Limits(max_rps=max_rps))
    arrivals = Plan(pattern=Pattern.RATE, rate_rps=1, limits=Limits(max_rps=max_rps))
    gaps_ns, shares = [], []
    for worker in range(3):
        closed = engine_plan(users, HERE, worker=worker, workers=3)
        opened = engine_plan(arrivals, HERE, worker=worker, workers=3)
        gaps_ns.append(closed.cap_window_ns)
        shares.append(opened.cap_count)
        assert (closed.cap_count, opened.cap_window_ns) == (1, 10**9)
    assert sum(shares) == max_rps
    # In a second, begun and not ended, so many sends fit that are a gap apart.
    assert sum(-(-(10**9) // gap_ns) for gap_ns in gaps_ns) <= max_rps


def test_without_a_cap_nothing_is_held_back() -> None:
    plan = engine_plan(Plan(), HERE, worker=0, workers=1)
    assert (plan.cap_count, plan.cap_window_ns) == (0, 0)


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [("POST", b"abc", b"3"), ("POST", b"", b"0"), ("PUT", b"", b"0"), ("DELETE", b"x", b"1")],
)
def test_a_method_that_may_have_a_body_says_its_length(
    method: str, body: bytes, length: bytes
) -> None:
    request = encode_request(Endpoint(path="/", method=method, body=body), TARGET)
    assert b"\r\nContent-Length: " + length + b"\r\n" in request.wire
    assert request.wire.endswith(b"\r\n\r\n" + body)


@pytest.mark.parametrize(
    ("method", "head", "idempotent"),
    [
        ("GET", False, True),
        ("HEAD", True, True),
        ("POST", False, False),
        ("PATCH", False, False),
        ("DELETE", False, True),
    ],
)
def test_what_the_engine_must_know_of_a_method(method: str, head: bool, idempotent: bool) -> None:
    request = encode_request(Endpoint(path="/", method=method), TARGET)
    assert (request.head, request.idempotent) == (head, idempotent)


def test_weights_become_cumulative_and_end_at_one_with_the_last_that_counts() -> None:
    endpoints = (
        Endpoint(path="/a", weight=1),
        Endpoint(path="/b", weight=2),
        Endpoint(path="/c", weight=0),
    )
    plan = engine_plan(Plan(endpoints=endpoints), HERE, worker=0, workers=1)
    assert list(plan.cumulative) == pytest.approx([1 / 3, 1.0, 1.0])


def test_a_pair_is_drawn_once_from_the_shares_of_one_side() -> None:
    one = (Endpoint(path="/a", weight=1), Endpoint(path="/b", weight=3))
    other = tuple(dataclasses.replace(endpoint, target=1) for endpoint in one)
    plan = Plan(
        further_targets=("http://canary",),
        endpoints=(*one, *other),
        pattern=Pattern.RATE,
        paired=True,
    )
    wired = engine_plan(plan, (*HERE, *HERE), worker=0, workers=1)
    assert wired.paired
    assert wired.cumulative == (0.25, 1.0)
    assert [request.target for request in wired.requests] == [0, 0, 1, 1]


def test_only_bursts_have_bursts_and_only_the_others_think() -> None:
    burst = engine_plan(Plan(pattern=Pattern.BURST), HERE, worker=0, workers=1)
    sustained = engine_plan(Plan(), HERE, worker=0, workers=1)
    assert (burst.burst_size, burst.think_ns, burst.pause_ns) == (
        10,
        (0, 0),
        (5 * 10**8, 2 * 10**9),
    )
    assert (sustained.burst_size, sustained.think_ns) == (0, (10**7, 10**8))
    assert sustained.pause_ns == (0, 0)


def test_an_open_loop_has_connections_and_no_users() -> None:
    plan = engine_plan(
        Plan(
            pattern=Pattern.RATE, connections=7, arrivals=Arrivals.POISSON, warmup_s=1, duration_s=2
        ),
        HERE,
        worker=1,
        workers=2,
    )
    assert (plan.users, plan.connections, plan.open_loop, plan.poisson) == (0, 7, True, True)
    assert (plan.warmup_ns, plan.total_ns) == (10**9, 3 * 10**9)
    assert (plan.worker, plan.workers) == (1, 2)


def test_answers_are_awaited_for_the_timeout_but_no_longer_than_five_seconds() -> None:
    for timeout_s, drain_ns in ((1.0, 10**9), (30.0, 5 * 10**9)):
        plan = engine_plan(Plan(timeout_s=timeout_s), HERE, worker=0, workers=1)
        assert plan.drain_ns == drain_ns


def test_precision_decides_whether_a_worker_spins() -> None:
    cheap, exact, busy = (
        engine_plan(Plan(precision=precision), HERE, worker=0, workers=1).spin_ns
        for precision in (Precision.CPU, Precision.EXACT, Precision.BUSY)
    )
    assert 0 == cheap < exact < 1_000_000_000 < busy
