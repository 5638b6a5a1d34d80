"""What the counts of a ledger mean: noise told from the canary's doing, and a verdict. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollout.shadow.result import EndpointResult, FieldResult, Finding
from slo.canary import CanaryVerdict
from slo.discovery import adjusted, reachable, sign_p_value
from slo.interval import difference, wilson

if TYPE_CHECKING:
    from rollout.shadow.ledger import EndpointLedger, Field, FieldLedger, Ledger

__all__ = ["FALSE_DISCOVERIES", "MAX_MISMATCH_RATIO", "Judgement", "judge"]

MAX_MISMATCH_RATIO = 0.01
FALSE_DISCOVERIES = 0.01
"""Expected share of fields said to differ that are noise, with a second baseline."""
SUSPICIOUS = 0.2
"""A field that is not said to differ and yet has an adjusted p-value below this is no noise."""
MOST_NAMED = 3
"""Fields that the reasons name."""

_Findings = Mapping[tuple[str, "Field"], tuple[Finding, float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a ledger says of the canary.

    Attributes:
        verdict: on it.
        reasons: sentences that it rests on.
        pairs: compared.
        mismatched: pairs that differ in a field that DIFFERS.
        unproven: pairs that differ in an UNPROVEN field only.
        endpoints: those that differ most first.
    """

    verdict: CanaryVerdict
    reasons: tuple[str, ...]
    pairs: int
    mismatched: int
    unproven: int
    endpoints: tuple[EndpointResult, ...]


def judge(ledger: Ledger, max_mismatch_ratio: float = MAX_MISMATCH_RATIO) -> Judgement:
    """The verdict on the canary.

    FAIL: surely more than `max_mismatch_ratio` of the pairs differ. PASS: surely no more do, what
    is unproven included. INCONCLUSIVE: neither. INVALID: production itself seldom answered.

    Args:
        ledger: of all pairs.
        max_mismatch_ratio: the share of mismatches that is accepted, 0..1.
    """
    findings = _findings(ledger)
    endpoints, tally = [], _Tally()
    for name, endpoint in ledger.endpoints.items():
        counted = _count(name, endpoint, findings)
        tally += counted
        endpoints.append(_endpoint(name, endpoint, counted, findings, ledger.has_baseline))
    endpoints.sort(key=lambda each: (-each.mismatched, -len(each.fields), each.name))
    verdict, reason = _verdict(ledger, tally, max_mismatch_ratio)
    named = _named(endpoints) if verdict is CanaryVerdict.FAIL else ()
    return Judgement(
        verdict=verdict,
        reasons=(reason, *named),
        pairs=ledger.pairs,
        mismatched=tally.proven,
        unproven=tally.possible - tally.proven,
        endpoints=tuple(endpoints),
    )


@dataclass(frozen=True, slots=True)
class _Tally:
    """Pairs.

    Attributes:
        proven: that differ in a field that DIFFERS.
        possible: that differ in one, or in an UNPROVEN one.
        mirrored: in which the baseline differs where the canary never does: as many would be
            UNPROVEN of a canary that is like it.
    """

    proven: int = 0
    possible: int = 0
    mirrored: int = 0

    def __add__(self, other: _Tally) -> _Tally:
        return _Tally(
            self.proven + other.proven,
            self.possible + other.possible,
            self.mirrored + other.mirrored,
        )


def _count(name: str, endpoint: EndpointLedger, findings: _Findings) -> _Tally:
    def pairs(signatures: Counter[frozenset[Field]], fields: set[Field]) -> int:
        return sum(n for signature, n in signatures.items() if signature & fields)

    found = {field: findings[name, field][0] for field in endpoint.fields}
    proven = {field for field, finding in found.items() if finding is Finding.DIFFERS}
    unproven = {field for field, finding in found.items() if finding is Finding.UNPROVEN}
    silent = {field for field, counts in endpoint.fields.items() if not counts.canary}
    return _Tally(
        pairs(endpoint.signatures, proven),
        pairs(endpoint.signatures, proven | unproven),
        pairs(endpoint.baseline_signatures, silent),
    )


def _findings(ledger: Ledger) -> _Findings:
    """What each field is, by endpoint and field; with its adjusted p-value."""
    counted = {
        (name, field): counts
        for name, endpoint in ledger.endpoints.items()
        for field, counts in endpoint.fields.items()
    }
    if not ledger.has_baseline:
        return dict.fromkeys(counted, (Finding.DIFFERS, None))
    splits = [(each.canary_alone, each.baseline_alone) for each in counted.values()]
    kept = reachable([0.5 ** sum(split) for split in splits], FALSE_DISCOVERIES)
    tested = [sign_p_value(*split) for split, is_kept in zip(splits, kept, strict=True) if is_kept]
    q_values = iter(adjusted(tested))
    return {
        key: _finding(counts, next(q_values) if is_kept else 1.0)
        for (key, counts), is_kept in zip(counted.items(), kept, strict=True)
    }


