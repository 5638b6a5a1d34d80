"""Pairs of answers for tests of what is made of them."""

from __future__ import annotations

import json
from dataclasses import replace

from rollout.shadow.ledger import Ledger
from rollout.shadow.pair import Exchange, Pair, Request
from rollout.shadow.scrub import Scrubber
from tests.rollout.shadow.ruled import rules

__all__ = ["REFUSED", "answer", "ledger", "pair"]

REFUSED = Exchange(error="connect_refused")


def ledger(section: str = "") -> Ledger:
    """An empty ledger with the rules of `shadow: {section}`."""
    return Ledger(rules(section), Scrubber())


def answer(body: object = None, *, status: int = 200, service_ns: int = 1_000_000) -> Exchange:
    """An answer with JSON in it."""
    return Exchange(
        status=status,
        headers=(("Content-Type", "application/json"),),
        body=json.dumps(body).encode(),
        service_ns=service_ns,
    )


def pair(
    production: Exchange,
    canary: Exchange,
    baseline: Exchange | None = None,
    *,
    target: str = "/users/17",
) -> Pair:
    """A pair for a GET."""
    request = Request(method="GET", target=target)
    made = Pair(request=request, production=production, canary=canary)
    return replace(made, baseline=baseline)
