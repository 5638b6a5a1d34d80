"""Programs that print tokens, run for real; a real server judges the tokens."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import httpx2
import pytest

from rollout.routers.kubernetes.access import connect
from rollout.routers.kubernetes.credentials import ExecCredentials, exec_program
from rollout.routers.kubernetes.kubeconfig import Login, read_login
from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.router import RouterError
from tests.kube.cluster import KubeCluster

V1 = "client.authentication.k8s.io/v1"
CLUSTER = {"server": "https://example.com"}


def script(folder: Path, code: str) -> str:
    path = folder / "token"
    path.write_text(f"#!{sys.executable}\nimport json, os, pathlib, sys\n{code}\n")
    path.chmod(0o755)
    return str(path)


def credentials(command: str, **more: object) -> ExecCredentials:
    settings = Manifest({"command": command, "apiVersion": V1, **more})
    return ExecCredentials(exec_program(settings, CLUSTER))


def first_request(auth: ExecCredentials) -> httpx2.Request:
    request = httpx2.Request("GET", "https://example.com")
    return next(auth.sync_auth_flow(request))


PRINT = 'print(json.dumps({"status": {"token": %s}}))'


def test_a_program_is_told_for_which_server(tmp_path: Path) -> None:
    told = PRINT % 'json.loads(os.environ["KUBERNETES_EXEC_INFO"])["spec"]["cluster"]["server"]'
    auth = credentials(script(tmp_path, told), provideClusterInfo=True)
    assert first_request(auth).headers["Authorization"] == "Bearer https://example.com"


def test_a_program_gets_its_arguments_and_variables(tmp_path: Path) -> None:
    told = PRINT % '"-".join([*sys.argv[1:], os.environ["REGION"]])'
    auth = credentials(
        script(tmp_path, told), args=["a", "b"], env=[{"name": "REGION", "value": "north"}]
    )
    assert first_request(auth).headers["Authorization"] == "Bearer a-b-north"


def test_a_token_that_expired_is_asked_for_again(kube: KubeCluster, tmp_path: Path) -> None:
    """The first token is refused by the server; the program then prints the right one."""
    login = read_login(kubeconfig=str(kube.kubeconfig))
    if "token" not in login.user:
        pytest.skip("this kubeconfig has no token to hand on")
    count = tmp_path / "count"
    count.write_text("0")
    code = f"""
count = pathlib.Path({str(count)!r})
number = int(count.read_text()) + 1
count.write_text(str(number))
token = "expired" if number == 1 else {login.user["token"]!r}
""" + (PRINT % "token")
    user = {"exec": {"command": script(tmp_path, code), "apiVersion": V1}}
    cluster = connect(Login(context="exec", namespace="default", cluster=login.cluster, user=user))
    try:
        with pytest.raises(RouterError, match="401"):
            cluster.read("/api/v1/namespaces")
        assert cluster.read("/api/v1/namespaces").each("items")
        assert cluster.read("/api/v1/namespaces").each("items")
    finally:
        cluster.close()
    assert count.read_text() == "2"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("sys.exit('please log in')", "ended with code 1 instead of .*: please log in"),
        ("print('hello')", "printed no token; expected an ExecCredential"),
        (PRINT % "None", "printed no token"),
    ],
)
def test_a_program_that_fails_is_named(tmp_path: Path, code: str, expected: str) -> None:
    with pytest.raises(RouterError, match=expected):
        first_request(credentials(script(tmp_path, code)))


def test_a_missing_program_is_named_with_the_hint(tmp_path: Path) -> None:
    with pytest.raises(RouterError, match=r"No such file.*; install cloud-cli") as caught:
        first_request(credentials(str(tmp_path / "absent"), installHint="install\ncloud-cli"))
    assert caught.value.lasting


@pytest.mark.parametrize(
    "settings",
    [{"command": "x", "apiVersion": "client.authentication.k8s.io/v0"}, {"apiVersion": V1}],
)
def test_what_is_not_understood_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(RouterError, match=r"expected a program and client\.authentication"):
        exec_program(Manifest(settings), json.loads("{}"))
