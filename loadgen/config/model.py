"""What may stand in loadgen.yml: the models, and the JSON Schema that editors read. Pure.

The command line's options go through the same LoadTest model, so that a value means the
same, and is refused in the same words, wherever it stands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from loadgen.checks import Checks
from loadgen.config import bodies
from loadgen.config import fields as field
from loadgen.config.auth import AUTH_SECTIONS, AuthOptions
from loadgen.config.canary_section import CanarySection
from loadgen.config.expect import Expect, ExpectedStatuses, ExpectedText, HeaderOptions
from loadgen.config.gate_section import (
    CommandLine,
    HistorySection,
    Objectives,
    ObjectiveSection,
    RegressionSection,
    RollbackSection,
)
from loadgen.config.guards import LimitOptions, TargetOptions
from loadgen.config.network import LocalAddresses, StaticNames
from loadgen.config.publish_section import PublishSection, PushgatewaySection, SlackSection
from loadgen.config.section import Section
from loadgen.config.shadow_section import IgnoreSection, ScrubSection, ShadowSection
from loadgen.config.watch_section import MAX_PID, PrometheusSection, WatchSection
from loadgen.endpoint import MAX_WEIGHT, Endpoint
from loadgen.plan import (
    MAX_DURATION_S,
    MAX_RATE_RPS,
    MAX_REDIRECTS,
    MAX_USERS,
    MIN_RATE_RPS,
    Arrivals,
    Pattern,
    Precision,
    StageUnit,
)
from loadgen.schedule import Point
from loadgen.tls import TlsVersion
from slo.objective import Decide

__all__ = [
    "BODY_KEYS",
    "Config",
    "EndpointOptions",
    "Environment",
    "Latency",
    "ListedEndpoint",
    "LoadTest",
    "Thresholds",
    "body_value",
    "endpoint_values",
    "header_pairs",
    "json_schema",
    "keys_of",
    "section_at",
]


def _kind(value: object) -> str:
    """Which of its two forms a value has; pydantic names it in the place of an error."""
    return "list" if isinstance(value, list) else "mapping"


HeaderMapping = dict[
    Annotated[str, field.header_name()], Annotated[str, field.text(), field.header_value()]
]
HeaderList = list[Annotated[tuple[str, str], field.header_line()]]
Headers = Annotated[
    Annotated[HeaderMapping, Tag("mapping")] | Annotated[HeaderList, Tag("list")],
    Discriminator(_kind),
]
GivenHeaders = Annotated[Headers | None, field.given("headers, 'Name: value' each", Headers)]


BODY_KEYS = ("body", "body_file", "json_body", "form")
"""Fields of which a request has one at most."""


class _Request(Section):
    """What a request carries."""

    body: Annotated[str | None, field.text()] = Field(
        default=None, description="Request body, UTF-8."
    )
    body_file: Annotated[bytes | None, field.body_file()] = Field(
        default=None, description="File with the request body."
    )
    form: Annotated[bytes | None, bodies.form()] = Field(
        default=None, description="Request body as an HTML form, NAME=VALUE; may be repeated."
    )

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        given = [key for key in BODY_KEYS if getattr(self, key) is not None]
        if len(given) > 1:
            named = (type(self).model_fields[key].alias or key for key in given)
            raise ValueError(f"found {' and '.join(named)}, expected one of them")
        return self


class EndpointOptions(_Request):
    """One kind of request, named by its path."""

    weight: Annotated[float, field.number(0, MAX_WEIGHT)] = Field(
        default=1.0, description="Share of the traffic, relative to the sum of all weights."
    )
    method: Annotated[str, field.method()] = Field(default="GET", description="Request method.")
    headers: GivenHeaders = Field(default=None, description="Headers besides those of load_test.")
    json_body: Annotated[bytes | None, bodies.json_body()] = Field(
        default=None, alias="json", description="Request body as JSON: a mapping or a list."
    )
    name: Annotated[str | None, field.text()] = Field(
        default=None, description="What reports call it; the method and path when not given."
    )
    expect: Annotated[Expect | None, field.given("status, header, ...", Expect)] = Field(
        default=None, description="What its answers must be to be a success."
    )

    def endpoint(self, path: str) -> Endpoint:
        """The endpoint at a path, as a plan has it."""
        body, content_type = body_value(self)
        return Endpoint(
            path=path,
            method=self.method,
            weight=self.weight,
            name=self.name or "",
            headers=header_pairs(self.headers),
            body=body,
            content_type=content_type,
            checks=self.expect.checks() if self.expect else Checks(),
        )


class ListedEndpoint(EndpointOptions):
    """One kind of request in a list: for two requests to one path."""

    path: Annotated[str, field.text(), field.path()] = Field(
        description="Path and query, appended to the target's own path."
    )


def _weight_alone(value: object) -> object:
    if value is None:
        raise ValueError("found nothing, expected a weight or options such as method")
    return {"weight": value} if isinstance(value, str) else value


EndpointMapping = dict[
    Annotated[str, field.path()],
    Annotated[
        EndpointOptions,
        BeforeValidator(_weight_alone, json_schema_input_type=float | EndpointOptions),
    ],
]
Endpoints = Annotated[
    Annotated[EndpointMapping, Tag("mapping")] | Annotated[list[ListedEndpoint], Tag("list")],
    Discriminator(_kind),
]


def endpoint_values(endpoints: Endpoints | None) -> tuple[Endpoint, ...]:
    """Either form of `endpoints` as a plan has them, in the order of the file."""
    if endpoints is None:
        return ()
    if isinstance(endpoints, dict):
        return tuple(options.endpoint(path) for path, options in endpoints.items())
    return tuple(listed.endpoint(listed.path) for listed in endpoints)


def header_pairs(headers: Headers | None) -> tuple[tuple[str, str], ...]:
    """Either form of `headers` as (name, value) pairs."""
    if headers is None:
        return ()
    return tuple(headers.items() if isinstance(headers, dict) else headers)


def body_value(options: LoadTest | EndpointOptions) -> tuple[bytes, str]:
    """The body that was given in one of four ways, and what it is; "" when that is not known."""
    if options.json_body is not None:
        return options.json_body, bodies.JSON_TYPE
    if options.form is not None:
        return options.form, bodies.FORM_TYPE
    if options.body_file is not None:
        return options.body_file, ""
    return (options.body or "").encode(), ""


def _sendable(endpoints: Endpoints | None) -> Endpoints | None:
    """Checks what one endpoint alone cannot know."""
    values = endpoint_values(endpoints)
    if not values:
        raise ValueError("found no endpoint, expected at least one path with its weight")
    if math.fsum(value.weight for value in values) <= 0:
        raise ValueError("found only weights of zero, expected one above 0: nothing would be sent")
    labels = [value.label for value in values]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise ValueError(
            f"found {twice!r} twice, expected names that differ; give one a name of its own"
        )
    return endpoints


class LoadTest(_Request):
    """A run. Every value has an option of the same name, which wins over the file."""

    target: Annotated[str | None, field.target()] = Field(
        default=None, description="URL of the server under test."
    )
    pattern: Annotated[Pattern | None, field.choice(Pattern)] = Field(
        default=None,
        description="How load varies over time: sustained, burst, ramp-up, rate or stages. "
        "Need not be said when --rate, --stages, --ramp, --burst-size or --pause says it.",
    )
    concurrency: Annotated[int | None, field.whole(1, MAX_USERS)] = Field(
        default=None, description="Virtual users, each with a connection of its own."
    )
    duration: Annotated[float | None, field.duration(0.1, MAX_DURATION_S)] = Field(
        default=None, description="Measured time; with stages, the end of the last one."
    )
    warmup: Annotated[float | None, field.duration(0, MAX_DURATION_S)] = Field(
        default=None, description="Load before the measured time: sent, not measured."
    )
    think: Annotated[tuple[float, float] | None, field.span(MAX_DURATION_S)] = Field(
        default=None, description="Random pause between a user's requests; 0 for none."
    )
    burst_size: Annotated[int | None, field.whole(1, 1_000_000)] = Field(
        default=None, description="Pattern burst: requests back to back."
    )
    pause: Annotated[tuple[float, float] | None, field.span(MAX_DURATION_S)] = Field(
        default=None, description="Pattern burst: random pause between bursts."
    )
    ramp: Annotated[float | None, field.duration(0, MAX_DURATION_S)] = Field(
        default=None, description="Pattern ramp-up: time from one user to all."
    )
    rate: Annotated[float | None, field.rate(MIN_RATE_RPS, MAX_RATE_RPS)] = Field(
        default=None, description="Pattern rate: requests per second, however slow the answers are."
    )
    arrivals: Annotated[Arrivals | None, field.choice(Arrivals)] = Field(
        default=None, description="Open loop: evenly spaced, or at random like independent users."
    )
    connections: Annotated[int | None, field.whole(1, MAX_USERS)] = Field(
        default=None,
        description="Open loop: connections that arrivals share; as many as --concurrency.",
    )
    stages: Annotated[tuple[Point, ...] | None, field.stages()] = Field(
        default=None, description="Pattern stages: TIME:LEVEL,..., straight lines between them."
    )
    stages_of: Annotated[StageUnit | None, field.choice(StageUnit)] = Field(
        default=None,
        description="What the levels of --stages count: users, or requests per second.",
    )
    method: Annotated[str | None, field.method()] = Field(
        default=None, description="Request method."
    )
    headers: GivenHeaders = Field(
        default=None, description="A header of every request; may be repeated."
    )
    json_body: Annotated[bytes | None, bodies.json_body()] = Field(
        default=None, description="Request body as JSON."
    )
    auth: Annotated[
        AuthOptions | None, field.given("bearer:..., basic:... or header:...", AuthOptions)
    ] = Field(
        default=None,
        description="Credentials: bearer:TOKEN, basic:USER:PASSWORD or 'header:NAME: VALUE'; on "
        "the command line the secret is ${VARIABLE} or @FILE.",
    )
    user_agent: Annotated[str | None, field.text()] = Field(
        default=None, description="The User-Agent header."
    )
    timeout: Annotated[float | None, field.duration(0.001, 3600)] = Field(
        default=None, description="Longest wait for an answer."
    )
    connect_timeout: Annotated[float | None, field.duration(0.001, 3600)] = Field(
        default=None, description="Longest wait for a connection, its TLS handshake included."
    )
    expect_status: ExpectedStatuses = Field(
        default=None,
        description="Statuses of a success, such as 200,300-399; of endpoints without expect, too.",
    )
    expect_body: ExpectedText = Field(
        default=None,
        description="Text that a success has in its body; of endpoints without expect, too.",
    )
    follow: Annotated[int | None, field.whole(0, MAX_REDIRECTS)] = Field(
        default=None, description="Follow so many redirects of a request, within the same origin."
    )
    resolve: StaticNames = Field(
        default=None, description="HOST:PORT:ADDRESS instead of a name's own; may be repeated."
    )
    local_address: LocalAddresses = Field(
        default=None, description="Address of this machine to connect from; may be repeated."
    )
    keepalive: Annotated[bool | None, field.switch()] = Field(
        default=None, description="Use connections again; without it, a new one for each request."
    )
    cacert: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None,
        description="https: PEM file of the authorities to trust, instead of the system's.",
    )
    cert: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None, description="https: PEM file of the client certificate, with its chain."
    )
    key: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None, description="https: PEM file of its key, when --cert does not have it."
    )
    insecure: Annotated[bool | None, field.switch()] = Field(
        default=None, description="https: accept any certificate; said loudly wherever it counts."
    )
    tls_min: Annotated[TlsVersion | None, field.choice(TlsVersion)] = Field(
        default=None, description="https: oldest version of TLS to speak."
    )
    tls_ciphers: Annotated[str | None, field.text("names of ciphers")] = Field(
        default=None, description="https: ciphers as OpenSSL names them, with colons between them."
    )
    tls_resume: Annotated[bool | None, field.switch()] = Field(
        default=None, description="https: resume TLS sessions on new connections."
    )
    stop_when_dead: Annotated[float | None, field.duration(0, MAX_DURATION_S)] = Field(
        default=None,
        description="End the run after so long without a single success; 0 for never.",
    )
    workers: Annotated[int | None, field.whole(1, 1024)] = Field(
        default=None,
        description="Processes; one per allowed core, one fewer when the target is here.",
    )
    pin: Annotated[bool | None, field.switch()] = Field(
        default=None, description="Pin each worker to a core of its own."
    )
    precision: Annotated[Precision | None, field.choice(Precision)] = Field(
        default=None, description="exact: spin for microseconds. cpu: sleep, for small machines."
    )
    seed: Annotated[int | None, field.whole(0, 2**64 - 1)] = Field(
        default=None, description="Decides every random draw: the same seed, the same plan."
    )
    output: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None,
        description="Write the report (Markdown) here, replacing the last one; - for stdout.",
    )
    json_file: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None, alias="json", description="Write the result (JSON) here; - for stdout."
    )
    html: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None,
        description="Write a report with charts (HTML, one file) here; - for stdout.",
    )
    csv: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None,
        description="Write the timeline (CSV, one row a second) here; - for stdout.",
    )
    hlog: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None,
        description="Write all response times (HdrHistogram log) here; - for stdout.",
    )
    samples: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None,
        description="Write what each request came to (CSV, one row a request) here; - for stdout.",
    )
    junit: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None,
        description="Write the verdict on each objective (JUnit XML) here; - for stdout.",
    )
    deployment_report: Annotated[str | None, field.file_or_none()] = Field(
        default=None,
        description="Append the results to this Markdown file; "
        "deploy/deployment_report.md when its folder is there; no for none.",
    )
    github_output: Annotated[bool | None, field.switch()] = Field(
        default=None,
        description="Write verdict, p95, error_rate, throughput, run and report to $GITHUB_OUTPUT.",
    )
    push: Annotated[str | None, field.web_url()] = Field(
        default=None,
        description="Prometheus Pushgateway that gets metrics, every 10 s and at the end.",
        repr=False,
    )
    watch_pid: Annotated[int | None, field.whole(1, MAX_PID)] = Field(
        default=None,
        description="A process whose CPU and memory is shown beside the load: a local target.",
    )
    decide: Annotated[Decide | None, field.choice(Decide)] = Field(
        default=None,
        description="What an objective is decided by: its point estimate, or (confident) the "
        "whole confidence interval.",
    )
    abort_on_violation: Annotated[bool | None, field.switch()] = Field(
        default=None, description="End the run as soon as an objective is violated."
    )
    stop_when_decided: Annotated[bool | None, field.switch()] = Field(
        default=None, description="End the run as soon as its verdict is certain."
    )
    fail_on_violation: Annotated[bool | None, field.switch()] = Field(
        default=None, description="End with code 1 when an objective is violated."
    )
    rollback_command: Annotated[
        CommandLine | None, field.given("a command and its arguments", str)
    ] = Field(
        default=None,
        description="What takes a deployment back: program and arguments, run without a shell; "
        "{deployment}, {namespace}, {run_id} and {violations} are filled in.",
    )
    auto_rollback_on_loadfail: Annotated[bool | None, field.switch()] = Field(
        default=None, description="Roll back when an objective is violated."
    )
    deployment: Annotated[str | None, field.text("a name")] = Field(
        default=None, description="What {deployment} stands for."
    )
    namespace: Annotated[str | None, field.text("a name")] = Field(
        default=None, description="What {namespace} stands for."
    )
    baseline: Annotated[str | None, field.text("a run, its file, last or best")] = Field(
        default=None,
        description="Compare with an earlier run: its id, its folder or result.json in there, or "
        "last or best of the history.",
    )
    history: Annotated[bool | None, field.switch()] = Field(
        default=None, description="Keep the run in .loadgen/runs."
    )
    quiet: Annotated[bool | None, field.switch()] = Field(
        default=None, description="Print nothing but errors."
    )
    verbose: Annotated[bool | None, field.switch()] = Field(
        default=None, description="Tell what is done on standard error, as LOG_LEVEL=DEBUG does."
    )
    endpoints: Annotated[
        Endpoints | None,
        AfterValidator(_sendable),
        field.given("paths with their weights", Endpoints),
    ] = Field(
        default=None, description="What is asked for: path: weight, path: options, or a list."
    )


class Latency(Section):
    """Most milliseconds that a percentile of the response time may take."""

    p50: Annotated[float | None, field.number()] = Field(default=None, description="Milliseconds.")
    p95: Annotated[float | None, field.number()] = Field(default=None, description="Milliseconds.")
    p99: Annotated[float | None, field.number()] = Field(default=None, description="Milliseconds.")


class Thresholds(Section):
    """What a measurement is held against."""

    latency: Annotated[Latency | None, field.given("percentiles in ms", Latency)] = Field(
        default=None, description="Most milliseconds by percentile of the response time."
    )
    error_rate: Annotated[float | None, field.number(0, 100)] = Field(
        default=None, description="Most failed requests, in percent."
    )
    throughput: Annotated[float | None, field.number()] = Field(
        default=None, description="Fewest requests per second."
    )


GivenThresholds = Annotated[
    Thresholds | None, field.given("latency, error_rate or throughput", Thresholds)
]
GivenLoadTest = Annotated[LoadTest | None, field.given("keys such as target", LoadTest)]


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
    shadow: Annotated[
        ShadowSection | None, field.given("ignore, unordered, tolerance or scrub", ShadowSection)
    ] = Field(default=None, description="How the answers of a shadow test are compared.")
    targets: Annotated[TargetOptions | None, field.given("allow", TargetOptions)] = Field(
        default=None, description="Which servers may be loaded."
    )
    limits: Annotated[
        LimitOptions | None, field.given("max_rps or max_connections", LimitOptions)
    ] = Field(default=None, description="What no run may exceed.")


_SECTIONS: dict[str, type[BaseModel]] = {
    "publish": PublishSection,
    "publish.pushgateway": PushgatewaySection,
    "publish.slack": SlackSection,
    "watch": WatchSection,
    "watch.prometheus": PrometheusSection,
    "canary": CanarySection,
    "shadow": ShadowSection,
    "shadow.ignore": IgnoreSection,
    "shadow.scrub": ScrubSection,
    "targets": TargetOptions,
    "limits": LimitOptions,
    "rollback": RollbackSection,
    "history": HistorySection,
    "regression": RegressionSection,
}
"""Those that stand in one place only."""


def section_at(path: Sequence[int | str]) -> type[BaseModel]:
    """The model of the mapping at a place, as pydantic names places in its errors.

    Args:
        path: keys, indices and the tags of unions.
    """
    section = _SECTIONS.get(".".join(str(step) for step in path), Config)
    match tuple(path):
        case ("environments", _):
            section = Environment
        case (*_, "load_test"):
            section = LoadTest
        case (*_, "thresholds"):
            section = Thresholds
        case (*_, "latency"):
            section = Latency
        case (*_, "objectives", _):
            section = ObjectiveSection
        case (*_, "auth", str(kind)) if kind in AUTH_SECTIONS:
            section = AUTH_SECTIONS[kind]
        case (*_, "endpoints", "mapping", _):
            section = EndpointOptions
        case (*_, "endpoints", "list", _):
            section = ListedEndpoint
        case (*_, "expect"):
            section = Expect
        case (*_, "expect", "header", _):
            section = HeaderOptions
    return section


def keys_of(section: type[BaseModel]) -> list[str]:
    """The keys of a section as they are written."""
    return [known.alias or name for name, known in section.model_fields.items()]


def json_schema() -> JsonSchemaValue:
    """The JSON Schema (2020-12) of loadgen.yml."""
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **Config.model_json_schema(schema_generator=_EditorSchema),
        "title": "loadgen.yml",
    }


class _EditorSchema(GenerateJsonSchema):
    """pydantic's schema without what editors would show for nothing."""

    def field_title_should_be_set(self, schema: core_schema.CoreSchema) -> bool:
        """No titles: each would repeat its key."""
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """No default of null: it stands for "not given", and null may not be written."""
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)
