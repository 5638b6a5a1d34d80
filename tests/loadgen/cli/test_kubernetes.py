"""`loadgen rollout rbac`, as it is typed; `undo` is tested where a cluster is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from loadgen.cli import kubernetes
from loadgen.errors import ConfigError
from rollout.progressive.machine import Phase, State
from rollout.progressive.news import Changed
from rollout.progressive.settings import rollout_settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def printed(capsys: pytest.CaptureFixture[str], config: str, **more: str) -> dict[str, object]:
    Path("loadgen.yml").write_text(config)
    kubernetes.rbac(deployment="backend-v2", **more)  # type: ignore[arg-type] # only texts
    role = yaml.safe_load(capsys.readouterr().out)
    assert isinstance(role, dict)
    return role


def verbs(role: dict[str, object]) -> dict[str, list[str]]:
    rules = role["rules"]
    assert isinstance(rules, list)
    return {rule["resources"][0]: rule["verbs"] for rule in rules}


def test_the_role_of_a_gateways_rollout(capsys: pytest.CaptureFixture[str]) -> None:
    config = "rollout:\n  router: {kind: gateway-api, route: backend, stable: backend-v1}\n"
    role = printed(capsys, config, namespace="production", name="rollout")
    assert role["kind"] == "Role"
    assert role["metadata"] == {"name": "rollout", "namespace": "production"}
    assert verbs(role) == {
        "httproutes": ["get", "patch", "watch"],
        "deployments": ["get"],
        "events": ["create"],
    }


@pytest.mark.parametrize(
    "command",
    [
        "[kubectl, rollout, undo, 'deployment/{deployment}', -n, '{namespace}']",
        "[loadgen, rollout, undo, --deployment, '{deployment}']",
    ],
)
def test_a_rollback_that_undoes_needs_more(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    config = (
        "rollout:\n  router: {kind: replicas, stable: backend-v1, events: no}\n"
        f"rollback:\n  command: {command}\n"
    )
    assert verbs(printed(capsys, config)) == {
        "deployments": ["get", "patch", "watch"],
        "replicasets": ["list"],
    }


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("load_test: {}\n", "found no rollout.router, expected one of Kubernetes"),
        (
            "rollout:\n  router: {kind: haproxy, socket: /run/h.sock, backend: app}\n",
            "found the router haproxy, expected one of Kubernetes",
        ),
    ],
)
def test_another_router_has_no_role(config: str, expected: str) -> None:
    Path("loadgen.yml").write_text(config)
    with pytest.raises(ConfigError, match=expected):
        kubernetes.rbac(deployment="backend-v2")


def test_without_a_config_nothing_is_known() -> None:
    with pytest.raises(ConfigError, match=r"found no ./loadgen\.yml"):
        kubernetes.rbac(deployment="backend-v2")


def test_outside_of_kubernetes_nobody_is_told() -> None:
    """And lightkube is not asked for."""
    written = {
        "deployment": "backend-v2",
        "url": "http://127.0.0.1:8000",
        "router": {"kind": "haproxy", "socket": "/run/h.sock", "backend": "app"},
    }
    settings = rollout_settings(written, attended=False)
    state = State(phase=Phase.PAUSED, stage=0, visit=0, weight_percent=5)
    news = Changed(event="pause", state=state, who="ann", text="Ordered by ann", key="1")
    with kubernetes.telling_story(settings, begins=True) as tell:
        tell(news)


def without_lightkube(code: str) -> str:
    """What a fresh interpreter prints that cannot import lightkube."""
    blocked = f"import sys; sys.modules['lightkube'] = None; {code}"
    done = subprocess.run(
        [sys.executable, "-c", blocked], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_nothing_else_needs_the_extra() -> None:
    modules = "loadgen.cli, loadgen.cli.rolling, rollout.routers.choose"
    assert without_lightkube(f"import {modules}; print('loaded')") == "loaded\n"


def test_what_needs_the_extra_says_so() -> None:
    call = "from loadgen.cli import main; main(['rollout', 'undo', '--deployment', 'a'])"
    assert "run pip install 'loadgen[k8s]'" in without_lightkube(call)
