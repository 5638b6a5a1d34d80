"""Who gave an answer, by its mark."""

from __future__ import annotations

import pytest

from rollout.mark import Mark, Side

LOOSE = Mark(header="X-Version", canary="v2")
STRICT = Mark(header="X-Version", canary="v2", stable="v1")


@pytest.mark.parametrize(
    ("mark", "value", "status", "expected"),
    [
        (LOOSE, "v2", 200, Side.CANARY),
        (LOOSE, "v2", 500, Side.CANARY),
        (LOOSE, "v1", 503, Side.STABLE),
        (LOOSE, None, 200, Side.STABLE),  # a stable version from before there was a mark
        (LOOSE, None, 503, None),  # the router's own error page
        (STRICT, "v2", 200, Side.CANARY),
        (STRICT, "v1", 500, Side.STABLE),
        (STRICT, "v3", 200, None),
        (STRICT, None, 200, None),
    ],
)
def test_the_side_is_told(
    mark: Mark, value: str | None, status: int, expected: Side | None
) -> None:
    assert mark.side(value, status) is expected
