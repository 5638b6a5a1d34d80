"""Options over the file, the guide's JSON as it is, and what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.config.file import parse_config
from loadgen.errors import ConfigError
from rollout.progressive.settings import (
    LOAD_CONCURRENCY,
    lay_over,
    rollout_settings,
    typed_options,
)
from rollout.progressive.stage import DEFAULT_STAGES
from slo.policy import OnFailure

ROUTER = "{kind: haproxy, socket: /run/h.sock, backend: app}"
GUIDE_STAGES = """[
    {"name": "1% Traffic", "percentage": 1, "duration": 180},
    {"name": "10% Traffic", "percentage": 10, "duration": 300},
    {"name": "50% Traffic", "percentage": 50, "duration": 600},
    {"name": "100% Traffic", "percentage": 100, "duration": 300}
  ]"""
FILE = f"""\
rollout:
  router: {ROUTER}
  deployment: backend-v1
  url: http://127.0.0.1:8080
  mark: {{header: X-Version, canary: v2}}
"""


def test_the_guides_command_with_a_router() -> None:
    settings = rollout_settings(
        lay_over(None, typed_options({"deployment": "backend-v2", "router": ROUTER})),
        attended=False,
    )
    assert settings.deployment == "backend-v2"
    assert settings.plan.stages == DEFAULT_STAGES
    assert settings.journal == Path(".loadgen/rollouts/backend-v2.sqlite")
    assert settings.load_concurrency == 0


def test_the_guides_stages_work_as_they_are() -> None:
    options = {"deployment": "backend-v2", "router": ROUTER, "stages": GUIDE_STAGES}
    stages = rollout_settings(lay_over(None, typed_options(options)), attended=False).plan.stages
    assert [(each.name, each.percentage, each.duration_s) for each in stages] == [
        ("1% Traffic", 1, 180),
        ("10% Traffic", 10, 300),
        ("50% Traffic", 50, 600),
        ("100% Traffic", 100, 300),
    ]


@pytest.mark.parametrize("name", ["@stages.json", "stages.json"])
def test_stages_in_a_file(name: str) -> None:
    files = {"stages.json": GUIDE_STAGES}
    options = {"deployment": "backend-v2", "router": ROUTER, "stages": name}
    written = lay_over(None, typed_options(options, files.__getitem__))
    assert len(rollout_settings(written, attended=False).plan.stages) == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{bad", "--stages:1:5"), ('"a"', "--stages: found 'a'"), ('[{"a": 1,,}]', "--stages:1:10")],
)
def test_broken_stages_are_no_name_of_a_file(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        typed_options({"deployment": "backend-v2", "router": ROUTER, "stages": text})
    assert expected in str(caught.value)
    assert "cannot be read" not in str(caught.value)


def test_options_win_over_the_file() -> None:
    file = parse_config(FILE, "loadgen.yml", lambda _name: b"")
    options = {"deployment": "backend-v2", "load_test": True, "canary_url": "http://127.0.0.1:1"}
    settings = rollout_settings(lay_over(file, typed_options(options)), attended=True)
    assert settings.deployment == "backend-v2"
    assert settings.proof.url == "http://127.0.0.1:8080"
    assert settings.proof.mark is not None
    assert settings.load_concurrency == LOAD_CONCURRENCY == 20
    assert settings.on_loadfail is OnFailure.PAUSE


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "--deployment: found nothing"),
        ({"deployment": "a"}, "--router: found nothing, expected what moves traffic"),
        (
            {"stages": "[{percentage: 5}]"},
            "--stages 1.duration: found no duration, expected it here",
        ),
        ({"stages": "[{percentage: 5, duration: x}]"}, "--stages 1.duration: found 'x'"),
        ({"stages": "@gone.json"}, "--stages: found 'gone.json', which cannot be read"),
        ({"stages": "[{"}, "--stages:1:"),
        ({"router": "{kind: haprox}"}, "--router: found kind: 'haprox'"),
        (
            {"deployment": "a", "router": ROUTER, "load_test": True},
            "--load-test: found without --canary-url",
        ),
        ({"deployment": "a", "router": ROUTER, "probe": True}, "--probe: found without"),
        (
            {"deployment": "a", "router": ROUTER, "stages": "[{percentage: 5, duration: 1}]"},
            "--stages: found 5 % in the last stage",
        ),
    ],
)
def test_a_mistake_is_named_by_its_option(options: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rollout_settings(lay_over(None, typed_options(options)), attended=False)
    assert problem in str(caught.value)
