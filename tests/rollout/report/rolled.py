"""Rollouts as their journals have them, for the tests of their reports: no router, no waiting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rollout.progressive.account import Account, account_of
from rollout.progressive.entry import Entry, Kind, Rollout
from rollout.progressive.history import HeldSecond, Record
from rollout.progressive.machine import Event, State, begin, step
from rollout.progressive.stage import Stage

__all__ = ["EVIL", "evil", "rolled_back", "unproven"]

EVIL = "</script><script>alert(1)</script><!-- \"'& | `"
ID = "20261125T103000Z-3f2a91"
BEGUN = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)
STAGES = (
    Stage(name="5% Traffic", percentage=5, duration_s=60),
    Stage(name="25% Traffic", percentage=25, duration_s=60),
    Stage(name="100% Traffic", percentage=100, duration_s=60),
)
SHIFT_S, FAILS_AFTER_S, BACK_S = 3, 35, 0.8
QUERY = "query errors"


class _Journal:
    """Entries and seconds one after the other, with the time that passes."""

    def __init__(self, who: str) -> None:
        self.entries: list[Entry] = []
        self.seconds: list[HeldSecond] = []
        self.state = begin(STAGES)
        self.at = BEGUN
        self._who = who
        self._add(Kind.STATE, "begin", "Rollout of shop begun", state=self.state)

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def change(self, event: Event, text: str, **detail: object) -> None:
        self.state = step(self.state, event, STAGES)
        self._add(Kind.STATE, event.value, text, state=self.state, detail=detail)

    def proven(self, text: str) -> None:
        self._add(Kind.DONE, f"proof/{self.state.visit}", text)

    def judged(self, verdict: str, text: str) -> None:
        opinions = [
            {"judge": "split", "verdict": "PASS", "text": "as it was set"},
            {"judge": "probe", "verdict": verdict, "text": text},
        ]
        key = f"verdict/{self.state.visit}/0"
        detail = {"verdict": verdict, "text": text, "opinions": opinions}
        self._add(Kind.EVIDENCE, key, text, detail=detail)

    def hold(self, seconds: int, *, slower: float, from_percent: float, to_percent: float) -> None:
        """Seconds with a stable side that is steady, and a canary beside it."""
        for second in range(1, seconds + 1):
            self.wait(1)
            share = self.state.weight_percent / 100
            wave = 1 + 0.05 * math.sin(second)
            near = from_percent + (to_percent - from_percent) * second / seconds
            self.seconds.append(
                HeldSecond(
                    visit=self.state.visit,
                    t_s=float(second),
                    at=self._time,
                    row={
                        "weight_percent": self.state.weight_percent,
                        "split": {
                            "stable": round(200 * (1 - share)),
                            "canary": round(200 * share * wave),
                        },
                        "probe": {
                            "stable": _arm(1.0 * wave),
                            "canary": _arm(slower * wave),
                            "proof_percent": near,
                        },
                        QUERY: {"value": 0.2 * wave, "limit": 0.5},
                    },
                )
            )

    def record(self, rollout: Rollout) -> Record:
        return Record(rollout=rollout, entries=tuple(self.entries), seconds=tuple(self.seconds))

    @property
    def _time(self) -> str:
        return self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _add(
        self,
        kind: Kind,
        key: str,
        text: str,
        *,
        state: State | None = None,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        self.entries.append(
            Entry(
                seq=len(self.entries),
                rollout=ID,
                at=self._time,
                kind=kind,
                key=key,
                who=self._who if kind is Kind.STATE else "",
                text=text,
                state=state,
                detail=detail or {},
            )
        )


def _arm(slower: float) -> dict[str, object]:
    return {
        "finished": 100,
        "failed": 0,
        "p50_ms": 20.0 * slower,
        "p95_ms": 45.0 * slower,
        "p99_ms": 64.0 * slower,
    }


def rolled_back(*, text: str = "p95 67.5 ms against 45.0 ms, 1.50×", who: str = "ada") -> Account:
    """A rollout that passed its first stage, failed in its second one and was taken back."""
    journal = _Journal(who)
    journal.wait(SHIFT_S)
    journal.proven("4.9 % of 1,220 requests, expected 5 %")
    journal.change(Event.SHIFTED, "The canary has 5 %")
    journal.hold(60, slower=1.1, from_percent=0, to_percent=30)
    journal.judged("PASS", "nothing is worse")
    journal.change(Event.PASSED, "5% Traffic passed", verdict="PASS")
    journal.wait(SHIFT_S)
    journal.proven("24.6 % of 1,310 requests, expected 25 %")
    journal.change(Event.SHIFTED, "The canary has 25 %")
    journal.hold(FAILS_AFTER_S, slower=1.5, from_percent=30, to_percent=104)
    journal.judged("FAIL", text)
    journal.change(Event.FAILED, text, verdict="FAIL")
    journal.wait(BACK_S)
    journal.change(Event.SAFE, "All traffic is back, measured", seconds_to_safe=BACK_S)
    return account_of(journal.record(_rollout(who)), STAGES)


def unproven() -> Account:
    """A rollout that could not set its first weight, and stands paused."""
    journal = _Journal("ada")
    journal.wait(SHIFT_S)
    journal.change(Event.PAUSE, "The split could not be proven in 30 s")
    return account_of(journal.record(replace(_rollout("ada"), namespace="")), STAGES)


def evil() -> Account:
    """Whatever others name has a name that is markup."""
    return rolled_back(text=EVIL, who=EVIL)


def _rollout(who: str) -> Rollout:
    return Rollout(
        id=ID,
        deployment=EVIL if who == EVIL else "shop",
        namespace="production",
        settings={},
        begun_at="2026-11-25T10:30:00.000Z",
        who=who,
        why="version 2",
    )
