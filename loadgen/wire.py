"""The plan as the C engine takes it: request bytes, nanoseconds, cumulative weights. Pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from importlib.metadata import version

from loadgen.address import Address
from loadgen.auth import Auth
from loadgen.checks import Checks
from loadgen.endpoint import IDEMPOTENT_METHODS, Endpoint
from loadgen.plan import Arrivals, Pattern, Plan, Precision
from loadgen.schedule import Point
from loadgen.target_url import Target
from loadgen.tls import TlsPeer

__all__ = ["Address", "EnginePlan", "WireRequest", "encode_request", "engine_plan"]

SPIN_NS = {Precision.CPU: 0, Precision.EXACT: 100_000, Precision.BUSY: 10_000_000_000}
"""How long before a due send a worker wakes to spin: a wake-up takes 40-60 us here, p99 90. BUSY
has always a send that is due so soon."""
DRAIN_LIMIT_S = 5.0
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRedirect:
    """How a request's redirects are followed (`_ext/lg_redirect.h`)."""

    authority: bytes
    https: bool
    head: bool
    only_303: bool
    tail: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """One endpoint's request as bytes. They are not shown: there are secrets in them."""

    wire: bytes = field(repr=False)
    target: int
    head: bool
    idempotent: bool
    checks: Checks = field(default_factory=Checks)
    redirect: WireRedirect | None = None

    @property
    def needles(self) -> int:
        """How many texts its answers' bodies are searched for."""
        return len(self.checks.needles)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePlan:
    """What one worker's engine does (`_ext/lg_plan.h` documents each field but `slow`).

    Attributes:
        slow: the load is done by `loadgen.slow_engine`, not by the C engine.
    """

    targets: tuple[tuple[Address, ...], ...]
    tls: tuple[TlsPeer | None, ...]
    local_addresses: tuple[str, ...]
    requests: tuple[WireRequest, ...]
    cumulative: tuple[float, ...]
    points: tuple[Point, ...]
    open_loop: bool
    keepalive: bool
    poisson: bool
    paired: bool
    worker: int
    workers: int
    users: int
    connections: int
    burst_size: int
    follow: int
    think_ns: tuple[int, int]
    pause_ns: tuple[int, int]
    cap_count: int
    cap_window_ns: int
    seed: int
    warmup_ns: int
    total_ns: int
    timeout_ns: int
    connect_timeout_ns: int
    drain_ns: int
    spin_ns: int
    slow: bool = False


def engine_plan(
    plan: Plan,
    addresses: tuple[tuple[Address, ...], ...],
    *,
    worker: int,
    workers: int,
    slow: bool = False,
) -> EnginePlan:
    """What worker number `worker` of `workers` does.

    Args:
        plan: what all workers do together.
        addresses: per target, at least one each.
        worker: 0..workers-1.
        workers: how many there are.
        slow: the worker takes the slow path.
    """
    targets = plan.targets
    burst = plan.pattern is Pattern.BURST
    cap_count, cap_window_ns = _cap(plan, worker, workers)
    return EnginePlan(
        targets=addresses,
        tls=tuple(_peer(target, plan) for target in targets),
        local_addresses=plan.local_addresses,
        requests=tuple(
            encode_request(
                one,
                targets[one.target],
                keepalive=plan.keepalive,
                auth=plan.auth,
                user_agent=plan.user_agent,
                follows=plan.follow > 0,
            )
            for one in plan.requests
        ),
        cumulative=_cumulative(plan),
        points=plan.schedule.points,
        open_loop=plan.open_loop,
        keepalive=plan.keepalive,
        poisson=plan.arrivals is Arrivals.POISSON,
        paired=plan.paired,
        worker=worker,
        workers=workers,
        users=plan.users,
        connections=plan.pool if plan.open_loop else 0,
        burst_size=plan.burst_size if burst else 0,
        follow=plan.follow,
        think_ns=(0, 0) if burst else _range_ns(plan.think_s),
        pause_ns=_range_ns(plan.pause_s) if burst else (0, 0),
        cap_count=cap_count,
        cap_window_ns=cap_window_ns,
        seed=plan.seed,
        warmup_ns=_ns(plan.warmup_s),
        total_ns=_ns(plan.total_s),
        timeout_ns=_ns(plan.timeout_s),
        connect_timeout_ns=_ns(plan.connect_timeout_s),
        drain_ns=_ns(min(plan.timeout_s, DRAIN_LIMIT_S)),
        spin_ns=SPIN_NS[plan.precision],
        slow=slow,
    )


