"""Where results are sent to, and when. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from loadgen.secret import Secret

__all__ = ["GithubOptions", "Grouping", "PushOptions", "SlackOptions", "SlackWhen"]


class Grouping(StrEnum):
    """Which group of the Pushgateway a run writes to."""

    RUN = "run"
    """One of its own, as the guide has it: the gateway keeps it until somebody deletes it."""
    STABLE = "stable"
    """One per target and environment: the latest run replaces the one before."""


class SlackWhen(StrEnum):
    """Which runs are told of."""

    FAILURE = "failure"
    """Those that did not pass."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOptions:
    """A Prometheus Pushgateway.

    Attributes:
        url: its base; may carry user and password.
        job: the label of that name.
        delete_on_exit: take the group back once the run is over.
        login: user and password (basic authentication).
        ca_file: PEM file with the authorities to trust; None is the system's.
    """

    url: str = field(repr=False)
    grouping: Grouping = Grouping.RUN
    job: str = "loadtest"
    delete_on_exit: bool = False
    login: tuple[str, Secret] | None = None
    ca_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackOptions:
    """An incoming webhook of Slack.

    Attributes:
        webhook: its URL, which is its password, too.
        when: which runs are told of.
    """

    webhook: Secret
    when: SlackWhen = SlackWhen.FAILURE


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubOptions:
    """What GitHub Actions is told; nothing by default.

    Attributes:
        summary_file: of $GITHUB_STEP_SUMMARY; "" without one.
        annotate: this is a step of a workflow, and what it prints is read.
        output_file: of $GITHUB_OUTPUT, when outputs are wanted; "" without them.
    """

    summary_file: str = ""
    annotate: bool = False
    output_file: str = ""
