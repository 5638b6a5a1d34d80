"""The display for logs and pipes: one plain line every few seconds, no control characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from loadgen.display.panel import rate_rps
from loadgen.progress import RunPhase
from loadgen.report.judgement import score
from loadgen.report.numbers import clock, count, decimal, duration, percent

if TYPE_CHECKING:
    from types import TracebackType
    from typing import IO

    from loadgen.progress import Progress

__all__ = ["PlainDisplay", "line"]


def line(progress: Progress, mean_rps: float | None) -> str:
    """One line for a log.

    Args:
        progress: the newest.
        mean_rps: requests per second since the line before; None when there are none yet.
    """
    elapsed = clock(progress.elapsed_s)
    head = f"{elapsed:>7} of {clock(progress.total_s)}  {progress.phase:<10}"
    if progress.phase is RunPhase.CONNECTING or mean_rps is None:
        return head.rstrip()
    head += f"  {decimal(mean_rps):>9} req/s"
    if progress.phase is RunPhase.WARM_UP:
        return head
    finished = progress.succeeded + progress.failed
    failed = f"{percent(100 * progress.failed / finished)} %" if finished else "none finished"
    times = ("p50", progress.p50_ms), ("p95", progress.p95_ms), ("p99", progress.p99_ms)
    return "  ".join(
        [
            head,
            *(f"{name} {duration(value_ms)}" for name, value_ms in times),
            f"errors {failed}",
            f"in flight {count(progress.in_flight)}",
            *([f"objectives {score(progress.judgement)}"] if progress.judgement else []),
        ]
    )


class PlainDisplay:
    """Writes a line each time so many seconds of the run have passed, and at each new phase."""

    def __init__(self, stream: IO[str], *, every_s: float = 5.0) -> None:
        self._stream = stream
        self._every_s = every_s
        self._next_s = 0.0
        self._phase: RunPhase | None = None
        self._rates_rps: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leaves nothing to clean up."""

    def update(self, progress: Progress) -> None:
        """Takes the newest state of the run, and writes when a line is due."""
        now_rps = rate_rps(progress)
        if now_rps is not None:
            self._rates_rps.append(now_rps)
        # A second is announced a few ms before or after its end.
        due = progress.elapsed_s + 0.1 >= self._next_s
        if not due and progress.phase is self._phase:
            return
        seen = self._rates_rps
        mean_rps = sum(seen) / len(seen) if seen else None
        self._stream.write(f"{line(progress, mean_rps)}\n")
        self._stream.flush()
        self._rates_rps = []
        self._phase = progress.phase
        passed = (progress.elapsed_s + 0.1) // self._every_s
        self._next_s = (passed + 1) * self._every_s
