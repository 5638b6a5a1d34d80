"""HAProxy's weights, set and read by the router, seen in real answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks.proxies import Proxy, running_haproxy
from rollout.routers.haproxy import HaproxyRouter, Weights, weights_for
from rollout.routers.router import Change, RouterError, Served
from rollout.split import since
from tests.rollout.routers.behind import answers, in_front_of_two


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with in_front_of_two(running_haproxy) as running:
        yield running


@pytest.fixture
def router(proxy: Proxy) -> HaproxyRouter:
    assert isinstance(proxy.router, HaproxyRouter)
    proxy.router.set(0)
    return proxy.router


@pytest.mark.parametrize(
    ("weight_percent", "stable", "canary", "expected"),
    [
        (0, 1, 1, Weights(stable=100, canary=0)),
        (100, 3, 1, Weights(stable=0, canary=100)),
        (5, 1, 1, Weights(stable=19, canary=1)),
        (50, 1, 1, Weights(stable=1, canary=1)),
        (12.5, 1, 1, Weights(stable=7, canary=1)),
        (0.1, 1, 1, Weights(stable=256, canary=1)),  # a little is never nothing
        (25, 3, 1, Weights(stable=1, canary=1)),  # by the number of servers alone
        (5, 4, 1, Weights(stable=19, canary=4)),
    ],
)
def test_the_nearest_pair_of_weights_is_found(
    weight_percent: float, stable: int, canary: int, expected: Weights
) -> None:
    assert weights_for(weight_percent, stable, canary) == expected


def test_every_whole_percentage_can_be_set(router: HaproxyRouter) -> None:
    assert [router.nearest(percent) for percent in range(101)] == pytest.approx(range(101))


@pytest.mark.parametrize(
    ("weight_percent", "low", "high"),
    # HAProxy takes turns; what it owes a side from before a change is 10 of these at most.
    [(5, 8, 12), (50, 90, 110), (100, 200, 200), (0, 0, 0)],
)
def test_the_weight_moves_real_answers(
    proxy: Proxy, router: HaproxyRouter, weight_percent: float, low: int, high: int
) -> None:
    router.set(weight_percent)
    before = router.verify()
    seen = answers(proxy, 200)
    after = router.verify()
    assert router.get() == pytest.approx(weight_percent)
    assert low <= seen["canary"] <= high
    assert before is not None
    assert after is not None
    assert since(before, after) == Served(stable=seen["stable"], canary=seen["canary"])


def test_a_part_of_a_canary_configured_with_0_is_no_0(router: HaproxyRouter) -> None:
    """HAProxy's own `5%` would be 5 % of the configured weight, which is 0 here."""
    router.set(5)
    assert router.get() == pytest.approx(5)


def test_what_will_be_done_is_said_with_what_undoes_it(router: HaproxyRouter) -> None:
    assert router.changes(0) == ()
    assert router.changes(5) == (
        Change(
            action="HAProxy: set server app/canary weight 1",
            inverse="HAProxy: set server app/canary weight 0",
        ),
        Change(
            action="HAProxy: set server app/stable weight 19",
            inverse="HAProxy: set server app/stable weight 100",
        ),
    )
    assert router.get() == 0


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (("shop", "canary"), "it answered 'No such backend.'; compare router.backend"),
        (("app", "v2"), "it answered 'No such server.'; compare router.backend"),
    ],
)
def test_wrong_names_are_lasting(
    router: HaproxyRouter, wrong: tuple[str, str], expected: str
) -> None:
    lost = replace(router, backend=wrong[0], canary=(wrong[1],))
    for ask in (lost.get, lambda: lost.set(5)):
        with pytest.raises(RouterError, match=expected) as caught:
            ask()
        assert caught.value.lasting
    with pytest.raises(RouterError, match="No such server"):
        lost.verify()


@pytest.mark.parametrize(
    ("socket", "backend", "expected"),
    [
        ("admin.sock", "fixed", "it answered .Backend is using a static LB algorithm"),
        ("user.sock", "app", "it answered 'Permission denied'; compare .* level of its stats"),
    ],
)
def test_a_haproxy_that_refuses_weights_is_lasting(
    proxy: Proxy, router: HaproxyRouter, socket: str, backend: str, expected: str
) -> None:
    with pytest.raises(RouterError, match=expected) as caught:
        replace(router, socket=str(proxy.folder / socket), backend=backend).set(5)
    assert caught.value.lasting


@pytest.mark.parametrize("weight_percent", [0, 1, 5, 25, 100])
def test_sides_of_several_servers_have_their_parts(
    router: HaproxyRouter, weight_percent: float
) -> None:
    many = replace(router, backend="many", stable=("stable", "stable2", "stable3"))
    many.set(weight_percent)
    assert many.get() == many.nearest(weight_percent) == pytest.approx(weight_percent, abs=0.01)


def test_a_socket_that_nobody_listens_on_is_said(router: HaproxyRouter) -> None:
    lost = replace(router, socket="127.0.0.1:1")
    with pytest.raises(RouterError, match=r"cannot be asked \(Connection refused\)") as caught:
        lost.get()
    assert not caught.value.lasting
    with pytest.raises(RouterError, match="No such file or directory"):
        replace(router, socket="/nowhere/admin.sock").get()
