"""Opens the way to a cluster: certificates, credentials, and the client that carries both. I/O."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import httpx2
import msgspec
from lightkube.config.client_adapter import ConnectionParams
from lightkube.config.kubeconfig import KubeConfig, SingleConfig
from lightkube.core.exceptions import ConfigError as LightkubeConfigError

from rollout.routers.kubernetes.cluster import Cluster
from rollout.routers.kubernetes.credentials import ExecCredentials, exec_program
from rollout.routers.kubernetes.kubeconfig import Login
from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.router import RouterError

__all__ = ["connect"]

TIMEOUT_S = 10.0
"""Longest wait for a connection, and for each part of an answer."""


def connect(login: Login, *, namespace: str = "", timeout_s: float = TIMEOUT_S) -> Cluster:
    """A cluster to talk to; nothing is sent yet.

    Args:
        login: the server and the user.
        namespace: instead of the context's.
        timeout_s: longest wait for a connection or an answer.

    Raises:
        RouterError: certificates or credentials cannot be used; always lasting.
    """
    # At INFO httpx2 writes each request to the log.
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        config = _config(login)
        settings = ConnectionParams(timeout=httpx2.Timeout(timeout_s)).httpx_params(config)
    except (OSError, ValueError, KeyError, LightkubeConfigError, msgspec.ValidationError) as error:
        raise RouterError(
            f"kubeconfig: context {login.context} cannot be used ({' '.join(str(error).split())}); "
            "see that its certificates and keys are there and in order",
            lasting=True,
        ) from error
    program = Manifest(login.user).mapping("exec")
    if program:
        settings["auth"] = ExecCredentials(exec_program(Manifest(program), login.cluster))
    return Cluster(
        httpx2.Client(**settings),
        context=login.context,
        namespace=namespace or login.namespace,
    )


def _config(login: Login) -> SingleConfig:
    """The login as lightkube has it."""
    user = {key: value for key, value in login.user.items() if key != "exec"}
    name = login.context
    whole: Mapping[str, object] = {
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": login.cluster}],
        "users": [{"name": name, "user": user}],
    }
    config = KubeConfig.from_dict(dict(whole), fname=Path("kubeconfig")).get()
    assert config is not None  # the context is in it
    return config
