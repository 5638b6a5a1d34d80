"""Follows one objective from sample to sample; what it remembers does not grow with the run.

One class for each way to judge: the whole run as one, each sliding window, seconds in a row.
A window is the difference of two readings (some numbers per second), never an average of
percentiles. Pure: state, but neither clock nor I/O.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import replace

from slo.estimate import Estimate, of_histogram, of_reading
from slo.metric import ErrorRate, Maximum, Percentile, StatusRate, Throughput, Unit
from slo.objective import Comparison, Decide, Objective, WindowKind
from slo.sample import Counts, Reading, Sample, read
from slo.sequential import PASS_AFTER_S, Trial
from slo.verdict import Finding, Verdict

__all__ = ["ConsecutiveWatch", "RunWatch", "SlidingWatch", "Watch", "watch"]

SLACK_S = 0.25
"""Samples are taken about every second; a window that is short by this much is taken as full."""
SLOTS_PER_S = 1_000_000_000
"""Arrivals by chance at r per second are independent trials, a billion a second, of share r/1e9."""

NOTHING = Reading(t_s=0.0, n=0, part=0)


def watch(
    objective: Objective, *, alpha: float | None = None, pass_after_s: float = PASS_AFTER_S
) -> Watch:
    """What follows this objective.

    Args:
        objective: any.
        alpha: the chance of a wrong early decision that is taken; None decides nothing early.
        pass_after_s: no early PASS before so many of the seconds that count.
    """
    if objective.window is None:
        return RunWatch(
            objective, None if alpha is None else _trial(objective, alpha, pass_after_s)
        )
    if objective.window.kind is WindowKind.WITHIN:
        return SlidingWatch(objective, objective.window.seconds)
    return ConsecutiveWatch(objective, objective.window.seconds)


class Watch(ABC):
    """Looks at samples, whose times go up, and says what is known of one objective."""

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        self._base = Counts.none()
        self._last = NOTHING
        self._start = None if objective.after_s else NOTHING

    def look(self, sample: Sample) -> Finding:
        """What is known after one more sample.

        A sample at the same instant as the one before (answers that were awaited after the
        end) counts for the whole run, and belongs to no window.
        """
        objective = self._objective
        if self._start is None:
            if sample.t_s < objective.after_s - SLACK_S:
                return self._waiting(sample)
            self._base = sample.of(objective.scope)
            self._start = self._last = read(objective, sample)
            return self._waiting(sample)
        return self._judged(sample, self._start, read(objective, sample))

    @abstractmethod
    def _judged(self, sample: Sample, start: Reading, now: Reading) -> Finding:
        """The finding.

        Args:
            sample: the run so far.
            start: what the objective needed where it began to count.
            now: what it needs of the sample.
        """

    def _step(self, now: Reading) -> Reading | None:
        """What came since the last sample; None when no time has passed."""
        if now.t_s <= self._last.t_s:
            return None
        step, self._last = now.since(self._last), now
        return step

    def _waiting(self, sample: Sample) -> Finding:
        nothing = of_reading(self._objective, NOTHING)
        reason = f"The first {self._objective.after_s:g}s do not count, and there was no more."
        return _finding(self._objective, replace(nothing, lack=reason), sample.t_s)


class RunWatch(Watch):
    """The whole run as one, the start left out; decides early when it may."""

    def __init__(self, objective: Objective, trial: Trial | None) -> None:
        super().__init__(objective)
        self._since_s: float | None = None
        self._trial = trial

    def _judged(self, sample: Sample, start: Reading, now: Reading) -> Finding:
        objective, metric = self._objective, self._objective.metric
        if isinstance(metric, Percentile | Maximum):
            counts = sample.of(objective.scope)
            estimate = of_histogram(objective, counts.time_since(metric.phase, self._base))
        else:
            estimate = of_reading(objective, now.since(start))
        finding = self._tried(_finding(objective, estimate, now.t_s), estimate, now)
        if finding.verdict is not Verdict.FAIL:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now.t_s
        return replace(finding, since_s=self._since_s)

    def _tried(self, finding: Finding, estimate: Estimate, now: Reading) -> Finding:
        """The finding, with what the trial has to say: it may be watched, an interval may not."""
        step = self._step(now)
        if isinstance(self._objective.metric, Maximum):
            # Observed once is observed for good.
            return replace(finding, certain=finding.verdict is Verdict.FAIL)
        if self._trial is None:
            return finding
        if step is not None:
            bad, n = _on_trial(self._objective, step)
            self._trial = self._trial.second(bad=bad, n=n)
        verdict = self._trial.verdict
        if verdict is Verdict.INCONCLUSIVE or estimate.lack:
            return finding
        if finding.verdict is Verdict.INCONCLUSIVE:
            return replace(finding, verdict=verdict, certain=True, reason="")
        return replace(finding, certain=finding.verdict is verdict)


class SlidingWatch(Watch):
    """The value over each window of some seconds, once it is full."""

    def __init__(self, objective: Objective, seconds: int) -> None:
        super().__init__(objective)
        self._seconds = seconds
        self._readings: deque[Reading] = deque()
        self._worst: Finding | None = None
        self._since_s: float | None = None

    def _judged(self, sample: Sample, start: Reading, now: Reading) -> Finding:
        readings = self._readings
        if not readings:
            readings.append(start)
        if self._step(now) is not None:
            readings.append(now)
            opens_s = now.t_s - self._seconds + SLACK_S
            while readings[1].t_s <= opens_s:
                readings.popleft()
            if readings[0].t_s <= opens_s:
                self._consider(now.since(readings[0]), now.t_s)
        if self._worst is not None:
            return self._worst
        part = _finding(self._objective, of_reading(self._objective, now.since(readings[0])), 0.0)
        return replace(
            part,
            verdict=Verdict.INCONCLUSIVE,
            until_s=now.t_s,
            reason=f"No window of {self._seconds}s is full yet.",
        )

    def _consider(self, window: Reading, until_s: float) -> None:
        finding = _finding(self._objective, of_reading(self._objective, window), until_s)
        if finding.verdict is Verdict.FAIL and self._since_s is None:
            self._since_s = until_s - window.t_s
        if self._worst is None or _badness(finding) > _badness(self._worst):
            self._worst = replace(
                finding,
                since_s=self._since_s,
                # What was observed stays observed; what was inferred from a window may err,
                # and there are many windows.
                certain=finding.verdict is Verdict.FAIL and self._objective.decide is Decide.POINT,
            )


class ConsecutiveWatch(Watch):
    """Seconds in a row, each of which violates the limit.

    A second that cannot be judged does not violate it, but neither does it show that the row
    was broken: PASS takes a second that holds in every stretch of this length.
    """

    def __init__(self, objective: Objective, seconds: int) -> None:
        super().__init__(objective)
        self._seconds = seconds
        self._row = _Row()
        self._doubtful = _Row()
        self._lack = ""

    def _judged(self, sample: Sample, start: Reading, now: Reading) -> Finding:
        step = self._step(now)
        if step is not None:
            estimate = of_reading(self._objective, step)
            verdict = estimate.verdict(self._objective.decide)
            began_s = now.t_s - step.t_s
            self._row.extend(step, began_s, verdict is Verdict.FAIL)
            self._doubtful.extend(step, began_s, verdict is not Verdict.PASS)
            self._lack = estimate.lack or self._lack
        return self._finding(now.since(start), now.t_s)

    def _finding(self, whole: Reading, now_s: float) -> Finding:
        row, full_s = self._row, self._seconds - SLACK_S
        if row.longest_s >= full_s:
            verdict, reason = Verdict.FAIL, ""
        elif whole.t_s < full_s:
            verdict = Verdict.INCONCLUSIVE
            reason = f"There were not {self._seconds}s in a row to judge."
        elif self._doubtful.longest_s >= full_s:
            verdict = Verdict.INCONCLUSIVE
            reason = self._lack or f"For {self._seconds}s in a row the intervals meet the limit."
        else:
            verdict, reason = Verdict.PASS, ""
        failed = verdict is Verdict.FAIL
        return Finding(
            objective=self._objective,
            verdict=verdict,
            observed=row.longest_s,
            limit=float(self._seconds),
            comparison=Comparison.BELOW,
            unit=Unit.S,
            n=whole.n,
            interval=None,
            since_s=row.longest_from_s if failed else None,
            until_s=row.longest_from_s + row.longest_s if failed else now_s,
            certain=failed and self._objective.decide is Decide.POINT,
            reason=reason,
        )


class _Row:
    """Seconds in a row of one kind: the present row, and the longest so far."""

    def __init__(self) -> None:
        self._from_s: float | None = None
        self.longest_s = 0.0
        self.longest_from_s = 0.0

    def extend(self, step: Reading, began_s: float, of_the_kind: bool) -> None:
        """Adds a second that began then."""
        if not of_the_kind:
            self._from_s = None
            return
        if self._from_s is None:
            self._from_s = began_s
        length_s = began_s + step.t_s - self._from_s
        if length_s > self.longest_s:
            self.longest_s, self.longest_from_s = length_s, self._from_s


def _finding(objective: Objective, estimate: Estimate, until_s: float) -> Finding:
    verdict = estimate.verdict(objective.decide)
    reason = estimate.lack
    if verdict is Verdict.INCONCLUSIVE and not reason:
        reason = "The confidence interval holds values on both sides of the limit."
    return Finding(
        objective=objective,
        verdict=verdict,
        observed=estimate.observed,
        limit=estimate.limit,
        comparison=estimate.comparison,
        unit=estimate.unit,
        n=estimate.n,
        interval=estimate.interval,
        until_s=until_s,
        reason=reason,
    )


def _badness(finding: Finding) -> tuple[int, float]:
    """Orders findings about the same objective: the worse verdict, then the worse value."""
    order = list(Verdict).index(finding.verdict)
    observed = 0.0 if finding.observed is None else finding.observed
    return order, observed if finding.comparison.is_upper else -observed


def _trial(objective: Objective, alpha: float, pass_after_s: float) -> Trial | None:
    """The trial of a whole-run objective; None when it is none of a share or a rate."""
    match objective.metric:
        case Percentile() as metric:
            share = metric.share_beyond
        case ErrorRate() | StatusRate():
            share = objective.limit / 100
        case Throughput():
            share = objective.limit / SLOTS_PER_S
        case _:
            return None
    limit = share if objective.comparison.is_upper else 1 - share
    return Trial(limit=limit, alpha=alpha, pass_after_s=pass_after_s)


def _on_trial(objective: Objective, step: Reading) -> tuple[int, int]:
    """Bad and all requests of a second; of a throughput, arrivals (or their lack) and instants."""
    n = step.n
    if isinstance(objective.metric, Throughput):
        n = max(step.part, round(step.t_s * SLOTS_PER_S))
    return (step.part if objective.comparison.is_upper else n - step.part), n
