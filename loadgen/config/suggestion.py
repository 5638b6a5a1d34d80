"""What somebody probably meant: the known word that is closest to the one they wrote."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean", "one_of"]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of an error message that offers the closest known word.

    Args:
        word: as it was written.
        known: what may be written.

    Returns:
        "; did you mean X?", or "" when nothing known is close.
    """
    by_folded = {name.lower().replace("-", "_"): name for name in known}
    found = get_close_matches(word.lower().replace("-", "_"), by_folded, n=1, cutoff=0.6)
    return f"; did you mean {by_folded[found[0]]}?" if found else ""


def one_of(known: Iterable[str]) -> str:
    """The known words as people list them: "a, b or c"."""
    *most, last = known
    return f"{', '.join(most)} or {last}" if most else last
