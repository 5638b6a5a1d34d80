"""What the life of a request writes into the slot, by the rules of `_ext/lg_record.c`.

Counters are written at once, times in batches (`flush`): a call into the histogram per request
would cost more than the request's own bookkeeping.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from loadgen._merge import init, record
from loadgen.arena import ERROR_CLASSES
from slo.histogram import COARSE_BITS, FINE_BITS

if TYPE_CHECKING:
    from loadgen.arena import Arena

__all__ = ["Recorder", "Turn"]

LATE_NS = 1_000_000
FAILS_FROM = 400
"""RFC 9110 section 15: the classes of errors."""
_BITS = {
    "response": FINE_BITS,
    "service": COARSE_BITS,
    "ttfb": COARSE_BITS,
    "connect": COARSE_BITS,
    "tls": COARSE_BITS,
    "lag": COARSE_BITS,
}
_CLASS = {name: index for index, name in enumerate(ERROR_CLASSES)}


@dataclass(slots=True, kw_only=True)
class Turn:
    """One request on its way. Times are monotonic nanoseconds.

    Attributes:
        warmup: it is of the warm-up, and leaves nothing but its outcome.
        begun: it is counted as sent.
        sent_ns: when it was last sent; 0: not yet.
    """

    endpoint: int
    intended_ns: int
    warmup: bool
    begun: bool = False
    sent_ns: int = 0


class Recorder:
    """Writes a worker's slot, as its only writer.

    Attributes:
        in_flight: requests that were begun and have no outcome yet.
    """

    def __init__(self, arena: Arena, slot: int) -> None:
        """Makes the slot's histograms, empty."""
        self.in_flight = 0
        self._slot = arena.slots[slot : slot + 1]
        self._stats = arena.slots["endpoints"][slot]
        self._memory = arena.memory
        self._own_lag_offset = int(arena.own_lag_offsets()[slot])
        self._offsets = {field: arena.histogram_offsets(field)[slot].tolist() for field in _BITS}
        self._pending: defaultdict[int, list[int]] = defaultdict(list)
        init(arena.memory, self._own_lag_offset, COARSE_BITS)
        for field, bits in _BITS.items():
            for offset in self._offsets[field]:
                init(arena.memory, offset, bits)
        self._stats["fails_from"] = FAILS_FROM

    def begun(self, turn: Turn) -> None:
        """A request is to be sent, over a new connection if need be."""
        turn.begun = True
        self.in_flight += 1
        self._count("warmup_sent" if turn.warmup else "sent", turn.endpoint)

    def abandoned(self) -> None:
        """A request whose connection was given up at the end stays without an outcome."""
        self.in_flight -= 1

    def connected(self, endpoint: int, took_ns: int) -> None:
        """TCP stands."""
        self._count("connects", endpoint)
        self._time("connect", endpoint, took_ns)

    def secured(self, endpoint: int, took_ns: int) -> None:
        """TLS stands."""
        self._time("tls", endpoint, took_ns)

    def refused(self, verify_code: int) -> None:
        """A certificate was not accepted: keeps the first X509_V_ERR_*."""
        if not self._slot["refused_certificate"][0]:
            self._slot["refused_certificate"] = verify_code

    def sent(self, turn: Turn, free_ns: int) -> None:
        """A request is sent for the first time.

        Args:
            turn: with its sent_ns.
            free_ns: since when its connection could have taken it.
        """
        if turn.warmup:
            return
        lag_ns = max(0, turn.sent_ns - turn.intended_ns)
        self._time("lag", turn.endpoint, lag_ns)
        if lag_ns > LATE_NS:
            self._count("late", turn.endpoint)
        if free_ns - turn.intended_ns > LATE_NS:
            self._slot["waited"] += 1
        own_lag_ns = turn.sent_ns - max(turn.intended_ns, free_ns)
        self._pending[self._own_lag_offset].append(max(0, own_lag_ns))

    def answered(self, turn: Turn, status: int, first_ns: int, now_ns: int) -> None:
        """A whole answer is there.

        Args:
            turn: with its sent_ns.
            status: of the answer.
            first_ns: when its first byte came.
            now_ns: when its last byte came.
        """
        self.in_flight -= 1
        outcome = "succeeded" if status < FAILS_FROM else "failed"
        if turn.warmup:
            self._count(f"warmup_{outcome}", turn.endpoint)
            return
        self._times(turn, now_ns)
        self._time("ttfb", turn.endpoint, first_ns - turn.sent_ns)
        self._count(outcome, turn.endpoint)
        self._stats["status"][turn.endpoint, status] += 1

    def failed(self, turn: Turn, error_class: str, now_ns: int) -> None:
        """There is no usable answer.

        Args:
            turn: the request.
            error_class: one of ERROR_CLASSES.
            now_ns: when that was known.
        """
        self.in_flight -= 1
        if turn.warmup:
            self._count("warmup_failed", turn.endpoint)
            return
        if error_class == "timeout":
            self._times(turn, now_ns)
        self._stats["errors"][turn.endpoint, _CLASS[error_class]] += 1
        self._count("failed", turn.endpoint)

    def noted(self, counter: str, turn: Turn, n: int = 1) -> None:
        """Something else happened to a request.

        Args:
            counter: "reconnects", "surplus", "bytes_sent" or "bytes_received".
            turn: the request.
            n: how much of it.
        """
        if not turn.warmup:
            self._count(counter, turn.endpoint, n)

    def dropped(self, endpoint: int, *, busy: bool) -> None:
        """An arrival of the measured time was never sent.

        Args:
            endpoint: that it was for.
            busy: every connection was busy at the end.
        """
        self._count("dropped", endpoint)
        self._slot["dropped_busy"] += busy

    def flush(self) -> None:
        """Records the times that have come together."""
        for offset, values in self._pending.items():
            if values:
                record(self._memory, offset, np.array(values, np.uint64))
                values.clear()

    def _count(self, counter: str, endpoint: int, n: int = 1) -> None:
        self._stats[counter][endpoint] += n

    def _times(self, turn: Turn, now_ns: int) -> None:
        self._time("response", turn.endpoint, now_ns - turn.intended_ns)
        self._time("service", turn.endpoint, now_ns - turn.sent_ns)

    def _time(self, field: str, endpoint: int, took_ns: int) -> None:
        self._pending[self._offsets[field][endpoint]].append(max(0, took_ns))
