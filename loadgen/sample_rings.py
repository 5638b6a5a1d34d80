"""Raw samples: rings of shared memory in which each worker leaves what each request came to.

The layout is described in `_ext/lg_samples.h` and mirrored here. Workers write, the
coordinator takes out what is there about once a second; a full ring is counted, never waited for.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

__all__ = ["RING_HEAD", "RING_SAMPLES", "SAMPLE", "SampleBatch", "SampleRings"]

RING_SAMPLES = 1 << 18
"""Of a worker: more than the fastest one finishes in a second. 12 MiB, when they are used."""

SAMPLE = np.dtype(
    [
        ("intended_ns", np.uint64),
        ("sent_ns", np.uint64),
        ("first_ns", np.uint64),
        ("done_ns", np.uint64),
        ("body_bytes", np.uint64),
        ("endpoint", np.uint32),
        ("status", np.uint16),
        ("failure", np.uint16),
    ],
    align=True,
)
"""What a measured request came to (`struct lg_sample`); monotonic times, 0 for what was not."""

RING_HEAD = np.dtype(
    [
        ("capacity", np.uint64),
        ("written", np.uint64),
        ("lost", np.uint64),
        ("reserved", np.uint64, 5),
        ("taken", np.uint64),
        ("reserved_too", np.uint64, 7),
    ],
    align=True,
)
"""What stands before the samples of a ring (`struct lg_samples`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBatch:
    """What one worker has left since the last look.

    Attributes:
        rows: of SAMPLE, in the order in which the requests ended, shape (n,).
        lost: samples that found the ring full meanwhile.
        origin_ns: the monotonic time at which the measured time began.
    """

    worker: int
    rows: npt.NDArray[np.void]
    lost: int
    origin_ns: int


class SampleRings:
    """One ring per worker, in memory that has no name.

    Attributes:
        fd: the memory's file descriptor; hand it to workers with `pass_fds`.
        memory: all of it, writable; what the engine is given.
    """

    __slots__ = ("_lost", "_rings", "fd", "memory")

    def __init__(self, fd: int, memory: memoryview, ring: np.dtype[np.void]) -> None:
        """Views memory that is as large as it has to be; see `create` and `attach`."""
        self.fd = fd
        self.memory = memory
        self._rings = np.ndarray((len(memory) // ring.itemsize,), ring, buffer=memory)
        self._lost = [0] * len(self._rings)

    @classmethod
    def create(cls, *, workers: int, capacity: int = RING_SAMPLES) -> Self:
        """Makes empty rings of so many samples each.

        Raises:
            OSError: when the system gives no memory or descriptor.
        """
        ring = _ring_dtype(capacity)
        fd = os.memfd_create("loadgen-samples", os.MFD_CLOEXEC)
        try:
            os.ftruncate(fd, workers * ring.itemsize)
            rings = cls(fd, memoryview(mmap.mmap(fd, 0)), ring)
        except OSError:
            os.close(fd)
            raise
        rings._rings["head"]["capacity"] = capacity
        return rings

    @classmethod
    def attach(cls, fd: int) -> Self:
        """Maps rings that another process created; the descriptor belongs to it then.

        Raises:
            OSError: when fd is not a descriptor.
        """
        memory = memoryview(mmap.mmap(fd, 0))
        capacity = int(np.ndarray((), RING_HEAD, buffer=memory)["capacity"])
        return cls(fd, memory, _ring_dtype(capacity))

    def offset(self, worker: int) -> int:
        """Where a worker's ring begins, in bytes from the start of the memory."""
        return worker * int(self._rings.dtype.itemsize)

    def take(self, origin_ns: int) -> Iterator[SampleBatch]:
        """Takes out what the workers have left. One reader only.

        Args:
            origin_ns: for the batches.

        Yields:
            A batch for each worker that has left or lost any.
        """
        heads = self._rings["head"]
        for worker, samples in enumerate(self._rings["samples"]):
            written, taken = int(heads["written"][worker]), int(heads["taken"][worker])
            lost = int(heads["lost"][worker]) - self._lost[worker]
            if written == taken and lost == 0:
                continue
            rows = samples[np.arange(taken, written) % len(samples)]
            # After the copy: from now on the worker writes over what was taken.
            heads["taken"][worker] = written
            self._lost[worker] += lost
            yield SampleBatch(worker=worker, rows=rows, lost=lost, origin_ns=origin_ns)

    def close(self) -> None:
        """Gives the descriptor back; the memory goes with the last view of it."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def _ring_dtype(capacity: int) -> np.dtype[np.void]:
    """A worker's ring (`struct lg_samples`)."""
    return np.dtype([("head", RING_HEAD), ("samples", SAMPLE, (capacity,))], align=True)
