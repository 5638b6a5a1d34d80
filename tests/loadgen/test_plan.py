"""The plan as a value: what it refuses, what it derives, and what its digest depends on."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from typing import Any

import pytest

from loadgen.address import StaticName
from loadgen.allowlist import AllowList, AllowRule
from loadgen.auth import Auth
from loadgen.checks import Checks
from loadgen.errors import ConfigError
from loadgen.limits import Limits
from loadgen.plan import Arrivals, Endpoint, Pattern, Plan, Precision, StageUnit
from loadgen.schedule import Schedule
from loadgen.secret import Secret
from loadgen.tls import TlsOptions

STAGES: dict[str, Any] = {"pattern": Pattern.STAGES}
TWO = (Endpoint(path="/a"), Endpoint(path="/b"))
BOTH = (*TWO, Endpoint(path="/a", target=1), Endpoint(path="/b", target=1))
PAIRED: dict[str, Any] = {
    "pattern": Pattern.RATE,
    "further_targets": ("http://canary",),
    "paired": True,
}


def problems(**wrong: Any) -> tuple[str, ...]:  # noqa: ANN401  # wrong values of every kind
    """What a plan with these values says against them."""
    with pytest.raises(ConfigError) as caught:
        Plan(**wrong)
    return caught.value.problems


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"concurrency": 0}, "concurrency: 0 is out of range; expected 1 to 1000000"),
        ({"concurrency": 1.5}, "concurrency: 1.5 is not a whole number; expected for example 2"),
        ({"duration_s": 0}, "duration: 0 is out of range; expected 0.1 to 2592000"),
        ({"duration_s": math.nan}, "duration: nan is out of range; expected 0.1 to 2592000"),
        ({"duration_s": math.inf}, "duration: inf is out of range; expected 0.1 to 2592000"),
        ({"warmup_s": -1}, "warmup: -1 is out of range; expected 0 to 2592000"),
        ({"rate_rps": 0}, "rate: 0 is out of range; expected 0.001 to 10000000"),
        ({"connections": -1}, "connections: -1 is out of range; expected 0 to 1000000"),
        ({"burst_size": 0}, "burst size: 0 is out of range; expected 1 to 1000000"),
        ({"ramp_s": -1.5}, "ramp: -1.5 is out of range; expected 0 to 2592000"),
        ({"timeout_s": 0}, "timeout: 0 is out of range; expected 0.001 to 3600"),
        (
            {"connect_timeout_s": 3601},
            "connect timeout: 3601 is out of range; expected 0.001 to 3600",
        ),
        (
            {"seed": 2**64},
            "seed: 18446744073709551616 is out of range; expected 0 to 18446744073709551615",
        ),
        ({"seed": 0.5}, "seed: 0.5 is not a whole number; expected for example 1"),
        ({"workers": 1025}, "workers: 1025 is out of range; expected 0 to 1024"),
        ({"think_s": (2, 1)}, "think: 2s..1s is no range; expected 0 <= shortest <= longest"),
        ({"think_s": (math.nan, 1)}, "think: nans..1s is no range"),
        ({"pause_s": (-1, 1)}, "pause: -1s..1s is no range; expected 0 <= shortest <= longest"),
        ({"pattern": "rate"}, "pattern: 'rate' is not one of Pattern."),
        ({"arrivals": "even"}, "arrivals: 'even' is not one of Arrivals."),
        ({"stage_unit": 1}, "stage unit: 1 is not one of StageUnit.USERS"),
        ({"precision": None}, "precision: None is not one of Precision."),
        ({"tls": TlsOptions(minimum="1.1")}, "tls min: '1.1' is not one of TlsVersion."),  # type: ignore[arg-type]  # as a caller without types may
        ({"tls": TlsOptions(key_file="k.pem")}, "key: 'k.pem' is given without its certificate"),
        ({"target": "localhost"}, "target: 'localhost' has no scheme; did you mean"),
        ({"further_targets": ("x",)}, "target: 'x' has no scheme; did you mean http://x ?"),
        ({"method": "G T"}, "method 'G T' is not a method; expected for example GET or POST"),
        ({"headers": (("", ""),)}, "header '' is not a header name"),
        ({"endpoints": (Endpoint(path="x"),)}, "endpoint 'x': path 'x' cannot be sent"),
        (
            {"endpoints": (Endpoint(path="/", headers=(("a b", ""),)),)},
            "header 'a b' is not a header name",
        ),
        (
            {"endpoints": (Endpoint(path="/", weight=0), Endpoint(path="/b", weight=0))},
            "endpoints: all weights are zero, so nothing would be sent; give one a weight above 0",
        ),
        (
            {"endpoints": (*TWO, Endpoint(path="/a"))},
            "endpoints: '/a' stands there twice; give each a name of its own",
        ),
        ({"endpoints": (Endpoint(path="/", target=1),)}, "target 1 does not exist; there are 1"),
        (STAGES, "stages: none given; expected for example 0:100,30s:1000,2m:1000"),
        ({**STAGES, "stages": ((2, 1), (1, 1))}, "stages: 1s comes after 2s"),
        (
            {**STAGES, "stages": ((0, 2_000_000),)},
            "stages: level 2000000 is out of range; expected at most 1000000",
        ),
        (
            {**STAGES, "stages": ((0, 0.5),)},
            "stages: the level never reaches 1, so nothing would be sent",
        ),
        (
            {**STAGES, "stages": ((0, 0),), "stage_unit": StageUnit.RATE},
            "stages: the level never reaches 0.001, so nothing would be sent",
        ),
        (
            {**PAIRED, "pattern": Pattern.SUSTAINED},
            "paired: found pattern sustained with users, expected a rate: who waits for one",
        ),
        ({**PAIRED, "further_targets": ()}, "paired: found 1 target(s), expected two"),
        (
            {**PAIRED, "endpoints": BOTH[:3]},
            "paired: found endpoints of targets 0, 0, 1, expected all of target 0 and then as many",
        ),
        (
            {**PAIRED, "endpoints": (BOTH[0], BOTH[2], BOTH[1], BOTH[3])},
            "paired: found endpoints of targets 0, 1, 0, 1, expected all of target 0 and then",
        ),
        (
            {**PAIRED, "endpoints": (TWO[0], Endpoint(path="/b", target=1))},
            "paired: found endpoint '/b' of target 1 beside '/a' of target 0, expected the same",
        ),
        (
            {**PAIRED, "endpoints": (TWO[0], Endpoint(path="/a", weight=2, target=1))},
            "paired: found endpoint '/a' of target 1 beside '/a' of target 0, expected the same",
        ),
        (
            {**PAIRED, "endpoints": (*TWO[:1], *TWO[:1], *BOTH[2:3], *BOTH[2:3])},
            "endpoints: '/a' stands there twice; give each a name of its own",
        ),
    ],
)
def test_a_value_out_of_range_is_named(wrong: dict[str, Any], said: str) -> None:
    (problem,) = problems(**wrong)
    assert problem.startswith(said) or said in problem
    assert "\n" not in problem


def test_every_mistake_is_named_at_once() -> None:
    found = problems(target="x", concurrency=0, think_s=(2, 1), method="", pattern="no")
    assert len(found) == 5


def test_weights_of_any_size_are_checked_before_they_are_added_up() -> None:
    huge = (Endpoint(path="/a", weight=1e308), Endpoint(path="/b", weight=1e308))
    opposite = (Endpoint(path="/a", weight=math.inf), Endpoint(path="/b", weight=-math.inf))
    assert len(problems(endpoints=huge)) == 2
    assert len(problems(endpoints=opposite)) == 2


def test_a_pair_has_one_name_and_half_the_weight_on_each_side() -> None:
    requests = Plan(**PAIRED, endpoints=BOTH).requests
    assert [(one.name, one.target, one.weight) for one in requests] == [
        ("/a", 0, 0.25),
        ("/b", 0, 0.25),
        ("/a", 1, 0.25),
        ("/b", 1, 0.25),
    ]


def test_without_endpoints_a_pair_asks_each_target_for_its_own_path() -> None:
    targets = {"target": "http://old/a?b=1", "further_targets": ("http://new/c",)}
    plan = Plan(**{**PAIRED, **targets}, method="PUT", body=b"x")
    assert plan.requests == tuple(
        Endpoint(path=path, method="PUT", name="PUT /a?b=1", body=b"x", target=target, weight=0.5)
        for target, path in enumerate(["/a?b=1", "/c"])
    )


def test_stages_are_only_asked_for_by_their_pattern() -> None:
    assert Plan(pattern=Pattern.RATE).stages == ()


def test_without_endpoints_the_target_itself_is_asked_for() -> None:
    plan = Plan(target="http://h/a/?b=1", method="POST", headers=(("A", "1"),), body=b"x")
    assert plan.requests == (
        Endpoint(
            path="/a/?b=1", method="POST", name="POST /a/?b=1", headers=(("A", "1"),), body=b"x"
        ),
    )


def test_endpoints_get_names_full_paths_shares_and_all_headers() -> None:
    plan = Plan(
        target="http://h/base/?unused=1",
        further_targets=("http://canary",),
        headers=(("A", "1"),),
        endpoints=(
            Endpoint(path="/x?y=1", weight=30, headers=(("B", "2"),)),
            Endpoint(path="/x", weight=10, method="PUT", target=1),
            Endpoint(path="/z", weight=0, name="never"),
        ),
    )
    first, second, third = plan.requests
    assert [one.path for one in plan.requests] == ["/base/x?y=1", "/x", "/base/z"]
    assert [one.name for one in plan.requests] == ["/x?y=1", "PUT /x", "never"]
    assert [one.weight for one in plan.requests] == [0.75, 0.25, 0.0]
    assert first.headers == (("A", "1"), ("B", "2"))
    assert second.headers == third.headers == (("A", "1"),)


@pytest.mark.parametrize(
    ("plan", "open_loop", "schedule", "users", "pool"),
    [
        (Plan(concurrency=7), False, Schedule.constant(7), 7, 7),
        (Plan(concurrency=7, pattern=Pattern.BURST), False, Schedule.constant(7), 7, 7),
        (
            Plan(concurrency=7, pattern=Pattern.RAMP_UP, ramp_s=5),
            False,
            Schedule(points=((0.0, 1.0), (5.0, 7.0))),
            7,
            7,
        ),
        (Plan(pattern=Pattern.RATE, rate_rps=9), True, Schedule.constant(9), 0, 100),
        (Plan(pattern=Pattern.RATE, connections=5), True, Schedule.constant(1000), 0, 5),
        (
            Plan(pattern=Pattern.STAGES, stages=((0, 2.5), (9, 3))),
            False,
            Schedule(points=((0, 2.5), (9, 3))),
            3,
            3,
        ),
        (
            Plan(pattern=Pattern.STAGES, stage_unit=StageUnit.RATE, stages=((0, 5),)),
            True,
            Schedule(points=((0, 5),)),
            0,
            100,
        ),
    ],
)
def test_the_pattern_decides_schedule_users_and_connections(
    plan: Plan, open_loop: bool, schedule: Schedule, users: int, pool: int
) -> None:
    assert plan.open_loop is open_loop
    assert plan.schedule == schedule
    assert plan.users == users
    assert plan.pool == pool


def test_the_load_lasts_for_warm_up_and_measured_time() -> None:
    assert Plan(warmup_s=5, duration_s=60).total_s == 65


HOW = {
    "workers": 3,
    "pin": False,
    "precision": Precision.CPU,
    "environment": "production",
    "local_addresses": ("127.0.0.1",),
    "stop_when_dead_s": 0.0,
    "allow": AllowList(rules=(AllowRule.parse("localhost"),)),
}
"""How, not what: another value leaves the digest as it is."""

WHAT = {
    "target": "http://localhost:8001",
    "further_targets": ("http://canary",),
    "endpoints": TWO,
    "method": "HEAD",
    "headers": (("A", "1"),),
    "body": b"x",
    "pattern": Pattern.BURST,
    "concurrency": 101,
    "duration_s": 300.001,
    "warmup_s": 1.0,
    "rate_rps": 999.0,
    "arrivals": Arrivals.POISSON,
    "connections": 1,
    "stages": ((0.0, 1.0),),
    "stage_unit": StageUnit.RATE,
    "think_s": (0.010, 0.101),
    "burst_size": 11,
    "pause_s": (0.5, 2.1),
    "ramp_s": 31.0,
    "timeout_s": 31.0,
    "connect_timeout_s": 11.0,
    "keepalive": False,
    "tls": TlsOptions(verify=False),
    "content_type": "text/plain",
    "checks": Checks(statuses=((200, 204),)),
    "follow": 1,
    "auth": Auth.bearer(Secret("s3cr3t")),
    "user_agent": "x/1",
    "resolve": (StaticName.parse("localhost:8000:127.0.0.2"),),
    "limits": Limits(max_rps=1000),
    "seed": 1,
}
"""What is sent and when: another value gives another digest."""


def with_value(field: str, value: object) -> Plan:
    """The default plan but for one field."""
    return Plan(**{field: value})  # type: ignore[arg-type]  # each row has its field's own type


def test_every_field_of_a_plan_is_either_how_or_what() -> None:
    fields = {field.name for field in dataclasses.fields(Plan)}
    assert fields == HOW.keys() | WHAT.keys() | {"paired"}  # which has a test of its own


@pytest.mark.parametrize("field", HOW)
def test_the_digest_does_not_depend_on(field: str) -> None:
    assert with_value(field, HOW[field]).digest == Plan().digest


def test_the_digest_depends_on_everything_else() -> None:
    digests = {with_value(field, value).digest for field, value in WHAT.items()}
    assert len(digests | {Plan().digest}) == len(WHAT) + 1


def test_the_digest_depends_on_pairs() -> None:
    alone = Plan(**{**PAIRED, "paired": False})
    assert Plan(**PAIRED).digest != alone.digest


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/c"},
        {"method": "PUT"},
        {"weight": 2.0},
        {"name": "a"},
        {"headers": (("A", "1"),)},
        {"body": b"x"},
    ],
)
def test_the_digest_depends_on_every_part_of_an_endpoint(change: dict[str, Any]) -> None:
    changed = (dataclasses.replace(TWO[0], **change), TWO[1])
    assert Plan(endpoints=changed).digest != Plan(endpoints=TWO).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Plan(duration_s=10), Plan(duration_s=10.0)),
        (Plan(target="http://H:80"), Plan(target="http://h/")),
        (
            Plan(endpoints=TWO),
            Plan(endpoints=tuple(dataclasses.replace(one, weight=7) for one in TWO)),
        ),
        (
            Plan(endpoints=TWO),
            Plan(endpoints=(dataclasses.replace(TWO[0], name="/a"), TWO[1]), method="PUT"),
        ),
        (
            Plan(target="http://h/base/", endpoints=TWO),
            Plan(target="http://h/base", endpoints=TWO),
        ),
        (Plan(stages=((0, 1),)), Plan(stages=((0.0, 1.0),))),
    ],
)
def test_two_ways_to_write_a_plan_have_one_digest(one: Plan, other: Plan) -> None:
    assert one.digest == other.digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"auth": Auth.bearer(Secret("one"))}, {"auth": Auth.bearer(Secret("other"))}),
        ({"headers": (("X-API-Key", "one"),)}, {"headers": (("X-API-Key", "other"),)}),
        ({"headers": (("Cookie", "id=1"),)}, {"headers": (("Cookie", "id=2"),)}),
        (
            {"endpoints": (Endpoint(path="/", headers=(("Authorization", "Bearer one"),)),)},
            {"endpoints": (Endpoint(path="/", headers=(("Authorization", "Bearer other"),)),)},
        ),
    ],
)
def test_another_secret_makes_no_other_plan(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert Plan(**one) != Plan(**other)
    assert Plan(**one).digest == Plan(**other).digest != Plan().digest


def test_a_plan_shows_no_secret() -> None:
    plan = Plan(
        auth=Auth.basic("ann", Secret("s3cr3t-a")),
        headers=(("Cookie", "s3cr3t-b"),),
        endpoints=(Endpoint(path="/", headers=(("X-Token", "s3cr3t-c"),), body=b"s3cr3t-d"),),
    )
    assert "s3cr3t" not in f"{plan} {plan!r} {plan.requests!r}"
    assert {"s3cr3t-a", "s3cr3t-b", "s3cr3t-c"} < {one.reveal() for one in plan.secrets}


def test_an_endpoint_s_header_takes_the_place_of_the_plan_s() -> None:
    plan = Plan(
        headers=(("Host", "a"), ("X-A", "1")),
        endpoints=(Endpoint(path="/", headers=(("host", "b"),)),),
    )
    assert plan.requests[0].headers == (("X-A", "1"), ("host", "b"))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"auth": Auth.bearer(Secret("x")), "headers": (("authorization", "y"),)},
            "auth: found with a header Authorization, expected one of them",
        ),
        (
            {"user_agent": "x", "headers": (("User-Agent", "y"),)},
            "user agent: found with a header User-Agent, expected one of them",
        ),
        (
            {"local_addresses": ("here",)},
            "local address: found 'here', expected an IP address such as 127.0.0.1 or ::1",
        ),
        (
            {"pattern": Pattern.RATE, "rate_rps": 1001, "limits": Limits(max_rps=1000)},
            "rate: 1001 requests/s are above limits.max_rps, 1000; "
            "ask for less, or raise the limit where it is set",
        ),
        (
            {"concurrency": 11, "limits": Limits(max_connections=10)},
            "connections: 11 are above limits.max_connections, 10; use fewer users or "
            "--connections, or raise the limit where it is set",
        ),
        (
            {
                "concurrency": 6,
                "further_targets": ("http://canary",),
                "limits": Limits(max_connections=10),
            },
            "connections: 12 are above limits.max_connections, 10; use fewer users or "
            "--connections, or raise the limit where it is set",
        ),
    ],
)
def test_who_we_are_and_what_may_not_be_exceeded(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Plan(**changes)
    assert caught.value.problems == (problem,)


def test_a_closed_loop_may_have_a_cap_of_requests() -> None:
    assert Plan(limits=Limits(max_rps=1)).users == 100


def test_the_digest_is_the_same_in_every_process() -> None:
    program = (
        "from loadgen.plan import Endpoint, Plan;"
        "endpoints = (Endpoint(path='/a', body=b'x'), Endpoint(path='/b'));"
        "print(Plan(endpoints=endpoints, seed=9).digest)"
    )
    command = [sys.executable, "-c", program]
    elsewhere = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    here = Plan(endpoints=(Endpoint(path="/a", body=b"x"), Endpoint(path="/b")), seed=9).digest
    assert elsewhere == here
    assert len(here) == 64
