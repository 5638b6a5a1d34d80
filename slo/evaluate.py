"""Judges a run while it goes on and at its end: samples in, a judgement out. Pure.

gate = Gate(objectives)
each second:  judgement = gate.look(sample)          # .abort, .certain: end the run
at the end:   judgement = gate.look(sample, trusted=health.verdict is not Validity.INVALID)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from slo.sentence import violation
from slo.sequential import PASS_AFTER_S
from slo.verdict import Finding, Judgement, Verdict, worst
from slo.watch import watch

if TYPE_CHECKING:
    from slo.objective import Objective
    from slo.sample import Sample

__all__ = ["Gate"]

UNTRUSTED = "The measurement is INVALID: its numbers are about the generator, not the target."


class Gate:
    """The objectives of a run, and what is known of each.

    Args:
        objectives: what is judged; `slo.grammar.scope_problems` checks their scopes before.
        stop_alpha: with a number, objectives of the whole run may be certain before its end,
            and a verdict so reached is wrong with at most this chance; None leaves them open.
            Objectives share it equally, so that a run with many is no likelier to fail by
            chance.
        pass_after_s: no objective is certain to hold before so many of the seconds that it
            counts; one that is violated may be certain before.
    """

    def __init__(
        self,
        objectives: Sequence[Objective],
        *,
        stop_alpha: float | None = None,
        pass_after_s: float = PASS_AFTER_S,
    ) -> None:
        alpha = None if stop_alpha is None else stop_alpha / max(1, len(objectives))
        self._watches = [
            watch(objective, alpha=alpha, pass_after_s=pass_after_s) for objective in objectives
        ]

    def look(self, sample: Sample, *, trusted: bool = True) -> Judgement:
        """The judgement after one more sample, about one a second.

        Args:
            sample: later than the one before, or at the same instant with the rest of the
                answers.
            trusted: false when the measurement is INVALID: then nothing passes or fails.
        """
        findings = [each.look(sample) for each in self._watches]
        if not trusted:
            findings = [_untrusted(finding) for finding in findings]
        return Judgement(
            verdict=worst(finding.verdict for finding in findings),
            findings=tuple(findings),
            violations=tuple(violation(f) for f in findings if f.verdict is Verdict.FAIL),
        )


def _untrusted(finding: Finding) -> Finding:
    return replace(
        finding, verdict=Verdict.INCONCLUSIVE, since_s=None, certain=False, reason=UNTRUSTED
    )
