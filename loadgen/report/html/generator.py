"""The charts about the generator itself: was a slow second the target's, or ours? Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.html.axis import in_ms, table, times
from loadgen.report.html.charts import Chart, ChartId, Limit, Series, Unit
from loadgen.report.numbers import duration, percent
from slo.validity import CPU_PERCENT, OWN_LAG_CPU_MS, OWN_LAG_EXACT_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.measurement import Measurement, Second
    from loadgen.report.html.spans import Span

__all__ = ["cpu", "own_lag"]


def own_lag(m: Measurement, points: Sequence[Span], rows: Sequence[Span]) -> Chart:
    """By how much the generator sent too late, against where doubt in it begins."""
    values = tuple(span.whole.own_lag_p99_ms for span in points)
    worst_ms = max((value for value in values if value is not None), default=None)
    whole = duration(m.health.evidence.own_lag_p99_ms)
    limit_ms = (OWN_LAG_EXACT_MS if m.health.evidence.exact else OWN_LAG_CPU_MS).suspect
    return Chart(
        id=ChartId.OWN_LAG,
        title="Generator: own lag",
        summary=f"P99 of what the generator itself sent too late: {whole} over the whole run, "
        f"{duration(worst_ms)} in the worst second. The scale is logarithmic.",
        unit=Unit.MILLISECONDS,
        x=times(points),
        series=(Series(name="Own lag P99", values=values, ink="teal", width=2.25),),
        limits=(Limit(name=f"Doubt begins at {limit_ms:g} ms over the whole run", value=limit_ms),),
        log=True,
        table=table(rows, ("Own lag P99", in_ms(lambda second: second.own_lag_p99_ms))),
    )


def cpu(points: Sequence[Span], rows: Sequence[Span]) -> Chart:
    """What sending cost the workers, against where they begin to be the limit."""
    busiest, mean = (tuple(read(span.whole) for span in points) for read in (_busiest, _mean))
    columns = [("Busiest worker", lambda span: f"{percent(_busiest(span.whole))} %")]
    series = [Series(name="Busiest worker", values=busiest, ink="teal", width=2.25)]
    if max(len(span.whole.worker_cpu_percent) for span in points) > 1:
        columns.append(("Mean of workers", lambda span: f"{percent(_mean(span.whole))} %"))
        series.append(Series(name="Mean of workers", values=mean, ink="grey", dash="4 3"))
    return Chart(
        id=ChartId.CPU,
        title="Generator: CPU of workers",
        summary=f"The busiest worker used at most {max(busiest):.0f} % of a core, spinning for "
        "a precise send not included.",
        unit=Unit.PERCENT,
        x=times(points),
        series=tuple(series),
        limits=(
            Limit(name=f"Doubt begins at {CPU_PERCENT:g} % over the whole run", value=CPU_PERCENT),
        ),
        top=100.0,
        table=table(rows, *columns),
    )


def _busiest(second: Second) -> float:
    return max(second.worker_cpu_percent, default=0.0)


def _mean(second: Second) -> float:
    used = second.worker_cpu_percent
    return sum(used) / len(used) if used else 0.0
