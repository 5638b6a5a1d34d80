"""The options of `loadgen shadow`: what they mean together, and every mistake at once."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from loadgen.cli.shadow_options import ShadowOptions
from loadgen.config.file import parse_config
from loadgen.errors import ConfigError

GIVEN = ShadowOptions(
    replay="access.log", production_url="http://a.example", canary_url="http://b.example"
)


def test_sides_and_limits() -> None:
    settings = replace(
        GIVEN,
        baseline_url="http://c.example",
        rate_limit="2k",
        methods="post",
        sample="10%",
        idempotency_header="Idempotency-Key",
    ).settings()
    assert [target.url for target in settings.sides] == [
        "http://a.example",
        "http://b.example",
        "http://c.example",
    ]
    assert settings.limits.rate_rps == 2_000
    assert settings.selection.methods == {"POST"}
    assert settings.selection.sample_ratio == 0.1


@pytest.mark.parametrize(
    ("speed", "expected"), [("1", 1.0), ("2.5", 2.5), ("4x", 4.0), ("max", math.inf)]
)
def test_speeds(speed: str, expected: float) -> None:
    assert replace(GIVEN, speed=speed).speed_factor() == expected


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        (
            ShadowOptions(),
            [
                "--production-url: found nothing, expected the URL of the production server, here "
                "or as canary.production_url in loadgen.yml",
                "--canary-url: found nothing, expected the URL of the canary server, here or as "
                "canary.canary_url in loadgen.yml",
                "--replay, --listen: found neither, expected one of them",
            ],
        ),
        (
            replace(GIVEN, listen=":8080"),
            ["--replay, --listen: found both, expected one of them"],
        ),
        (
            replace(GIVEN, methods="POST"),
            [
                "--methods: POST would be carried out once by production and once by the canary; "
                "name the header by which your servers recognise a repetition with "
                "--idempotency-header, such as Idempotency-Key"
            ],
        ),
    ],
)
def test_mistakes(given: ShadowOptions, problems: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        given.settings()
    assert list(caught.value.problems) == problems


FILE = """\
canary: {production_url: 'http://a.example', canary_url: 'http://b.example'}
shadow: {replay: access.log}
"""


def test_a_file_says_what_the_options_leave_out() -> None:
    config = parse_config(FILE, "loadgen.yml", lambda _: b"").config
    found = ShadowOptions(canary_url="http://c.example").over(config)
    assert found.production_url == "http://a.example"
    assert found.canary_url == "http://c.example"
    assert (found.baseline_url, found.replay) == ("", "access.log")
    assert ShadowOptions(listen=":8080").over(config).replay == ""
    assert ShadowOptions().over(None) == ShadowOptions()


def test_a_speed_that_is_none() -> None:
    with pytest.raises(ConfigError, match=r"--speed: found 'fast', expected a number .*, or max"):
        replace(GIVEN, speed="fast").speed_factor()
