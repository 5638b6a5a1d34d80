"""The shared memory between the coordinator and its workers, as NumPy sees it.

The layout is described in `_ext/lg_layout.h` and mirrored here as structured dtypes; a
test holds the two equal, field by field. All times are monotonic nanoseconds.
"""

from __future__ import annotations

import mmap
import os
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from loadgen.errors import LayoutError
from slo.histogram import COARSE_BITS, FINE_BITS, bucket_count

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    import numpy.typing as npt

__all__ = [
    "CHECK_KINDS",
    "CONTROL",
    "ENDPOINT_STATS",
    "ERROR_CLASSES",
    "FAILED_ANSWER",
    "FAILED_ANSWERS",
    "HISTOGRAM_HEAD",
    "LAYOUT_VERSION",
    "MAGIC",
    "SAMPLE_BYTES",
    "STATUS_CODES",
    "Arena",
    "WorkerState",
    "slot_dtype",
]

MAGIC = int.from_bytes(b"L0ADGEN1", "little")
LAYOUT_VERSION = 2
STATUS_CODES = 600
"""Answers are counted at the index of their status code; 100..599 are used."""

ERROR_CLASSES = (
    "connect_refused",
    "connect_timeout",
    "connect_reset",
    "connect_unreachable",
    "connect_no_files",
    "connect_no_ports",
    "connect_failed",
    "tls_certificate",
    "tls_protocol",
    "tls_timeout",
    "timeout",
    "reset",
    "closed",
    "protocol",
    "header_too_large",
    "check",
)
"""Why a request failed without a usable answer, in the order of `_ext/lg_errors.h`."""

CHECK_KINDS = (
    "status",
    "header_missing",
    "header_value",
    "body_lacks",
    "body_has",
    "body_small",
    "body_large",
    "body_encoded",
)
"""Why an answer failed its check, in the order of `_ext/lg_check.h`."""
FAILED_ANSWERS = 3
"""Answers that failed their check, kept per worker."""
SAMPLE_BYTES = 1024
"""Of the body of each of them."""


class WorkerState(IntEnum):
    """Where a worker is."""

    NEW = 0
    READY = 1
    RUNNING = 2
    DRAINING = 3
    DONE = 4


HISTOGRAM_HEAD = np.dtype(
    [
        ("count", np.uint64),
        ("sum_ns", np.uint64),
        ("min_ns", np.uint64),
        ("max_ns", np.uint64),
        ("saturated", np.uint64),
        ("bits", np.uint32),
        ("buckets", np.uint32),
        ("lo", np.uint32),
        ("hi", np.uint32),
        ("reserved", np.uint64),
    ],
    align=True,
)
"""What stands before the counts of a histogram (`struct lg_hist`)."""

CONTROL = np.dtype(
    [
        ("magic", np.uint64),
        ("version", np.uint32),
        ("workers", np.uint32),
        ("endpoints", np.uint32),
        ("stop", np.uint32),
        ("slot_bytes", np.uint64),
        ("start_ns", np.uint64),
        ("end_ns", np.uint64),
        ("reserved", np.uint64, 2),
    ],
    align=True,
)
"""What the coordinator tells the workers (`struct lg_control`)."""

_FINE_COUNTS = (np.uint64, bucket_count(FINE_BITS))
_COARSE_COUNTS = (np.uint64, bucket_count(COARSE_BITS))