def _finding(counts: FieldLedger, q_value: float) -> tuple[Finding, float]:
    baseline_differs = counts.canary - counts.canary_alone + counts.baseline_alone
    if q_value <= FALSE_DISCOVERIES:
        return Finding.DIFFERS, q_value
    if counts.canary_alone and (q_value <= SUSPICIOUS or not baseline_differs):
        return Finding.UNPROVEN, q_value
    return Finding.NOISE, q_value


def _endpoint(
    name: str, endpoint: EndpointLedger, tally: _Tally, findings: _Findings, has_baseline: bool
) -> EndpointResult:
    fields = [
        FieldResult(
            part=field.part,
            field=field.name,
            kind=field.kind,
            finding=findings[name, field][0],
            canary_differs=counts.canary,
            canary_alone=counts.canary_alone,
            baseline_alone=counts.baseline_alone if has_baseline else None,
            p_value=findings[name, field][1],
            examples=tuple(counts.examples),
        )
        for field, counts in endpoint.fields.items()
    ]
    fields.sort(key=lambda each: (each.finding is Finding.NOISE, -each.canary_alone, each.name))
    return EndpointResult(
        name=name,
        pairs=endpoint.pairs,
        mismatched=tally.proven,
        fields=tuple(fields),
        latency=endpoint.latency.result(),
    )


def _verdict(ledger: Ledger, tally: _Tally, accepted: float) -> tuple[CanaryVerdict, str]:
    if invalid := _unusable(ledger):
        return CanaryVerdict.INVALID, invalid
    pairs = ledger.pairs
    if not pairs:
        return CanaryVerdict.INCONCLUSIVE, "No pair was compared; no data is no pass."
    proven = wilson(tally.proven, pairs)
    told = (
        f"{_percent(tally.proven / pairs)} of {pairs:,} pairs differ ({_percent(proven.low)} to "
        f"{_percent(proven.high)} with {proven.confidence:.0%} confidence)"
    )
    if proven.low > accepted:
        return CanaryVerdict.FAIL, f"{told}; {_percent(accepted)} is accepted."
    seldom = (
        f"{tally.possible - tally.proven:,} more differ too seldom to tell them from noise, and "
        f"{tally.mirrored:,} of the second baseline likewise"
    )
    if tally.possible > tally.proven:
        told = f"{told}; {seldom}"
    if _at_most(tally, pairs) <= accepted:
        return CanaryVerdict.PASS, f"{told}; {_percent(accepted)} is accepted."
    return CanaryVerdict.INCONCLUSIVE, (
        f"{told}; that may be more or less than the {_percent(accepted)} that is accepted, and "
        "takes more pairs to tell."
    )


def _at_most(tally: _Tally, pairs: int) -> float:
    """The largest share of pairs that may differ for the canary's sake.

    What is unproven counts, less what is as rare at the baseline: of two sides that are alike
    both have as much of it.
    """
    possible, mirrored = tally.possible, tally.mirrored
    return difference(
        possible / pairs, wilson(possible, pairs), mirrored / pairs, wilson(mirrored, pairs)
    ).high


def _unusable(ledger: Ledger) -> str:
    """Why production cannot be compared with; "" when it can."""
    pairs, unanswered = ledger.pairs, ledger.incomparable
    if unanswered > pairs:
        return (
            f"Production gave no answer to {unanswered:,} of {pairs + unanswered:,} requests; "
            "nothing can be compared with it."
        )
    if 2 * ledger.baseline_unlike > pairs:
        return (
            f"The second baseline gave no answer or another status in {ledger.baseline_unlike:,} "
            f"of {pairs:,} pairs; is it an instance of the production version?"
        )
    return ""


def _named(endpoints: list[EndpointResult]) -> tuple[str, ...]:
    """The fields that differ most often."""
    found = [
        (field.canary_alone, f"{endpoint.name}: {field.name} differs ({field.kind})", endpoint)
        for endpoint in endpoints
        for field in endpoint.fields
        if field.finding is Finding.DIFFERS
    ]
    found.sort(key=lambda each: -each[0])
    return tuple(
        f"{text} in {count:,} of {endpoint.pairs:,} pairs."
        for count, text, endpoint in found[:MOST_NAMED]
    )


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.3g} %"
