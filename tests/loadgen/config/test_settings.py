"""File, environment and options laid over each other, up to the plan."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from loadgen.address import StaticName
from loadgen.config.file import ConfigFile, parse_config
from loadgen.config.layers import Layer
from loadgen.config.settings import Flags, Settings, combine, flags_layer
from loadgen.endpoint import Endpoint
from loadgen.errors import ConfigError
from loadgen.limits import Limits
from loadgen.plan import Arrivals, Pattern, Plan, Precision, StageUnit
from loadgen.tls import TlsOptions, TlsVersion

FILE = """\
load_test:
  target: http://file:1
  concurrency: 7
  timeout: 5s
  headers: {Accept: a}
  endpoints: {/a: 1}
environments:
  staging:
    load_test: {concurrency: 8}
  production:
    load_test: {target: "http://production:1", rate: 9}
"""


def _no_body(name: str) -> bytes:
    raise FileNotFoundError(2, "No such file or directory", name)


def _file(text: str) -> ConfigFile:
    return parse_config(text, "loadgen.yml", _no_body)


def _options(values: Mapping[str, object]) -> Layer:
    return flags_layer(Flags(values=values, names={"headers": "--header"}), _no_body)


def _combine(
    text: str | None = None,
    environ: Mapping[str, str] | None = None,
    environment: str | None = None,
    command: Mapping[str, str] | None = None,
    values: Mapping[str, object] | None = None,
    **options: object,
) -> Settings:
    return combine(
        _file(text) if text else None,
        _options({**(values or {}), **options}),
        environ or {},
        environment=environment,
        command=command,
    )


def test_nothing_said_is_the_plan_s_own_default() -> None:
    settings = _combine()
    assert settings.plan == Plan()
    assert (settings.report_file, settings.result_file, settings.quiet) == (None, None, False)
    assert settings.log_level == "WARNING"


def test_every_option_reaches_the_plan() -> None:
    closed = _combine(
        target="http://h:1/p",
        concurrency="3",
        duration="4",
        warmup="1",
        think="0",
        timeout="5",
        connect_timeout="6",
        keepalive="false",
        cacert="ca.pem",
        cert="c.pem",
        key="k.pem",
        insecure="true",
        tls_min="1.3",
        tls_ciphers="TLS_AES_128_GCM_SHA256",
        tls_resume="true",
        workers="2",
        pin="false",
        precision="cpu",
        seed="9",
        method="PUT",
        headers=["X: y"],
        body="z",
    )
    assert closed.plan == Plan(
        target="http://h:1/p",
        concurrency=3,
        duration_s=4,
        warmup_s=1,
        think_s=(0, 0),
        timeout_s=5,
        connect_timeout_s=6,
        keepalive=False,
        tls=TlsOptions(
            verify=False,
            ca_file="ca.pem",
            cert_file="c.pem",
            key_file="k.pem",
            minimum=TlsVersion.TLS_1_3,
            ciphers="TLS_AES_128_GCM_SHA256",
            resume=True,
        ),
        workers=2,
        pin=False,
        precision=Precision.CPU,
        seed=9,
        method="PUT",
        headers=(("X", "y"),),
        body=b"z",
    )
    stages = _combine(stages="0:10,60:20", stages_of="rate", arrivals="poisson", connections="5")
    assert stages.plan == Plan(
        pattern=Pattern.STAGES,
        stages=((0, 10), (60, 20)),
        stage_unit=StageUnit.RATE,
        duration_s=60,
        arrivals=Arrivals.POISSON,
        connections=5,
    )
    burst = _combine(burst_size="2", pause="1..2")
    assert burst.plan == Plan(pattern=Pattern.BURST, burst_size=2, pause_s=(1, 2))
    assert _combine(ramp="7").plan == Plan(pattern=Pattern.RAMP_UP, ramp_s=7)
    assert _combine(rate="7").plan == Plan(pattern=Pattern.RATE, rate_rps=7)


def test_options_win_over_the_environment_and_that_over_the_file() -> None:
    plan = _combine(FILE).plan
    assert (plan.target, plan.concurrency, plan.timeout_s) == ("http://file:1", 8, 5.0)
    assert plan.endpoints == (Endpoint(path="/a"),)
    assert _combine(FILE, concurrency="9").plan.concurrency == 9
    assert _combine(FILE, headers=["accept: b"]).plan.headers == (("accept", "b"),)


def test_the_command_s_own_values_stand_between_file_and_options() -> None:
    smoke = {"concurrency": "10", "pattern": "sustained"}
    assert _combine(FILE, command=smoke).plan.concurrency == 10
    assert _combine(FILE, command=smoke, concurrency="11").plan.concurrency == 11
    plan = _combine(FILE, command=smoke, environment="production").plan
    assert plan.pattern is Pattern.SUSTAINED


@pytest.mark.parametrize(
    ("text", "environ", "flag", "expected"),
    [
        (None, {}, None, "staging"),
        (None, {"ENVIRONMENT": "production"}, None, "production"),
        (None, {"ENVIRONMENT": ""}, None, "staging"),
        (None, {"ENVIRONMENT": "production"}, "test", "test"),
        ("environment: file", {}, None, "file"),
        ("environment: file", {"ENVIRONMENT": "production"}, None, "production"),
        ("environments: {x: {}}", {}, None, "staging"),
    ],
)
def test_which_environment(
    text: str | None, environ: Mapping[str, str], flag: str | None, expected: str
) -> None:
    assert _combine(text, environ, flag).plan.environment == expected


@pytest.mark.parametrize(
    ("environ", "flag", "place"),
    [({}, "prodction", "--environment"), ({"ENVIRONMENT": "prodction"}, None, "$ENVIRONMENT")],
)
def test_a_misspelt_environment_is_a_mistake(
    environ: Mapping[str, str], flag: str | None, place: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        _combine(FILE, environ, flag)
    assert caught.value.problems == (
        f"{place}: found 'prodction', expected one of loadgen.yml, staging or production; "
        "did you mean production?",
    )


def test_contradictions_name_both_sides() -> None:
    with pytest.raises(ConfigError) as caught:
        _combine(FILE, body="x")
    assert caught.value.problems == (
        "--body: found with endpoints (loadgen.yml:6:14 load_test.endpoints), "
        "expected at the endpoints, each of which has its own",
    )


def test_every_wrong_option_is_told_at_once() -> None:
    values: dict[str, object] = {
        "duration": "soon",
        "pattern": "sustaind",
        "headers": ["nonsense"],
        "body_file": "gone",
    }
    with pytest.raises(ConfigError) as caught:
        _options(values)
    assert sorted(problem.split(":")[0] for problem in caught.value.problems) == [
        "--body-file",
        "--duration",
        "--header",
        "--pattern",
    ]


def test_two_bodies_on_the_command_line() -> None:
    with pytest.raises(ConfigError) as caught:
        flags_layer(Flags(values={"body": "x", "body_file": "y"}, names={}), read_body=str.encode)
    assert caught.value.problems == ("--body: found body and body_file, expected one of them",)


@pytest.mark.parametrize(
    ("environ", "options", "level"),
    [
        ({}, {}, "WARNING"),
        ({"LOG_LEVEL": "debug"}, {}, "DEBUG"),
        ({"LOG_LEVEL": "ERROR"}, {"verbose": True}, "DEBUG"),
    ],
)
def test_log_level(environ: Mapping[str, str], options: dict[str, object], level: str) -> None:
    assert _combine(None, environ, values=options).log_level == level


@pytest.mark.parametrize(
    ("environ", "options", "problem"),
    [
        (
            {"LOG_LEVEL": "DEBUGG"},
            {},
            "$LOG_LEVEL: found 'DEBUGG', expected DEBUG, INFO, WARNING or ERROR; "
            "did you mean DEBUG?",
        ),
        (
            {},
            {"quiet": True, "verbose": True},
            "--quiet: found with --verbose, expected one of them",
        ),
        (
            {},
            {"pattern": "stages"},
            "stages: none given; expected for example 0:100,30s:1000,2m:1000",
        ),
    ],
)
def test_what_does_not_make_a_run(
    environ: Mapping[str, str], options: dict[str, object], problem: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        _combine(None, environ, values=options)
    assert caught.value.problems == (problem,)


def test_what_is_told_may_stand_in_the_file() -> None:
    settings = _combine("load_test: {output: r.md, json: r.json, html: r.html, quiet: yes}")
    assert (settings.report_file, settings.result_file) == ("r.md", "r.json")
    assert settings.html_file == "r.html"
    assert settings.quiet
    assert settings.config_name == "loadgen.yml"


GUARDED = """\
load_test: {target: "http://localhost:8000"}
targets: {allow: [localhost]}
limits: {max_rps: 100, max_connections: 10}
"""


def test_what_the_file_forbids_no_option_allows() -> None:
    plan = _combine(GUARDED, concurrency="10").plan
    assert plan.limits == Limits(max_rps=100, max_connections=10)
    assert plan.allow is not None
    assert plan.allow.name == "targets.allow of loadgen.yml"
    with pytest.raises(ConfigError) as caught:
        _combine(GUARDED, rate="101", connections="11")
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "rate",
        "connections",
    ]


def test_who_we_are_reaches_the_plan() -> None:
    plan = _combine(
        resolve=["a:80:127.0.0.1"],
        local_address=["127.0.0.9"],
        user_agent="me/1",
        stop_when_dead="0",
        json_body='{"a": 1}',
    ).plan
    assert plan.resolve == (StaticName.parse("a:80:127.0.0.1"),)
    assert (plan.local_addresses, plan.user_agent) == (("127.0.0.9",), "me/1")
    assert plan.stop_when_dead_s == 0
    assert (plan.body, plan.content_type) == (b'{"a": 1}', "application/json")
    form = _combine(form=["a=1", "b=2"]).plan
    assert (form.body, form.content_type) == (b"a=1&b=2", "application/x-www-form-urlencoded")


def test_secrets_of_the_command_line_come_from_the_environment() -> None:
    flags = Flags(
        values={"auth": "bearer:${TOKEN}", "headers": ["Cookie: id=${ID}", "X-Price: $5"]}, names={}
    )
    layer = flags_layer(flags, _no_body, {"TOKEN": "t0ken", "ID": "7"})
    plan = combine(None, layer, {}).plan
    assert plan.auth is not None
    assert plan.auth.value.reveal() == "Bearer t0ken"
    assert plan.headers == (("Cookie", "id=7"), ("X-Price", "$5"))


def test_an_option_s_body_of_any_kind_replaces_the_file_s() -> None:
    for options in ({"form": ["a=1"]}, {"json_body": "1"}, {"body": "x"}):
        plan = _combine("load_test: {json_body: {a: 1}}\n", values=options).plan
        assert plan.body in {b"a=1", b"1", b"x"}
