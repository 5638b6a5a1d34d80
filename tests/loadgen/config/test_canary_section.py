"""`canary:` of loadgen.yml: values with their units, and mistakes with their place."""

from __future__ import annotations

import pytest

from loadgen.config.file import parse_config
from loadgen.errors import ConfigError
from slo.policy import OnInconclusive

WHOLE = """\
canary:
  canary_url: http://canary:8000
  production_url: http://prod:8000
  baseline_url: http://baseline:8000
  compare_rate: 2k
  compare_duration: 5m
  max_duration: 20m
  on_inconclusive: extend
  alpha: 2%
  margin: 10%
  matters: 1.3
  matters_points: 0.5
"""


def _nothing(name: str) -> bytes:
    raise FileNotFoundError(name)


def test_every_key_is_read() -> None:
    section = parse_config(WHOLE, "loadgen.yml", _nothing).config.canary
    assert section is not None
    assert section.model_dump() == {
        "canary_url": "http://canary:8000",
        "production_url": "http://prod:8000",
        "baseline_url": "http://baseline:8000",
        "compare_rate": 2000.0,
        "compare_duration": 300.0,
        "max_duration": 1200.0,
        "on_inconclusive": OnInconclusive.EXTEND,
        "alpha": 2.0,
        "margin": 10.0,
        "matters": 1.3,
        "matters_points": 0.5,
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("compare_rate: fast", "loadgen.yml:2:17 canary.compare_rate: found 'fast', expected"),
        ("compare_duration: 1s", "loadgen.yml:2:21 canary.compare_duration: found '1s', expected"),
        (
            "on_inconclusive: stop",
            "loadgen.yml:2:20 canary.on_inconclusive: found 'stop', expected extend, pause,"
            " promote or fail",
        ),
        (
            "compare_rat: 5",
            "loadgen.yml:2:3 canary.compare_rat: found an unknown key, expected a key of canary;"
            " did you mean compare_rate?",
        ),
    ],
    ids=["no rate", "too short", "no such policy", "misspelt"],
)
def test_a_mistake_is_told_with_its_place(line: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(f"canary:\n  {line}\n", "loadgen.yml", _nothing)
    assert str(caught.value).startswith(expected)
