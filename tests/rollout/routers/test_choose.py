"""The configuration's router, of each kind."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from loadgen.config.rollout_section import RolloutSection
from loadgen.config.router_section import RouterOptions
from rollout.routers.choose import choose_router
from rollout.routers.command import CommandRouter
from rollout.routers.envoy import EnvoyRouter
from rollout.routers.haproxy import HaproxyRouter
from rollout.routers.nginx import NginxRouter

ADAPTER: TypeAdapter[RouterOptions] = TypeAdapter(RouterOptions)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            {"kind": "haproxy", "socket": "/s", "backend": "app", "stable": ["a", "b"]},
            HaproxyRouter(socket="/s", backend="app", stable=("a", "b"), canary=("canary",)),
        ),
        (
            {"kind": "envoy", "admin": "http://127.0.0.1:9901", "key": "k", "canary": "v2"},
            EnvoyRouter(admin="http://127.0.0.1:9901", key="k", stable="stable", canary="v2"),
        ),
        (
            {"kind": "nginx", "include": "/i", "variable": "$side", "pid": "/p"},
            NginxRouter(include=Path("/i"), variable="side", pid_file=Path("/p")),
        ),
        (
            {
                "kind": "command",
                "command": ["set", "{percentage}", "{deployment}"],
                "get_command": ["get", "{namespace}"],
                "timeout": "2s",
            },
            CommandRouter(
                set_command=("set", "{percentage}", "{deployment}"),
                get_command=("get", "{namespace}"),
                deployment="shop",
                namespace="prod",
                timeout_s=2.0,
            ),
        ),
    ],
)
def test_each_kind_becomes_its_router(written: dict[str, object], expected: object) -> None:
    options = ADAPTER.validate_python(written)
    assert choose_router(options, deployment="shop", namespace="prod") == expected


DOCUMENT = Path(__file__).parents[3] / "docs" / "routers.md"
SECTIONS = [
    block
    for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    if block.startswith("rollout:")
]


@pytest.mark.parametrize("text", SECTIONS)
def test_the_manuals_configurations_are_right(text: str) -> None:
    section = RolloutSection.model_validate(yaml.load(text, yaml.BaseLoader)["rollout"])
    assert section.router is not None
    assert choose_router(section.router, deployment="shop", namespace="prod").text


def test_the_manual_shows_each_kind_of_its_own() -> None:
    assert len(SECTIONS) == 4


def test_only_the_chosen_router_is_loaded() -> None:
    """Above all nothing of Kubernetes, whose client is an extra."""
    code = (
        "import sys, rollout.routers.choose; "
        "print(*[name for name in sys.modules if 'lightkube' in name or 'kubernetes.' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
