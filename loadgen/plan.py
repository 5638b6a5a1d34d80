"""The plan of a run: what is sent, where to, how often, for how long. Values only.

A Plan is complete and checked when it exists; nothing in it changes afterwards. Times are
seconds (`_s`), rates requests per second (`_rps`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from loadgen.errors import ConfigError
from loadgen.schedule import Point, Schedule

__all__ = ["Arrivals", "Endpoint", "Pattern", "Plan", "Precision", "StageUnit", "Target"]

DEFAULT_TARGET = "http://localhost:8000"
MAX_USERS = 1_000_000
MAX_RATE_RPS = 10_000_000.0
MAX_DURATION_S = 30 * 86_400.0
IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})
"""RFC 9110 section 9.2.2: may be repeated when the server closed an idle connection."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PATH = re.compile(r"/[!-\"$-~]*")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_FRAMING = frozenset({"content-length", "transfer-encoding"})


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
    """EXACT spins to hit a due send within microseconds; CPU sleeps and saves the core."""

    EXACT = "exact"
    CPU = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server under test.

    Attributes:
        scheme: "http" (later also "https").
        host: name or address, IPv6 without brackets.
        port: 1..65535.
        path: path of the URL as given, "/" when it has none.
        query: query of the URL without "?", used only when the plan has no endpoints.
    """

    scheme: str
    host: str
    port: int
    path: str = "/"
    query: str = ""

    @classmethod
    def parse(cls, url: str) -> Target:
        """Reads a URL.

        Raises:
            ConfigError: says what is wrong with the URL and shows one that is right.
        """
        example = "expected for example http://localhost:8000"
        text = url.strip()
        if not text:
            raise ConfigError(f"target: the URL is empty; {example}")
        if any(ch.isspace() or ord(ch) < 0x21 or ord(ch) == 0x7F for ch in text):
            raise ConfigError(f"target: {url!r} has white space in it; {example}")
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise ConfigError(f"target: {url!r} is not a URL: {error}; {example}") from None
        return cls._from_parts(url, parts, port, example)

    @classmethod
    def _from_parts(cls, url: str, parts: SplitResult, port: int | None, example: str) -> Target:
        if "://" not in url:
            raise ConfigError(
                f"target: {url!r} has no scheme; did you mean http://{url.lstrip('/')} ?"
            )
        if parts.scheme == "https":
            raise ConfigError(
                f"target: {url!r}: https is not supported by this version; use http://"
            )
        if parts.scheme != "http":
            raise ConfigError(
                f"target: {url!r}: scheme {parts.scheme!r} is not supported; use http://"
            )
        if not parts.hostname:
            raise ConfigError(f"target: {url!r} has no host; {example}")
        if parts.username is not None or parts.password is not None:
            raise ConfigError(
                f"target: the URL for {parts.hostname} carries a user name or password; "
                "send them with -H 'Authorization: ...' instead"
            )
        if parts.fragment:
            raise ConfigError(
                f"target: {url!r}: a fragment (#{parts.fragment}) is never sent to a server; remove it"
            )
        if port == 0:
            raise ConfigError(f"target: {url!r}: port 0 cannot be connected to; use 1 to 65535")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=port if port is not None else 80,
            path=parts.path or "/",
            query=parts.query,
        )

    @property
    def authority(self) -> str:
        """What the Host header says (RFC 9112 section 3.2): the default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 80 else f"{host}:{self.port}"

    @property
    def base_path(self) -> str:
        """What stands before every endpoint's path: "" or "/..." without a final slash."""
        return self.path.rstrip("/")

    @property
    def own_path(self) -> str:
        """The path with its query: what is asked for when a plan has no endpoints."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def url(self) -> str:
        """The target as a URL that people read."""
        own = self.own_path
        return f"{self.scheme}://{self.authority}{'' if own == '/' else own}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One kind of request, with statistics of its own.

    Attributes:
        path: "/..." with its query, appended to the target's base path.
        weight: share of the traffic, relative to the sum of all weights; >= 0.
        name: what reports call it; unique in a plan. Default: the path, with the method
            in front unless it is GET.
        headers: (name, value) pairs sent besides the plan's own.
        target: index into Plan.targets.
    """

    path: str
    method: str = "GET"
    weight: float = 1.0
    name: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    target: int = 0

    @property
    def label(self) -> str:
        """The name, or what stands for it."""
        if self.name:
            return self.name
        return self.path if self.method == "GET" else f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides what a run does.

    Attributes:
        target: URL of the server under test.
        further_targets: URLs of more servers fed by the same workers in the same seconds.
        endpoints: empty means one request: `method`, `headers` and `body` to the target's own path.
        concurrency: virtual users (closed loop).
        duration_s: measured seconds; warm-up comes before and is not part of it.
        warmup_s: the first seconds of the load, sent but not measured.
        rate_rps: arrivals per second (pattern `rate`).
        connections: the open loop's pool per target; 0 means as many as `concurrency`.
        stages: (seconds since the load began, level), ascending (pattern `stages`).
        think_s: bounds of the random pause between a user's requests.
        burst_size: requests back to back (pattern `burst`).
        pause_s: bounds of the random pause between bursts (pattern `burst`).
        ramp_s: seconds from one user to all (pattern `ramp-up`).
        timeout_s: longest wait for an answer, from the send.
        connect_timeout_s: longest wait for a connection.
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
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    pattern: Pattern = Pattern.SUSTAINED
    concurrency: int = 100
    duration_s: float = 300.0
    warmup_s: float = 0.0
    rate_rps: float = 1000.0
    arrivals: Arrivals = Arrivals.UNIFORM
    connections: int = 0
    stages: tuple[Point, ...] = ()
    stage_unit: StageUnit = StageUnit.USERS
    think_s: tuple[float, float] = (0.010, 0.100)
    burst_size: int = 10
    pause_s: tuple[float, float] = (0.5, 2.0)
    ramp_s: float = 30.0
    timeout_s: float = 30.0
    connect_timeout_s: float = 10.0
    seed: int = 0
    workers: int = 0
    environment: str = "staging"
    precision: Precision = Precision.EXACT
    pin: bool = True

    def __post_init__(self) -> None:
        """Checks everything that one value can know about itself."""
        problems = [*_target_problems(self), *_number_problems(self), *_request_problems(self)]
        if problems:
            raise ConfigError(*problems)

    @property
    def targets(self) -> tuple[Target, ...]:
        """All targets; endpoints index into it."""
        return tuple(Target.parse(url) for url in (self.target, *self.further_targets))

    @property
    def requests(self) -> tuple[Endpoint, ...]:
        """The endpoints as they are sent: never empty, full paths, weights adding up to 1."""
        targets = self.targets
        if not self.endpoints:
            own = targets[0].own_path
            return (Endpoint(path=own, method=self.method, headers=self.headers, body=self.body),)
        total = math.fsum(endpoint.weight for endpoint in self.endpoints)
        return tuple(
            dataclasses.replace(
                endpoint,
                path=f"{targets[endpoint.target].base_path}{endpoint.path}",
                name=endpoint.label,
                headers=(*self.headers, *endpoint.headers),
                weight=endpoint.weight / total,
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
    def digest(self) -> str:
        """SHA-256 (hex) of everything that decides what is sent and when.

        The number of workers, pinning and precision do not: they change how, not what.
        """
        parts = dataclasses.asdict(self)
        for how in ("workers", "pin", "precision", "environment"):
            del parts[how]
        text = json.dumps(parts, sort_keys=True, default=lambda value: value.hex())
        return hashlib.sha256(text.encode()).hexdigest()


def _target_problems(plan: Plan) -> list[str]:
    problems = []
    for url in (plan.target, *plan.further_targets):
        try:
            Target.parse(url)
        except ConfigError as error:
            problems.extend(error.problems)
    return problems


def _number_problems(plan: Plan) -> list[str]:
    """One sentence per number that is out of its range."""
    ranges: tuple[tuple[str, float, float, float], ...] = (
        ("concurrency", plan.concurrency, 1, MAX_USERS),
        ("duration", plan.duration_s, 0.1, MAX_DURATION_S),
        ("warmup", plan.warmup_s, 0, MAX_DURATION_S),
        ("rate", plan.rate_rps, 0.001, MAX_RATE_RPS),
        ("connections", plan.connections, 0, MAX_USERS),
        ("burst size", plan.burst_size, 1, 1_000_000),
        ("ramp", plan.ramp_s, 0, MAX_DURATION_S),
        ("timeout", plan.timeout_s, 0.001, 3600),
        ("connect timeout", plan.connect_timeout_s, 0.001, 3600),
        ("seed", plan.seed, 0, 2**64 - 1),
        ("workers", plan.workers, 0, 1024),
    )
    problems = [
        f"{name}: {value:g} is out of range; expected {low:g} to {high:g}"
        for name, value, low, high in ranges
        if not low <= value <= high
    ]
    for name, (low, high) in (("think", plan.think_s), ("pause", plan.pause_s)):
        if not 0 <= low <= high <= MAX_DURATION_S:
            problems.append(f"{name}: {low:g}s..{high:g}s is no range; expected 0 <= shortest <= longest")
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
        return [f"stages: level {peak:g} is out of range; expected at most {limit:g}"]
    if peak < (1 if plan.stage_unit is StageUnit.USERS else 0.001):
        return ["stages: the level never rises above 0, so nothing would be sent"]
    return []


def _request_problems(plan: Plan) -> list[str]:
    problems = []
    if plan.endpoints and math.fsum(endpoint.weight for endpoint in plan.endpoints) <= 0:
        problems.append("endpoints: all weights are zero, so nothing would be sent; give one a weight above 0")
    labels = [endpoint.label for endpoint in plan.endpoints]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        problems.append(f"endpoints: {label!r} stands there twice; give each a name of its own")
    targets = 1 + len(plan.further_targets)
    for endpoint in plan.endpoints or (Endpoint(path="/", method=plan.method),):
        problems.extend(f"endpoint {endpoint.label!r}: {text}" for text in _endpoint_problems(endpoint, targets))
    headers = [*plan.headers, *(pair for endpoint in plan.endpoints for pair in endpoint.headers)]
    problems.extend(_header_problems(headers))
    return problems


def _endpoint_problems(endpoint: Endpoint, targets: int) -> list[str]:
    problems = []
    if not _TOKEN.fullmatch(endpoint.method):
        problems.append(f"method {endpoint.method!r} is not a method; expected for example GET or POST")
    elif endpoint.method == "CONNECT":
        problems.append("method CONNECT opens a tunnel and cannot be load-tested; use GET or POST")
    if not _PATH.fullmatch(endpoint.path):
        problems.append(
            f"path {endpoint.path!r} cannot be sent; expected it to start with / and to have "
            "white space, # and other than ASCII percent-encoded"
        )
    if not 0 <= endpoint.weight < math.inf:
        problems.append(f"weight {endpoint.weight:g} is out of range; expected 0 or more")
    if not 0 <= endpoint.target < targets:
        problems.append(f"target {endpoint.target} does not exist; there are {targets}")
    return problems


def _header_problems(headers: list[tuple[str, str]]) -> list[str]:
    problems = []
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            problems.append(f"header {name!r} is not a header name; expected for example X-Request-Id")
        elif name.lower() in _FRAMING:
            problems.append(f"header {name!r} is set by the body that is sent; remove it")
        elif not _VALUE.fullmatch(value):
            problems.append(f"header {name!r}: the value has a line break or control character in it")
    return problems
