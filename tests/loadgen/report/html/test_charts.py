"""Charts on their way to the script: what JSON and a script element can carry."""

from __future__ import annotations

import json

import pytest

from loadgen.report.html.charts import (
    Chart,
    ChartId,
    Limit,
    Moment,
    Series,
    Unit,
    is_wide,
    to_json,
)
from loadgen.report.tables import Table


def chart(*values: float | None, log: bool = False, name: str = "P50") -> Chart:
    return Chart(
        id=ChartId.RESPONSE_TIME,
        title="Response time",
        summary="",
        unit=Unit.MILLISECONDS,
        x=tuple(float(x) for x in range(len(values))),
        series=(Series(name=name, values=values, ink="accent", dash="7 3"),),
        limits=(Limit(name="p95 < 250ms", value=250.0),),
        moments=(Moment(name="canary", x=-1.5),),
        log=log,
        table=Table(head=("Up to",), rows=()),
    )


def test_the_script_gets_numbers_gaps_and_looks() -> None:
    (sent,) = json.loads(to_json([chart(1.23456789, None, 0.0)]))
    assert (sent["id"], sent["unit"], sent["axis"]) == ("response-time", "ms", "time")
    assert sent["series"] == [
        {
            "name": "P50",
            "ink": "accent",
            "dash": [7.0, 3.0],
            "width": 1.75,
            "values": [1.23457, None, 0.0],
        }
    ]
    assert sent["limits"] == [{"name": "p95 < 250ms", "value": 250.0}]
    assert sent["moments"] == [{"name": "canary", "x": -1.5}]


def test_a_logarithmic_axis_has_no_place_for_zero() -> None:
    (sent,) = json.loads(to_json([chart(0.0, 5.0, log=True)]))
    assert sent["series"][0]["values"] == [None, 5.0]


def test_no_name_can_end_the_script() -> None:
    name = "</script><!-- <script> & \u2028"
    text = to_json([chart(1.0, name=name)])
    assert not set(text) & set("<>&")
    assert json.loads(text)[0]["series"][0]["name"] == name


@pytest.mark.parametrize(
    ("values", "wide"),
    [
        ([1.0, 30.0], False),
        ([1.0, 31.0], True),
        ([None, 0.0, 50.0, 100.0], False),
        ([None], False),
        ([], False),
    ],
)
def test_when_a_linear_axis_would_hide_what_is_usual(
    values: list[float | None], wide: bool
) -> None:
    assert is_wide(values) is wide
