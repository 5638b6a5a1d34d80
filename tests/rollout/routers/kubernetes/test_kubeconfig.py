"""kubeconfig files, read as kubectl reads them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from rollout.routers.kubernetes.kubeconfig import Login, read_login
from rollout.routers.router import RouterError

NOWHERE = Path("/nonexistent")


def write(path: Path, *names: str, current: str = "", **more: object) -> Path:
    """A kubeconfig with a cluster, a user and a context of each name."""
    path.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": current,
                "clusters": [
                    {
                        "name": name,
                        "cluster": {
                            "server": f"https://{name}.{path.stem}.example",
                            "certificate-authority": "ca.crt",
                        },
                    }
                    for name in names
                ],
                "users": [{"name": name, "user": {"token": name, **more}} for name in names],
                "contexts": [
                    {
                        "name": name,
                        "context": {"cluster": name, "user": name, "namespace": f"of-{name}"},
                    }
                    for name in names
                ],
            }
        )
    )
    return path


def read(
    *, kubeconfig: Path | None = None, context: str = "", account: Path = NOWHERE, **variables: str
) -> Login:
    return read_login(
        kubeconfig=str(kubeconfig or ""),
        context=context,
        environment=variables,
        service_account=account,
    )


def test_the_current_context(tmp_path: Path) -> None:
    login = read(kubeconfig=write(tmp_path / "one", "a", "b", current="b"))
    assert (login.context, login.namespace) == ("b", "of-b")
    assert login.cluster["server"] == "https://b.one.example"
    assert login.cluster["certificate-authority"] == str(tmp_path / "ca.crt")
    assert login.user == {"token": "b"}


def test_a_named_context(tmp_path: Path) -> None:
    path = write(tmp_path / "one", "a", "b", current="b")
    assert read(kubeconfig=path, context="a").user == {"token": "a"}


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_several_files_are_merged_as_kubectl_merges_them(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    write(tmp_path / "one", "a", "b")
    write(tmp_path / "two", "b", "c", current="b")
    variable = ":".join(str(tmp_path / name) for name in order)
    try:
        shown = subprocess.run(
            ["kubectl", "config", "view", "--minify", "-o", "json"],
            env={"KUBECONFIG": variable, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError:
        pytest.skip("kubectl is not installed")
    judge = json.loads(shown.stdout)
    login = read(KUBECONFIG=variable)
    assert login.context == judge["current-context"]
    assert login.cluster["server"] == judge["clusters"][0]["cluster"]["server"]
    assert login.namespace == judge["contexts"][0]["context"]["namespace"]


def test_the_file_at_home_comes_before_the_service_account(tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    write(tmp_path / ".kube" / "config", "a", current="a")
    account = service_account(tmp_path)
    login = read(
        HOME=str(tmp_path),
        account=account,
        KUBERNETES_SERVICE_HOST="10.0.0.1",
        KUBERNETES_SERVICE_PORT="443",
    )
    assert login.context == "a"


def service_account(folder: Path) -> Path:
    account = folder / "serviceaccount"
    account.mkdir()
    (account / "token").write_text("t")
    (account / "namespace").write_text("shop\n")
    return account


@pytest.mark.parametrize(
    ("host", "server"), [("10.0.0.1", "https://10.0.0.1:443"), ("fd00::1", "https://[fd00::1]:443")]
)
def test_inside_a_pod(tmp_path: Path, host: str, server: str) -> None:
    account = service_account(tmp_path)
    login = read(
        HOME=str(tmp_path),
        account=account,
        KUBERNETES_SERVICE_HOST=host,
        KUBERNETES_SERVICE_PORT="443",
    )
    assert (login.context, login.namespace) == ("in-cluster", "shop")
    assert login.cluster == {"server": server, "certificate-authority": str(account / "ca.crt")}
    assert login.user == {"tokenFile": str(account / "token")}


def test_a_service_account_outside_of_a_pod_is_named(tmp_path: Path) -> None:
    with pytest.raises(RouterError, match=r"but not \$KUBERNETES_SERVICE_HOST"):
        read(HOME=str(tmp_path), account=service_account(tmp_path))


def test_nothing_is_there(tmp_path: Path) -> None:
    with pytest.raises(RouterError, match=r"found no kubeconfig at .*\.kube/config and no service"):
        read(HOME=str(tmp_path))


def test_a_missing_context_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    path = write(tmp_path / "one", "a", "b")
    with pytest.raises(RouterError, match="found no context 'c', but: a, b"):
        read(kubeconfig=path, context="c")
    with pytest.raises(RouterError, match="found no current context"):
        read(kubeconfig=path)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("{[")
    with pytest.raises(RouterError, match="cannot be read as a kubeconfig"):
        read(kubeconfig=path)


def test_what_would_be_passed_over_is_refused(tmp_path: Path) -> None:
    """Another user, that is: a rollout as somebody else than was asked for."""
    path = write(tmp_path / "config", "a", current="a", **{"as": "root"})
    with pytest.raises(RouterError, match="user 'a' has as, which is not supported"):
        read(kubeconfig=path)
