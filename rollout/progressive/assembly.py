"""Puts a rollout's crew together: router, judges, hooks, the way back. Nothing is asked yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from loadgen.errors import ConfigError
from rollout.canary.comparison import ComparisonOptions
from rollout.progressive.crew import Crew
from rollout.progressive.load_judge import LoadJudge
from rollout.progressive.probe_judge import ProbeJudge
from rollout.progressive.query_judge import Query, QueryJudge
from rollout.progressive.rehearse import DrillJudge
from rollout.progressive.split_judge import SplitJudge
from rollout.progressive.webhook import call_hook
from rollout.routers.choose import choose_router
from rollout.side_check import check_side

if TYPE_CHECKING:
    from loadgen.judging import GateOptions
    from loadgen.plan import Plan
    from loadgen.rollback import RollbackOptions
    from rollout.progressive.announcer import Announcer
    from rollout.progressive.judge import Judge
    from rollout.progressive.news import News
    from rollout.progressive.settings import RolloutSettings
    from rollout.routers.router import Router

__all__ = ["LoadSettings", "assemble"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSettings:
    """What the rest of the configuration says, beside `rollout:`.

    Attributes:
        plan: of load tests and probes.
        gate: thresholds and objectives.
        rollback: the command that takes the deployment back; None without one.
    """

    plan: Plan
    gate: GateOptions
    rollback: RollbackOptions | None = None


def assemble(
    settings: RolloutSettings,
    load: LoadSettings,
    *,
    on_news: Callable[[News], None],
    announcer: Announcer | None = None,
) -> Crew:
    """Makes the crew.

    Args:
        settings: of the rollout.
        load: of load tests, and the rollback command.
        on_news: is told of everything.
        announcer: tells people elsewhere; None: nobody does.

    Raises:
        ConfigError: a load test without anything to hold it against, or a router whose options
            cannot be.
        RouterError: a router that lacks what it needs.
    """
    assert settings.section.router is not None  # the settings were found right
    router = choose_router(
        settings.section.router, deployment=settings.deployment, namespace=settings.namespace
    )
    stable_url = settings.section.stable_url
    crew = Crew(
        router=router,
        proof=settings.proof,
        judges=_judges(settings, load, router),
        check_stable=(lambda: check_side(stable_url)) if stable_url else None,
        command=load.rollback,
        call_hook=call_hook,
        announcer=announcer,
        on_news=on_news,
    )
    # A drill moves traffic there and back; it must not take a good deployment back.
    return replace(crew, judges=(DrillJudge(),), command=None) if settings.drill else crew


def _judges(settings: RolloutSettings, load: LoadSettings, router: Router) -> Sequence[Judge]:
    on_failure = settings.plan.policy.on_failure
    judges: list[Judge] = [SplitJudge(router, settings.proof, on_failure=on_failure)]
    if settings.load_concurrency:
        if not load.gate.objectives:
            raise ConfigError(
                "--load-test: found no thresholds and no objectives, expected what the canary is "
                "held against, such as thresholds: {latency: {p95: 250}} in loadgen.yml"
            )
        judges.append(LoadJudge(load.plan, load.gate, on_failure=settings.on_loadfail))
    if settings.probe_rate_rps:
        options = ComparisonOptions(
            baseline_url=settings.section.stable_url or "",
            canary_url=settings.section.canary_url or "",
            rate_rps=settings.probe_rate_rps,
            objectives=load.gate.objectives,
        )
        judges.append(ProbeJudge(load.plan, options, on_failure=on_failure))
    if settings.section.prometheus is not None:
        judges += [
            QueryJudge(
                Query(
                    url=settings.section.prometheus.url,
                    name=each.name,
                    query=each.query,
                    comparison=each.limit[0],
                    limit=each.limit[1],
                    interval_s=each.interval,
                    on_failure=each.on_failure or on_failure,
                )
            )
            for each in settings.section.prometheus.queries
        ]
    return judges
