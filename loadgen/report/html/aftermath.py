"""What followed from the run: how it compares with an earlier one, what was rolled back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report import judgement
from loadgen.report.html.markup import Html, drawn, element, join

if TYPE_CHECKING:
    from loadgen.measurement import Measurement

__all__ = ["baseline", "rollback"]


def baseline(m: Measurement) -> Html:
    """Every value beside that of the earlier run, and the verdict on each; nothing without one."""
    if m.baseline is None:
        return Html()
    found = m.baseline.comparison
    apart = (
        ("Only in the baseline", found.only_in_baseline),
        ("Only in this run", found.only_in_current),
    )
    return join(
        [
            element("h2", "Beside the baseline"),
            element("p", f"{judgement.comparison_sentence(m.baseline)}."),
            drawn(judgement.comparison(found), "Each value beside the baseline's", quiet=True),
            *(
                element("p", f"{title}: {', '.join(names)}", class_="note")
                for title, names in apart
                if names
            ),
        ]
    )


def rollback(m: Measurement) -> Html:
    """How the rollback went, with its last words; nothing when none was ordered."""
    if m.rollback is None:
        return Html()
    output = "\n".join(m.rollback.output)
    return join(
        [
            element("h2", "Rollback"),
            element("p", f"{m.rollback.text}."),
            element("pre", output) if output else Html(),
        ]
    )
