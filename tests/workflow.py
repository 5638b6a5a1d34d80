"""Runs steps of a workflow as GitHub's runner would, beside the test.

That is: `bash -e` on the step's script, the step's `env` with its expressions filled in, files
for $GITHUB_OUTPUT and $GITHUB_STEP_SUMMARY that are empty at first, and nothing else of ours.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Done", "Runner", "Workflow", "examples_of", "load"]

ROOT = Path(__file__).resolve().parents[1]
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
GH = """\
#!/usr/bin/env bash
echo "$*" >> "$GH_CALLS"
case "$*" in
    *--paginate*) [ -z "${GH_FAILS-}" ] && cat "$GH_COMMENTS" ;;
esac
"""


def load(text: str) -> dict[str, Any]:
    """A workflow. All scalars stay text: YAML 1.1 reads the key `on` as a truth."""
    loaded: dict[str, Any] = yaml.load(text, yaml.BaseLoader)
    return loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A workflow that others call.

    Attributes:
        path: of the file.
        call: its inputs, secrets and outputs.
        outputs: of its job.
        steps: of its job that have a name, by it.
    """

    path: Path
    call: Mapping[str, Any]
    outputs: Mapping[str, str]
    steps: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, name: str, job: str) -> Workflow:
        """Reads one of .github/workflows.

        Args:
            name: of the file.
            job: its only one.
        """
        path = ROOT / ".github" / "workflows" / name
        found = load(path.read_text(encoding="utf-8"))
        return cls(
            path=path,
            call=found["on"]["workflow_call"],
            outputs=found["jobs"][job]["outputs"],
            steps={step["name"]: step for step in found["jobs"][job]["steps"] if "name" in step},
        )

    def inputs(self, **given: str) -> dict[str, str]:
        """What expressions stand for when a caller gives these inputs, and no secrets."""
        assert given.keys() <= self.call["inputs"].keys()
        defaults = {name: each.get("default", "") for name, each in self.call["inputs"].items()}
        return {
            **{f"inputs.{name}": value for name, value in {**defaults, **given}.items()},
            **{f"secrets.{name}": "" for name in self.call.get("secrets", ())},
            "github.token": "token",
            "github.repository": "owner/shop",
            "github.event.pull_request.number": "17",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A step that was run.

    Attributes:
        outputs: what it wrote to $GITHUB_OUTPUT.
    """

    code: int
    printed: str
    errors: str
    outputs: Mapping[str, str]
    summary: str


class Runner:
    """A runner in a folder of its own, with the programs of this environment and a `gh`."""

    def __init__(self, folder: Path, workflow: Workflow) -> None:
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        self.calls = folder / "calls"
        self.comments = folder / "comments"
        self.comments.touch()
        self._folder = folder
        self._workflow = workflow
        self.program("gh", GH)

    def program(self, name: str, script: str) -> None:
        """Puts a script where the steps find it before everything else."""
        path = self._folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(script, encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run(self, name: str, values: Mapping[str, str], **more: str) -> Done:
        """Runs one step.

        Args:
            name: of the step.
            values: what expressions stand for: {"inputs.target_url": "http://..."}.
            more: variables that the runner has besides.
        """
        step = self._workflow.steps[name]
        files = {key: self._folder / key for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        script = self._folder / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        environment = {
            "PATH": f"{self._folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GITHUB_ACTIONS": "true",
            "GH_CALLS": str(self.calls),
            "GH_COMMENTS": str(self.comments),
            **{key: str(file) for key, file in files.items()},
            **{
                key: EXPRESSION.sub(lambda found: values[found[1]], text)
                for key, text in step.get("env", {}).items()
            },
            **more,
        }
        done = subprocess.run(
            ["bash", "-e", script],
            cwd=self.workspace,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Done(
            code=done.returncode,
            printed=done.stdout,
            errors=done.stderr,
            outputs=dict(
                line.split("=", 1)
                for line in files["GITHUB_OUTPUT"].read_text("utf-8").splitlines()
            ),
            summary=files["GITHUB_STEP_SUMMARY"].read_text("utf-8"),
        )


def examples_of(document: Path, name: str) -> list[dict[str, Any]]:
    """The jobs in the `yaml` blocks of a document that use a workflow.

    Args:
        document: Markdown.
        name: of the workflow's file.
    """
    text = document.read_text(encoding="utf-8")
    found = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    jobs = ((load(block) or {}).get("jobs", {}).values() for block in found)
    return [job for group in jobs for job in group if job.get("uses", "").endswith(f"/{name}")]
