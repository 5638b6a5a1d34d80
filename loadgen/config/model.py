"""loadgen.yml as a whole, and which section stands at which place of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from loadgen.config import fields as field
from loadgen.config.auth import AUTH_SECTIONS
from loadgen.config.canary_section import CanarySection
from loadgen.config.endpoint_section import EndpointOptions, ListedEndpoint
from loadgen.config.expect import Expect, HeaderOptions
from loadgen.config.gate_section import (
    HistorySection,
    Objectives,
    ObjectiveSection,
    RegressionSection,
    RollbackSection,
)
from loadgen.config.guards import LimitOptions, TargetOptions
from loadgen.config.load_test_section import GivenLoadTest, LoadTest
from loadgen.config.publish_section import PublishSection, PushgatewaySection, SlackSection
from loadgen.config.rollout_section import (
    HookSection,
    QueriesSection,
    QuerySection,
    RolloutSection,
    StageSection,
)
from loadgen.config.router_section import ROUTER_SECTIONS, MarkSection
from loadgen.config.section import Section
from loadgen.config.shadow_section import IgnoreSection, ScrubSection, ShadowSection
from loadgen.config.threshold_section import GivenThresholds, Latency, Thresholds
from loadgen.config.watch_section import PrometheusSection, WatchSection

__all__ = ["Config", "Environment", "keys_of", "section_at"]


class Environment(Section):
    """What differs in one environment; what is not given here stands above."""

    load_test: GivenLoadTest = Field(
        default=None, description="Values that replace those of load_test."
    )
    thresholds: GivenThresholds = Field(
        default=None, description="Values that replace those of thresholds, one by one."
    )
    objectives: Objectives = Field(
        default=None, description="The list that replaces that of the file."
    )


Environments = dict[
    str, Annotated[Environment, field.given("thresholds or load_test", Environment)]
]


class Config(Section):
    """loadgen.yml."""

    load_test: GivenLoadTest = Field(default=None, description="The run.")
    thresholds: GivenThresholds = Field(
        default=None, description="What a measurement is held against."
    )
    environment: Annotated[str | None, field.text("the name of an environment")] = Field(
        default=None,
        description="The environment when neither --environment nor $ENVIRONMENT names one.",
    )
    environments: Annotated[
        Environments | None, field.given("names of environments", Environments)
    ] = Field(default=None, description="What differs by environment.")
    objectives: Objectives = Field(
        default=None, description="What must hold, beside the thresholds."
    )
    rollback: Annotated[
        RollbackSection | None, field.given("command, timeout, retries or auto", RollbackSection)
    ] = Field(default=None, description="How a deployment is taken back.")
    history: Annotated[HistorySection | None, field.given("keep", HistorySection)] = Field(
        default=None, description="The runs that are kept in .loadgen/runs."
    )
    regression: Annotated[RegressionSection | None, field.given("margin", RegressionSection)] = (
        Field(default=None, description="What a comparison with a baseline takes for a change.")
    )
    publish: Annotated[
        PublishSection | None, field.given("pushgateway or slack", PublishSection)
    ] = Field(default=None, description="Where a run is told of.")
    watch: Annotated[
        WatchSection | None, field.given("pid, container or prometheus", WatchSection)
    ] = Field(default=None, description="Whose CPU and memory is shown beside the load.")
    canary: Annotated[
        CanarySection | None, field.given("keys such as compare_rate", CanarySection)
    ] = Field(default=None, description="How a canary is verified.")
    rollout: Annotated[
        RolloutSection | None, field.given("keys such as router and stages", RolloutSection)
    ] = Field(default=None, description="How a deployment is rolled out in stages.")
    shadow: Annotated[
        ShadowSection | None, field.given("ignore, unordered, tolerance or scrub", ShadowSection)
    ] = Field(default=None, description="How the answers of a shadow test are compared.")
    targets: Annotated[TargetOptions | None, field.given("allow", TargetOptions)] = Field(
        default=None, description="Which servers may be loaded."
    )
    limits: Annotated[
        LimitOptions | None, field.given("max_rps or max_connections", LimitOptions)
    ] = Field(default=None, description="What no run may exceed.")


ANY = "*"
"""One step, whatever it is called."""
ANYWHERE = "**"
"""Any number of steps."""

_PLACES: tuple[tuple[tuple[str, ...], type[BaseModel]], ...] = (
    (("environments", ANY), Environment),
    ((ANYWHERE, "load_test"), LoadTest),
    ((ANYWHERE, "thresholds"), Thresholds),
    ((ANYWHERE, "latency"), Latency),
    ((ANYWHERE, "objectives", ANY), ObjectiveSection),
    *(((ANYWHERE, "auth", kind), section) for kind, section in AUTH_SECTIONS.items()),
    ((ANYWHERE, "endpoints", "mapping", ANY), EndpointOptions),
    ((ANYWHERE, "endpoints", "list", ANY), ListedEndpoint),
    ((ANYWHERE, "expect"), Expect),
    ((ANYWHERE, "expect", "header", ANY), HeaderOptions),
    (("publish",), PublishSection),
    (("publish", "pushgateway"), PushgatewaySection),
    (("publish", "slack"), SlackSection),
    (("watch",), WatchSection),
    (("watch", "prometheus"), PrometheusSection),
    (("canary",), CanarySection),
    (("shadow",), ShadowSection),
    (("shadow", "ignore"), IgnoreSection),
    (("shadow", "scrub"), ScrubSection),
    (("rollout",), RolloutSection),
    (("rollout", "mark"), MarkSection),
    *((("rollout", "router", kind), section) for kind, section in ROUTER_SECTIONS.items()),
    (("rollout", "stages", ANY), StageSection),
    (("rollout", ANYWHERE, "before", ANY), HookSection),
    (("rollout", ANYWHERE, "after", ANY), HookSection),
    (("rollout", "prometheus"), QueriesSection),
    (("rollout", "prometheus", "queries", ANY), QuerySection),
    (("targets",), TargetOptions),
    (("limits",), LimitOptions),
    (("rollback",), RollbackSection),
    (("history",), HistorySection),
    (("regression",), RegressionSection),
)
"""Which section stands where."""


def section_at(path: Sequence[int | str]) -> type[BaseModel]:
    """The model of the mapping at a place, as pydantic names places in its errors.

    Args:
        path: keys, indices and the tags of unions.
    """
    return next((section for place, section in _PLACES if _is_at(path, place)), Config)


def _is_at(path: Sequence[int | str], place: Sequence[str]) -> bool:
    if ANYWHERE not in place:
        return len(path) == len(place) and all(map(_fits, path, place))
    begin = place.index(ANYWHERE)
    end = len(place) - begin - 1
    return (
        len(path) >= begin + end
        and all(map(_fits, path[:begin], place[:begin]))
        and all(map(_fits, path[len(path) - end :], place[begin + 1 :]))
    )


def _fits(step: int | str, expected: str) -> bool:
    return expected in {ANY, step}


def keys_of(section: type[BaseModel]) -> list[str]:
    """The keys of a section as they are written."""
    return [known.alias or name for name, known in section.model_fields.items()]
