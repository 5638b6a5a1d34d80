"""The router that the configuration names; only its own module is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from loadgen.config.kubernetes_section import GatewayRouter, ReplicasRouter
from loadgen.config.router_section import (
    CommandRouter,
    EnvoyRouter,
    HaproxyRouter,
    NginxRouter,
    RouterOptions,
)
from rollout.routers.router import Router, RouterError

__all__ = ["choose_router"]


def choose_router(options: RouterOptions, *, deployment: str = "", namespace: str = "") -> Router:
    """Makes the router. Only those of Kubernetes ask something: whether they may do their work.

    Args:
        options: `router` of the configuration.
        deployment: for {deployment} in commands.
        namespace: for {namespace} in commands.

    Raises:
        ConfigError: commands that cannot be filled in.
        RouterError: a cluster lacks or forbids what its router needs.
    """
    match options:
        case HaproxyRouter():
            from rollout.routers import haproxy  # noqa: PLC0415 (each needs what others do not)

            return haproxy.HaproxyRouter(
                socket=options.socket,
                backend=options.backend,
                stable=options.stable,
                canary=options.canary,
            )
        case EnvoyRouter():
            from rollout.routers import envoy  # noqa: PLC0415

            return envoy.EnvoyRouter(
                admin=options.admin,
                key=options.key,
                stable=options.stable,
                canary=options.canary,
            )
        case NginxRouter():
            from rollout.routers import nginx  # noqa: PLC0415

            return nginx.NginxRouter(
                include=Path(options.include),
                variable=options.variable.removeprefix("$"),
                key=options.key,
                stable=options.stable,
                canary=options.canary,
                command=options.command,
                pid_file=Path(options.pid),
            )
        case CommandRouter():
            from rollout.routers import command  # noqa: PLC0415

            return command.CommandRouter(
                set_command=options.command,
                get_command=options.get_command,
                deployment=deployment,
                namespace=namespace,
                timeout_s=options.timeout,
            )
        case GatewayRouter() | ReplicasRouter():
            return _in_kubernetes(options, deployment=deployment, namespace=namespace)
    assert_never(options)


def _in_kubernetes(
    options: GatewayRouter | ReplicasRouter, *, deployment: str, namespace: str
) -> Router:
    """A router of the extra `k8s`, which may not be installed."""
    try:
        from rollout.routers.kubernetes import opening  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise RouterError(
            f"router {options.kind}: the module {error.name} is not installed, which Kubernetes "
            "needs; run pip install 'loadgen[k8s]'",
            lasting=True,
        ) from None
    return opening.open_router(options, deployment=deployment, namespace=namespace).router
