"""The run as loadgen.yml has it, section load_test. Pure.

The command line's options go through the same model, so that a value means the same, and is
refused in the same words, wherever it stands.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from loadgen.config import bodies
from loadgen.config import fields as field
from loadgen.config.auth import AuthOptions
from loadgen.config.endpoint_section import GivenEndpoints
from loadgen.config.expect import ExpectedStatuses, ExpectedText
from loadgen.config.gate_section import CommandLine
from loadgen.config.network import LocalAddresses, StaticNames
from loadgen.config.request_section import GivenHeaders, RequestSection
from loadgen.config.watch_section import MAX_PID
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

__all__ = ["GivenLoadTest", "LoadTest"]


class LoadTest(RequestSection):
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
        default=None,
        description="exact: spin for microseconds. cpu: sleep, for small machines. busy: never "
        "sleep, a core for each worker.",
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
    stop_when_decided_after: Annotated[float | None, field.duration(0, MAX_DURATION_S)] = Field(
        default=None,
        description="The same, and how long must be measured before PASS ends it (2m unless "
        "given): three times the time between stalls, else it may pass before it saw one.",
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
    endpoints: GivenEndpoints = Field(
        default=None, description="What is asked for: path: weight, path: options, or a list."
    )


GivenLoadTest = Annotated[LoadTest | None, field.given("keys such as target", LoadTest)]
