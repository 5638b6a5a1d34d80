"""Envoy's runtime value, set and read by the router, seen in real answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks.proxies import Proxy, running_envoy
from rollout.routers.envoy import EnvoyRouter, percent_of, runtime_value
from rollout.routers.router import Change, RouterError, Served
from rollout.split import since
from tests.rollout.routers.behind import answers, in_front_of_two


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with in_front_of_two(running_envoy) as running:
        yield running


@pytest.fixture
def router(proxy: Proxy) -> EnvoyRouter:
    assert isinstance(proxy.router, EnvoyRouter)
    proxy.router.set(0)
    return proxy.router


@pytest.mark.parametrize(
    ("weight_percent", "value"),
    [
        (0, "0"),
        (25, "25"),
        (100, "100"),
        (0.5, '{"numerator":50,"denominator":"TEN_THOUSAND"}'),
        (12.34, '{"numerator":1234,"denominator":"TEN_THOUSAND"}'),
    ],
)
def test_a_weight_is_written_as_envoy_reads_it(weight_percent: float, value: str) -> None:
    assert runtime_value(weight_percent) == value
    assert percent_of(value) == pytest.approx(weight_percent)


def test_envoys_own_forms_are_read() -> None:
    assert percent_of("250") == 100  # Envoy takes more than 100 for always
    assert percent_of('{"numerator":7,"denominator":"HUNDRED"}') == 7
    assert percent_of('{"numerator":7}') == 7
    with pytest.raises(ValueError, match="JSON"):
        percent_of("half")


@pytest.mark.parametrize(
    ("weight_percent", "low", "high"),
    [
        # Five standard deviations of the binomial around the mean, and the ends exactly.
        (12.5, 33, 167),
        (50, 321, 479),
        (100, 800, 800),
        (0, 0, 0),
    ],
)
def test_the_weight_moves_real_answers(
    proxy: Proxy, router: EnvoyRouter, weight_percent: float, low: int, high: int
) -> None:
    router.set(weight_percent)
    before = router.verify()
    seen = answers(proxy, 800)
    after = router.verify()
    assert router.get() == pytest.approx(weight_percent)
    assert low <= seen["canary"] <= high
    assert before is not None
    assert after is not None
    assert since(before, after) == Served(stable=seen["stable"], canary=seen["canary"])


def test_before_anything_was_set_the_routes_default_is_read() -> None:
    with in_front_of_two(running_envoy) as fresh:
        assert fresh.router.get() == 0
        assert fresh.router.verify() == Served(stable=0, canary=0)


def test_what_will_be_done_is_said_with_what_undoes_it(router: EnvoyRouter) -> None:
    assert router.changes(0) == ()
    assert router.changes(5) == (
        Change(
            action="Envoy: runtime_modify routing.canary=5",
            inverse="Envoy: runtime_modify routing.canary=0",
        ),
    )
    assert router.get() == 0


def test_a_key_that_no_route_asks_for_is_lasting(router: EnvoyRouter) -> None:
    """Envoy itself says OK to it."""
    lost = replace(router, key="routing.canray")
    for ask in (lost.get, lambda: lost.set(5)):
        with pytest.raises(RouterError, match="no route asks for it; give the") as caught:
            ask()
        assert caught.value.lasting


def test_a_layer_above_the_admins_is_found_out(router: EnvoyRouter) -> None:
    with pytest.raises(RouterError, match="found 7 after 5 was set; a later layer of") as caught:
        replace(router, key="routing.fixed").set(5)
    assert caught.value.lasting


def test_a_value_that_is_no_percentage_is_refused(router: EnvoyRouter) -> None:
    with pytest.raises(RouterError, match="found 'half', expected a percentage") as caught:
        replace(router, key="routing.odd").get()
    assert caught.value.lasting


def test_a_cluster_that_is_not_there_is_lasting(router: EnvoyRouter) -> None:
    with pytest.raises(RouterError, match="there is no cluster 'v2'") as caught:
        replace(router, canary="v2").verify()
    assert caught.value.lasting


def test_what_does_not_answer_is_said(router: EnvoyRouter) -> None:
    with pytest.raises(RouterError, match=r"cannot be asked \(Connection refused\)") as caught:
        replace(router, admin="http://127.0.0.1:1").get()
    assert not caught.value.lasting


def test_what_is_no_admin_api_is_said(proxy: Proxy, router: EnvoyRouter) -> None:
    with pytest.raises(RouterError, match="it answered 404") as caught:
        replace(router, admin=proxy.url).get()
    assert caught.value.lasting
