"""The plan of a run: what is sent, where to, how often, for how long. Values only.

A Plan is complete and checked when it exists; nothing in it changes afterwards. Times are
seconds (`_s`), rates requests per second (`_rps`).
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from enum import StrEnum

from loadgen.address import StaticName, check_ip
from loadgen.allowlist import AllowList
from loadgen.auth import Auth
from loadgen.checks import Checks
from loadgen.digest import digest
from loadgen.endpoint import Endpoint, check_problems, header_problems, method_problems
from loadgen.errors import ConfigError
from loadgen.limits import Limits
from loadgen.mix import laid_over, mix_problems, pair_problems
from loadgen.schedule import Point, Schedule
from loadgen.secret import Secret, is_secret_header, shown_headers
from loadgen.target_url import Target
from loadgen.tls import TlsOptions, TlsVersion

__all__ = [
    "Arrivals",
    "Endpoint",
    "Pattern",
    "Plan",
    "Precision",
    "StageUnit",
    "Target",
    "TlsOptions",
    "TlsVersion",
]

DEFAULT_TARGET = "http://localhost:8000"
MAX_USERS = 1_000_000
MIN_RATE_RPS = 0.001
MAX_RATE_RPS = 10_000_000.0
MAX_DURATION_S = 30 * 86_400.0
MAX_REDIRECTS = 50
"""As curl has it."""
_WHOLE = frozenset({"follow", "concurrency", "connections", "burst size", "seed", "workers"})


class Pattern(StrEnum):
    """How load varies over time."""

    SUSTAINED = "sustained"
    BURST = "burst"
    RAMP_UP = "ramp-up"
    RATE = "rate"
    STAGES = "stages"


class Arrivals(StrEnum):
    """The arrival process of an open loop."""

    UNIFORM = "uniform"
    POISSON = "poisson"


class StageUnit(StrEnum):
    """What the levels of `stages` count."""

    USERS = "users"
    RATE = "rate"


class Precision(StrEnum):
    """What a worker pays for the truth.

    EXACT spins before a due send and until its answer; CPU sleeps and saves the core; BUSY never
    sleeps: a core that has slept runs the kernel's TCP some 25 us slower, which looks like the
    target's time.
    """

    EXACT = "exact"
    CPU = "cpu"
    BUSY = "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides what a run does.

    Attributes:
        target: URL of the server under test.
        further_targets: URLs of more servers fed by the same workers in the same seconds.
        endpoints: empty means one request to the target's own path (paired: to each target's),
            made of `method`, `headers`, `body` and `content_type`.
        headers: (name, value) pairs of every request; an endpoint's own take their place.
        checks: what answers are held against, where an endpoint has no checks of its own.
        follow: redirects within the same origin that a request follows at most.
        concurrency: virtual users (closed loop).
        duration_s: measured seconds; warm-up comes before and is not part of it.
        warmup_s: the first seconds of the load, sent but not measured.
        rate_rps: arrivals per second (pattern `rate`).
        paired: requests are sent in pairs, one to each of two targets, in alternating order;
            rates count both. The second half of `endpoints` are those of the first, to target 1,
            under the same names.
        connections: the open loop's pool per target; 0 means as many as `concurrency`.
        stages: (seconds since the load began, level), ascending (pattern `stages`).
        think_s: bounds of the random pause between a user's requests.
        burst_size: requests back to back (pattern `burst`).
        pause_s: bounds of the random pause between bursts (pattern `burst`).
        ramp_s: seconds from one user to all (pattern `ramp-up`).
        timeout_s: longest wait for an answer, from the send.
        connect_timeout_s: longest wait for a connection, TLS handshake included.
        keepalive: False makes a new connection for each request.
        tls: how https targets are spoken to.
        auth: the credentials that every request carries, unless its headers have their own.
        user_agent: "" names the tool and its version.
        resolve: addresses of names that are not to be resolved.
        local_addresses: connections are made from these in turn; empty: the kernel chooses.
        stop_when_dead_s: the run ends after so many seconds in which all requests failed; 0: never.
        allow: the only servers that may be loaded; None: any.
        limits: what this plan, and its users, may not exceed.
        seed: decides every random draw.
        workers: processes; 0 means one per allowed core, one fewer when the target is here.
        environment: name that thresholds and reports go by.
        pin: each worker is pinned to a core of its own.

    Raises:
        ConfigError: at construction, with every mistake at once.
    """

    target: str = DEFAULT_TARGET
    further_targets: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    checks: Checks = field(default_factory=Checks)
    follow: int = 0
    pattern: Pattern = Pattern.SUSTAINED
    concurrency: int = 100
    duration_s: float = 300.0
    warmup_s: float = 0.0
    rate_rps: float = 1000.0
    arrivals: Arrivals = Arrivals.UNIFORM
    paired: bool = False
    connections: int = 0
    stages: tuple[Point, ...] = ()
    stage_unit: StageUnit = StageUnit.USERS
    think_s: tuple[float, float] = (0.010, 0.100)
    burst_size: int = 10
    pause_s: tuple[float, float] = (0.5, 2.0)
    ramp_s: float = 30.0
    timeout_s: float = 30.0
    connect_timeout_s: float = 10.0
    keepalive: bool = True
    tls: TlsOptions = field(default_factory=TlsOptions)
    auth: Auth | None = None
    user_agent: str = ""
    resolve: tuple[StaticName, ...] = ()
    local_addresses: tuple[str, ...] = ()
    stop_when_dead_s: float = 10.0
    allow: AllowList | None = None
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    workers: int = 0
    environment: str = "staging"
    precision: Precision = Precision.EXACT
    pin: bool = True

    def __post_init__(self) -> None:
        """Checks everything that one value can know about itself."""
        problems = [
            *_target_problems(self),
            *_choice_problems(self),
            *_number_problems(self),
            *_request_problems(self),
            *_pair_problems(self),
            *_identity_problems(self),
            *self.tls.problems(),
        ]
        if not problems:  # only a schedule that is right has a peak
            problems = self.limits.problems(
                rate_rps=self.schedule.peak if self.open_loop else 0.0,
                connections=self.pool * len(self.targets),
            )
        if problems:
            raise ConfigError(*problems)

    @property
    def targets(self) -> tuple[Target, ...]:
        """All targets; endpoints index into it."""
        return tuple(Target.parse(url) for url in (self.target, *self.further_targets))

    @property
    def requests(self) -> tuple[Endpoint, ...]:
        """The endpoints as they are sent: one or more, named, full paths, weights of sum 1."""
        targets = self.targets
        if not self.endpoints:
            own = Endpoint(
                path=targets[0].own_path,
                method=self.method,
                headers=self.headers,
                body=self.body,
                content_type=self.content_type,
                checks=self.checks,
            )
            own = dataclasses.replace(own, name=own.label)
            if not self.paired:
                return (own,)
            return tuple(
                dataclasses.replace(own, path=target.own_path, target=index, weight=0.5)
                for index, target in enumerate(targets)
            )
        total = math.fsum(endpoint.weight for endpoint in self.endpoints)
        return tuple(
            dataclasses.replace(
                endpoint,
                path=f"{targets[endpoint.target].base_path}{endpoint.path}",
                name=endpoint.label,
                headers=laid_over(self.headers, endpoint.headers),
                weight=endpoint.weight / total,
                checks=endpoint.checks or self.checks,
            )
            for endpoint in self.endpoints
        )

    @property
    def open_loop(self) -> bool:
        """True when requests are sent by a schedule of arrivals, not by users."""
        return self.pattern is Pattern.RATE or (
            self.pattern is Pattern.STAGES and self.stage_unit is StageUnit.RATE
        )

    @property
    def schedule(self) -> Schedule:
        """Users or arrivals per second over the time since the load began."""
        match self.pattern:
            case Pattern.SUSTAINED | Pattern.BURST:
                return Schedule.constant(float(self.concurrency))
            case Pattern.RATE:
                return Schedule.constant(self.rate_rps)
            case Pattern.RAMP_UP:
                return Schedule.ramp(1.0, float(self.concurrency), self.ramp_s)
            case Pattern.STAGES:
                return Schedule(points=self.stages)

    @property
    def users(self) -> int:
        """The largest number of virtual users; 0 in an open loop."""
        return 0 if self.open_loop else math.floor(self.schedule.peak + 1e-9)

    @property
    def pool(self) -> int:
        """Connections to each target, over all workers."""
        return (self.connections or self.concurrency) if self.open_loop else self.users

    @property
    def total_s(self) -> float:
        """Seconds of load: warm-up and measured time."""
        return self.warmup_s + self.duration_s

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every text of this plan that must be struck out wherever answers are shown."""
        pairs = [*self.headers, *(pair for one in self.endpoints for pair in one.headers)]
        values = [value for name, value in pairs if is_secret_header(name)]
        # "Bearer abc": a server that echoes the token echoes it without its scheme.
        words = [value.rpartition(" ")[2] for value in values]
        return (
            *(self.auth.secrets if self.auth else ()),
            *(Secret(text) for text in dict.fromkeys([*values, *words]) if text),
        )

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of everything that decides what is sent, where to and when.

        Two ways to write the same (a default port, weights 2:2 and 1:1, 10 and 10.0) give the
        same digest. Workers, pinning and precision do not count: they change how, not what;
        nor does the environment, which only names the run. Secrets do not count either: the
        digest stands in results, and a token that was renewed makes no other plan.
        """
        parts = {
            part.name: getattr(self, part.name)
            for part in dataclasses.fields(self)
            if part.name not in _NOT_IN_DIGEST
        }
        parts["tls"] = dataclasses.asdict(self.tls)
        parts["resolve"] = [dataclasses.asdict(name) for name in self.resolve]
        parts["max_rps"] = self.limits.max_rps
        if self.paired:  # so that other plans keep the digests that are on record
            parts["paired"] = True
        parts["auth"] = self.auth.header if self.auth else None
        parts["targets"] = [(one.scheme, one.host, one.port) for one in self.targets]
        parts["requests"] = [
            {**dataclasses.asdict(request), "headers": shown_headers(request.headers)}
            for request in self.requests
        ]
        return digest(parts)


