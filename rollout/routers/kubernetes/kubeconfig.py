"""Which cluster, as which user: kubeconfig files and service accounts, as kubectl reads them. I/O.

The order is kubectl's: the file that was named, those of $KUBECONFIG, ~/.kube/config, and only
then the pod's own service account.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.router import RouterError

__all__ = ["SERVICE_ACCOUNT", "Login", "read_login"]

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds its token, its namespace and the server's authority."""
DEFAULT_NAMESPACE = "default"
FILES = {
    "clusters": ("certificate-authority",),
    "users": ("client-certificate", "client-key", "tokenFile"),
}
"""Values that are paths, relative to the file that they stand in."""
UNSUPPORTED = {
    "clusters": ("tls-server-name", "proxy-url"),
    "users": ("auth-provider", "as", "as-groups", "as-uid", "as-user-extra"),
}
"""Keys that would be passed over in silence, and then mean another server or another user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One server and one user.

    Attributes:
        context: how the file calls them; "in-cluster" for a service account.
        namespace: of the context.
        cluster, user: as they stand in the file, paths made absolute.
    """

    context: str
    namespace: str
    cluster: Mapping[str, object]
    user: Mapping[str, object] = field(repr=False)  # a token may stand in it


def read_login(
    *,
    kubeconfig: str = "",
    context: str = "",
    environment: Mapping[str, str] = os.environ,
    service_account: Path = SERVICE_ACCOUNT,
) -> Login:
    """Finds the server and the user.

    Args:
        kubeconfig: a file; "": as the environment says.
        context: of the file; "": its current one.
        environment: for KUBECONFIG, HOME and, inside a cluster, KUBERNETES_SERVICE_*.
        service_account: folder with token, namespace and ca.crt.

    Raises:
        RouterError: no file, no such context, or one that cannot be used; always lasting.
    """
    paths = _paths(kubeconfig, environment)
    found = [path for path in paths if path.is_file()]
    if found:
        return _chosen(found, context)
    if not kubeconfig and not context and (service_account / "token").is_file():
        return _in_cluster(environment, service_account)
    raise RouterError(
        f"Kubernetes: found no kubeconfig at {' or '.join(map(str, paths))} and no service "
        "account; name one by `kubeconfig` or $KUBECONFIG",
        lasting=True,
    )


def _paths(kubeconfig: str, environment: Mapping[str, str]) -> Sequence[Path]:
    if kubeconfig:
        return [Path(kubeconfig).expanduser()]
    listed = [Path(each) for each in environment.get("KUBECONFIG", "").split(os.pathsep) if each]
    return listed or [Path(environment.get("HOME", "~")).expanduser() / ".kube" / "config"]


def _chosen(paths: Sequence[Path], context: str) -> Login:
    """A context of several files; what stands in an earlier one wins, as with kubectl."""
    files = [_read(path) for path in paths]
    current = context or next(
        (text for file in files if (text := file.text("current-context"))), ""
    )
    where = " and ".join(map(str, paths))
    if not current:
        raise RouterError(
            f"{where}: found no current context; name one by `context`, or choose one by "
            "`kubectl config use-context`",
            lasting=True,
        )
    chosen = _entry(files, where, "contexts", "context", current)
    return Login(
        context=current,
        namespace=chosen.text("namespace") or DEFAULT_NAMESPACE,
        cluster=_entry(files, where, "clusters", "cluster", chosen.text("cluster")).fields,
        user=_entry(files, where, "users", "user", chosen.text("user")).fields,
    )


def _read(path: Path) -> Manifest:
    """A file with the paths in it made absolute."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise RouterError(
            f"{path}: cannot be read as a kubeconfig ({reason})", lasting=True
        ) from error
    file = Manifest(content if isinstance(content, Mapping) else {})
    fields = dict(file.fields)
    for section, keys in FILES.items():
        fields[section] = [_anchored(entry, keys, path.parent) for entry in file.each(section)]
    return Manifest(fields)


def _anchored(entry: Manifest, keys: Sequence[str], folder: Path) -> Mapping[str, object]:
    """A named cluster or user whose paths no longer depend on the file they stand in."""
    return {
        key: {
            inner: str(folder / setting) if inner in keys else setting
            for inner, setting in value.items()
        }
        if isinstance(value, Mapping)
        else value
        for key, value in entry.fields.items()
    }


def _entry(files: Sequence[Manifest], where: str, section: str, kind: str, name: str) -> Manifest:
    entries = [entry for file in files for entry in file.each(section)]
    for entry in entries:
        if entry.text("name") == name:
            found = Manifest(entry.mapping(kind))
            _refuse_unsupported(found, where, section, name)
            return found
    names = ", ".join(entry.text("name") for entry in entries) or "none"
    raise RouterError(
        f"{where}: found no {kind} {name!r}, but: {names}; see `kubectl config get-contexts`",
        lasting=True,
    )


def _refuse_unsupported(entry: Manifest, where: str, section: str, name: str) -> None:
    for key in UNSUPPORTED.get(section, ()):
        if key in entry.fields:
            raise RouterError(
                f"{where}: {section.removesuffix('s')} {name!r} has {key}, which is not supported "
                "here; use a context without it",
                lasting=True,
            )


def _in_cluster(environment: Mapping[str, str], folder: Path) -> Login:
    host = environment.get("KUBERNETES_SERVICE_HOST", "")
    port = environment.get("KUBERNETES_SERVICE_PORT", "")
    if not host or not port:
        raise RouterError(
            f"Kubernetes: found the service account {folder}, but not $KUBERNETES_SERVICE_HOST "
            "and $KUBERNETES_SERVICE_PORT, which a pod has; name a kubeconfig",
            lasting=True,
        )
    namespace = folder / "namespace"
    return Login(
        context="in-cluster",
        namespace=namespace.read_text().strip() if namespace.is_file() else DEFAULT_NAMESPACE,
        cluster={
            "server": f"https://{f'[{host}]' if ':' in host else host}:{port}",
            "certificate-authority": str(folder / "ca.crt"),
        },
        user={"tokenFile": str(folder / "token")},
    )
