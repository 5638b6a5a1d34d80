"""Exec credentials: a program of the kubeconfig that prints a token, such as a cloud's. I/O.

Source: kubernetes.io, client-go credential plugins. lightkube knows its older versions only, and
does not tell the program for which server the token is.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Generator, Mapping
from dataclasses import dataclass

import httpx2

from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.router import RouterError

__all__ = ["ExecCredentials", "ExecProgram", "exec_program"]

VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
TIMEOUT_S = 60.0
"""A cloud's program asks the cloud; one that waits for a person never ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecProgram:
    """The program and what it is told.

    Attributes:
        command: program and arguments.
        environment: variables besides ours.
        version: of the answer's format, one of VERSIONS.
        hint: what the kubeconfig says to whoever does not have the program.
        cluster: for $KUBERNETES_EXEC_INFO; None: the program does not want it.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    version: str
    hint: str
    cluster: Mapping[str, object] | None


def exec_program(settings: Manifest, cluster: Mapping[str, object]) -> ExecProgram:
    """The `exec` of a kubeconfig's user.

    Args:
        settings: that mapping.
        cluster: the kubeconfig's cluster.

    Raises:
        RouterError: it names no program, or a version that is not known.
    """
    command = settings.text("command")
    version = settings.text("apiVersion")
    if not command or version not in VERSIONS:
        raise RouterError(
            f"kubeconfig: exec credentials by {command or 'no program'} in version "
            f"{version or 'none'}; expected a program and {' or '.join(VERSIONS)}",
            lasting=True,
        )
    arguments = settings.at("args")
    return ExecProgram(
        command=(command, *map(str, arguments if isinstance(arguments, list) else ())),
        environment={each.text("name"): each.text("value") for each in settings.each("env")},
        version=version,
        hint=" ".join(settings.text("installHint").split()),
        cluster=cluster if settings.at("provideClusterInfo") is True else None,
    )


class ExecCredentials(httpx2.Auth):
    """Asks the program for a token: before the first request, and when a token is refused."""

    def __init__(self, program: ExecProgram) -> None:
        self._program = program
        self._token = ""

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Sends a request with the token; once more with a new one when that has expired."""
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
            answer = yield request
            if answer.status_code != 401:
                return
        self._token = _token(self._program)
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _token(program: ExecProgram) -> str:
    name = program.command[0]
    try:
        done = subprocess.run(
            program.command,
            env={**os.environ, **program.environment, "KUBERNETES_EXEC_INFO": _info(program)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except OSError as error:
        hint = f"; {program.hint}" if program.hint else ""
        raise RouterError(
            f"kubeconfig: {name} cannot be run for credentials ({error.strerror}){hint}",
            lasting=True,
        ) from error
    except subprocess.TimeoutExpired as error:
        raise RouterError(
            f"kubeconfig: {name} printed no credentials within {TIMEOUT_S:g} s; run it by hand, "
            "it may wait for a login"
        ) from error
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())[-300:]
        raise RouterError(
            f"kubeconfig: {name} ended with code {done.returncode} instead of printing "
            f"credentials: {said or 'it said nothing'}"
        )
    try:
        token = Manifest(json.loads(done.stdout)).text("status", "token")
    except ValueError:
        token = ""
    if not token:
        raise RouterError(
            f"kubeconfig: {name} printed no token; expected an ExecCredential with status.token "
            "(client certificates of such programs are not supported)",
            lasting=True,
        )
    return token


def _info(program: ExecProgram) -> str:
    """What the program may want to know, as JSON."""
    spec: dict[str, object] = {"interactive": False}
    if program.cluster is not None:
        spec["cluster"] = program.cluster
    return json.dumps({"apiVersion": program.version, "kind": "ExecCredential", "spec": spec})
