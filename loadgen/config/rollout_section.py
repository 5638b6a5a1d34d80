"""`rollout:` of loadgen.yml; the options of `loadgen rollout` go through the same model. Pure."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from loadgen import units
from loadgen.config import fields as field
from loadgen.config.router_section import MarkSection, RouterOptions
from loadgen.config.section import Section
from loadgen.plan import MAX_DURATION_S, MAX_RATE_RPS, MAX_USERS
from slo.policy import Fallback, OnFailure, OnInconclusive

__all__ = [
    "HookSection",
    "Limit",
    "QueriesSection",
    "QuerySection",
    "RolloutSection",
    "StageSection",
]

LONGEST_WAIT_S = 3_600.0
MOST_EXTENSIONS = 1_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_LIMIT = re.compile(r"(<=|>=|<|>)\s*(\S+)")

Limit = tuple[str, float]
"""A comparison (<, <=, >, >=) and a number."""


def _name() -> BeforeValidator:
    """A name that can be that of a file, too."""

    def read(value: object) -> str:
        if isinstance(value, str) and _NAME.fullmatch(value):
            return str(value)
        raise ValueError(
            f"found {field.describe(value)}, expected a name of letters, digits, dots and dashes"
        )

    return BeforeValidator(read, json_schema_input_type=str)


def _limit() -> BeforeValidator:
    """What a query's value must be."""

    def read(value: object) -> Limit:
        found = _LIMIT.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            raise ValueError(
                f"found {field.describe(value)}, expected a limit such as '< 0.5' or '>= 100'"
            )
        return found[1], units.parse_number(found[2], low=-float("inf"))

    return BeforeValidator(read, json_schema_input_type=str)


class HookSection(Section):
    """A webhook."""

    url: Annotated[str, field.web_url(secret=True)] = Field(
        description="Called by POST with JSON and the header Idempotency-Key.", repr=False
    )
    timeout: Annotated[float, field.duration(0.1, LONGEST_WAIT_S)] = Field(
        default=10.0, description="For each try."
    )
    retries: Annotated[int, field.whole(0, 100)] = Field(
        default=3, description="Tries after the first one."
    )


def _url_alone(value: object) -> object:
    return {"url": value} if isinstance(value, str) else value


Hooks = Annotated[
    list[
        Annotated[
            HookSection,
            BeforeValidator(_url_alone, json_schema_input_type=str | HookSection),
        ]
    ]
    | None,
    field.given("a list of webhooks", list[str | HookSection]),
]


class StageSection(Section):
    """A weight that is held for a while and judged meanwhile."""

    name: Annotated[str | None, field.text("a name")] = Field(
        default=None, description="What reports call it; 5% Traffic when not given."
    )
    percentage: Annotated[float, field.number(0.01, 100)] = Field(
        description="The canary's part of live traffic."
    )
    duration: Annotated[float, field.duration(0.01, MAX_DURATION_S)] = Field(
        description="How long it is held, once the split is proven."
    )
    gate: Annotated[bool, field.switch()] = Field(
        default=False, description="A person promotes, also when the stage has passed."
    )
    before: Hooks = Field(default=None, description="Webhooks before its weight is set.")
    after: Hooks = Field(default=None, description="Webhooks once it has passed.")


class QuerySection(Section):
    """A query whose value must keep a limit while a stage is held."""

    name: Annotated[str, field.text("a name")] = Field(description="What reports call it.")
    query: Annotated[str, field.text("PromQL")] = Field(description="PromQL with one value.")
    limit: Annotated[Limit, _limit()] = Field(
        description="What the value must be, such as '< 0.5'; no value is no evidence."
    )
    interval: Annotated[float, field.duration(1, LONGEST_WAIT_S)] = Field(
        default=10.0, description="Between two looks."
    )
    on_failure: Annotated[OnFailure | None, field.choice(OnFailure)] = Field(
        default=None, description="What follows when it is broken, if not as for all."
    )


class QueriesSection(Section):
    """Objectives that a Prometheus answers."""

    url: Annotated[str, field.web_url()] = Field(description="Of the Prometheus.", repr=False)
    queries: Annotated[list[QuerySection], field.given("a list of queries", list[QuerySection])] = (
        Field(description="One objective each.")
    )


class RolloutSection(Section):
    """A progressive rollout. Every value has an option of the same name."""

    deployment: Annotated[str | None, _name()] = Field(
        default=None, description="What is rolled out; its journal has that name."
    )
    namespace: Annotated[str | None, _name()] = Field(
        default=None, description="What {namespace} stands for."
    )
    url: Annotated[str | None, field.target()] = Field(
        default=None, description="Where live traffic enters."
    )
    stable_url: Annotated[str | None, field.target()] = Field(
        default=None, description="The stable version directly, for probes and its own check."
    )
    canary_url: Annotated[str | None, field.target()] = Field(
        default=None, description="The canary directly, for probes and load tests."
    )
    router: Annotated[RouterOptions | None, field.given("kind: ...", dict[str, str])] = Field(
        default=None, description="What moves live traffic."
    )
    mark: Annotated[MarkSection | None, field.given("header and canary", MarkSection)] = Field(
        default=None, description="How answers tell which version gave them."
    )
    stages: Annotated[
        list[StageSection] | None, field.given("a list of stages", list[StageSection])
    ] = Field(default=None, description="The stages; the guide's four when not given.")
    load_test: Annotated[bool | None, field.switch()] = Field(
        default=None, description="A load test of the canary as long as each stage."
    )
    load_concurrency: Annotated[int | None, field.whole(1, MAX_USERS)] = Field(
        default=None, description="Virtual users of that load test."
    )
    auto_rollback_on_loadfail: Annotated[bool | None, field.switch()] = Field(
        default=None,
        description="A load test that fails rolls back; without, the rollout pauses.",
    )
    probe: Annotated[bool | None, field.switch()] = Field(
        default=None,
        description="Judge the canary beside the stable version by equal requests to both.",
    )
    probe_rate: Annotated[float | None, field.rate(0.1, MAX_RATE_RPS)] = Field(
        default=None, description="Requests per second to each of them."
    )
    prometheus: Annotated[QueriesSection | None, field.given("url and queries", QueriesSection)] = (
        Field(default=None, description="Further objectives.")
    )
    before: Hooks = Field(default=None, description="Webhooks before each stage.")
    after: Hooks = Field(default=None, description="Webhooks after each stage that has passed.")
    on_failure: Annotated[OnFailure | None, field.choice(OnFailure)] = Field(
        default=None,
        description="What follows when a stage fails: rollback, pause or continue.",
    )
    on_inconclusive: Annotated[OnInconclusive | None, field.choice(OnInconclusive)] = Field(
        default=None,
        description="What follows when a stage proves nothing: pause, extend, promote or fail.",
    )
    on_lost: Annotated[Fallback | None, field.choice(Fallback)] = Field(
        default=None,
        description="What follows when the router, the canary or the disk is lost: pause or "
        "rollback.",
    )
    on_signal: Annotated[Fallback | None, field.choice(Fallback)] = Field(
        default=None,
        description="What follows when this process is asked to end: pause or rollback.",
    )
    most_extensions: Annotated[int | None, field.whole(0, MOST_EXTENSIONS)] = Field(
        default=None, description="How often a stage that proves nothing is extended."
    )
    prove_within: Annotated[float | None, field.duration(0.1, LONGEST_WAIT_S)] = Field(
        default=None, description="A split that is not measured by then fails its stage."
    )
    journal: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None,
        description="Where the rollout's state is kept; .loadgen/rollouts/DEPLOYMENT.sqlite.",
    )
