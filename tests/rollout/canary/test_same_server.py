"""Which sides make a comparison worth less."""

from __future__ import annotations

import pytest

from loadgen.address import Address, Nearness
from loadgen.itinerary import Stop
from loadgen.target_url import Target
from rollout.canary.same_server import NO_BASELINE, warnings_about


def stop(url: str, *hosts: str) -> Stop:
    target = Target.parse(url)
    addresses = tuple(Address(host=host, port=target.port) for host in hosts)
    return Stop(
        target=target, addresses=addresses, nearness=(Nearness.THIS_MACHINE,) * len(addresses)
    )


CANARY = stop("http://canary.test:80/", "10.0.0.1")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (stop("http://prod.test:80/", "10.0.0.2"), ""),
        (stop("http://canary.test:8080/", "10.0.0.1"), ""),
        (stop("http://canary.test/", "10.0.0.1"), "are the same server"),
        (stop("http://prod.test/", "10.0.0.3", "10.0.0.1"), "have the same address"),
        (stop("http://canary.test/v1", "10.0.0.1"), "have the same address"),
    ],
    ids=["another machine", "another port", "itself", "behind one front", "one path of it"],
)
def test_a_side_that_is_the_canary(other: Stop, expected: str) -> None:
    found = warnings_about(CANARY, [other], fresh=True)
    assert [expected in text for text in found] == ([True] if expected else [])


def test_production_alone_is_no_fair_baseline() -> None:
    other = stop("http://prod.test/", "10.0.0.2")
    assert warnings_about(CANARY, [other], fresh=False) == (NO_BASELINE,)
