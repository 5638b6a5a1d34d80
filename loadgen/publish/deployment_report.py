"""The deployment report: a file that every run appends its section to, and none rewrites."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from loadgen.errors import ConfigError
from loadgen.publish.appended import append

__all__ = ["DEFAULT", "DeploymentReport", "find_deployment_report"]

DEFAULT = Path("deploy/deployment_report.md")
"""The guide's; written when its folder is there and nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentReport:
    """A file that was found writable.

    Attributes:
        name: as it was named.
        path: the file itself, links followed.
    """

    name: str
    path: Path

    @property
    def is_stdout(self) -> bool:
        """Never: what is appended to is read later."""
        return False

    def write(self, section: str) -> None:
        """Appends a section.

        Raises:
            OSError: it could not be written; the file is as it was.
        """
        append(self.path, section)


def find_deployment_report(given: str | None) -> DeploymentReport | None:
    """Where a run is to append its section, found writable without touching it.

    Args:
        given: a file; "" for none; None for the guide's file where its folder is.

    Raises:
        ConfigError: it cannot be written.
    """
    if given == "" or (given is None and not DEFAULT.parent.is_dir()):
        return None
    path = DEFAULT if given is None else Path(given)
    problem = _problem(path)
    if problem:
        raise ConfigError(
            f"--deployment-report: found {str(path)!r}, which cannot be appended to ({problem}); "
            "expected a file in a folder that exists and is writable, or --no-deployment-report"
        )
    return DeploymentReport(
        name=str(DEFAULT) if given is None else given, path=Path(os.path.realpath(path))
    )


def _problem(path: Path) -> str:
    """What keeps a section from being appended; "" when nothing does."""
    if path.exists():
        if not path.is_file():
            return "it is no file"
        return "" if os.access(path, os.R_OK | os.W_OK) else "no permission"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    return "" if os.access(path.parent, os.W_OK | os.X_OK) else "no permission"