ENDPOINT_STATS = np.dtype(
    [
        ("sent", np.uint64),
        ("succeeded", np.uint64),
        ("failed", np.uint64),
        ("late", np.uint64),
        ("dropped", np.uint64),
        ("reconnects", np.uint64),
        ("surplus", np.uint64),
        ("connects", np.uint64),
        ("bytes_sent", np.uint64),
        ("bytes_received", np.uint64),
        ("warmup_sent", np.uint64),
        ("warmup_succeeded", np.uint64),
        ("warmup_failed", np.uint64),
        ("followed", np.uint64),
        ("fails_from", np.uint64),
        ("reserved", np.uint64),
        ("errors", np.uint64, len(ERROR_CLASSES)),
        ("status", np.uint64, STATUS_CODES),
        ("checks", np.uint64, len(CHECK_KINDS)),
        ("response", HISTOGRAM_HEAD),
        ("response_counts", *_FINE_COUNTS),
        ("service", HISTOGRAM_HEAD),
        ("service_counts", *_COARSE_COUNTS),
        ("ttfb", HISTOGRAM_HEAD),
        ("ttfb_counts", *_COARSE_COUNTS),
        ("connect", HISTOGRAM_HEAD),
        ("connect_counts", *_COARSE_COUNTS),
        ("tls", HISTOGRAM_HEAD),
        ("tls_counts", *_COARSE_COUNTS),
        ("lag", HISTOGRAM_HEAD),
        ("lag_counts", *_COARSE_COUNTS),
    ],
    align=True,
)
"""What one endpoint's requests came to, as counted by one worker (`struct lg_endpoint_stats`)."""

FAILED_ANSWER = np.dtype(
    [
        ("body_bytes", np.uint64),
        ("endpoint", np.uint32),
        ("status", np.uint16),
        ("kind", np.uint16),
        ("index", np.uint16),
        ("len", np.uint16),
        ("reserved", np.uint32),
        ("body", np.uint8, SAMPLE_BYTES),
    ],
    align=True,
)
"""An answer that failed its check (`struct lg_failed_answer`)."""

_SLOT_HEAD: list[tuple[Any, ...]] = [
    ("state", np.uint32),
    ("cpu", np.int32),
    ("pid", np.uint64),
    ("users", np.uint64),
    ("in_flight", np.uint64),
    ("connections", np.uint64),
    ("loops", np.uint64),
    ("spin_ns", np.uint64),
    ("cpu_ns", np.uint64),
    ("alive_ns", np.uint64),
    ("gap_ns", np.uint64),
    ("gaps_ns", np.uint64),
    ("ended_ns", np.uint64),
    ("waited", np.uint64),
    ("dropped_busy", np.uint64),
    ("refused_certificate", np.uint64),
    ("tls_error", np.uint64),
    ("own_lag", HISTOGRAM_HEAD),
    ("own_lag_counts", *_COARSE_COUNTS),
    ("failed_answers", np.uint64),
    ("held", np.uint64),
    ("reserved", np.uint64, 5),
    ("failed_answer", FAILED_ANSWER, FAILED_ANSWERS),
]


def slot_dtype(endpoints: int) -> np.dtype[np.void]:
    """A worker's slot (`struct lg_slot`) with its endpoints, shape (endpoints,)."""
    return np.dtype([*_SLOT_HEAD, ("endpoints", ENDPOINT_STATS, (endpoints,))], align=True)


