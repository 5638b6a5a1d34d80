"""The thresholds of loadgen.yml: what a measurement is held against. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from loadgen.config import fields as field
from loadgen.config.section import Section

__all__ = ["GivenThresholds", "Latency", "Thresholds"]


class Latency(Section):
    """Most milliseconds that a percentile of the response time may take."""

    p50: Annotated[float | None, field.number()] = Field(default=None, description="Milliseconds.")
    p95: Annotated[float | None, field.number()] = Field(default=None, description="Milliseconds.")
    p99: Annotated[float | None, field.number()] = Field(default=None, description="Milliseconds.")


class Thresholds(Section):
    """What a measurement is held against."""

    latency: Annotated[Latency | None, field.given("percentiles in ms", Latency)] = Field(
        default=None, description="Most milliseconds by percentile of the response time."
    )
    error_rate: Annotated[float | None, field.number(0, 100)] = Field(
        default=None, description="Most failed requests, in percent."
    )
    throughput: Annotated[float | None, field.number()] = Field(
        default=None, description="Fewest requests per second."
    )


GivenThresholds = Annotated[
    Thresholds | None, field.given("latency, error_rate or throughput", Thresholds)
]
