"""Where a run is told of, what is watched beside it: options over environment over file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from loadgen.config.publish_section import PublishSection, PushgatewaySection, SlackSection
from loadgen.publish.options import GithubOptions, PushOptions, SlackOptions
from loadgen.watch.options import WatchOptions

if TYPE_CHECKING:
    from loadgen.config.load_test_section import LoadTest
    from loadgen.config.model import Config

__all__ = ["Outlets", "find_outlets", "github_options"]

PUSHGATEWAY_VARIABLE = "PROMETHEUS_PUSHGATEWAY_URL"
SLACK_VARIABLE = "SLACK_WEBHOOK_URL"
_GITHUB = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """What goes out of a run beside its files, and what comes in beside its load.

    Attributes:
        push, slack: None: nothing goes there.
        link: the run's own page; "" without one.
        github: what GitHub Actions is told, when this is a step of a workflow.
        watch: what is watched.
    """

    push: PushOptions | None = None
    slack: SlackOptions | None = None
    link: str = ""
    github: GithubOptions = GithubOptions()  # noqa: RUF009 - a value without arguments, and frozen
    watch: WatchOptions = WatchOptions()  # noqa: RUF009 - a value without arguments, and frozen


def find_outlets(
    values: LoadTest, config: Config | None, environ: Mapping[str, str]
) -> tuple[Outlets, list[str]]:
    """Finds them, and what is wrong with those that the environment names.

    Args:
        values: of load_test, options included.
        config: the file, when there is one.
        environ: the process's environment.
    """
    publish = (config.publish if config else None) or PublishSection()
    gateway, slack = publish.pushgateway or PushgatewaySection(), publish.slack or SlackSection()
    problems: list[str] = []
    url = values.push or _url(environ, PUSHGATEWAY_VARIABLE, problems) or gateway.url
    webhook = _url(environ, SLACK_VARIABLE, problems) or slack.webhook
    watch = config.watch.options() if config and config.watch else WatchOptions()
    return Outlets(
        push=gateway.options(url) if url else None,
        slack=slack.options(webhook) if webhook else None,
        link=publish.link or _workflow_run(environ),
        github=github_options(environ, problems, with_outputs=bool(values.github_output)),
        watch=watch if values.watch_pid is None else WatchOptions(pid=values.watch_pid),
    ), problems


def _url(environ: Mapping[str, str], variable: str, problems: list[str]) -> str:
    """A URL of the environment, never quoted, since it may be a secret."""
    url = environ.get(variable, "").strip()
    parts = urlsplit(url)
    if url and not (parts.scheme in {"http", "https"} and parts.netloc):
        problems.append(f"${variable}: found no URL in it, expected http://... or https://...")
        return ""
    return url


def github_options(
    environ: Mapping[str, str], problems: list[str], *, with_outputs: bool
) -> GithubOptions:
    """What a step of a workflow tells its runner.

    Args:
        environ: the process's environment.
        problems: gets a sentence when outputs are asked for and cannot be written.
        with_outputs: outputs are asked for.
    """
    output_file = environ.get("GITHUB_OUTPUT", "") if with_outputs else ""
    if with_outputs and not output_file:
        problems.append(
            "--github-output: found no $GITHUB_OUTPUT, expected to be a step of a GitHub workflow"
        )
    return GithubOptions(
        summary_file=environ.get("GITHUB_STEP_SUMMARY", ""),
        annotate=environ.get("GITHUB_ACTIONS") == "true",
        output_file=output_file,
    )


def _workflow_run(environ: Mapping[str, str]) -> str:
    """The page of the workflow run in GitHub Actions; "" elsewhere."""
    server, repository, run = (environ.get(name, "") for name in _GITHUB)
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
