"""The distribution of the times, drawn so that each further nine has as much room. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from loadgen.report.html.charts import Chart, ChartId, Series, Unit, is_wide
from loadgen.report.html.objectives import limits_in
from loadgen.report.numbers import duration
from loadgen.report.tables import Table
from slo.histogram import MIN_TAIL
from slo.metric import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.measurement import Measurement
    from loadgen.report.html.objectives import ObjectiveRow
    from slo.histogram import Histogram

__all__ = ["spectrum"]

POINTS_PER_NINE = 40
TABLE_QUANTILES = (
    0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999,
)  # fmt: skip


def spectrum(m: Measurement, objectives: Sequence[ObjectiveRow]) -> Chart | None:
    """The percentile spectrum of response and service time; None without enough answers.

    It ends where fewer than five answers lie beyond: what follows is chance.
    """
    response, service = m.total.latency, m.total.times[Phase.SERVICE]
    nines = math.log10(max(1, response.n) / MIN_TAIL)
    if nines < math.log10(2):
        return None
    quantiles = _quantiles(nines)
    times_ms = _percentiles_ms(response, quantiles), _percentiles_ms(service, quantiles)
    log = is_wide([value for line in times_ms for value in line])
    half, most = duration(response.p50_ms), duration(response.max_ns / 1e6)
    shown = [q for q in TABLE_QUANTILES if response.supports(q)]
    return Chart(
        id=ChartId.DISTRIBUTION,
        axis="",
        title="Distribution",
        summary=f"Half of the answers came within {half}, {_share(shown[-1])} within "
        f"{duration(response.percentile_ms(shown[-1]))}; the slowest took {most}."
        f"{' The scale of times is logarithmic.' if log else ''}",
        unit=Unit.MILLISECONDS,
        x=tuple(1 / (1 - q) for q in quantiles),
        series=(
            Series(name="Response time", values=times_ms[0], ink="accent", width=2.25),
            Series(name="Service time", values=times_ms[1], ink="orange", dash="7 3"),
        ),
        limits=limits_in(objectives, ChartId.DISTRIBUTION),
        log=log,
        table=Table(
            head=("Share of answers", "Response time within", "Service time within"),
            rows=tuple(
                (
                    _share(q),
                    duration(response.percentile_ms(q)),
                    duration(service.percentile_ms(q)),
                )
                for q in shown
            ),
            numbers_from=1,
        ),
    )


def _quantiles(nines: float) -> list[float]:
    """From 0 to so many nines, evenly in the logarithm of what lies beyond."""
    points = math.ceil(nines * POINTS_PER_NINE)
    return [1 - 10 ** (-nines * point / points) for point in range(points + 1)]


def _percentiles_ms(histogram: Histogram, quantiles: Sequence[float]) -> tuple[float | None, ...]:
    """The smallest value stands for quantile 0."""
    if not histogram.n:
        return (None,) * len(quantiles)
    return (histogram.min_ns / 1e6, *histogram.percentiles_ms(quantiles[1:]))


def _share(q: float) -> str:
    return f"{100 * q:.7g} %"
