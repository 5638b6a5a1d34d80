"""`loadgen rollout rbac` and `undo`: what a rollout may do in a cluster, and back to before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loadgen.cli.console import warn
from loadgen.config.file import ConfigFile, find_config, read_config
from loadgen.config.kubernetes_section import GatewayRouter, ReplicasRouter
from loadgen.errors import ConfigError

if TYPE_CHECKING:
    from rollout.progressive.news import News
    from rollout.progressive.settings import RolloutSettings

__all__ = ["rbac", "telling_story", "undo"]

Deployment = Annotated[str, typer.Option(help="What is rolled out.", metavar="NAME")]
Namespace = Annotated[
    str, typer.Option(help="Where it is; the context's when not given.", metavar="NAME")
]


def rbac(
    *,
    deployment: Deployment,
    namespace: Namespace = "default",
    config: Annotated[
        Path | None, typer.Option(help="Config file; ./loadgen.yml when it is there.")
    ] = None,
    name: Annotated[str, typer.Option(help="Of the role.", metavar="NAME")] = "loadgen-rollout",
) -> None:
    """Print the Role that a rollout in Kubernetes needs, and nothing that it does not need.

    As YAML for `kubectl apply -f -`; the config's `rollout.router` says for what. With a
    `rollback.command` that undoes the Deployment, the rights for that stand in it, too.
    """
    from rollout.routers.kubernetes.rights import needs_of, role_yaml  # noqa: PLC0415 - an extra

    file = _config(config)
    command = file.config.rollback.command if file.config.rollback else None
    needs = needs_of(_router(file), deployment=deployment, undo="undo" in (command or ()))
    typer.echo(role_yaml(needs, name=name, namespace=namespace), nl=False)


def undo(
    *,
    deployment: Deployment,
    namespace: Namespace = "",
    to_revision: Annotated[
        int, typer.Option(min=0, help="One of `kubectl rollout history`; 0: the previous one.")
    ] = 0,
    kubeconfig: Annotated[
        str, typer.Option(help="As kubectl finds it, when not given.", metavar="FILE")
    ] = "",
    context: Annotated[
        str, typer.Option(help="Of the kubeconfig; its current one when not given.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
) -> None:
    """Put a Deployment's previous revision back, as `kubectl rollout undo` does.

    For machines without kubectl: a `rollback.command` may call it.
    """
    from rollout.routers.kubernetes import kubeconfig as logins  # noqa: PLC0415 - an extra
    from rollout.routers.kubernetes import undo as undoing  # noqa: PLC0415 - an extra

    try:
        from rollout.routers.kubernetes import access  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"rollout undo: the module {error.name} is not installed, which Kubernetes needs; "
            "run pip install 'loadgen[k8s]'"
        ) from None
    cluster = access.connect(
        logins.read_login(kubeconfig=kubeconfig, context=context), namespace=namespace
    )
    try:
        act = undoing.plan_undo if dry_run else undoing.undo
        done = act(
            cluster,
            namespace=cluster.namespace,
            deployment=deployment,
            to_revision=to_revision,
        )
    finally:
        cluster.close()
    typer.echo(f"{'would be done: ' if dry_run else ''}{done.text}")


@contextmanager
def telling_story(settings: RolloutSettings, *, begins: bool) -> Iterator[Callable[[News], None]]:
    """Tells a rollout's news at its Deployment; outside of Kubernetes nobody is told.

    Args:
        settings: of the rollout.
        begins: it is a new one; else it is gone on with.
    """
    router = settings.section.router
    if not isinstance(router, GatewayRouter | ReplicasRouter) or not router.events:
        yield lambda _news: None
        return
    from rollout.routers.kubernetes.story import telling  # noqa: PLC0415 - an extra

    shares = ", ".join(f"{stage.percentage:g}" for stage in settings.plan.stages)
    with telling(
        router,
        deployment=settings.deployment,
        namespace=settings.namespace,
        opening=f"Rollout of {settings.deployment} begins: {shares} %" if begins else "",
        warn=warn,
    ) as tell:
        yield tell


def _config(path: Path | None) -> ConfigFile:
    found = path or find_config(Path())
    if found is None:
        raise ConfigError("found no ./loadgen.yml, expected one with rollout.router, or --config")
    return read_config(found, os.environ)


def _router(file: ConfigFile) -> GatewayRouter | ReplicasRouter:
    router = file.config.rollout.router if file.config.rollout else None
    if isinstance(router, GatewayRouter | ReplicasRouter):
        return router
    raise ConfigError(
        f"{file.name}: found {f'the router {router.kind}' if router else 'no rollout.router'}, "
        "expected one of Kubernetes: kind: gateway-api or replicas"
    )
