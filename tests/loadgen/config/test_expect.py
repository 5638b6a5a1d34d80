"""`expect:` of an endpoint: what stands in the file is what the plan checks."""

from __future__ import annotations

import pytest

from loadgen.checks import Checks, HeaderCheck
from loadgen.config.file import parse_config
from loadgen.config.settings import Flags, combine, flags_layer
from loadgen.errors import ConfigError
from loadgen.plan import Plan


def plan_of(expect: str, **options: str) -> Plan:
    """The plan of a file whose endpoint /a has this `expect`, and /b has none."""
    text = f"load_test:\n  endpoints:\n    /a: {{expect: {expect}}}\n    /b: 1\n"
    file = parse_config(text, "loadgen.yml", lambda _: b"")
    layer = flags_layer(Flags(values=options, names={}), lambda _: b"")
    return combine(file, layer, {}).plan


@pytest.mark.parametrize(
    ("expect", "checks"),
    [
        ("{status: 200}", Checks(statuses=((200, 200),))),
        ("{status: [200, 201, 300-399]}", Checks(statuses=((200, 200), (201, 201), (300, 399)))),
        ('{status: "200, 204-206"}', Checks(statuses=((200, 200), (204, 206)))),
        ("{header: {X-A: ''}}", Checks(headers=(HeaderCheck(name="X-A"),))),
        ("{header: {X-A: json}}", Checks(headers=(HeaderCheck(name="X-A", value="json"),))),
        (
            "{header: {X-A: {equals: json}}}",
            Checks(headers=(HeaderCheck(name="X-A", value="json", equals=True),)),
        ),
        ("{body_contains: é}", Checks(body_contains=("é".encode(),))),
        ("{body_excludes: [a, b]}", Checks(body_excludes=(b"a", b"b"))),
        ("{body_size: 100}", Checks(body_min_bytes=100, body_max_bytes=100)),
        ("{body_size: 10..2k}", Checks(body_min_bytes=10, body_max_bytes=2000)),
        ("{body_size: 1..}", Checks(body_min_bytes=1)),
        ("{body_size: ..1M}", Checks(body_max_bytes=1_000_000)),
    ],
)
def test_an_endpoint_is_checked_as_the_file_says(expect: str, checks: Checks) -> None:
    first, second = plan_of(expect).requests
    assert first.checks == checks
    assert second.checks == Checks()


def test_the_options_hold_for_endpoints_that_say_nothing() -> None:
    plan = plan_of("{status: 404}", expect_status="200-299", expect_body="ok", follow="3")
    first, second = plan.requests
    assert first.checks == Checks(statuses=((404, 404),))
    assert second.checks == Checks(statuses=((200, 299),), body_contains=(b"ok",))
    assert plan.follow == 3


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{status: 20}", "found '20', expected statuses such as 200,201,300-399"),
        ("{status: 300-200}", "found '300-200', expected statuses such as 200,201,300-399"),
        ("{status: {a: 1}}", "found a mapping, expected statuses: 200,201,300-399"),
        ("{body_size: 9..1}", "found '9..1', expected the smaller size first"),
        ("{body_size: ..}", "found '..', expected a size or a range of sizes"),
        ("{body_contains: []}", "found a list, expected a text, or a list of texts"),
        ("{header: {X-A: {equals: a, contains: b}}}", "expected one of them"),
        ("{header: {X A: b}}", "header 'X A' is not a header name"),
        ("{xtatus: 200}", "did you mean status?"),
        ("{body_contains: [a, b, c], body_excludes: [d, e]}", "5 given; expected at most 4"),
    ],
)
def test_what_cannot_be_checked_is_refused(expect: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        plan_of(expect)
    assert said in str(raised.value)
