"""Pairs of references and the patches that weigh them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.kubernetes.route import canary_percent, find_pairs, nearest, weights_patch
from rollout.routers.router import RouterError


def route(*rules: Mapping[str, int | None]) -> Manifest:
    """An HTTPRoute of rules, each by its services and their weights; None: none is written."""
    references = [
        [
            {"name": name} | ({} if weight is None else {"weight": weight})
            for name, weight in rule.items()
        ]
        for rule in rules
    ]
    return Manifest(
        {
            "metadata": {"name": "shop", "resourceVersion": "12"},
            "spec": {"rules": [{"backendRefs": each} for each in references]},
        }
    )


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([{"v1": 95, "v2": 5}], 5.0),
        ([{"v1": None, "v2": None}], 50.0),  # Gateway API: without a weight it is 1
        ([{"v1": 1, "v2": 0}, {"v2": 3, "v1": 1}], 75.0),  # the rule that gives it most
        ([{"v1": 0, "v2": 0}], 0.0),
        ([{"other": 1}, {"v1": 9, "v2": 1, "other": 90}], 10.0),
    ],
)
def test_the_canarys_share(rules: list[Mapping[str, int | None]], expected: float) -> None:
    assert canary_percent(find_pairs(route(*rules), stable="v1", canary="v2")) == expected


@pytest.mark.parametrize(
    ("rules", "wanted", "expected"),
    [
        ([{"v1": 1, "v2": 0}], 7.0, 7.0),
        ([{"v1": 1, "v2": 0}], 0.01, 0.01),
        ([{"v1": 1, "v2": 0}], 0.001, 0.0),
        ([{"v1": 20, "v2": 0, "other": 80}], 5.0, 5.0),  # one of twenty
        ([{"v1": 4, "v2": 0, "other": 1}], 5.0, 0.0),  # four cannot be shared finer than 25 %
        ([{"v1": 4, "v2": 0, "other": 1}], 20.0, 25.0),
        ([{"v1": 4, "v2": 0, "other": 0}], 20.0, 20.0),  # a third one without traffic
    ],
)
def test_the_share_that_is_possible(
    rules: list[Mapping[str, int | None]], wanted: float, expected: float
) -> None:
    assert nearest(find_pairs(route(*rules), stable="v1", canary="v2"), wanted) == expected


@pytest.mark.parametrize("wanted", range(101))
def test_whole_percent_are_weights_that_people_read(wanted: int) -> None:
    seen = route({"v1": 1000, "v2": 1})
    pairs = find_pairs(seen, stable="v1", canary="v2")
    writes = [
        step["value"]
        for step in weights_patch(seen, pairs, nearest(pairs, wanted))
        if step["op"] == "add"
    ]
    assert writes == [100 - wanted, wanted]


def test_a_patch_tests_what_it_was_made_for() -> None:
    seen = route({"other": 1}, {"v2": None, "v1": 100})
    assert weights_patch(seen, find_pairs(seen, stable="v1", canary="v2"), 5) == [
        {"op": "test", "path": "/metadata/resourceVersion", "value": "12"},
        {"op": "test", "path": "/spec/rules/1/backendRefs/1/name", "value": "v1"},
        {"op": "test", "path": "/spec/rules/1/backendRefs/0/name", "value": "v2"},
        {"op": "add", "path": "/spec/rules/1/backendRefs/1/weight", "value": 95},
        {"op": "add", "path": "/spec/rules/1/backendRefs/0/weight", "value": 5},
    ]


def test_weights_that_stand_already_need_no_patch() -> None:
    seen = route({"v1": 95, "v2": 5}, {"v1": 5, "v2": 95})
    pairs = find_pairs(seen, stable="v1", canary="v2")
    paths = [str(step["path"]) for step in weights_patch(seen, pairs, 5)]
    assert all("rules/1/" in path for path in paths[1:])
    assert weights_patch(seen, pairs[:1], 5) == []


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([{"v1": 1, "old": 2}], "no rule that refers to both v1 and v2; it refers to: v1, old"),
        ([], "it refers to: none"),
        ([{"v1": 0, "v2": 0, "old": 1}], "rule 1 v1 and v2 have weight 0 beside other services"),
    ],
)
def test_what_cannot_be_weighed_is_said(
    rules: list[Mapping[str, int | None]], expected: str
) -> None:
    with pytest.raises(RouterError, match=expected) as caught:
        find_pairs(route(*rules), stable="v1", canary="v2")
    assert caught.value.lasting


def test_a_service_that_stands_twice_is_refused() -> None:
    references = [{"name": "v1"}, {"name": "v2"}, {"name": "v2", "port": 81}]
    twice = Manifest({"metadata": {}, "spec": {"rules": [{"backendRefs": references}]}})
    with pytest.raises(RouterError, match="rule 1 refers 3 times to v1 and v2"):
        find_pairs(twice, stable="v1", canary="v2")
