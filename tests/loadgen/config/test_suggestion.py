"""What somebody probably meant."""

from __future__ import annotations

import pytest

from loadgen.config.suggestion import did_you_mean, one_of

KNOWN = ["duration", "burst_size", "rate"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("durtion", "; did you mean duration?"),
        ("DURATION", "; did you mean duration?"),
        ("burst-size", "; did you mean burst_size?"),
        ("xyz", ""),
        ("", ""),
    ],
)
def test_closest_known_word(word: str, expected: str) -> None:
    assert did_you_mean(word, KNOWN) == expected


@pytest.mark.parametrize(
    ("known", "expected"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_words_as_people_list_them(known: list[str], expected: str) -> None:
    assert one_of(known) == expected