_NOT_IN_DIGEST = frozenset(
    {
        *("workers", "pin", "precision", "environment", "local_addresses", "stop_when_dead_s"),
        *("allow", "limits", "auth", "tls", "resolve"),
        *("target", "further_targets", "endpoints", "method", "headers", "body", "content_type"),
        *("checks", "paired"),
    }
)
"""How, not what, in the first row; the others guard only, or stand there in another form."""


def _digits(number: float) -> str:
    """A number as people write it: all its digits, no exponent where none is needed."""
    return str(number) if isinstance(number, int) else f"{number:.15g}"


def _target_problems(plan: Plan) -> list[str]:
    problems: list[str] = []
    for url in (plan.target, *plan.further_targets):
        try:
            Target.parse(url)
        except ConfigError as error:
            problems.extend(error.problems)
    return problems


def _number_problems(plan: Plan) -> list[str]:
    """One sentence per number that is out of its range."""
    ranges: tuple[tuple[str, float, float, float], ...] = (
        ("follow", plan.follow, 0, MAX_REDIRECTS),
        ("concurrency", plan.concurrency, 1, MAX_USERS),
        ("duration", plan.duration_s, 0.1, MAX_DURATION_S),
        ("warmup", plan.warmup_s, 0, MAX_DURATION_S),
        ("rate", plan.rate_rps, MIN_RATE_RPS, MAX_RATE_RPS),
        ("connections", plan.connections, 0, MAX_USERS),
        ("burst size", plan.burst_size, 1, 1_000_000),
        ("ramp", plan.ramp_s, 0, MAX_DURATION_S),
        ("timeout", plan.timeout_s, 0.001, 3600),
        ("connect timeout", plan.connect_timeout_s, 0.001, 3600),
        ("stop when dead", plan.stop_when_dead_s, 0, MAX_DURATION_S),
        ("seed", plan.seed, 0, 2**64 - 1),
        ("workers", plan.workers, 0, 1024),
    )
    problems = [
        f"{name}: {_digits(value)} is out of range; expected {_digits(low)} to {_digits(high)}"
        for name, value, low, high in ranges
        if not low <= value <= high
    ]
    problems += [
        f"{name}: {value} is not a whole number; expected for example {max(1, round(value))}"
        for name, value, low, high in ranges
        if name in _WHOLE and low <= value <= high and not isinstance(value, int)
    ]
    for name, (low, high) in (("think", plan.think_s), ("pause", plan.pause_s)):
        if not 0 <= low <= high <= MAX_DURATION_S:
            problems.append(
                f"{name}: {low:g}s..{high:g}s is no range; expected 0 <= shortest <= longest"
            )
    if plan.pattern is Pattern.STAGES and not plan.stages:
        problems.append("stages: none given; expected for example 0:100,30s:1000,2m:1000")
    elif plan.pattern is Pattern.STAGES:
        problems.extend(_stage_problems(plan))
    return problems