class Arena:
    """A control block and one slot per worker, in memory that has no name.

    It is inherited through its file descriptor and is gone when the last process that
    holds it ends, however it ends. Pages that nobody touched take no memory.

    Attributes:
        fd: the memory's file descriptor; hand it to workers with `pass_fds`.
        memory: all of it, writable; what the engine is given.
        control: 0-d view of CONTROL. The coordinator writes it.
        slots: view of slot_dtype(endpoints), shape (workers,). Each worker writes its own.
    """

    __slots__ = ("control", "fd", "memory", "slots")

    fd: int
    memory: memoryview
    control: npt.NDArray[np.void]
    slots: npt.NDArray[np.void]

    def __init__(self, fd: int, memory: memoryview, slot: np.dtype[np.void]) -> None:
        """Views memory that is as large as it has to be; see `create` and `attach`."""
        workers = (len(memory) - CONTROL.itemsize) // slot.itemsize
        self.fd = fd
        self.memory = memory
        self.control = np.ndarray((), CONTROL, buffer=memory)
        self.slots = np.ndarray((workers,), slot, buffer=memory, offset=CONTROL.itemsize)

    @classmethod
    def create(cls, *, workers: int, endpoints: int) -> Self:
        """Makes an arena of zeros with its control block filled in.

        Raises:
            ValueError: when workers or endpoints is below 1.
            OSError: when the system gives no memory or descriptor.
        """
        if workers < 1 or endpoints < 1:
            raise ValueError(
                f"arena of {workers} workers and {endpoints} endpoints: expected 1 or more of each"
            )
        slot = slot_dtype(endpoints)
        fd = os.memfd_create("loadgen", os.MFD_CLOEXEC)
        try:
            os.ftruncate(fd, CONTROL.itemsize + workers * slot.itemsize)
            arena = cls(fd, memoryview(mmap.mmap(fd, 0)), slot)
        except OSError:
            os.close(fd)
            raise
        arena.control["version"] = LAYOUT_VERSION
        arena.control["workers"] = workers
        arena.control["endpoints"] = endpoints
        arena.control["slot_bytes"] = slot.itemsize
        arena.control["magic"] = MAGIC
        return arena

    @classmethod
    def attach(cls, fd: int) -> Self:
        """Maps an arena that another process created; the descriptor belongs to it then.

        Raises:
            LayoutError: when the memory is not an arena of this build.
            OSError: when fd is not a descriptor.
        """
        size_bytes = os.fstat(fd).st_size
        if size_bytes < CONTROL.itemsize:
            raise LayoutError(
                f"arena: {size_bytes} bytes of shared memory; expected at least "
                f"{CONTROL.itemsize}; was the right file descriptor passed on?"
            )
        memory = memoryview(mmap.mmap(fd, 0))
        control = np.ndarray((), CONTROL, buffer=memory)
        _require("magic number", int(control["magic"]), MAGIC)
        _require("layout version", int(control["version"]), LAYOUT_VERSION)
        slot = slot_dtype(int(control["endpoints"]))
        _require("slot size in bytes", int(control["slot_bytes"]), slot.itemsize)
        expected_bytes = CONTROL.itemsize + int(control["workers"]) * slot.itemsize
        _require("size in bytes", size_bytes, expected_bytes)
        return cls(fd, memory, slot)

    def slot_offset(self, worker: int) -> int:
        """Where a worker's slot begins, in bytes from the start of the memory."""
        return int(self._slot_offsets[worker])

    def own_lag_offsets(self) -> npt.NDArray[np.uint64]:
        """Where each worker's own_lag begins, in bytes; shape (workers,)."""
        return self._slot_offsets + _offset(self.slots.dtype, "own_lag")

    def histogram_offsets(self, field: str) -> npt.NDArray[np.uint64]:
        """Where the histograms of each worker and endpoint begin, in bytes.

        Args:
            field: a histogram of ENDPOINT_STATS, such as "response".

        Returns:
            Offsets from the start of the memory, shape (workers, endpoints).
        """
        endpoints = np.arange(int(self.control["endpoints"]), dtype=np.uint64)
        within = _offset(self.slots.dtype, "endpoints") + _offset(ENDPOINT_STATS, field)
        steps = endpoints * np.uint64(ENDPOINT_STATS.itemsize)
        return self._slot_offsets[:, np.newaxis] + steps + within

    @property
    def _slot_offsets(self) -> npt.NDArray[np.uint64]:
        workers = np.arange(len(self.slots), dtype=np.uint64)
        return workers * np.uint64(self.slots.itemsize) + np.uint64(CONTROL.itemsize)

    def close(self) -> None:
        """Gives the descriptor back; the memory goes with the last view of it."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _require(what: str, observed: int, expected: int) -> None:
    if observed != expected:
        raise LayoutError(
            f"arena: {what} is {observed}; expected {expected}; "
            "are coordinator and worker of the same version of loadgen?"
        )


def _offset(dtype: np.dtype[np.void], field: str) -> np.uint64:
    """Where a field begins in its record, in bytes."""
    fields: Mapping[str, tuple[Any, ...]] = dtype.fields or {}
    return np.uint64(fields[field][1])
