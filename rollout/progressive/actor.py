"""Who did something: a user on a machine, and the CI run that it happened in. For the audit."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["POLICY", "Actor", "find_actor"]

_CI_PAGES = (
    ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"),
    ("CI_PIPELINE_URL",),
    ("BUILD_URL",),
)
"""Variables that name the page of a run: GitHub, GitLab, Jenkins."""
POLICY = "policy"
"""Stands as who when nobody ordered it: a verdict did, by its policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody.

    Attributes:
        user: name of the account.
        host: of the machine.
        ci: page of the CI run, or who started it; "" outside of CI.
    """

    user: str
    host: str
    ci: str = ""

    @property
    def text(self) -> str:
        """As audits show it: "ann@box", "runner@box (https://.../runs/7)"."""
        return f"{self.user}@{self.host}{f' ({self.ci})' if self.ci else ''}"


def find_actor(environ: Mapping[str, str]) -> Actor:
    """Who runs this process.

    Args:
        environ: of the process.
    """
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        user = f"uid {os.getuid()}"
    return Actor(user=user, host=socket.gethostname(), ci=_ci(environ))


def _ci(environ: Mapping[str, str]) -> str:
    for names in _CI_PAGES:
        values = [environ.get(name, "") for name in names]
        if all(values):
            page = values[0] if len(values) == 1 else "{}/{}/actions/runs/{}".format(*values)
            who = environ.get("GITHUB_ACTOR") or environ.get("GITLAB_USER_LOGIN", "")
            return f"{page}, {who}" if who else page
    return ""