def _stage_problems(plan: Plan) -> list[str]:
    limit = MAX_USERS if plan.stage_unit is StageUnit.USERS else MAX_RATE_RPS
    try:
        peak = Schedule(points=plan.stages).peak
    except ConfigError as error:
        return list(error.problems)
    if peak > limit:
        return [f"stages: level {_digits(peak)} is out of range; expected at most {_digits(limit)}"]
    least = 1 if plan.stage_unit is StageUnit.USERS else MIN_RATE_RPS
    if peak < least:
        return [f"stages: the level never reaches {least:g}, so nothing would be sent"]
    return []


def _choice_problems(plan: Plan) -> list[str]:
    """A plain string would compare equal to a member and still not be it."""
    choices = (
        ("pattern", plan.pattern, Pattern),
        ("arrivals", plan.arrivals, Arrivals),
        ("stage unit", plan.stage_unit, StageUnit),
        ("precision", plan.precision, Precision),
        ("tls min", plan.tls.minimum, TlsVersion),
    )
    return [
        f"{name}: {chosen!r} is not one of "
        + ", ".join(f"{kind.__name__}.{member.name}" for member in kind)
        for name, chosen, kind in choices
        if not isinstance(chosen, kind)
    ]


def _request_problems(plan: Plan) -> list[str]:
    targets = 1 + len(plan.further_targets)
    problems = mix_problems(plan.endpoints, targets=targets, paired=plan.paired)
    if not plan.endpoints:
        problems += method_problems(plan.method)
        problems += check_problems(plan.checks)
    headers = [*plan.headers, *(pair for endpoint in plan.endpoints for pair in endpoint.headers)]
    return problems + header_problems(headers)


