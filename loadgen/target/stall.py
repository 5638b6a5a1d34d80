"""When the target stalls: the arithmetic of a periodic pause. Pure; time is an argument.

A period ends with its stall, so that any whole number of periods holds the same stalled
time wherever it begins:  every 10 s, for 1 s  =  stalled in [9, 10), [19, 20), [29, 30) ...
"""

from __future__ import annotations

from dataclasses import dataclass

from loadgen.units import UnitError, parse_duration

__all__ = ["Stall"]

_A_STALL = "a stall such as every:10s,for:1s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A pause that comes again and again; all times since the server's start.

    Attributes:
        every_ns: length of a period.
        for_ns: length of the stall at its end.

    Raises:
        UnitError: at construction, unless 0 < for_ns < every_ns.
    """

    every_ns: int
    for_ns: int

    def __post_init__(self) -> None:
        """Checks that there is a pause and that it ends."""
        if not 0 < self.for_ns < self.every_ns:
            raise UnitError(
                f"found a stall of {self.for_ns / 1e9:g}s in every {self.every_ns / 1e9:g}s, "
                "expected one longer than 0 and shorter than its period"
            )

    @classmethod
    def parse(cls, text: str) -> Stall:
        """Reads "every:10s,for:1s", in either order.

        Raises:
            UnitError: not a stall.
        """
        pairs = [part.strip().partition(":") for part in text.split(",")]
        if sorted(name for name, _, _ in pairs) != ["every", "for"]:
            raise UnitError(f"found {text!r}, expected {_A_STALL}")
        length_ns = {name: round(parse_duration(length) * 1e9) for name, _, length in pairs}
        return cls(every_ns=length_ns["every"], for_ns=length_ns["for"])

    def release_ns(self, at_ns: int) -> int:
        """The earliest time from at_ns on at which something may be answered."""
        phase_ns = at_ns % self.every_ns
        if phase_ns < self.every_ns - self.for_ns:
            return at_ns
        return at_ns - phase_ns + self.every_ns

    def begun(self, until_ns: int, since_ns: int = 0) -> int:
        """How many stalls began in (since_ns, until_ns]."""
        return self._begun_by(until_ns) - self._begun_by(since_ns)

    def _begun_by(self, at_ns: int) -> int:
        return (at_ns + self.for_ns) // self.every_ns
