"""Pairs as they come, compared and counted by endpoint and field; memory stays bounded.

What is kept of an answer is scrubbed before it is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from loadgen.json_path import shown
from rollout.shadow.comparison import differences
from rollout.shadow.difference import Difference, Kind
from rollout.shadow.latency import PairedLatency
from rollout.shadow.path_template import endpoint_name, is_identifier
from rollout.shadow.result import Example, Part

if TYPE_CHECKING:
    from rollout.shadow.pair import Pair
    from rollout.shadow.rules import Rules
    from rollout.shadow.scrub import Scrubber

__all__ = ["OTHER_ENDPOINTS", "OTHER_FIELD", "EndpointLedger", "Field", "FieldLedger", "Ledger"]

MOST_ENDPOINTS = 200
MOST_FIELDS = 500
"""Of one endpoint."""
MOST_SIGNATURES = 1_000
MOST_EXAMPLES = 3
OTHER_ENDPOINTS = "(other endpoints)"


class Field(NamedTuple):
    """A place in the answers of an endpoint, and how it differs there.

    Attributes:
        part: of the answer.
        name: of a header, or a JSON path without indices and identifiers.
        kind: how.
    """

    part: Part
    name: str
    kind: Kind


OTHER_FIELD = Field(Part.JSON, "(other places)", Kind.VALUE)


@dataclass(slots=True, kw_only=True)
class FieldLedger:
    """Pairs that differ in a field.

    Attributes:
        canary: pairs in which the canary differs from production.
        canary_alone: of these, those in which the baseline does not.
        baseline_alone: pairs in which only the baseline does.
        examples: the first of the canary's.
    """

    canary: int = 0
    canary_alone: int = 0
    baseline_alone: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class EndpointLedger:
    """What was counted at one endpoint.

    Attributes:
        pairs: compared.
        fields: that differ somewhere.
        signatures: pairs by the set of fields in which only the canary differs.
        baseline_signatures: likewise of the second baseline.
        latency: of pairs that both sides answered.
    """

    pairs: int = 0
    fields: dict[Field, FieldLedger] = field(default_factory=dict)
    signatures: Counter[frozenset[Field]] = field(default_factory=Counter)
    baseline_signatures: Counter[frozenset[Field]] = field(default_factory=Counter)
    latency: PairedLatency = field(default_factory=PairedLatency)

    def known(self, fields: Iterable[Field]) -> set[Field]:
        """The fields, those that are one too many as OTHER_FIELD; each has its ledger then."""
        found = set()
        for each in fields:
            known = each if each in self.fields or len(self.fields) < MOST_FIELDS else OTHER_FIELD
            self.fields.setdefault(known, FieldLedger())
            found.add(known)
        return found

    def sign(self, canary: set[Field], baseline: set[Field]) -> None:
        """Counts a pair by the fields in which only one of both differs."""
        for signatures, fields in (
            (self.signatures, frozenset(canary - baseline)),
            (self.baseline_signatures, frozenset(baseline - canary)),
        ):
            is_new = fields not in signatures
            if is_new and len(signatures) >= MOST_SIGNATURES:
                fields = frozenset(self.known([OTHER_FIELD]))  # noqa: PLW2901
            if fields:
                signatures[fields] += 1


class Ledger:
    """Compares pairs and counts them. A PairSink.

    Attributes:
        endpoints: by name, as they came.
        incomparable: pairs that production did not answer; they are in no other count.
        has_baseline: a pair came with a second baseline.
        baseline_unlike: pairs to which the baseline gave no answer, or one of another status.
    """

    def __init__(self, rules: Rules, scrubber: Scrubber) -> None:
        self.endpoints: dict[str, EndpointLedger] = {}
        self.incomparable = 0
        self.has_baseline = False
        self.baseline_unlike = 0
        self._rules = rules
        self._scrubber = scrubber

    @property
    def pairs(self) -> int:
        """Compared so far."""
        return sum(endpoint.pairs for endpoint in self.endpoints.values())

    def put(self, pair: Pair) -> None:
        """Compares a pair and counts it."""
        if pair.production.error:
            self.incomparable += 1
            return
        endpoint = self._endpoint(pair)
        endpoint.pairs += 1
        if not pair.canary.error:
            endpoint.latency.add(pair.production.service_ns, pair.canary.service_ns)
        found = {
            _field(each, self._scrubber): each
            for each in reversed(differences(pair.production, pair.canary, self._rules))
        }
        canary, baseline = endpoint.known(found), endpoint.known(self._noise(pair))
        for each in canary:
            endpoint.fields[each].canary += 1
        for each in canary - baseline:
            endpoint.fields[each].canary_alone += 1
        for each in baseline - canary:
            endpoint.fields[each].baseline_alone += 1
        endpoint.sign(canary, baseline)
        self._keep_examples(pair, endpoint, found)

    def _endpoint(self, pair: Pair) -> EndpointLedger:
        name = self._scrubber.line(endpoint_name(pair.request.method, pair.request.target))
        if name not in self.endpoints and len(self.endpoints) >= MOST_ENDPOINTS:
            name = OTHER_ENDPOINTS
        return self.endpoints.setdefault(name, EndpointLedger())

    def _noise(self, pair: Pair) -> list[Field]:
        """Where production differs from itself."""
        if pair.baseline is None:
            return []
        self.has_baseline = True
        found = differences(pair.production, pair.baseline, self._rules)
        self.baseline_unlike += any(each.part in {Part.ANSWER, Part.STATUS} for each in found)
        return [_field(each, self._scrubber) for each in found]

    def _keep_examples(
        self, pair: Pair, endpoint: EndpointLedger, found: Mapping[Field, Difference]
    ) -> None:
        for each, difference in found.items():
            kept = endpoint.fields.get(each)
            if kept is None or len(kept.examples) >= MOST_EXAMPLES:
                continue
            request = f"{pair.request.method} {pair.request.target}"
            before, after = self._scrubber.sides(difference)
            example = Example(request=self._scrubber.line(request), production=before, canary=after)
            if example not in kept.examples:
                kept.examples.append(example)


def _field(difference: Difference, scrubber: Scrubber) -> Field:
    """Where a difference is counted: indices and identifiers do not make a place of their own."""
    name = difference.name
    if difference.part is Part.JSON:
        name = shown(
            [
                None if isinstance(step, int) or is_identifier(step) else step
                for step in difference.steps
            ]
        )
    return Field(difference.part, scrubber.line(name), difference.kind)