def _pair_problems(plan: Plan) -> list[str]:
    """What keeps requests from being sent in pairs."""
    if not plan.paired:
        return []
    problems = []
    if not plan.open_loop:
        problems.append(
            f"paired: found pattern {plan.pattern} with users, expected a rate: who waits for one "
            "side's answer would send less to the other"
        )
    targets = 1 + len(plan.further_targets)
    if targets != 2:
        problems.append(f"paired: found {targets} target(s), expected two (the same twice is fine)")
    return problems + pair_problems(plan.endpoints)


def _identity_problems(plan: Plan) -> list[str]:
    """Who we are to the target: credentials, names and addresses."""
    problems: list[str] = []
    named = {name.lower() for name, _ in plan.headers}
    if plan.auth is not None and plan.auth.header.lower() in named:
        problems.append(f"auth: found with a header {plan.auth.header}, expected one of them")
    if "user-agent" in named and plan.user_agent:
        problems.append("user agent: found with a header User-Agent, expected one of them")
    problems += header_problems(
        [("User-Agent", plan.user_agent), ("Content-Type", plan.content_type)]
    )
    for address in plan.local_addresses:
        try:
            check_ip(address)
        except ConfigError as error:
            problems += [f"local address: {problem}" for problem in error.problems]
    return problems
