"""Histograms in shared memory: merged over slots, asked for quantiles, recorded into.

A histogram outside of shared memory is an array of words (uint64): its head, 8 words laid
out as `loadgen.arena.HISTOGRAM_HEAD`, then its counts. The source is `_ext/_merge.pyx`.
"""

import numpy as np
import numpy.typing as npt

_Memory = memoryview | npt.NDArray[np.uint8]

__all__ = ["constants", "init", "layout", "merge", "quantiles", "record"]

def merge(memory: _Memory, offsets: npt.NDArray[np.uint64], bits: int) -> npt.NDArray[np.uint64]:
    """The sum of histograms that may be written to meanwhile, as words.

    Reads only the touched buckets; one that is not initialised yet is empty. The sum is
    whole: its count is that of its counts.

    Args:
        memory: the arena's memory.
        offsets: where each histogram begins, in bytes, shape (n,).
        bits: FINE_BITS or COARSE_BITS, of all of them.

    Raises:
        ValueError: when an offset lies outside of the memory, or bits is neither.
        LayoutError: when what lies there is no histogram of these bits.
    """

def quantiles(words: npt.NDArray[np.uint64], qs: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    """The values (ns) of rank ceil(q * count), in one pass; zeros when empty.

    Args:
        words: what `merge` returned.
        qs: each 0 < q <= 1, ascending, shape (n,).

    Raises:
        ValueError: when words are no histogram, or qs is out of order or range.
    """

def init(memory: _Memory, offset: int, bits: int) -> None:
    """Makes an empty histogram in memory that is zero. The slot's one writer calls it.

    Raises:
        ValueError: when the offset lies outside of the memory, or bits is unknown.
    """

def record(memory: _Memory, offset: int, values_ns: npt.NDArray[np.uint64]) -> None:
    """Records values into an initialised histogram. The slot's one writer calls it.

    Raises:
        ValueError: when no histogram is there.
    """

def layout() -> dict[str, tuple[int, int]]:
    """(offset, size) in bytes of each "lg_record.field" of `_ext/lg_layout.h`, `lg_samples.h`.

    Also of each "lg_record" whole: (0, its size).
    """

def constants() -> dict[str, int]:
    """The values of the constants and enumerations of `_ext/lg_layout.h`, by name."""
