"""Text that a terminal of any width can wrap."""

from __future__ import annotations

import pytest

from loadgen.cli.paragraphs import flowing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ""),
        ("One line.", "One line."),
        ("One\n    two.\n\n    Three\n    four.\n    ", "One two.\n\nThree four."),
    ],
)
def test_paragraphs_keep_apart_and_lines_join(text: str | None, expected: str) -> None:
    assert flowing(text) == expected
