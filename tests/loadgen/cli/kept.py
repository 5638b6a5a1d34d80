"""A history with runs in it, in the current folder."""

from __future__ import annotations

import dataclasses

from loadgen.cli.keeping import keep
from loadgen.measurement import Measurement
from tests.loadgen import samples

__all__ = ["SLOWER", "USUAL", "keep_two_runs"]

USUAL = "20261124T201301Z-000001"
SLOWER = "20261124T201302Z-000002"


def _named(measurement: Measurement, run_id: str) -> Measurement:
    return dataclasses.replace(measurement, run=dataclasses.replace(measurement.run, id=run_id))


def keep_two_runs() -> None:
    """The shop, and the shop with one endpoint, which is slow."""
    usual = samples.measurement(requests=4_000)
    tally = samples.tally(4_000, 900.0)
    endpoint = dataclasses.replace(usual.endpoints[1], tally=tally)
    slower = dataclasses.replace(usual, total=tally, endpoints=(endpoint,))
    keep(_named(usual, USUAL), 5)
    keep(_named(slower, SLOWER), 5)
