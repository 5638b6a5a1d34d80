"""The bounds of what is held for the mirror."""

from __future__ import annotations

import pytest

from rollout.shadow.live.capture import Capture
from rollout.shadow.live.selection import Selection
from rollout.shadow.live.tally import Fate
from tests.rollout.shadow.live.intake import Kept


def _begin(kept: Kept) -> Capture:
    capture = kept.intake.begin()
    assert capture is not None
    return capture


def _whole(kept: Kept, request: bytes, answer: bytes) -> None:
    capture = _begin(kept)
    capture.ask(request)
    capture.is_asked = True
    capture.tell(answer)
    capture.finish()


def test_a_whole_exchange_is_handed_over_with_its_time() -> None:
    kept = Kept()
    capture = _begin(kept)
    capture.ask(b"ask")
    capture.ask(b"ed")
    capture.is_asked = True
    capture.status = 200
    for piece in (b"tell", b"ing", b"!"):
        capture.tell(piece)
    capture.finish(by_close=True)
    (taken,) = kept.taken
    assert (taken.request, taken.answer, taken.status) == (b"asked", b"telling!", 200)
    assert taken.by_close
    assert taken.service_ns == 3, "the clock ticks with each piece; the last request piece counts"
    assert kept.fates == {}, "it is on its way"


def test_the_sample_is_a_share_of_all() -> None:
    kept = Kept(Selection(sample_ratio=0.25))
    chosen = sum(kept.intake.begin() is not None for _ in range(4_000))
    assert chosen == pytest.approx(1_000, abs=140)  # 5 standard deviations
    assert kept.fates == {Fate.NOT_SAMPLED: 4_000 - chosen}
    assert kept.seen == 4_000


@pytest.mark.parametrize(("ratio", "chosen"), [(0.0, 0), (1.0, 100)])
def test_nothing_and_all_are_exact(ratio: float, chosen: int) -> None:
    kept = Kept(Selection(sample_ratio=ratio))
    assert sum(kept.intake.begin() is not None for _ in range(100)) == chosen


@pytest.mark.parametrize(
    ("request_bytes", "answer_bytes", "fates"),
    [(10, 10, {}), (11, 10, {Fate.TOO_LARGE: 1}), (10, 11, {Fate.TOO_LARGE: 1})],
)
def test_each_side_of_an_exchange_has_its_limit(
    request_bytes: int, answer_bytes: int, fates: dict[Fate, int]
) -> None:
    kept = Kept(body_limit_bytes=10)
    _whole(kept, b"r" * request_bytes, b"a" * answer_bytes)
    assert kept.fates == fates
    assert len(kept.taken) == (not fates)


def test_all_exchanges_together_have_a_limit_which_is_free_again_afterwards() -> None:
    kept = Kept(memory_limit_bytes=100)
    first, second = _begin(kept), _begin(kept)
    first.ask(b"x" * 60)
    second.ask(b"x" * 60)
    assert kept.fates == {Fate.MEMORY: 1}
    first.drop(Fate.UNANSWERED)
    for _ in range(3):
        _whole(kept, b"r" * 50, b"a" * 50)
    assert len(kept.taken) == 3
    assert kept.fates == {Fate.MEMORY: 1, Fate.UNANSWERED: 1}


def test_it_is_counted_once_whatever_follows() -> None:
    kept = Kept()
    capture = _begin(kept)
    capture.drop(Fate.METHOD)
    capture.drop(Fate.UNANSWERED)
    capture.ask(b"x")
    capture.tell(b"x")
    capture.finish()
    assert kept.fates == {Fate.METHOD: 1}
    assert kept.taken == []


def test_an_answer_to_half_a_request_is_no_exchange() -> None:
    kept = Kept()
    capture = _begin(kept)
    capture.ask(b"POST ...")
    capture.tell(b"HTTP/1.1 413 ...")
    capture.finish()
    assert kept.fates == {Fate.UNANSWERED: 1}


def test_what_the_mirror_does_not_take_is_counted_by_its_reason() -> None:
    kept = Kept(fate=Fate.CHANNEL_FULL)
    _whole(kept, b"r", b"a")
    assert kept.fates == {Fate.CHANNEL_FULL: 1}
