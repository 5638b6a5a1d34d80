from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgen.target.stall import Stall
from loadgen.units import UnitError

S = 1_000_000_000
ONE_IN_TEN = Stall(every_ns=10 * S, for_ns=S)


def test_reads_both_orders() -> None:
    assert Stall.parse("every:10s,for:1s") == ONE_IN_TEN
    assert Stall.parse("for:1s, every:10s") == ONE_IN_TEN


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "expected a stall such as every:10s,for:1s"),
        ("10s,1s", "expected a stall such as"),
        ("every:10s", "expected a stall such as"),
        ("every:10s,for:1s,for:2s", "expected a stall such as"),
        ("every:10s,for:soon", "found 'soon', expected a duration"),
        ("every:1s,for:1s", "found a stall of 1s in every 1s, expected"),
        ("every:1s,for:0", "found a stall of 0s in every 1s, expected"),
    ],
)
def test_says_what_is_wrong(text: str, part: str) -> None:
    with pytest.raises(UnitError) as caught:
        Stall.parse(text)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("at_s", "release_s"),
    [(0, 0), (8.999, 8.999), (9, 10), (9.5, 10), (9.999, 10), (10, 10), (18, 18), (19.25, 20)],
)
def test_what_comes_in_a_stall_is_released_at_its_end(at_s: float, release_s: float) -> None:
    assert ONE_IN_TEN.release_ns(round(at_s * S)) == round(release_s * S)


@pytest.mark.parametrize(
    ("until_s", "since_s", "begun"),
    [(0, 0, 0), (8.9, 0, 0), (9, 0, 1), (10, 0, 1), (19, 0, 2), (19, 9, 1), (18.9, 9, 0)],
)
def test_counts_the_stalls_that_began(until_s: float, since_s: float, begun: int) -> None:
    assert ONE_IN_TEN.begun(round(until_s * S), round(since_s * S)) == begun


@given(
    every=st.integers(2, 1000),
    share=st.floats(0.001, 0.999),
    start=st.integers(0, 5000),
    periods=st.integers(1, 5),
)
def test_whole_periods_stall_the_same_time_wherever_they_begin(
    every: int, share: float, start: int, periods: int
) -> None:
    """Counted tick by tick, which is another way than the one under test."""
    length = min(every - 1, max(1, round(every * share)))
    stall = Stall(every_ns=every, for_ns=length)
    ticks = range(start, start + periods * every)
    assert sum(stall.release_ns(tick) > tick for tick in ticks) == periods * length


@given(at=st.integers(0, 10**12), every=st.integers(2, 10**10), share=st.floats(0.001, 0.999))
def test_a_release_is_never_before_and_never_in_a_stall(at: int, every: int, share: float) -> None:
    stall = Stall(every_ns=every, for_ns=min(every - 1, max(1, round(every * share))))
    release = stall.release_ns(at)
    assert at <= release < at + every
    assert stall.release_ns(release) == release
