"""What a live shadow test is asked to be: values, read from the texts of its options. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from loadgen.errors import ConfigError
from loadgen.listening import parse_listen
from loadgen.target.delay import parse_share
from loadgen.target_url import Target
from loadgen.tls import TlsOptions
from loadgen.units import UnitError, parse_count, parse_duration, parse_rate
from rollout.shadow.live.selection import Selection

__all__ = ["Limits", "LiveSettings"]

T = TypeVar("T")

MAX_PROCESSES: Final = 256
MAX_CONCURRENCY: Final = 10_000
MAX_MEMORY_BYTES: Final = 1 << 40
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the mirror may cost.

    Attributes:
        rate_rps: requests a second to the canary at most.
        concurrency: requests that wait for the canary's answer at once.
        timeout_s: longest wait for an answer of the canary.
        body_bytes: of a request or an answer, its head included; what is larger is passed
            through and not mirrored.
        memory_bytes: held for the mirror, over all processes: half of it by exchanges that
            are not whole yet, the rest by what waits between processes. Answers of the canary
            that are under way come on top, at most `concurrency` times `body_bytes`.
    """

    rate_rps: float = 1_000.0
    concurrency: int = 64
    timeout_s: float = 10.0
    body_bytes: int = _MIB // 4
    memory_bytes: int = 256 * _MIB

    @property
    def captures_bytes(self) -> int:
        """Of exchanges that are not whole, in all proxies."""
        return self.memory_bytes // 2

    @property
    def channels_bytes(self) -> int:
        """Of what waits between proxies and mirror, in all proxies."""
        return self.memory_bytes // 8

    @property
    def queue_bytes(self) -> int:
        """Of what waits in the mirror."""
        return self.memory_bytes // 8

    @property
    def outlet_bytes(self) -> int:
        """Of what waits between mirror and comparison."""
        return self.memory_bytes // 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """A live shadow test.

    Attributes:
        host: to listen on, IPv6 without brackets; "" means every IPv4 address.
        port: to listen on; 0 takes a free one.
        production: where clients' requests go.
        canary: where copies go.
        baseline: a second instance of the production version that gets copies, too.
        selection: which requests are mirrored.
        limits: of the mirror.
        processes: proxies that share the port.
        own_host: canary and baseline get the host of their own URL in the Host header, instead
            of the client's.
        tls: how https sides are spoken to.
        duration_s: how long to serve; None: until a stop is asked for.
        grace_s: how long requests under way may take at the end.
    """

    host: str = ""
    port: int = 8080
    production: Target
    canary: Target
    baseline: Target | None = None
    selection: Selection = field(default_factory=Selection)
    limits: Limits = field(default_factory=Limits)
    processes: int = 1
    own_host: bool = False
    tls: TlsOptions = field(default_factory=TlsOptions)
    duration_s: float | None = None
    grace_s: float = 10.0

    @property
    def sides(self) -> tuple[Target, ...]:
        """Production, canary, and the baseline if there is one."""
        return (self.production, self.canary, *filter(None, (self.baseline,)))

    @classmethod
    def parse(
        cls,
        *,
        listen: str,
        production_url: str,
        canary_url: str,
        baseline_url: str = "",
        sample: str = "100%",
        methods: str = "",
        idempotency_header: str = "",
        processes: str = "1",
        rate_limit: str = "1000",
        concurrency_limit: str = "64",
        timeout: str = "10s",
        body_limit: str = "256k",
        memory_limit: str = "256M",
        duration: str = "",
        own_host: bool = False,
        cacert: str = "",
        insecure: bool = False,
    ) -> LiveSettings:
        """Reads the options as they stand on the command line; "" means not given.

        Raises:
            ConfigError: with every mistake at once, each naming its option.
        """
        problems: list[str] = []

        def read(option: str, parse: Callable[[str], T], text: str, otherwise: T) -> T:
            try:
                return parse(text)
            except UnitError as error:
                problems.append(f"--{option}: {error}")
            except ConfigError as error:
                problems.extend(f"--{option}: {problem}" for problem in error.problems)
            return otherwise

        nowhere = Target(scheme="http", host="", port=0)
        host, port = read("listen", parse_listen, listen, ("", 0))
        limits = Limits(
            rate_rps=read("rate-limit", _rate_rps, rate_limit, 1.0),
            concurrency=read("concurrency-limit", _concurrency, concurrency_limit, 1),
            timeout_s=read("timeout", _duration_s, timeout, 1.0),
            body_bytes=read("body-limit", _bytes, body_limit, 1),
            memory_bytes=read("memory-limit", _bytes, memory_limit, 1),
        )
        ratio = read("sample", parse_share, sample, 1.0)
        names = frozenset(name.strip().upper() for name in methods.split(",") if name.strip())
        selection = Selection(sample_ratio=ratio)
        try:
            selection = Selection(
                sample_ratio=ratio, methods=names, idempotency_header=idempotency_header
            )
        except ConfigError as error:
            problems.extend(error.problems)
        settings = cls(
            host=host,
            port=port,
            production=read("production-url", _server, production_url, nowhere),
            canary=read("canary-url", _server, canary_url, nowhere),
            baseline=read("baseline-url", _server, baseline_url, nowhere) if baseline_url else None,
            selection=selection,
            limits=limits,
            processes=read("processes", _processes, processes, 1),
            own_host=own_host,
            tls=TlsOptions(verify=not insecure, ca_file=cacert),
            duration_s=read("duration", _duration_s, duration, 1.0) if duration else None,
        )
        if problems:
            raise ConfigError(*problems)
        return settings


def _server(text: str) -> Target:
    """A server: clients say which path."""
    target = Target.parse(text)
    if target.own_path != "/":
        raise ConfigError(
            f"found {text!r}, expected a server without a path: clients say the path; "
            f"use {target.url.removesuffix(target.own_path)}"
        )
    return target


def _processes(text: str) -> int:
    return parse_count(text, low=1, high=MAX_PROCESSES)


def _concurrency(text: str) -> int:
    return parse_count(text, low=1, high=MAX_CONCURRENCY)


def _rate_rps(text: str) -> float:
    return parse_rate(text, low_rps=0.001)


def _duration_s(text: str) -> float:
    return parse_duration(text, low_s=0.001)


def _bytes(text: str) -> int:
    return parse_count(text, low=1, high=MAX_MEMORY_BYTES)