def encode_request(
    endpoint: Endpoint,
    target: Target,
    *,
    keepalive: bool = True,
    auth: Auth | None = None,
    user_agent: str = "",
    follows: bool = False,
) -> WireRequest:
    """The request's bytes (RFC 9112 section 3): Host first, then ours unless given, then its own.

    Args:
        endpoint: with its full path.
        target: the server it goes to.
        keepalive: False asks the server to close the connection after its answer.
        auth: the credentials, unless the endpoint's headers have their own.
        user_agent: "" names this tool and its version.
        follows: redirects are followed.
    """
    headers = _headers(endpoint, target, keepalive, auth, user_agent)
    lines = [f"{name}: {value}" for name, value in headers]
    if endpoint.body or endpoint.method in {"POST", "PUT", "PATCH"}:
        lines.append(f"Content-Length: {len(endpoint.body)}")
    head = _head(f"{endpoint.method} {endpoint.path} HTTP/1.1", lines)
    return WireRequest(
        wire=head + endpoint.body,
        target=endpoint.target,
        head=endpoint.method == "HEAD",
        idempotent=endpoint.method in IDEMPOTENT_METHODS,
        checks=endpoint.checks,
        redirect=_redirect(endpoint, target, headers) if follows else None,
    )


def _headers(
    endpoint: Endpoint, target: Target, keepalive: bool, auth: Auth | None, user_agent: str
) -> list[tuple[str, str]]:
    """All but what frames the body."""
    given = {name.lower() for name, _ in endpoint.headers}
    defaults = [
        ("Host", target.authority),
        ("User-Agent", user_agent or f"loadgen/{version('loadgen')}"),
        ("Accept", "*/*"),
        *([("Accept-Encoding", "identity")] if endpoint.checks.needles else []),
        *([(auth.header, auth.value.reveal())] if auth else []),
        *([("Content-Type", endpoint.content_type)] if endpoint.content_type else []),
        *([] if keepalive else [("Connection", "close")]),
    ]
    return [*(pair for pair in defaults if pair[0].lower() not in given), *endpoint.headers]


def _head(first: str, lines: list[str]) -> bytes:
    return ("\r\n".join([first, *lines]) + "\r\n\r\n").encode("latin-1")


def _redirect(endpoint: Endpoint, target: Target, headers: list[tuple[str, str]]) -> WireRedirect:
    """How the endpoint's redirects go on: the same headers, but those about a body."""
    host = next(value for name, value in headers if name.lower() == "host")
    bare = endpoint.method in {"GET", "HEAD"} and not endpoint.body
    lines = [
        f"{name}: {value}" for name, value in headers if not name.lower().startswith("content-")
    ]
    return WireRedirect(
        authority=host.encode("latin-1"),
        https=target.scheme == "https",
        head=endpoint.method == "HEAD",
        only_303=not bare,
        tail=_head(" HTTP/1.1", lines),
    )


def _cap(plan: Plan, worker: int, workers: int) -> tuple[int, int]:
    """So many requests in any so many nanoseconds; (0, 0): no cap.

    The cap is dealt out in whole requests per second, so that the workers' shares add up to
    it in every second. An open loop may spend its second's share at once, to catch up; users
    are let through one by one.
    """
    if plan.limits.max_rps is None:
        return 0, 0
    share = (plan.limits.max_rps - worker + workers - 1) // workers
    return (share, NS_PER_S) if plan.open_loop else (1, -(-NS_PER_S // share))


def _peer(target: Target, plan: Plan) -> TlsPeer | None:
    if target.scheme != "https":
        return None
    return TlsPeer(host=plan.tls.server_name or target.host, options=plan.tls)


def _cumulative(plan: Plan) -> tuple[float, ...]:
    """Shares added up; in pairs those of one side, as its endpoint is drawn once for both."""
    drawn = [one.weight for one in plan.requests if one.target == 0 or not plan.paired]
    weights = [weight * 2 for weight in drawn] if plan.paired else drawn
    sums = list(itertools.accumulate(weights))
    last = max(i for i, weight in enumerate(weights) if weight > 0)
    return tuple(1.0 if i >= last else total for i, total in enumerate(sums))


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def _range_ns(bounds_s: tuple[float, float]) -> tuple[int, int]:
    return _ns(bounds_s[0]), _ns(bounds_s[1])
