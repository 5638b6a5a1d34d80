"""What a target is asked to be: values, read from the texts of its options. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from loadgen.errors import ConfigError
from loadgen.listening import parse_listen
from loadgen.target.counters import OTHER, PATHS
from loadgen.target.delay import AT_ONCE, Delay, parse_delay, parse_share
from loadgen.target.stall import Stall
from loadgen.units import UnitError, parse_count

__all__ = ["Behaviour", "Settings"]

MAX_PROCESSES = 256
MAX_BODY_BYTES = 100_000_000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How the target answers.

    Attributes:
        latency: how long each answer waits, from the request's last byte.
        slow: a path whose answers wait otherwise, and how long; None for none.
        error_share: 0..1 of the requests are answered 500, drawn at random.
        stall: when nothing is answered, the same instants in all processes.
        chunked: bodies are sent in chunks.
        body_bytes: size of every 200's body; None for the endpoints' own.
        seed: decides every random draw, together with the process's index.
    """

    latency: Delay = AT_ONCE
    slow: tuple[str, Delay] | None = None
    error_share: float = 0.0
    stall: Stall | None = None
    chunked: bool = False
    body_bytes: int | None = None
    seed: int = 0

    @property
    def waits(self) -> bool:
        """Some answers do not go out at once."""
        return self.latency != AT_ONCE or self.slow is not None or self.stall is not None

    def latency_of(self, path: str) -> Delay:
        """How long the answers of a path wait."""
        return self.slow[1] if self.slow and self.slow[0] == path else self.latency


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A target: where it listens, with how many processes, how it answers.

    Attributes:
        host: name or address, IPv6 without brackets; "" means every IPv4 address.
        port: 0 takes a free one.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = 1
    behaviour: Behaviour = Behaviour()

    @classmethod
    def parse(
        cls,
        *,
        listen: str = "127.0.0.1:8000",
        processes: str = "1",
        latency: str = "0",
        slow: str = "",
        error_rate: str = "0",
        stall: str = "",
        chunked: bool = False,
        body_size: str = "",
        seed: str = "0",
    ) -> Settings:
        """Reads the options as they stand on the command line; "" means not given.

        Raises:
            ConfigError: with every mistake at once, each naming its option.
        """
        problems: list[str] = []

        def read(option: str, parse: Callable[[str], _T], text: str, otherwise: _T) -> _T:
            try:
                return parse(text)
            except UnitError as error:
                problems.append(f"--{option}: {error}")
                return otherwise

        host, port = read("listen", parse_listen, listen, ("", 0))
        behaviour = Behaviour(
            latency=read("latency", parse_delay, latency, AT_ONCE),
            slow=read("slow", _slow, slow, None) if slow else None,
            error_share=read("error-rate", parse_share, error_rate, 0.0),
            stall=read("stall", Stall.parse, stall, None) if stall else None,
            chunked=chunked,
            body_bytes=read("body-size", _body_bytes, body_size, 0) if body_size else None,
            seed=read("seed", parse_count, seed, 0),
        )
        count = read("processes", _processes, processes, 1)
        if problems:
            raise ConfigError(*problems)
        return cls(host=host, port=port, processes=count, behaviour=behaviour)


def _slow(text: str) -> tuple[str, Delay]:
    path, sign, delay = text.partition("=")
    if not sign or path not in PATHS or path == OTHER:
        raise UnitError(
            f"found {text!r}, expected a path of the target and its latency, such as "
            "/api/search=50ms"
        )
    return path, parse_delay(delay)


def _processes(text: str) -> int:
    return parse_count(text, low=1, high=MAX_PROCESSES)


def _body_bytes(text: str) -> int:
    return parse_count(text, high=MAX_BODY_BYTES)
