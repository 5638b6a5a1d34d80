"""`loadgen rollout` in Kubernetes as it is typed: the guide's commands, and a process that dies.

As in test_closed_loop.py a route moves a real Envoy's traffic; here the rollout is a process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from benchmarks.proxies import MARK_HEADER, Proxy, running_envoy
from loadgen.target.launch import running_target
from tests.kube.cluster import KubeCluster, Room, http_route
from tests.kube.gateway_controller import programming
from tests.kube.history import IMAGES, with_history

LIMIT_S = 60.0
JOB = Path(__file__).resolve().parents[4] / "examples" / "kubernetes" / "job.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A namespace whose route moves traffic, and a folder with a loadgen.yml."""

    room: Room
    folder: Path
    envoy: Proxy

    @property
    def weights(self) -> str:
        """As kubectl reads them: stable, canary."""
        return self.room.fields("httproute", "backend", "{..weight}")

    def loadgen(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        return subprocess.run(
            self._command(*arguments),
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    @contextlib.contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Runs a command beside the test; it is killed at the end of the block."""
        with subprocess.Popen(
            self._command(*arguments),
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def write(self, *stages: tuple[float, str], is_good: bool = True) -> None:
        """Writes the loadgen.yml.

        Args:
            *stages: percentage and duration of each.
            is_good: the canary keeps its thresholds. On a test machine that is too busy to
                measure, a load test proves nothing: what follows then is the same.
        """
        undo = [sys.executable, "-m", "loadgen", "rollout", "undo"]
        undo += ["--deployment", "{deployment}", "--namespace", "{namespace}"]
        config = {
            "thresholds": {"latency": {"p95": 5000 if is_good else 0}},
            "rollout": {
                "load_concurrency": 2,
                "on_inconclusive": "promote" if is_good else "fail",
                "url": f"{self.envoy.url}/api/health",
                "canary_url": f"{self.envoy.url}/api/health",
                "mark": {"header": MARK_HEADER, "canary": "canary", "stable": "stable"},
                "router": {
                    "kind": "gateway-api",
                    "route": "backend",
                    "stable": "backend-v1",
                },
                "stages": [{"percentage": part, "duration": text} for part, text in stages],
            },
            "rollback": {"command": undo},
        }
        (self.folder / "loadgen.yml").write_text(yaml.safe_dump(config))

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "loadgen", "rollout", *arguments]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "KUBECONFIG": str(self.room.kube.kubeconfig)}


@pytest.fixture(scope="module")
def envoy() -> Iterator[Proxy]:
    with (
        running_target() as stable,
        running_target() as canary,
        running_envoy(stable, canary) as proxy,
    ):
        yield proxy


@contextlib.contextmanager
def open_shop(room: Room, envoy: Proxy, folder: Path) -> Iterator[Shop]:
    references = ({"name": "backend-v1", "weight": 1}, {"name": "backend-v2", "weight": 0})
    room.create(http_route(references))
    with_history(room, "backend-v2", IMAGES)
    watching = room.kube.connect(room.namespace)
    try:
        with programming(watching, room.route(), envoy.router, canary="backend-v2"):
            yield Shop(room=room, folder=folder, envoy=envoy)
    finally:
        watching.close()


@pytest.fixture
def shop(own_kube: KubeCluster, room: Room, envoy: Proxy, tmp_path: Path) -> Iterator[Shop]:
    assert room.kube is own_kube
    with open_shop(room, envoy, tmp_path) as opened:
        yield opened


def until(is_reached: Callable[[], bool]) -> None:
    end_s = time.monotonic() + LIMIT_S
    while not is_reached():
        assert time.monotonic() < end_s
        time.sleep(0.05)


GUIDES = (
    *("--deployment", "backend-v2", "--namespace", "production"),
    *("--load-test", "--auto-rollback-on-loadfail"),
)
"""As it stands in the guide."""


def example_job(config: Path) -> list[str]:
    """What the Job of examples/kubernetes runs, with its config in a file of ours."""
    job = {each["kind"]: each for each in yaml.safe_load_all(JOB.read_text())}
    config.write_text(job["ConfigMap"]["data"]["loadgen.yml"])
    (container,) = job["Job"]["spec"]["template"]["spec"]["containers"]
    command, *arguments = container["args"]
    assert command == "rollout"
    return [f"--config={config}" if each.startswith("--config=") else each for each in arguments]


def test_the_guides_command_promotes(production: Room, envoy: Proxy, tmp_path: Path) -> None:
    with open_shop(production, envoy, tmp_path) as shop:
        shop.write((5, "1s"), (100, "1s"))  # the guide's take 35 minutes
        planned = shop.loadgen(*GUIDES, "--dry-run")
        assert planned.returncode == 0, planned.stderr
        assert "backend-v1 95, backend-v2 5" in planned.stdout
        assert shop.weights == "1 0"
        job = example_job(tmp_path / "job.yml")
        assert shop.loadgen(*job, "--dry-run").stdout.count("patch httproute backend") >= 4
        done = shop.loadgen(*GUIDES)
        assert done.returncode == 0, done.stdout + done.stderr
        assert shop.weights == "0 100"
        told = production.kubectl("describe", "deployment", "backend-v2")
    for reason in ("RolloutStarted", "RolloutWeight", "RolloutVerdict", "RolloutPromoted"):
        assert reason in told


def test_a_canary_that_fails_its_load_test_is_taken_back(shop: Shop) -> None:
    """Weights first, then the Deployment's previous revision, which the journal names."""
    shop.write((50, "1s"), (100, "1s"), is_good=False)
    done = shop.loadgen(*GUIDES, "--namespace", shop.room.namespace)
    assert done.returncode == 1, done.stdout + done.stderr
    assert shop.weights == "100 0"
    assert shop.room.fields("deployment", "backend-v2", "{..image}") == IMAGES[1]
    newest = shop.loadgen("history", "--deployment", "backend-v2").stdout.splitlines()[-1]
    history = shop.loadgen("history", newest.split()[0], "--deployment", "backend-v2").stdout
    assert "went back from revision 3 to revision 2" in history
    assert "RolloutRolledBack" in shop.room.kubectl("describe", "deployment", "backend-v2")


@pytest.mark.parametrize(
    ("order", "code", "weights"), [("resume", 0, "0 100"), ("abort", 1, "100 0")]
)
def test_a_rollout_that_is_killed_is_finished_by_another_process(
    shop: Shop, order: str, code: int, weights: str
) -> None:
    shop.write((50, "2s"), (100, "0.3s"))
    where = ("--deployment", "backend-v2")
    with shop.started(*where, "--namespace", shop.room.namespace) as process:
        until(lambda: shop.weights == "50 50")
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert shop.weights == "50 50"
    done = shop.loadgen(order, *where)
    assert done.returncode == code, done.stdout + done.stderr
    assert shop.weights == weights


def test_rights_that_are_missing_stop_it_before_anything_is_changed(
    shop: Shop, tmp_path: Path
) -> None:
    """And the role that it prints is the one that lets it begin."""
    shop.write((100, "0.3s"))
    where = ("--deployment", "backend-v2", "--namespace", shop.room.namespace)
    account = shop.room.account("runner", "", tmp_path)
    stranger = Shop(
        room=_as(shop.room, account),
        folder=shop.folder,
        envoy=shop.envoy,
    )
    refused = stranger.loadgen(*where)
    assert refused.returncode == 4
    assert "these rights are missing: get httproutes/backend" in refused.stderr
    assert shop.weights == "1 0"
    role = shop.loadgen("rbac", *where).stdout
    assert yaml.safe_load(role)["kind"] == "Role"
    shop.room.kubectl("apply", "-f", "-", given=role)
    subject = f"--serviceaccount={shop.room.namespace}:runner"
    shop.room.kubectl("create", "rolebinding", "r", "--role=loadgen-rollout", subject)
    allowed = stranger.loadgen(*where, "--dry-run")
    assert allowed.returncode == 0, allowed.stdout + allowed.stderr


def _as(room: Room, kubeconfig: Path) -> Room:
    kube = KubeCluster(kubeconfig=kubeconfig, server=room.kube.server)
    return Room(kube=kube, namespace=room.namespace, cluster=room.cluster)
