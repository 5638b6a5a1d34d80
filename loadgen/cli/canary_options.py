"""The options of `loadgen canary`. What is not here may stand in loadgen.yml.

What an option means and which values it takes stands in the models of loadgen.config, under the
same name; here stands only how it looks on the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated

from loadgen.cli.options import (
    RunOptions,
    config_option,
    environment_option,
    no_config_option,
    run_option,
)
from loadgen.cli.section_option import SectionOption
from loadgen.config.canary import EXTENSION, RATE_RPS
from loadgen.config.canary_section import CanarySection
from slo.policy import OnInconclusive, Policy

__all__ = ["CanaryOptions"]

SIDES = "The sides"
STEPS = "The steps"
COMPARISON = "The comparison"
REQUEST = "Requests and connections"
VERDICT = "The verdict, and what follows"
OUTPUT = "What is told"
_OWN = frozenset({"load_test", "load_concurrency", "load_duration", "shadow", "skip", "plan_only"})
"""Options that are neither of `canary:` nor of a run."""


def _defaults() -> dict[str, str]:
    policy = Policy()
    return {
        "compare_rate": f"{RATE_RPS:g}",
        "compare_duration": "--load-duration",
        "max_duration": f"{EXTENSION:g} times --compare-duration",
        "on_inconclusive": OnInconclusive.PAUSE,
        "alpha": f"{100 * policy.alpha:g}%",
        "margin": f"{100 * policy.margin.ratio:g}%",
        "matters": f"{policy.ratio:g}",
        "matters_points": f"{policy.error_points:g}",
    }


_option = SectionOption(section=CanarySection, defaults=_defaults())
"""An option of `canary:`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryOptions:
    """What was typed. None: nothing; values are texts, read by the models."""

    canary_url: Annotated[str | None, _option("canary_url", "URL", SIDES)] = None
    production_url: Annotated[str | None, _option("production_url", "URL", SIDES)] = None
    baseline_url: Annotated[str | None, _option("baseline_url", "URL", SIDES)] = None
    config: Annotated[str | None, config_option(SIDES)] = None
    no_config: Annotated[bool, no_config_option(SIDES)] = False
    environment: Annotated[str | None, environment_option(SIDES)] = None

    shadow: Annotated[
        str | None,
        _option(
            *("shadow", "SOURCE", STEPS),
            text="Compare mirrored requests: the result of a shadow test, an access log or a HAR.",
        ),
    ] = None
    load_test: Annotated[
        bool, _option("load_test", "", STEPS, text="Load-test the canary against the objectives.")
    ] = False
    load_concurrency: Annotated[
        str | None, _option("load_concurrency", "N", STEPS, text="Virtual users of the load test.")
    ] = None
    load_duration: Annotated[
        str | None, _option("load_duration", "TIME", STEPS, text="Of the load test.")
    ] = None
    skip: Annotated[
        list[str] | None,
        _option(
            *("skip", "STEP", STEPS),
            text="Leave out shadow, load-test or comparison; may be repeated.",
        ),
    ] = None
    plan_only: Annotated[
        bool,
        _option(
            *("plan_only", "", STEPS),
            text="Say what the comparison would be able to see, and do nothing.",
        ),
    ] = False

    compare_rate: Annotated[str | None, _option("compare_rate", "N", COMPARISON)] = None
    compare_duration: Annotated[str | None, _option("compare_duration", "TIME", COMPARISON)] = None
    max_duration: Annotated[str | None, _option("max_duration", "TIME", COMPARISON)] = None
    alpha: Annotated[str | None, _option("alpha", "PERCENT", COMPARISON)] = None
    margin: Annotated[str | None, _option("margin", "PERCENT", COMPARISON)] = None
    matters: Annotated[str | None, _option("matters", "FACTOR", COMPARISON)] = None
    matters_points: Annotated[str | None, _option("matters_points", "POINTS", COMPARISON)] = None

    header: Annotated[
        list[str] | None, run_option("headers", "'NAME: VALUE'", REQUEST, "--header", "-H")
    ] = None
    auth: Annotated[str | None, run_option("auth", "KIND:SECRET", REQUEST)] = None
    timeout: Annotated[str | None, run_option("timeout", "TIME", REQUEST)] = None
    connections: Annotated[str | None, run_option("connections", "N", REQUEST)] = None
    resolve: Annotated[list[str] | None, run_option("resolve", "HOST:PORT:ADDR", REQUEST)] = None
    cacert: Annotated[str | None, run_option("cacert", "FILE", REQUEST)] = None
    insecure: Annotated[bool, run_option("insecure", "", REQUEST, "--insecure", "-k")] = False
    workers: Annotated[str | None, run_option("workers", "N", REQUEST, "--workers", "-w")] = None
    precision: Annotated[str | None, run_option("precision", "exact|cpu|busy", REQUEST)] = None
    seed: Annotated[str | None, run_option("seed", "N", REQUEST)] = None

    objective: Annotated[
        list[str] | None,
        run_option(
            *("objective", "TEXT", VERDICT),
            text="What must hold, such as 'p99 of /api/orders < 250ms'; may be repeated.",
        ),
    ] = None
    on_inconclusive: Annotated[
        str | None, _option("on_inconclusive", "extend|pause|promote|fail", VERDICT)
    ] = None
    auto_rollback_on_loadfail: Annotated[
        bool, run_option("auto_rollback_on_loadfail", "", VERDICT)
    ] = False
    rollback_command: Annotated[str | None, run_option("rollback_command", "COMMAND", VERDICT)] = (
        None
    )
    deployment: Annotated[str | None, run_option("deployment", "NAME", VERDICT)] = None
    namespace: Annotated[str | None, run_option("namespace", "NAME", VERDICT)] = None

    output: Annotated[str | None, run_option("output", "FILE", OUTPUT, "--output", "-o")] = None
    json: Annotated[str | None, run_option("json", "FILE", OUTPUT)] = None
    html: Annotated[str | None, run_option("html", "FILE", OUTPUT)] = None
    junit: Annotated[str | None, run_option("junit", "FILE", OUTPUT)] = None
    github_output: Annotated[
        bool,
        run_option(
            *("github_output", "", OUTPUT),
            text="Write verdict, accepted and rolled_back to $GITHUB_OUTPUT.",
        ),
    ] = False
    push: Annotated[str | None, run_option("push", "URL", OUTPUT)] = None
    quiet: Annotated[bool, run_option("quiet", "", OUTPUT, "--quiet", "-q")] = False
    verbose: Annotated[bool, run_option("verbose", "", OUTPUT, "--verbose", "-v")] = False

    def of_canary(self) -> dict[str, str]:
        """Those that were typed and may stand in `canary:`, by its keys."""
        return {
            key: value
            for key in CanarySection.model_fields
            if (value := getattr(self, key)) is not None
        }

    def of_load_test(self, canary_url: str) -> RunOptions:
        """The same as options of a run.

        Args:
            canary_url: which the run is of.
        """
        shared = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in _OWN and field.name not in CanarySection.model_fields
        }
        return RunOptions(
            **shared,
            target=canary_url,
            concurrency=self.load_concurrency,
            duration=self.load_duration,
        )
