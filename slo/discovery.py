"""Which of many counts are more than noise: an exact test of pairs, and false-discovery control.

Pure. For each field of an answer the canary differs from production in some pairs, and a second
instance of the production version in some; which fields differ because of the canary?
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from enum import StrEnum

from slo.special import log_beta_tails

__all__ = ["Dependence", "adjusted", "reachable", "sign_p_value"]


class Dependence(StrEnum):
    """What is known of tests that are made together.

    INDEPENDENT: nothing ties them, or they go up and down together (Benjamini-Hochberg).
    ANY: nothing is known (Benjamini-Yekutieli); pays for it with a factor of about ln(tests).
    """

    INDEPENDENT = "independent"
    ANY = "any"


def sign_p_value(first: int, second: int) -> float:
    """How likely pairs split so far to the first side when either side is as likely.

    Exact and conditional on the number of pairs that split: what both sides have in common
    says nothing about their difference (McNemar's test, one-sided).

    Args:
        first: pairs in which only the first side has the property, 0 or more.
        second: those in which only the second has it.

    Returns:
        The chance of `first` or more of first + second, 0..1.

    Source: McNemar, Psychometrika 12 (1947); the binomial tail as an incomplete beta function,
        DLMF 8.17.5.
    """
    if first == 0:
        return 1.0
    below, _ = log_beta_tails(first, second + 1, 0.5)
    return min(1.0, math.exp(float(below)))


def adjusted(
    p_values: Sequence[float], dependence: Dependence = Dependence.ANY
) -> tuple[float, ...]:
    """p-values that already pay for how many there are.

    Whoever takes all tests with an adjusted value of at most q for discoveries is wrong in an
    expected share of at most q of them.

    Args:
        p_values: 0..1, in any order.
        dependence: what is known of the tests.

    Returns:
        In the same order, each at least the p-value itself and at most 1.

    Source: Benjamini and Hochberg, JRSS B 57 (1995); Benjamini and Yekutieli, Annals of
        Statistics 29 (2001), theorem 1.3.
    """
    n = len(p_values)
    if not n:
        return ()
    price = math.fsum(1 / k for k in range(1, n + 1)) if dependence is Dependence.ANY else 1.0
    order = sorted(range(n), key=lambda index: p_values[index], reverse=True)
    scaled = (p_values[index] * n * price / (n - rank) for rank, index in enumerate(order))
    lowest = itertools.accumulate(scaled, min, initial=1.0)
    next(lowest)
    by_index = dict(zip(order, lowest, strict=True))
    return tuple(by_index[index] for index in range(n))


def reachable(least: Sequence[float], level: float) -> tuple[bool, ...]:
    """Which tests are worth being made, judged by how small their p-values could be at all.

    A test that cannot reach significance makes all others pay for nothing. It may be left out
    before it is looked at, since the smallest p-value that it could have says nothing of the one
    that it has.

    Args:
        least: the smallest p-value that each could have, such as 2^-n for n pairs that split.
        level: of all tests together, 0..1.

    Returns:
        True for those that can reach level ÷ the number of those that can.

    Source: Tarone, Biometrics 46 (1990); for false discoveries Gilbert, JRSS C 54 (2005).
    """
    kept = next(
        (k for k in range(1, len(least) + 1) if sum(each <= level / k for each in least) <= k),
        len(least),
    )
    return tuple(each <= level / max(1, kept) for each in least)
