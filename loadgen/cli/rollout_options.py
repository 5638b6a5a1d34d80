"""The options of `loadgen rollout`. What is not here may stand in loadgen.yml.

What an option means and which values it takes stands in the model of `rollout:`, under the same
name; here stands only how it looks on the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from loadgen.cli.options import (
    RunOptions,
    config_option,
    environment_option,
    no_config_option,
    run_option,
)
from loadgen.cli.section_option import SectionOption
from loadgen.config.rollout_section import RolloutSection

__all__ = ["HistoryOptions", "LookOptions", "OrderOptions", "PromoteOptions", "StartOptions"]

WHAT = "What is rolled out, and how"
JUDGED = "What it is judged by"
POLICY = "What follows"
REHEARSE = "Rehearsal"
OUTPUT = "What is told"
_DEFAULTS = {
    "stages": "5 % 5 min, 25 % 10 min, 50 % 15 min, 100 % 5 min",
    "load_concurrency": "20",
    "probe_rate": "100",
    "on_failure": "rollback",
    "on_inconclusive": "pause",
    "on_lost": "pause",
    "on_signal": "pause",
    "prove_within": "30s",
}


_option = SectionOption(section=RolloutSection, defaults=_DEFAULTS)
"""An option of `rollout:`."""


def _written(options: object) -> dict[str, object]:
    """Those that were typed and may stand in `rollout:`, by its keys."""
    values = {key: getattr(options, key, None) for key in RolloutSection.model_fields}
    return {key: value for key, value in values.items() if value not in (None, False)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions:
    """What was typed to begin a rollout. None: nothing; values are texts, read by the model."""

    deployment: Annotated[str | None, _option("deployment", "NAME", WHAT)] = None
    namespace: Annotated[str | None, _option("namespace", "NAME", WHAT)] = None
    stages: Annotated[str | None, _option("stages", "JSON|FILE", WHAT)] = None
    router: Annotated[str | None, _option("router", "'{kind: ...}'", WHAT)] = None
    url: Annotated[str | None, _option("url", "URL", WHAT)] = None
    stable_url: Annotated[str | None, _option("stable_url", "URL", WHAT)] = None
    canary_url: Annotated[str | None, _option("canary_url", "URL", WHAT)] = None
    mark: Annotated[str | None, _option("mark", "'{header: ...}'", WHAT)] = None
    prove_within: Annotated[str | None, _option("prove_within", "TIME", WHAT)] = None
    journal: Annotated[str | None, _option("journal", "FILE", WHAT)] = None
    config: Annotated[str | None, config_option(WHAT)] = None
    no_config: Annotated[bool, no_config_option(WHAT)] = False
    environment: Annotated[str | None, environment_option(WHAT)] = None

    load_test: Annotated[bool, _option("load_test", "", JUDGED)] = False
    load_concurrency: Annotated[str | None, _option("load_concurrency", "N", JUDGED)] = None
    objective: Annotated[
        list[str] | None,
        run_option(
            *("objective", "TEXT", JUDGED),
            text="What the load test must keep, beside the thresholds; may be repeated.",
        ),
    ] = None
    probe: Annotated[bool, _option("probe", "", JUDGED)] = False
    probe_rate: Annotated[str | None, _option("probe_rate", "N", JUDGED)] = None
    prometheus: Annotated[
        str | None, _option("prometheus", "'{url: ..., queries: ...}'", JUDGED)
    ] = None
    before: Annotated[str | None, _option("before", "'[URL, ...]'", JUDGED)] = None
    after: Annotated[str | None, _option("after", "'[URL, ...]'", JUDGED)] = None

    auto_rollback_on_loadfail: Annotated[bool, _option("auto_rollback_on_loadfail", "", POLICY)] = (
        False
    )
    rollback_command: Annotated[str | None, run_option("rollback_command", "COMMAND", POLICY)] = (
        None
    )
    on_failure: Annotated[str | None, _option("on_failure", "rollback|pause|continue", POLICY)] = (
        None
    )
    on_inconclusive: Annotated[
        str | None, _option("on_inconclusive", "pause|extend|promote|fail", POLICY)
    ] = None
    most_extensions: Annotated[str | None, _option("most_extensions", "N", POLICY)] = None
    on_lost: Annotated[str | None, _option("on_lost", "pause|rollback", POLICY)] = None
    on_signal: Annotated[str | None, _option("on_signal", "pause|rollback", POLICY)] = None

    dry_run: Annotated[
        bool,
        _option(
            *("dry_run", "", REHEARSE),
            text="Print every action and what undoes it, and change nothing.",
        ),
    ] = False
    drill: Annotated[
        bool,
        _option(
            *("drill", "", REHEARSE),
            text="Move 1 % of traffic, take it back, and say how long that took.",
        ),
    ] = False
    yes: Annotated[bool, _option("yes", "", REHEARSE, text="Do not ask before it begins.")] = False
    why: Annotated[str, _option("why", "TEXT", OUTPUT, text="The reason, for the audit trail.")] = (
        ""
    )
    output: Annotated[str | None, run_option("output", "FILE", OUTPUT, "--output", "-o")] = None
    json: Annotated[str | None, run_option("json", "FILE", OUTPUT)] = None
    html: Annotated[str | None, run_option("html", "FILE", OUTPUT)] = None
    deployment_report: Annotated[str | None, run_option("deployment_report", "FILE", OUTPUT)] = None
    push: Annotated[str | None, run_option("push", "URL", OUTPUT)] = None
    quiet: Annotated[bool, run_option("quiet", "", OUTPUT, "--quiet", "-q")] = False

    def written(self) -> dict[str, object]:
        """Those that may stand in `rollout:`, by its keys."""
        return _written(self)

    def of_load_test(self) -> RunOptions:
        """The same as options of a run, for what a run shares: plan, gate, outlets."""
        return RunOptions(
            target=self.canary_url,
            config=self.config,
            no_config=self.no_config,
            environment=self.environment,
            objective=self.objective,
            rollback_command=self.rollback_command,
            deployment=self.deployment,
            namespace=self.namespace,
            output=self.output,
            json=self.json,
            html=self.html,
            deployment_report=self.deployment_report,
            push=self.push,
            quiet=self.quiet,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LookOptions:
    """What was typed to look at a rollout that was begun: which one."""

    deployment: Annotated[str | None, _option("deployment", "NAME", WHAT)] = None
    journal: Annotated[str | None, _option("journal", "FILE", WHAT)] = None
    config: Annotated[str | None, config_option(WHAT)] = None
    no_config: Annotated[bool, no_config_option(WHAT)] = False
    environment: Annotated[str | None, environment_option(WHAT)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOptions(LookOptions):
    """What was typed to give it an order."""

    why: Annotated[str, _option("why", "TEXT", OUTPUT, text="The reason, for the audit trail.")] = (
        ""
    )
    output: Annotated[str | None, run_option("output", "FILE", OUTPUT, "--output", "-o")] = None
    json: Annotated[str | None, run_option("json", "FILE", OUTPUT)] = None
    html: Annotated[str | None, run_option("html", "FILE", OUTPUT)] = None
    quiet: Annotated[bool, run_option("quiet", "", OUTPUT, "--quiet", "-q")] = False

    def written(self) -> dict[str, object]:
        """Those that may stand in `rollout:`, by its keys."""
        return _written(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOptions(LookOptions):
    """The same for a look back."""

    rollout: Annotated[
        str, typer.Argument(metavar="[ID]", help="Of one rollout: every event of it.")
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteOptions(OrderOptions):
    """The same for a promotion."""

    full: Annotated[
        bool, _option("full", "", WHAT, text="Go to the last stage, leaving out those between.")
    ] = False
