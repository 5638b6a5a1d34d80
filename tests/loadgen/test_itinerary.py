"""Where the load goes."""

from __future__ import annotations

import pytest

from loadgen.address import Address, Nearness, StaticName
from loadgen.allowlist import AllowList, AllowRule
from loadgen.errors import ConfigError, TargetError
from loadgen.itinerary import Stop, find_itinerary
from loadgen.plan import Plan
from loadgen.target_url import Target


def test_every_target_has_its_addresses() -> None:
    itinerary = find_itinerary(
        Plan(target="http://127.0.0.1:1/x", further_targets=("http+unix://%2Frun%2Fs/",))
    )
    assert itinerary.addresses == (
        (Address(host="127.0.0.1", port=1),),
        (Address(host="/run/s", port=0),),
    )
    assert [str(stop) for stop in itinerary.stops] == [
        "http://127.0.0.1:1/x (this machine)",
        "http+unix://%2Frun%2Fs (this machine)",
    ]
    assert itinerary.is_local


def test_given_addresses_are_not_resolved() -> None:
    itinerary = find_itinerary(
        Plan(
            target="http://no-such-host.invalid:8080",
            resolve=(StaticName.parse("no-such-host.invalid:8080:192.0.2.1,8.8.8.8"),),
        )
    )
    assert [str(stop) for stop in itinerary.stops] == [
        "http://no-such-host.invalid:8080 at 192.0.2.1, 8.8.8.8 "
        "(private network and public, given by --resolve)"
    ]
    assert not itinerary.is_local


def test_a_name_that_does_not_resolve_ends_the_run_before_it_began() -> None:
    with pytest.raises(TargetError, match="does not resolve"):
        find_itinerary(Plan(target="http://no-such-host.invalid"))


def test_what_is_not_on_the_list_is_refused_before_anything_is_sent() -> None:
    allow = AllowList(rules=(AllowRule.parse("localhost:8000"),))
    assert find_itinerary(Plan(allow=allow)).is_local
    for refused in (
        {"target": "http://localhost:8001"},
        {"further_targets": ("http://127.0.0.1:8000",)},
        {"resolve": (StaticName.parse("localhost:8000:192.0.2.1"),)},
    ):
        with pytest.raises(ConfigError, match=r"refused by targets\.allow"):
            find_itinerary(Plan(allow=allow, **refused))


def test_addresses_that_the_local_ones_cannot_reach_are_left_out() -> None:
    both = (StaticName.parse("h:80:::1,127.0.0.1"),)
    plan = Plan(target="http://h", resolve=both, local_addresses=("127.0.0.1",))
    assert find_itinerary(plan).addresses == ((Address(host="127.0.0.1", port=80),),)
    with pytest.raises(ConfigError, match="expected a local address of the same kind"):
        find_itinerary(
            Plan(
                target="http://h",
                resolve=(StaticName.parse("h:80:::1"),),
                local_addresses=("127.0.0.1",),
            )
        )


def test_of_many_addresses_a_few_are_shown() -> None:
    stop = Stop(
        target=Target.parse("http://h"),
        addresses=tuple(Address(host=f"10.0.0.{n}", port=80) for n in range(9)),
        nearness=(Nearness.PRIVATE,) * 9,
    )
    assert str(stop) == (
        "http://h at 10.0.0.0, 10.0.0.1, 10.0.0.2, 10.0.0.3 and 5 more (private network)"
    )
