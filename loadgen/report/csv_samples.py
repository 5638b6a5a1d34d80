"""Raw samples as CSV, one row a measured request, for statistics of one's own. Pure.

Times are seconds since the measured time began, to the nanosecond; a cell is empty where
nothing happened.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from loadgen.arena import ERROR_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["COLUMNS", "header", "rows"]

COLUMNS = (
    *("worker", "endpoint"),
    *("intended_s", "sent_s", "first_byte_s", "done_s"),
    *("status", "error", "body_bytes"),
)
NS_PER_S = 1_000_000_000


def header() -> str:
    """The names of the columns, as a line."""
    return ",".join(COLUMNS) + "\n"


def rows(
    samples: npt.NDArray[Any], *, worker: int, origin_ns: int, endpoints: Sequence[str]
) -> str:
    """What requests came to, a line each.

    Args:
        samples: of loadgen.sample_rings.SAMPLE, shape (n,).
        worker: whose they are.
        origin_ns: the monotonic time at which the measured time began.
        endpoints: names, by the samples' number of the endpoint.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for intended, sent, first, done, body_bytes, endpoint, status, failure in samples.tolist():
        writer.writerow(
            (
                *(worker, endpoints[endpoint]),
                *(_seconds(time_ns, origin_ns) for time_ns in (intended, sent, first, done)),
                status or "",
                ERROR_CLASSES[failure - 1] if failure else "",
                body_bytes,
            )
        )
    return text.getvalue()


def _seconds(time_ns: int, origin_ns: int) -> str:
    """Exact, which a float of a long run would not be; "" for a time that was not."""
    if time_ns == 0:
        return ""
    whole, part_ns = divmod(time_ns - origin_ns, NS_PER_S)
    return f"{whole}.{part_ns:09d}"
