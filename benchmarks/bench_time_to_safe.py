"""How long is it from a verdict to the proof that no traffic goes to the canary?

Half of the traffic goes to the canary. The rollback asks the stable side whether it is well, sets
the weight to 0 and measures until 299 requests in a row went to the stable side (below 1 % at 95 %
confidence): HAProxy and Envoy by their own counters, nginx by marked requests of ours. With live
traffic of 500 requests/s, and with none, where all that is measured are requests of ours.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.harness import median
from benchmarks.live_traffic import live_traffic
from benchmarks.proxies import (
    MARK_HEADER,
    Proxy,
    running_envoy,
    running_haproxy,
    running_split_nginx,
)
from benchmarks.record import Row, Where, write
from loadgen.target.launch import running_target
from rollout.mark import Mark
from rollout.proof import ProofOptions
from rollout.rollback import RollbackNote, RollbackPlan, RollbackStep, restore_stable
from rollout.side_check import check_side

__all__ = ["MUST_REACH", "answer", "main", "runs"]

MUST_REACH = "HAProxy and Envoy: ≤ 1 s"
PROXIES = {"HAProxy": running_haproxy, "Envoy": running_envoy, "nginx": running_split_nginx}
RATES_RPS = (500.0, 0.0)
MARK = Mark(header=MARK_HEADER, canary="canary", stable="stable")


def runs(rounds: int) -> Iterator[Row]:
    """Rollbacks of each proxy, with live traffic and without."""
    for name, start in PROXIES.items():
        with running_target() as stable, running_target() as canary, start(stable, canary) as proxy:
            for rate_rps in RATES_RPS:
                traffic = (
                    live_traffic(proxy.url, rate_rps) if rate_rps else contextlib.nullcontext()
                )
                with traffic:
                    for round_ in range(rounds):
                        facts: Row = {"round": round_, "router": name, "live_rps": rate_rps}
                        yield {**facts, **_rollback(proxy, stable)}


def _rollback(proxy: Proxy, stable: str) -> Row:
    """One rollback from 50 %; the times at which its steps were done.

    Raises:
        RuntimeError: it did not succeed.
    """
    proxy.router.set(50)
    done_s: dict[RollbackStep, float] = {}

    def note(step: RollbackNote) -> None:
        if step.succeeded:
            done_s[step.step] = step.seconds

    plan = RollbackPlan(
        router=proxy.router,
        proof=ProofOptions(url=proxy.url, mark=MARK),
        check_stable=lambda: check_side(stable),
    )
    outcome = restore_stable(plan, on_step=note)
    if outcome.seconds_to_safe is None or outcome.split is None:
        raise RuntimeError(outcome.text)
    return {
        "checked_s": done_s[RollbackStep.CHECK],
        "weight_set_s": done_s[RollbackStep.WEIGHT],
        "safe_s": outcome.seconds_to_safe,
        "requests_measured": outcome.split.n,
    }


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV: median and longest time of each router."""
    return "; ".join(
        f"{name}: {_times(rows, name, RATES_RPS[0])} ({_times(rows, name, 0.0)} without traffic)"
        for name in PROXIES
    )


def _times(rows: Sequence[Row], name: str, rate_rps: float) -> str:
    chosen = [row for row in rows if (row["router"], float(row["live_rps"])) == (name, rate_rps)]
    longest_s = max(float(row["safe_s"]) for row in chosen)
    return f"{median(chosen, 'safe_s'):.2f} s, at most {longest_s:.2f} s"


def main() -> None:
    """Reads the command line, measures, writes, prints the answer."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")
    parser.add_argument("--rounds", type=int, default=7, help="default: %(default)s")
    given = parser.parse_args()
    print(answer(write(given.out, runs(given.rounds), Where.here())))


if __name__ == "__main__":
    main()
