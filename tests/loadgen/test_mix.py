"""Endpoints beside each other; test_plan.py has the sentences as a plan says them."""

from __future__ import annotations

import pytest

from loadgen.endpoint import Endpoint
from loadgen.mix import laid_over, mix_problems, pair_problems

A, B = Endpoint(path="/a"), Endpoint(path="/b")
OTHER_A, OTHER_B = Endpoint(path="/a", target=1), Endpoint(path="/b", target=1)


@pytest.mark.parametrize(
    ("endpoints", "paired", "count"),
    [
        pytest.param((), False, 0, id="none"),
        pytest.param((A, B), False, 0, id="two"),
        pytest.param((A, OTHER_A), False, 1, id="one name on two sides"),
        pytest.param((A, OTHER_A), True, 0, id="a pair has one name"),
        pytest.param((A, A, A, B, B), False, 2, id="each name is told once"),
        pytest.param((Endpoint(path="/", weight=0),), False, 1, id="no weight at all"),
        pytest.param((Endpoint(path="/", weight=0), A), False, 0, id="some weight"),
        pytest.param((A, Endpoint(path="x", target=7)), False, 2, id="all that is wrong with one"),
    ],
)
def test_what_keeps_endpoints_from_sharing_the_traffic(
    endpoints: tuple[Endpoint, ...], paired: bool, count: int
) -> None:
    assert len(mix_problems(endpoints, targets=2, paired=paired)) == count


@pytest.mark.parametrize(
    ("endpoints", "said"),
    [
        ((), []),
        ((A, B, OTHER_A, OTHER_B), []),
        (
            (A, B, OTHER_B, OTHER_A),
            ["'/b' of target 1 beside '/a'", "'/a' of target 1 beside '/b'"],
        ),
        ((A, OTHER_A, B, OTHER_B), ["found endpoints of targets 0, 1, 0, 1, expected"]),
        ((OTHER_A, A), ["found endpoints of targets 1, 0, expected"]),
        ((A, B, OTHER_A), ["found endpoints of targets 0, 0, 1, expected"]),
    ],
)
def test_what_keeps_endpoints_from_being_two_sides(
    endpoints: tuple[Endpoint, ...], said: list[str]
) -> None:
    problems = pair_problems(endpoints)
    assert len(problems) == len(said)
    assert all(part in problem for part, problem in zip(said, problems, strict=True))


def test_the_upper_header_wins_whatever_its_case() -> None:
    below, above = (("Host", "a"), ("X-A", "1")), (("host", "b"), ("X-B", "2"))
    assert laid_over(below, above) == (("X-A", "1"), ("host", "b"), ("X-B", "2"))
    assert laid_over(below, ()) == below
