"""What the counts of a ledger mean: noise told from the canary's doing, and a verdict. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollout.shadow.result import EndpointResult, FieldResult, Finding
from slo.canary import CanaryVerdict
from slo.discovery import adjusted, sign_p_value
from slo.interval import wilson

if TYPE_CHECKING:
    from rollout.shadow.ledger import EndpointLedger, Field, FieldLedger, Ledger

__all__ = ["FALSE_DISCOVERIES", "MAX_MISMATCH_RATIO", "Judgement", "judge"]

MAX_MISMATCH_RATIO = 0.01
FALSE_DISCOVERIES = 0.01
"""Expected share of fields said to differ that are noise, with a second baseline."""
SUSPICIOUS = 0.05
"""A field that is not said to differ and yet has a p-value below this is not called noise."""
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
    endpoints, mismatched, possible = [], 0, 0
    for name, endpoint in ledger.endpoints.items():
        proven = _pairs_with(endpoint, name, findings, {Finding.DIFFERS})
        mismatched += proven
        possible += _pairs_with(endpoint, name, findings, {Finding.DIFFERS, Finding.UNPROVEN})
        endpoints.append(_endpoint(name, endpoint, proven, findings, ledger.has_baseline))
    endpoints.sort(key=lambda each: (-each.mismatched, -len(each.fields), each.name))
    verdict, reason = _verdict(ledger, mismatched, possible, max_mismatch_ratio)
    named = _named(endpoints) if verdict is CanaryVerdict.FAIL else ()
    return Judgement(
        verdict=verdict,
        reasons=(reason, *named),
        pairs=ledger.pairs,
        mismatched=mismatched,
        unproven=possible - mismatched,
        endpoints=tuple(endpoints),
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
    p_values = [sign_p_value(each.canary_alone, each.baseline_alone) for each in counted.values()]
    judged = zip(counted.items(), p_values, adjusted(p_values), strict=True)
    return {key: (_finding(counts, p, q), q) for (key, counts), p, q in judged}


def _finding(counts: FieldLedger, p_value: float, q_value: float) -> Finding:
    if q_value <= FALSE_DISCOVERIES:
        return Finding.DIFFERS
    baseline_differs = counts.canary - counts.canary_alone + counts.baseline_alone
    if not counts.canary_alone or (baseline_differs and p_value > SUSPICIOUS):
        return Finding.NOISE
    return Finding.UNPROVEN


def _pairs_with(
    endpoint: EndpointLedger, name: str, findings: _Findings, wanted: set[Finding]
) -> int:
    """Pairs in which the canary alone differs in a field that is one of these."""
    return sum(
        pairs
        for fields, pairs in endpoint.signatures.items()
        if any(findings[name, field][0] in wanted for field in fields)
    )


def _endpoint(
    name: str, endpoint: EndpointLedger, mismatched: int, findings: _Findings, has_baseline: bool
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
        mismatched=mismatched,
        fields=tuple(fields),
        latency=endpoint.latency.result(),
    )


def _verdict(
    ledger: Ledger, mismatched: int, possible: int, accepted: float
) -> tuple[CanaryVerdict, str]:
    if invalid := _unusable(ledger):
        return CanaryVerdict.INVALID, invalid
    pairs = ledger.pairs
    if not pairs:
        return CanaryVerdict.INCONCLUSIVE, "No pair was compared; no data is no pass."
    proven, at_most = wilson(mismatched, pairs), wilson(possible, pairs).high
    told = (
        f"{_percent(mismatched / pairs)} of {pairs:,} pairs differ ({_percent(proven.low)} to "
        f"{_percent(proven.high)} with {proven.confidence:.0%} confidence)"
    )
    if proven.low > accepted:
        return CanaryVerdict.FAIL, f"{told}; {_percent(accepted)} is accepted."
    seldom = f"{possible - mismatched:,} more differ too seldom to tell them from noise"
    if at_most <= accepted:
        told = f"{told}; {seldom}" if possible > mismatched else told
        return CanaryVerdict.PASS, f"{told}; {_percent(accepted)} is accepted."
    unsure = f"that may be more or less than the {_percent(accepted)} that is accepted"
    lacking = seldom if possible > mismatched else unsure
    return CanaryVerdict.INCONCLUSIVE, f"{told}; {lacking}; that takes more pairs."


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
